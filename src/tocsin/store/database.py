"""The connection to a store, one shape for SQLite and PostgreSQL.

All work on a store is a plain function of a connection. `read` and `write` run it where the engine wants it:
SQLite on threads of its own (one that writes, a few that read), PostgreSQL on the event loop.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool
from sqlalchemy.util.concurrency import await_only, in_greenlet

from tocsin.store.address import parse_address
from tocsin.store.errors import StoreUnavailable, TookTooLong, Undurable
from tocsin.store.hints import HintingCompiler
from tocsin.store.interrupt import Interrupt

T = TypeVar("T")
Work = Callable[[Connection], T]

READERS: Final = 4
WRITE_SECONDS: Final = 8.0
_LOCK_MILLISECONDS: Final = 5_000
"""How long PostgreSQL waits for a lock: longer than any batch takes, shorter than a stop may last."""
_PEEK_SECONDS: Final = 5.0
WRITERS: Final = 4
_BUSY_MILLISECONDS: Final = 10_000
_CACHE_KIBIBYTES: Final = 32 * 1024
_READER_CACHE_KIBIBYTES: Final = 4 * 1024
"""Each reader has a cache of its own; what they read often the operating system keeps as well."""
_LOG_PAGES: Final = 16_384
"""Pages of SQLite's log, 64 MiB, beyond which it is started anew."""
_SQLITE_FAULTS: Final = ("SQLITE_ERROR", "SQLITE_CONSTRAINT", "SQLITE_MISMATCH", "SQLITE_TOOBIG")
"""SQLite's codes for bad SQL, a broken constraint, a wrong type, and too much in one row or statement."""
_STATEMENT_FAULTS: Final = frozenset({"22", "23", "42", "54"})
"""PostgreSQL's classes for bad data, a broken constraint, bad SQL, and too much in one row or statement."""


class Database(ABC):
    """A store that work can be done on. Opened by `open_database`."""

    url: URL

    @property
    def is_sqlite(self) -> bool:
        """Whether the engine is SQLite; otherwise it is PostgreSQL."""
        return self.url.get_backend_name() == "sqlite"

    @abstractmethod
    async def read(self, work: Work[T], *, seconds: float = 30.0) -> T:
        """Run work that only reads, in one snapshot.

        Args:
            work: a function of a connection.
            seconds: how long it may take.

        Raises:
            TookTooLong: the time was up.
            StoreUnavailable: the engine cannot be reached or failed.
        """

    @abstractmethod
    async def peek(self, work: Work[T]) -> T:
        """Run a short read that never waits for searches: who is let in, and whether all is well.

        Raises:
            StoreUnavailable: the engine cannot be reached or failed.
        """

    @abstractmethod
    async def write(self, work: Work[T], *, seconds: float = WRITE_SECONDS) -> T:
        """Run work in one transaction and commit it. When this returns, the result is on disk.

        Args:
            work: a function of a connection.
            seconds: how long PostgreSQL may take; a server that hangs must not stop intake for good.

        Raises:
            StoreUnavailable: the engine cannot be reached, its disk is full or failed; nothing was written.
        """

    @abstractmethod
    async def checkpoint(self) -> None:
        """Move what SQLite's log holds into its file, beside the writing. PostgreSQL does so itself."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of every connection, after the work in progress."""


def open_database(url: str, *, synchronous: str = "FULL") -> Database:
    """Open the store at an URL: `sqlite:///path` or `postgresql://...`.

    Args:
        url: the address.
        synchronous: SQLite's setting of that name; anything but FULL can lose what was acknowledged.

    Raises:
        ValueError: the URL is none, or names neither SQLite nor PostgreSQL. It tells no password.
    """
    parsed = parse_address(url)
    return _SQLite(parsed, synchronous) if parsed.get_backend_name() == "sqlite" else _PostgreSQL(parsed)


def sqlite_url(directory: Path) -> str:
    """Give the URL of the SQLite store in a data directory."""
    return f"sqlite:///{directory / 'tocsin.db'}"


