"""A real PostgreSQL for tests: a cluster of its own in a temporary directory, on a free loopback port."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

import asyncpg

from tests.servers.apart import run_apart
from tests.servers.ports import LOOPBACK, free_port

START_SECONDS = 30
STOP_SECONDS = 30
SUPERUSER = "postgres"
"""The role in the cluster, and the system's user that runs it where the tests run as root."""

_SHARED_MEMORY: Final = Path("/dev/shm")
_ROOM: Final = 4 * 1024**3
DEBIAN = Path("/usr/lib/postgresql")
HOW_TO_INSTALL = (
    "This test runs a real PostgreSQL (15 or newer): install the server with initdb and postgres,"
    " on Debian with apt-get install postgresql."
)


class PostgreSQL:
    """A cluster: databases for tests, each with an URL of its own.

    Its default collation is English, not byte by byte, so that a comparison that forgets `COLLATE "C"` shows.

    Args:
        directory: an empty directory that the user who runs it owns.
        settings: of postgresql.conf, beside the address.
    """

    def __init__(self, directory: Path, settings: dict[str, str]) -> None:
        self.port = free_port()
        self._directory = directory
        self._settings = settings
        self._log = directory / "server.log"
        self._programs = programs()
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def initialise(self) -> None:
        """Make the cluster's files."""
        self._run(
            "initdb",
            "--no-sync",
            f"--pgdata={self._data}",
            f"--username={SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=icu",
            "--icu-locale=en-US",
        )

    def start(self) -> None:
        """Start it and wait until it takes connections.

        Raises:
            AssertionError: it did not start in time; the text is its log.
        """
        settings = self._settings | {"listen_addresses": LOOPBACK, "unix_socket_directories": ""}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-p", str(self.port), *options],
                stdout=log,
                stderr=log,
                cwd=self._directory,
                **_owner(),
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._is_ready():
                return
            time.sleep(0.05)
        raise AssertionError(f"PostgreSQL did not start:\n{self._log.read_text(encoding='utf-8')}")

    def stop(self) -> None:
        """Close its connections and stop it. Does nothing where it does not run."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """Stop it at once, as a crash would. Does nothing where it does not run."""
        self._end(signal.SIGQUIT)

    @contextmanager
    def database(self, template: str = "") -> Iterator[str]:
        """Lend a database for the length of a block, and yield its URL.

        Args:
            template: the name of the one that it is a copy of, to which nobody may be connected; '' for an
                empty one.
        """
        name = f"test_{next(self._numbers)}"
        # Copying files is faster than the usual way through the journal where a checkpoint costs nothing.
        copied = f" template {template} strategy file_copy" if template else ""
        self.execute(f"create database {name}{copied}")
        try:
            yield f"postgresql://{SUPERUSER}@{LOOPBACK}:{self.port}/{name}"
        finally:
            self.execute(f"drop database {name} with (force)")

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the superuser, each for itself.

        Not by psql, since to start a program takes longer than most tests.
        """

        async def work() -> None:
            connection = await asyncpg.connect(
                host=LOOPBACK, port=self.port, user=SUPERUSER, database=database, ssl=False
            )
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        run_apart(work())

    @property
    def _data(self) -> Path:
        return self._directory / "data"

    def _is_ready(self) -> bool:
        program = self._programs / "pg_isready"
        asked = subprocess.run([program, "-q", "-h", LOOPBACK, "-p", str(self.port)], check=False)
        return asked.returncode == 0

    def _run(self, program: str, *arguments: str) -> None:
        finished = subprocess.run(
            [str(self._programs / program), *arguments],
            capture_output=True,
            check=False,
            cwd=self._directory,
            text=True,
            **_owner(),
        )
        assert finished.returncode == 0, f"{program} failed:\n{finished.stdout}{finished.stderr}"

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(timeout=STOP_SECONDS)
        self._process = None


@contextmanager
def running_postgresql(**settings: str) -> Iterator[PostgreSQL]:
    """Run a cluster and yield it.

    Args:
        settings: of postgresql.conf; as PostgreSQL ships them where they are not named, so fsync is on.

    Raises:
        AssertionError: PostgreSQL is not installed, or does not start; the text says what to do.
    """
    # Not in pytest's own directory: that one is closed to other users, and PostgreSQL refuses to run as root.
    with tempfile.TemporaryDirectory(prefix="tocsin-postgresql-", dir=_memory()) as name:
        directory = Path(name)
        if os.geteuid() == 0:
            shutil.chown(directory, SUPERUSER, SUPERUSER)
        cluster = PostgreSQL(directory, settings)
        cluster.initialise()
        try:
            cluster.start()
            yield cluster
        finally:
            # Its data goes with it, so it need not be written down first.
            cluster.crash()


def programs() -> Path:
    """Find the directory of the server's programs: the newest of Debian's, or that of the PATH.

    Raises:
        AssertionError: PostgreSQL is not installed; the text says how to.
    """
    debian = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda found: int(found.parts[-3]))
    if debian:
        return debian[-1].parent
    found = shutil.which("initdb")
    assert found, HOW_TO_INSTALL
    return Path(found).resolve().parent


def _memory() -> Path | None:
    """Give the directory whose files stay in memory, where making and dropping databases costs little.

    None where there is none with room: then they lie on the disk, and all takes longer.
    """
    has_room = _SHARED_MEMORY.is_dir() and shutil.disk_usage(_SHARED_MEMORY).free > _ROOM
    return _SHARED_MEMORY if has_room else None


def _owner() -> dict[str, Any]:
    """Give the arguments of a process that make it run as an ordinary user."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(SUPERUSER)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
