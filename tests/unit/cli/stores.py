"""Stores for commands that work without a server."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import Connection

from tocsin.server.first_start import NewDomain, ensure_default
from tocsin.store import directory, schema
from tocsin.store.database import Database, open_database
from tocsin.store.directory import Snapshot

T = TypeVar("T")


def new_store(url: str) -> NewDomain:
    """Make a store as the first start of a server makes it."""

    async def make(database: Database) -> NewDomain | None:
        await schema.migrate(database)
        return await database.write(lambda connection: ensure_default(connection, "secret"))

    made = _on(url, make)
    assert made is not None
    return made


def change(url: str, work: Callable[[Connection], T]) -> T:
    """Do something in one transaction."""

    async def write(database: Database) -> T:
        return await database.write(work)

    return _on(url, write)


def known(url: str) -> Snapshot:
    """Give the sources and tokens that a server on this store knows."""
    return change(url, directory.snapshot)


def _on(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    async def run() -> T:
        database = open_database(url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())
