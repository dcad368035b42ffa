"""The file of the copy: one DuckDB database in a directory of its own, which one process opens at a time."""

import fcntl
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import BigInteger, Connection, Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from tocsin.store import tables
from tocsin.store.columnar.held import Floor, Held
from tocsin.store.columnar.pages import Lists, Page
from tocsin.store.errors import StoreError

NAME: Final = "events.duckdb"
MEMORY: Final = "128MB"
CONNECTIONS: Final = 4
"""One that feeds, and those that ask."""

_REASON: Final = 200
"""Characters of a reason that are shown."""
_log: Final = structlog.get_logger("tocsin.columnar")
_COLUMNS: Final = [
    (column.name, "BIGINT" if isinstance(column.type, BigInteger) else "VARCHAR")
    for column in tables.event.columns
]
if find_spec("pandas") is None:
    # DuckDB tries to import it for each parameter of a statement, which takes longer than a small question.
    sys.modules["pandas"] = None  # type: ignore[assignment]

_HELD: Final = ("created_at", "floor_seq", "floor_day", "last_seq", "last_day", "last_recorded_at")
_TABLES: Final = (
    f"create table event ({', '.join(f'{name} {kind} not null' for name, kind in _COLUMNS)})",
    f"create table held (domain_id varchar not null, {' bigint not null, '.join(_HELD)} bigint not null)",
)
SCHEMA: Final = "; ".join(_TABLES)
"""What a copy is made of. One that is made of something else is of another version, and made anew."""


class CopyInUse(StoreError):
    """Another process has the copy open."""


class CopyFailed(StoreError):
    """The copy's file cannot be used, or DuckDB failed at it."""


