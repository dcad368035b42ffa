"""The store, for commands that work on it without a server."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

from cyclopts import Parameter

from tocsin.cli.failures import CommandError, NoAnswer, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.server.settings import Settings
    from tocsin.store.database import Database

T = TypeVar("T")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Store:
    """Which store to work on."""

    data: Annotated[
        Path | None,
        Parameter(help="Directory of the data. [env var: TOCSIN_DATA] [default: data]"),
    ] = None
    database: Annotated[
        str | None,
        Parameter(help="URL of a database in place of that. [env var: TOCSIN_DATABASE]"),
    ] = None

    def settings(self) -> "Settings":
        """Read the settings, as the server does.

        Raises:
            UsageError: one cannot be used.
        """
        from tocsin.server.settings import SettingsError, load

        try:
            return load({"data": str(self.data) if self.data else None, "database": self.database})
        except SettingsError as failure:
            raise UsageError(failure) from None

    def run(self, work: "Callable[[Database], Awaitable[T]]", *, make: bool = False) -> T:
        """Open the store, do something with it, and close it.

        Args:
            work: what to do.
            make: make an empty store where there is none.

        Raises:
            NoAnswer: it cannot be reached, or there is none.
            CommandError: it refused.
        """
        return asyncio.run(_on_store(self.settings(), work, make))

    def write(self, work: "Callable[[Connection], T]") -> T:
        """Do something in one transaction of a store that has the present schema.

        Raises:
            NoAnswer, CommandError: as `run`.
        """

        async def do(database: "Database") -> T:
            from tocsin.store import schema

            await schema.require_present(database)
            return await database.write(work)

        return self.run(do)

    def read(self, work: "Callable[[Connection], T]") -> T:
        """Read from a store that has the present schema.

        Raises:
            NoAnswer, CommandError: as `run`.
        """

        async def do(database: "Database") -> T:
            from tocsin.store import schema

            await schema.require_present(database)
            return await database.read(work)

        return self.run(do)


DEFAULT_STORE: Final = Store()


async def _on_store(settings: "Settings", work: "Callable[[Database], Awaitable[T]]", make: bool) -> T:
    from sqlalchemy.exc import SQLAlchemyError

    from tocsin.store.errors import StoreError, StoreUnavailable

    database = opened(settings)
    try:
        _require_file(database, make)
        return await work(database)
    except StoreUnavailable as failure:
        raise NoAnswer(failure) from None
    except StoreError as failure:
        raise CommandError(failure) from None
    except SQLAlchemyError as failure:
        raise CommandError(f"the store: {getattr(failure, 'orig', failure)}") from None
    finally:
        await database.close()


def opened(settings: "Settings") -> "Database":
    """Open the store; nothing is read yet.

    Raises:
        UsageError: its URL is none, or neither SQLite's nor PostgreSQL's.
    """
    from tocsin.store.database import open_database

    try:
        return open_database(settings.database_url, synchronous=settings.synchronous)
    except ValueError as failure:
        # It begins with the setting's name, which is the option's as well.
        raise UsageError(f"--{failure}") from None


def missing_file(database: "Database") -> Path | None:
    """Give the file that SQLite would make anew, None where it is there or the store is on PostgreSQL."""
    if not database.is_sqlite:
        return None
    file = Path(database.url.database or "")
    return None if file.exists() else file


def _require_file(database: "Database", make: bool) -> None:
    file = missing_file(database)
    if file is None:
        return
    if not make:
        # SQLite would make an empty store, and nobody would see why nothing is in it.
        raise NoAnswer(
            f"there is no store at {file}: `tocsin serve` makes one,"
            " or say where it is with --data or --database"
        )
    file.parent.mkdir(parents=True, exist_ok=True)
