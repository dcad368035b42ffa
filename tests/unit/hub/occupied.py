"""Keeping a store's ledger busy for as long as a test wants."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Connection, text

from tocsin.store.database import Database

_STEP_SECONDS = 0.01


@asynccontextmanager
async def occupied(database: Database) -> AsyncIterator[None]:
    """Hold every domain's row for the length of a block, so that batches wait."""
    loop, held, released = asyncio.get_running_loop(), asyncio.Event(), False

    def hold(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text("select id from domain order by id for update"))
        loop.call_soon_threadsafe(held.set)
        while not released:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"select pg_sleep({_STEP_SECONDS})"))
            else:
                time.sleep(_STEP_SECONDS)

    holding = asyncio.ensure_future(database.write(hold))
    await held.wait()
    try:
        yield
    finally:
        released = True
        await holding
