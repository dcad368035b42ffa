"""Word from node to node: PostgreSQL's LISTEN and NOTIFY. With SQLite there is one node and nobody to tell.

Only a hint: a word that is lost costs its listeners a moment, never an event.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import asyncpg
import structlog

from tocsin.store.address import libpq_address
from tocsin.store.database import Database

CHANNEL: Final = "tocsin_events"
_GATHER_SECONDS: Final = 0.02
_AGAIN_SECONDS: Final = 2.0
_log: Final = structlog.get_logger("tocsin.notify")


class Notifier:
    """Tells the other nodes which domains have new events, and hears it from them.

    Args:
        database: the store that the nodes share.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pending: set[str] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self, heard: Callable[[str], None]) -> None:
        """Begin. `heard` is called with the id of each domain that has new events elsewhere."""
        if not self._database.is_sqlite:
            self._task = asyncio.create_task(self._run(heard), name="notify")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def tell(self, domain_ids: set[str]) -> None:
        """Tell the others. Words that come quickly after one another go as one."""
        if self._task is not None:
            self._pending |= domain_ids
            self._wake.set()

    async def _run(self, heard: Callable[[str], None]) -> None:
        while True:
            try:
                await self._speak(heard)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as failure:
                _log.warning("notify_lost", reason=str(failure))
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _speak(self, heard: Callable[[str], None]) -> None:
        connection = await asyncpg.connect(libpq_address(self._database.url))
        own = connection.get_server_pid()

        def hear(_: Any, pid: int, __: str, domain_id: object) -> None:
            if pid != own:
                heard(str(domain_id))

        try:
            await connection.add_listener(CHANNEL, hear)
            while True:
                await self._wake.wait()
                self._wake.clear()
                told, self._pending = self._pending, set()
                for domain_id in told:
                    await connection.execute("select pg_notify($1, $2)", CHANNEL, domain_id)
                await asyncio.sleep(_GATHER_SECONDS)
        finally:
            await connection.close(timeout=1)
