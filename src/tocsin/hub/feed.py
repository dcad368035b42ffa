"""The feed: committed events, in the order of `seq`, to whoever listens.

`seq` is the truth: a listener always asks the ledger for what comes after the last number it saw, so it
misses nothing and sees nothing twice. A commit on this node, or PostgreSQL's NOTIFY from another, is only a
hint to ask at once.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Final

import structlog
from sqlalchemy import Connection

from tocsin.hub.metrics import Metrics
from tocsin.model.event import Event
from tocsin.store import marks, reading
from tocsin.store.database import Database
from tocsin.store.errors import StoreError
from tocsin.store.notify import Notifier

PAGE: Final = 500
POLL_SECONDS: Final = 1.0
_log: Final = structlog.get_logger("tocsin.feed")


class Feed:
    """Hands out committed events.

    Args:
        database: where the ledger stands.
        notifier: tells other nodes, and is told by them.
        metrics: counts the listeners.
    """

    def __init__(self, database: Database, notifier: Notifier, metrics: Metrics) -> None:
        self._database = database
        self._notifier = notifier
        self._metrics = metrics
        self._news: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._stopping = False

    async def start(self) -> None:
        """Begin to hear of commits on other nodes."""
        await self._notifier.start(self._hint)

    def end(self) -> None:
        """End every stream, so that a graceful stop need not wait for them."""
        self._stopping = True
        for domain_id in list(self._news):
            self._hint(domain_id)

    async def stop(self) -> None:
        """End every stream and stop hearing of other nodes."""
        self.end()
        await self._notifier.stop()

    def committed(self, domain_ids: set[str]) -> None:
        """Say that these domains have new events, recorded on this node."""
        for domain_id in domain_ids:
            self._hint(domain_id)
        self._notifier.tell(domain_ids)

    async def follow(self, domain_id: str, after: int) -> AsyncIterator[list[Event]]:
        """Give the events of a domain after a number, page by page, and go on with new ones as they come.

        Ends when Tocsin stops. An empty page is given at least after each second without news, so that a
        caller can look whether its own listener is still there.

        Args:
            domain_id: whose.
            after: the last `seq` that the listener has seen.
        """
        self._metrics.listeners.inc()
        try:
            while not self._stopping:
                news = self._news[domain_id]
                last, page = await self._page(domain_id, after)
                if last:
                    after = last
                    yield page
                    continue
                try:
                    await asyncio.wait_for(news.wait(), POLL_SECONDS)
                except TimeoutError:
                    yield []
        finally:
            self._metrics.listeners.dec()

    async def last(self, domain_id: str) -> int:
        """Give the number of a domain's newest event, 0 where it has none."""
        return await self._database.read(lambda connection: reading.last_seq(connection, domain_id))

    async def _page(self, domain_id: str, after: int) -> tuple[int, list[Event]]:
        """Give the number of the last event of a page, 0 where none come, and those that are seen."""

        def read(connection: Connection) -> tuple[int, list[Event]]:
            page = reading.events_after(connection, domain_id, after, PAGE)
            if not page:
                return 0, page
            return page[-1].seq, marks.read(connection, domain_id).seen(page)

        try:
            return await self._database.read(read)
        except StoreError as failure:
            _log.warning("feed_unreadable", reason=str(failure))
            await asyncio.sleep(POLL_SECONDS)
            return 0, []

    def _hint(self, domain_id: str) -> None:
        # Whoever waits holds the old event; the next one to wait gets a fresh one.
        if domain_id in self._news:
            self._news.pop(domain_id).set()
