"""What Tocsin needs of its configuration, its database, its clock and its disk."""

import os
import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from tocsin.cli import running
from tocsin.cli.finding import Finding, fail, ok, warn
from tocsin.cli.moments import now
from tocsin.server.settings import FILE, PREFIX, Settings
from tocsin.store import schema
from tocsin.store.columnar.file import NAME
from tocsin.store.database import Database, refuse_undurable
from tocsin.store.errors import StoreError, Undurable
from tocsin.store.tables import domain

if TYPE_CHECKING:
    from tocsin.store.schema import SchemaStatus

MEBIBYTE: Final = 1024 * 1024
LITTLE_ROOM: Final = 1024 * MEBIBYTE
NO_ROOM: Final = 100 * MEBIBYTE
CLOCKS_APART_SECONDS: Final = 2.0

_CLIENT_VARIABLES: Final = {"TOCSIN_URL", "TOCSIN_TOKEN"}
_VOLATILE: Final = {"tmpfs", "ramfs"}
_REMOTE: Final = {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"}


def configuration(settings: Settings, environment: Mapping[str, str]) -> Finding:
    """Look for names in the environment that are near to settings but none."""
    known = {PREFIX + name.upper() for name in Settings.__struct_fields__} | _CLIENT_VARIABLES
    odd = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    if odd:
        return warn("configuration", f"no such setting: {', '.join(odd)}", "correct or remove them")
    origin = FILE if Path(FILE).exists() else f"no {FILE} here"
    return ok("configuration", f"{origin}; listens on {settings.host}:{settings.port}")


async def store(database: Database, settings: Settings) -> list[Finding]:
    """Look at the engine, the schema, durability, the clock, and the sources that are fetched from.

    It stops where nothing more can be read.
    """
    try:
        version = await database.read(_version)
        state = await schema.status(database)
    except (StoreError, SQLAlchemyError) as failure:
        detail = str(getattr(failure, "orig", failure))
        return [fail("database", detail, "start the database, or correct its URL and its rights")]
    found = [ok("database", version), schema_state(state), await durability(database, settings)]
    if state.present == state.wanted:
        found += [await _clock(database), await running.fetched(database, settings)]
    return found


def schema_state(state: "SchemaStatus") -> Finding:
    """Judge where the schema stands."""
    if not state.known:
        return fail(
            "schema",
            f"{state.present} was made by a newer Tocsin; this one knows {state.wanted}",
            "use that version, or restore a backup from before the upgrade",
        )
    if state.pending:
        detail = f"{state.present or 'none'}, {state.wanted} is needed"
        return warn("schema", detail, "`tocsin serve` migrates it, or run `tocsin db migrate`")
    return ok("schema", state.present)


async def durability(database: Database, settings: Settings) -> Finding:
    """Look whether what is acknowledged survives a crash."""
    if database.is_sqlite:
        if settings.synchronous != "FULL":
            return warn("durability", f"synchronous={settings.synchronous}", "set synchronous to FULL")
        return ok("durability", "each commit is synced (synchronous=FULL)")
    try:
        await refuse_undurable(database)
    except Undurable as failure:
        judge = warn if settings.allow_undurable else fail
        return judge("durability", str(failure), "turn fsync and synchronous_commit on in PostgreSQL")
    return ok("durability", "each commit is synced (fsync and synchronous_commit are on)")


def columnar(settings: Settings) -> Finding:
    """Look how large the columnar copy is; its file is the server's alone to open."""
    directory = settings.columnar_directory
    if directory is None:
        return ok("columnar copy", "off")
    try:
        size = (directory / NAME).stat().st_size
    except FileNotFoundError:
        return ok("columnar copy", f"none yet in {directory}")
    except OSError as failure:
        advice = "give it to the user who runs Tocsin"
        return warn("columnar copy", f"{directory}: {failure.strerror}", advice)
    return ok("columnar copy", f"{size / MEBIBYTE:.1f} MiB in {directory}")


def disk(directory: Path) -> list[Finding]:
    """Look at the room and the file system of the directory that SQLite's file is in, or will be."""
    absolute = directory.absolute()
    there = next(parent for parent in (absolute, *absolute.parents) if parent.exists())
    return [_room(there), _file_system(there), _rights(there)]


def _version(connection: Connection) -> str:
    if connection.dialect.name == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    return f"PostgreSQL {connection.execute(text('show server_version')).scalar_one()}"


async def _clock(database: Database) -> Finding:
    newest = await database.read(_newest)
    behind = (newest - now()) / 1_000_000
    if behind > CLOCKS_APART_SECONDS:
        detail = f"{behind:.0f} s behind the newest event"
        return warn("clock", detail, "set this machine's clock, and keep it by NTP")
    if not database.is_sqlite:
        apart = abs(await database.read(_database_clock) - now()) / 1_000_000
        if apart > CLOCKS_APART_SECONDS:
            detail = f"{apart:.0f} s from PostgreSQL's"
            return warn("clock", detail, "keep the clocks of both machines by NTP")
    return ok("clock", "in step with the store")


def _newest(connection: Connection) -> int:
    return connection.execute(select(func.max(domain.c.recorded_at))).scalar() or 0


def _database_clock(connection: Connection) -> int:
    seconds = connection.execute(text("select extract(epoch from clock_timestamp())")).scalar_one()
    return int(seconds * 1_000_000)


def _room(directory: Path) -> Finding:
    free = shutil.disk_usage(directory).free
    detail = f"{free / (1024 * MEBIBYTE):.1f} GiB free for {directory}"
    if free < NO_ROOM:
        return fail("disk", detail, "make room: without it no event is taken")
    if free < LITTLE_ROOM:
        return warn("disk", detail, "make room, or let retention_days delete old events")
    return ok("disk", detail)


def _file_system(directory: Path) -> Finding:
    kind = file_system(directory, Path("/proc/self/mounts").read_text())
    if kind in _VOLATILE:
        return warn("file system", f"{kind}: gone after a restart of the machine", "put the data on a disk")
    if kind in _REMOTE:
        return warn("file system", f"{kind}: SQLite is not safe on it", "use a local disk, or PostgreSQL")
    return ok("file system", kind)


def file_system(directory: Path, mounts: str) -> str:
    """Give the kind of the file system that a directory is on.

    Args:
        directory: an absolute path.
        mounts: as /proc/self/mounts says, see fstab(5).
    """
    best, kind = "", "unknown"
    for line in mounts.splitlines():
        _, point, name, *_ = line.split()
        point = point.encode().decode("unicode_escape")
        if len(point) >= len(best) and directory.is_relative_to(point):
            best, kind = point, name
    return kind


def _rights(directory: Path) -> Finding:
    if os.access(directory, os.W_OK | os.X_OK):
        return ok("rights", f"{directory} can be written")
    return fail("rights", f"{directory} cannot be written", "give it to the user who runs Tocsin")