class CopyFile:
    """A copy that is open. Each method is one transaction, but for `open` and `close`.

    Args:
        directory: the copy's own. Made where it is missing; what is in it may be deleted while nobody has it
            open.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = -1
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """What connects to it."""
        if self._engine is None:
            raise CopyFailed("the columnar copy is not open")
        return self._engine

    def open(self) -> dict[str, Held]:
        """Open the copy, or make it anew where it cannot be used.

        Returns:
            What it holds of each domain.

        Raises:
            CopyInUse: another process has it open.
            CopyFailed: no file can be made there.
        """
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._take_lock()
        except OSError as failure:
            raise CopyFailed(f"{self._directory}: {failure.strerror}") from failure
        try:
            return self._connect()
        except Exception as failure:  # whatever a damaged file does to DuckDB, the copy can be spared
            _log.warning("columnar_copy_made_anew", reason=reason_of(failure))
        try:
            self._discard()
            return self._connect()
        except (OSError, SQLAlchemyError) as failure:
            self.close()
            raise CopyFailed(reason_of(failure)) from failure

    def discard(self) -> None:
        """Close the copy and delete it: the next `open` makes an empty one."""
        self._discard()
        self.close()

    def close(self) -> None:
        """Let go of the file. A copy that is closed can be opened again."""
        self._disconnect()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def append(self, domain_id: str, held: Held, page: Page) -> Held:
        """Add the events that come next.

        Args:
            domain_id: whose.
            held: what the copy holds of the domain.
            page: what comes after it.

        Returns:
            What it holds now.

        Raises:
            CopyFailed: DuckDB failed; nothing was added.
        """
        now = Held(held.created_at, held.floor, page.last_seq, page.last_day, page.last_recorded_at)

        def add(connection: Connection) -> None:
            connection.exec_driver_sql(*_insertion(page.lists))
            _note(connection, domain_id, now)

        self._write(add)
        return now

    def trim(self, domain_id: str, held: Held, floor: Floor) -> Held:
        """Delete the events below a floor.

        Raises:
            CopyFailed: DuckDB failed; nothing was deleted.
        """
        now = Held(held.created_at, floor, held.last_seq, held.last_day, held.last_recorded_at)

        def delete(connection: Connection) -> None:
            below = "delete from event where domain_id = $1 and (seq < $2 or day < $3)"
            connection.exec_driver_sql(below, (domain_id, floor.seq, floor.day))
            _note(connection, domain_id, now)

        self._write(delete)
        return now

    def forget(self, domain_ids: Iterable[str]) -> None:
        """Delete everything of some domains.

        Raises:
            CopyFailed: DuckDB failed; nothing was deleted.
        """

        def delete(connection: Connection) -> None:
            for domain_id in domain_ids:
                for table in ("event", "held"):
                    connection.exec_driver_sql(f"delete from {table} where domain_id = $1", (domain_id,))

        self._write(delete)

    def _write(self, work: Any) -> None:
        try:
            with self.engine.begin() as connection:
                work(connection)
        except SQLAlchemyError as failure:
            raise CopyFailed(reason_of(failure)) from failure

    def _take_lock(self) -> None:
        self._lock = os.open(self._directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as failure:
            self.close()
            raise CopyInUse(f"another process uses {self._directory}") from failure

    def _connect(self) -> dict[str, Held]:
        self._engine = _engine(self._directory)
        with self._engine.begin() as connection:
            made = connection.exec_driver_sql(
                "select count(*) from information_schema.tables where table_name = 'made_of'"
            ).scalar()
            if not made:
                for statement in (*_TABLES, "create table made_of (description varchar not null)"):
                    connection.exec_driver_sql(statement)
                connection.exec_driver_sql("insert into made_of values ($1)", (SCHEMA,))
            if connection.execute(text("select description from made_of")).scalars().all() != [SCHEMA]:
                raise SQLAlchemyError("the copy has another schema")
            rows = connection.execute(text(f"select domain_id, {', '.join(_HELD)} from held")).all()
        return {domain_id: _held(values) for domain_id, *values in rows}

    def _disconnect(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _discard(self) -> None:
        self._disconnect()
        for path in self._directory.iterdir():
            if path.name != "lock":
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def held_by(connection: Connection, domain_id: str) -> Held | None:
    """Read what the copy holds of a domain, in the snapshot of the connection; None where it has nothing."""
    row = connection.execute(
        text(f"select {', '.join(_HELD)} from held where domain_id = :domain_id"), {"domain_id": domain_id}
    ).first()
    return None if row is None else _held(row)


def _held(values: Sequence[int]) -> Held:
    created_at, floor_seq, floor_day, *last = values
    return Held(created_at, Floor(floor_seq, floor_day), *last)


def _insertion(lists: Lists) -> tuple[str, tuple[str, ...]]:
    """Give the statement that adds rows, and its values. Columns without any text cost nothing."""
    empty = "[" + ",".join(['""'] * lists.number) + "]"
    values, written = [], []
    for (_, kind), column in zip(_COLUMNS, lists.columns, strict=True):
        if column == empty:
            written.append("''")
        else:
            values.append(column)
            written.append(f"""unnest(from_json(${len(values)}, '["{kind}"]'))""")
    return f"insert into event select {', '.join(written)}", tuple(values)


def _note(connection: Connection, domain_id: str, held: Held) -> None:
    connection.exec_driver_sql("delete from held where domain_id = $1", (domain_id,))
    connection.exec_driver_sql(
        "insert into held values ($1, $2, $3, $4, $5, $6, $7)",
        (
            domain_id,
            held.created_at,
            held.floor.seq,
            held.floor.day,
            held.last_seq,
            held.last_day,
            held.last_recorded_at,
        ),
    )


def _engine(directory: Path) -> Engine:
    config = {
        "memory_limit": MEMORY,
        "threads": 1,
        "temp_directory": str(directory / "temporary"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        # It makes a sum over groups a join of two groupings, each of which goes through the events anew.
        "disabled_optimizers": "window_self_join",
    }
    return create_engine(
        f"duckdb:///{directory / NAME}",
        poolclass=QueuePool,
        pool_size=CONNECTIONS,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"config": config},
    )


def reason_of(failure: Exception) -> str:
    """Give DuckDB's first line; those after it may quote values."""
    return str(getattr(failure, "orig", failure)).partition("\n")[0][:_REASON]
