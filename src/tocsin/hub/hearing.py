"""What is heard of one source that is fetched from: up to when, and the gaps in which nothing was.

It is kept in the store, so that a gap is known as one when the node that fetched has died in it.
"""

import asyncio
import math
from collections.abc import Callable
from typing import Final

import structlog
from sqlalchemy import Connection

from tocsin.model.event import MICROSECONDS_PER_SECOND
from tocsin.model.source import Source
from tocsin.store import gaps, pulls
from tocsin.store.database import Database
from tocsin.store.errors import StoreError

_log: Final = structlog.get_logger("tocsin.puller")


class Hearing:
    """Keeps account of one source, from one attempt to connect to the next.

    Args:
        database: the store.
        source: which.
        node: who fetches from it.
        clock: gives microseconds UTC.
    """

    def __init__(self, database: Database, source: Source, node: str, clock: Callable[[], int]) -> None:
        self._database = database
        self._source = source
        self._node = node
        self._clock = clock
        self._known = 0
        """Up to when all that it said is recorded; 0 where only the store knows."""
        self._began_at = 0
        self._connected_at = math.inf
        """By the event loop's clock; infinite where it is not connected."""
        self._differences = 0
        self._keeps = True
        self.missed_since = 0
        """When the gap began that is being made up for; 0 for none."""

    @property
    def heard_at(self) -> int:
        """Up to when all that it said is recorded; 0 where it is not connected."""
        return self._known if self._connected_at < math.inf else 0

    @property
    def lasted(self) -> float:
        """For how many seconds it is connected, negative where it is not."""
        return asyncio.get_running_loop().time() - self._connected_at

    async def begin(self) -> None:
        """Begin an attempt to connect. What was said since the last connection was missed.

        Raises:
            StoreError: that cannot be written down.
        """
        self._began_at = self._clock()
        if not self.missed_since:
            self.missed_since = await self._database.write(lambda connection: self._miss(connection, ""))

    async def connected(self) -> None:
        """Take down that it is connected, and that what was missed is made up for.

        Raises:
            StoreError: that cannot be written down.
        """
        now = self._clock()

        def work(connection: Connection) -> None:
            held = pulls.tell_connected(connection, self._source, self._node, now, self._began_at)
            if held and self.missed_since:
                key = (self._source.domain_id, self._source.id, self.missed_since)
                gaps.add_differences(connection, {key: self._differences})
                gaps.close_gap(connection, key, now, keeps=self._keeps)

        await self._database.write(work)
        # What was said while all was being read may wait still.
        self._known = self._began_at
        self._connected_at = asyncio.get_running_loop().time()
        self._differences, self._keeps, self.missed_since = 0, True, 0

    def heard(self, at: int) -> None:
        """Take down up to when all that it said is recorded; microseconds UTC."""
        self._known = at

    def differ(self, number: int) -> None:
        """Count what was changed beside the events that are recorded, where it makes up for a gap."""
        if self.missed_since:
            self._differences += number

    def pause(self) -> None:
        """Take down that it is asked anew, although nothing went wrong: no gap, unless something differs."""
        self._connected_at = math.inf
        self._keeps = False

    async def fail(self, reason: str, wait: float) -> None:
        """Take down that it is not connected.

        Args:
            reason: why.
            wait: seconds after which it is asked again.
        """
        self._connected_at = math.inf
        self._keeps = True

        def work(connection: Connection) -> int:
            now = self._clock()
            next_at = now + round(wait * MICROSECONDS_PER_SECOND)
            pulls.tell_failed(connection, self._source, self._node, reason, now, next_at)
            return self.missed_since or self._miss(connection, reason)

        try:
            self.missed_since = await self._database.write(work)
        except StoreError as failure:
            _log.warning("pull_untold", source=self._source.id, reason=str(failure))

    def _miss(self, connection: Connection, reason: str) -> int:
        """Note that a gap began, and give when; 0 where nothing was ever heard of it.

        Where another node holds the source by now, it is the other's to note.
        """
        known = self._known or pulls.heard_at(connection, self._source)
        if known and pulls.hear(connection, self._node, {self._source.id: known}):
            gaps.open_gap(connection, (self._source.domain_id, self._source.id, known), reason)
        return known