class _SQLite(Database):
    def __init__(self, url: URL, synchronous: str) -> None:
        self.url = url
        self._writer = _sqlite_engine(url, synchronous, "BEGIN IMMEDIATE", pool_size=1)
        self._reader = _sqlite_engine(url, synchronous, "BEGIN", pool_size=READERS)
        self._peeker = _sqlite_engine(url, synchronous, "BEGIN", pool_size=1)
        self._checkpointer = _sqlite_engine(url, synchronous, "", pool_size=1)
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._peeking = ThreadPoolExecutor(1, thread_name_prefix="peek")
        self._checkpointing = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")

    async def read(self, work: Work[T], *, seconds: float = 30.0) -> T:
        loop = asyncio.get_running_loop()
        guard = Interrupt()
        timer = loop.call_later(seconds, guard.fire)
        try:
            return await loop.run_in_executor(self._reading, self._read, work, guard)
        except asyncio.CancelledError:
            # Nobody waits for it any more, but it would go on and hold its thread.
            guard.fire()
            raise
        finally:
            timer.cancel()

    def _read(self, work: Work[T], guard: Interrupt) -> T:
        with _sqlite_failures(), self._reader.begin() as connection:
            guard.arm(connection)
            try:
                return work(connection)
            except OperationalError as failure:
                if guard.fired:
                    raise TookTooLong("the search took too long: narrow it") from failure
                raise
            finally:
                guard.disarm()

    async def peek(self, work: Work[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._peeking, self._peek, work)

    def _peek(self, work: Work[T]) -> T:
        with _sqlite_failures(), self._peeker.begin() as connection:
            return work(connection)

    async def write(
        self,
        work: Work[T],
        *,
        seconds: float = WRITE_SECONDS,  # noqa: ARG002 - a disk has no one else to wait for
    ) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writing, self._write, work)

    def _write(self, work: Work[T]) -> T:
        with _sqlite_failures(), self._writer.begin() as connection:
            return work(connection)

    async def checkpoint(self) -> None:
        loop = asyncio.get_running_loop()
        left = await loop.run_in_executor(self._checkpointing, self._checkpoint)
        if left > _LOG_PAGES:
            # Only the writer can start the log anew, between two batches; most of it is moved already.
            await loop.run_in_executor(self._writing, self._restart_log)

    def _checkpoint(self) -> int:
        with _sqlite_failures(), self._checkpointer.connect() as connection:
            return _pragma_checkpoint(connection, "PASSIVE")

    def _restart_log(self) -> None:
        with _sqlite_failures(), self._checkpointer.connect() as connection:
            _pragma_checkpoint(connection, "RESTART")

    async def close(self) -> None:
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writing.shutdown()
        self._reading.shutdown()
        self._peeking.shutdown()
        self._checkpointing.shutdown()
        self._reader.dispose()
        self._peeker.dispose()
        self._checkpointer.dispose()
        self._writer.dispose()


