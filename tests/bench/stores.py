"""Stores to measure on: copies of a preloaded one, which is made once and kept between runs.

It is kept under the user's cache directory and never in the checkout, by what it is made of.
"""

import asyncio
import hashlib
import inspect
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

import tocsin
from tests.bench.columnar import fill_copy
from tests.bench.configured import configure
from tests.bench.preload import preload
from tests.bench.scene import Scene
from tests.bench.slow_sync import assert_preloaded, preloaded
from tests.servers.ports import LOOPBACK
from tests.servers.postgresql import SUPERUSER, PostgreSQL, programs
from tocsin.store.database import Database, open_database, sqlite_url

Past: TypeAlias = Callable[[Database, int], Coroutine[Any, Any, Scene]]
"""Fills an empty store with about so many events."""

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
POSTGRESQL_SETTINGS: Final = {"shared_buffers": "512MB", "max_wal_size": "4GB"}
"""Beside what PostgreSQL ships with, which suits small machines. Durability is as shipped: on."""

_DATABASE: Final = "bench"
_SCENE: Final = "scene.json"
_KEPT_DAYS: Final = 7
_FILLING: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "1GB",
}
"""While a store is filled, nobody is told that anything is safe; and a smaller log is sooner copied."""


class Store(msgspec.Struct, frozen=True):
    """A store to measure on.

    Attributes:
        engine: sqlite or postgresql.
        url: its address.
        scene: what it holds.
        directory: for its files, or, on PostgreSQL, for what the server writes beside it.
        slow_sync: library for the process that syncs the store; None for the disk's own speed.
    """

    engine: str
    url: str
    scene: Scene
    directory: Path
    slow_sync: Path | None = None

    @property
    def server_environment(self) -> dict[str, str]:
        """What Tocsin's environment needs: on SQLite it is Tocsin that syncs."""
        slow = self.slow_sync is not None and self.engine == SQLITE
        return {"LD_PRELOAD": str(self.slow_sync)} if slow else {}


@contextmanager
def copy_of_store(
    engine: str, events: int, slow_sync: Path | None = None, *, past: Past = preload
) -> Iterator[Store]:
    """Give a copy of the preloaded store, which goes after the block.

    Args:
        engine: sqlite or postgresql.
        events: about how many events it is to hold.
        slow_sync: library to preload into the process that syncs.
        past: what fills it.

    Raises:
        AssertionError: PostgreSQL is not installed or does not start; the text says what to do.
    """
    original = _preloaded_store(engine, events, past)
    scene = msgspec.json.decode((original / _SCENE).read_bytes(), type=Scene)
    with work_directory() as directory:
        copied = directory / "store"
        subprocess.run(["cp", "-a", "--reflink=auto", original / "store", copied], check=True)
        # What the copy left to be written is no part of the measurement.
        os.sync()
        if engine == SQLITE:
            yield Store(engine, sqlite_url(copied), scene, copied, slow_sync)
            return
        (directory / "server").mkdir()
        cluster = PostgreSQL(copied, POSTGRESQL_SETTINGS)
        try:
            with preloaded(slow_sync):
                cluster.start()
            if slow_sync is not None:
                pid = (copied / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0]
                assert_preloaded(int(pid), slow_sync)
            yield Store(engine, _url(cluster), scene, directory / "server", slow_sync)
        finally:
            # Its data goes with it, so it need not be written down first.
            cluster.crash()


@contextmanager
def work_directory() -> Iterator[Path]:
    """Give a directory on a disk, open to the user who runs PostgreSQL, that goes after the block."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-", dir=scratch()) as name:
        Path(name).chmod(0o755)
        yield Path(name)


def scratch() -> Path:
    """Give where the measured stores are: TMPDIR, or /var/tmp, since /tmp is often no disk."""
    return Path(os.environ.get("TMPDIR", "/var/tmp"))


def _preloaded_store(engine: str, events: int, past: Past) -> Path:
    """Give the directory of the preloaded store, made anew where there is none or where it is old."""
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tocsin-bench"
    name = f"{engine}-{events}" if past is preload else f"{past.__name__}-{engine}-{events}"
    wanted = kept / f"{name}-{_fingerprint(engine, past)}"
    if (wanted / _SCENE).exists() and time.time() - wanted.stat().st_mtime < _KEPT_DAYS * 86_400:
        return wanted
    for old in kept.glob(f"{name}-*"):
        shutil.rmtree(old)
    wanted.mkdir(parents=True)
    fill = _fill_sqlite if engine == SQLITE else _fill_postgresql
    scene = fill(wanted, events, past)
    # Written last: a store without it was left half made.
    (wanted / _SCENE).write_bytes(msgspec.json.encode(scene))
    return wanted


def _fingerprint(engine: str, past: Past) -> str:
    """Give a short digest of all that decides what a preloaded store looks like."""
    package = Path(tocsin.__file__).parent / "store"
    migrations = sorted((package / "migrations" / "versions").glob("*.py"))
    columnar = sorted((package / "columnar").glob("*.py"))
    scenes = [Path(inspect.getfile(each)) for each in (past, configure)]
    files = [*migrations, *columnar, package / "rows.py", *scenes]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files))
    if engine == POSTGRESQL:
        digest.update(str(programs()).encode())
    return digest.hexdigest()[:12]


def _fill_sqlite(directory: Path, events: int, past: Past) -> Scene:
    store = directory / "store"
    store.mkdir()
    return asyncio.run(_fill(sqlite_url(store), events, past, store / "columnar"))


def _fill_postgresql(directory: Path, events: int, past: Past) -> Scene:
    with work_directory() as scratch_directory:
        filled = scratch_directory / "store"
        filled.mkdir()
        if os.geteuid() == 0:
            shutil.chown(filled, SUPERUSER, SUPERUSER)
        cluster = PostgreSQL(filled, POSTGRESQL_SETTINGS | _FILLING)
        cluster.initialise()
        try:
            cluster.start()
            cluster.execute(f"create database {_DATABASE}")
            scene = asyncio.run(_fill(_url(cluster), events, past))
            cluster.execute("vacuum analyze", database=_DATABASE)
            # A copy is only good of what was written down and closed.
            cluster.stop()
        finally:
            cluster.crash()
        subprocess.run(["cp", "-a", filled, directory / "store"], check=True)
    return scene


def _url(cluster: PostgreSQL) -> str:
    return f"postgresql://{SUPERUSER}@{LOOPBACK}:{cluster.port}/{_DATABASE}"


async def _fill(url: str, events: int, past: Past, columnar: Path | None = None) -> Scene:
    """Fill a store and, where it has one beside it, its columnar copy."""
    database = open_database(url, synchronous="OFF")
    try:
        scene = await past(database, events)
        if columnar is not None:
            await fill_copy(database, columnar)
        return scene
    finally:
        await database.close()