class _sqlite_failures:  # noqa: N801 - reads as a statement
    """Turns SQLite's trouble with its file or disk into `StoreUnavailable`; a statement's own faults pass."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, failure: BaseException | None, trace: object) -> None:
        if isinstance(failure, DBAPIError) and not _is_statement_fault(failure):
            raise StoreUnavailable(f"SQLite: {failure.orig}") from failure


def _is_statement_fault(failure: DBAPIError) -> bool:
    name = getattr(failure.orig, "sqlite_errorname", "")
    # What the driver refuses by itself, before SQLite sees it, has no name.
    return name.startswith(_SQLITE_FAULTS) if name else not isinstance(failure, OperationalError)


def _pragma_checkpoint(connection: Connection, mode: str) -> int:
    """Run a checkpoint and give the pages that the log holds."""
    _, pages, _ = connection.exec_driver_sql(f"PRAGMA wal_checkpoint({mode})").one()
    return int(pages)


def _sqlite_engine(url: URL, synchronous: str, begin: str, *, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "isolation_level": None, "cached_statements": 512},
    )

    engine.dialect.statement_compiler = HintingCompiler

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: object) -> None:
        # A checkpoint that finds readers in its way gives up at once: it comes again soon.
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS if begin else 0}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        cache = _CACHE_KIBIBYTES if begin == "BEGIN IMMEDIATE" else _READER_CACHE_KIBIBYTES
        connection.execute(f"PRAGMA cache_size = -{cache}")
        connection.execute(f"PRAGMA query_only = {begin == 'BEGIN'}")

    if begin:

        @event.listens_for(engine, "begin")
        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

    return engine


class _PostgreSQL(Database):
    def __init__(self, url: URL) -> None:
        self.url = url
        # Apart, so that recording never waits for a connection that searches hold.
        self._writer = _postgresql_engine(url, pool_size=WRITERS)
        self._reader = _postgresql_engine(url, pool_size=READERS)
        self._peeker = _postgresql_engine(url, pool_size=1)

    async def read(self, work: Work[T], *, seconds: float = 30.0) -> T:
        def timed(connection: Connection) -> T:
            connection.execute(text(f"set local statement_timeout = {int(seconds * 1000)}"))
            return work(connection)

        limit = seconds + _PEEK_SECONDS
        return await _run(
            self._reader, timed, limit, isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    async def peek(self, work: Work[T]) -> T:
        return await _run(self._peeker, work, _PEEK_SECONDS, postgresql_readonly=True)

    async def write(self, work: Work[T], *, seconds: float = WRITE_SECONDS) -> T:
        return await _run(self._writer, work, seconds)

    async def checkpoint(self) -> None:
        return None

    async def close(self) -> None:
        await self._reader.dispose()
        await self._peeker.dispose()
        await self._writer.dispose()


def _postgresql_engine(url: URL, *, pool_size: int) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={
            "server_settings": {
                "plan_cache_mode": "force_custom_plan",
                "lock_timeout": str(_LOCK_MILLISECONDS),
            },
            "timeout": _PEEK_SECONDS,
        },
    )


async def _run(engine: AsyncEngine, work: Work[T], seconds: float, **options: Any) -> T:
    try:
        async with asyncio.timeout(seconds), engine.connect() as connection:
            await connection.execution_options(**options)
            async with connection.begin():
                return await connection.run_sync(work)
    except DBAPIError as failure:
        raise _postgresql_failure(failure) from failure
    except TimeoutError as failure:
        raise StoreUnavailable(f"PostgreSQL did not answer within {seconds:g} seconds") from failure
    except (OSError, PoolTimeout) as failure:
        raise StoreUnavailable(f"PostgreSQL cannot be reached: {failure}") from failure


def _postgresql_failure(failure: DBAPIError) -> Exception:
    """Sort by SQLSTATE: a time-out, a statement's own fault, or else the server's trouble."""
    state = str(getattr(failure.orig, "sqlstate", None) or "")
    if state == "57014":
        return TookTooLong("the search took too long: narrow it")
    if state[:2] in _STATEMENT_FAULTS and not failure.connection_invalidated:
        return failure
    return StoreUnavailable(f"PostgreSQL: {failure.orig}")


def breathe() -> None:
    """Let the event loop go on for a moment, where work on a connection runs on it and not in a thread."""
    if in_greenlet():
        await_only(asyncio.sleep(0))


async def refuse_undurable(database: Database) -> None:
    """Refuse a PostgreSQL server that would acknowledge what a crash can lose.

    Raises:
        Undurable: `fsync` or `synchronous_commit` is off.
    """
    if database.is_sqlite:
        return

    def settings(connection: Connection) -> dict[str, str]:
        names = ("fsync", "synchronous_commit")
        return {name: str(connection.execute(text(f"show {name}")).scalar_one()) for name in names}

    off = [name for name, value in (await database.read(settings)).items() if value == "off"]
    if off:
        raise Undurable(
            f"PostgreSQL runs with {' and '.join(f'{name}=off' for name in off)}: a crash would lose events"
            " that were acknowledged. Turn it on, or start with --allow-undurable if that is what you want."
        )
