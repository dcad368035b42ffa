"""The puller: fetches from sources that do not send by themselves. One node at a time does so for each.

A node holds a source by a lease that it renews. Where it dies, another takes over when the lease has run out.
"""

import asyncio
from collections.abc import Callable, Mapping
from secrets import token_hex
from socket import gethostname
from typing import Final, Protocol

import structlog
from sqlalchemy import Connection

from tocsin.hub.downtimes import Downtimes
from tocsin.hub.errors import HubError
from tocsin.hub.hearing import Hearing
from tocsin.hub.metrics import Metrics
from tocsin.hub.objects import Objects
from tocsin.hub.pull_desk import Desk
from tocsin.hub.recorder import Recorder
from tocsin.model.event import MICROSECONDS_PER_SECOND
from tocsin.model.source import Source
from tocsin.store import directory, pulls
from tocsin.store.database import Database
from tocsin.store.errors import StoreError

ROUND_SECONDS: Final = 2.0
"""How often leases are renewed, and sources looked at that were made or changed."""
LEASE_SECONDS: Final = 15.0
_FIRST_WAIT_SECONDS: Final = 1.0
_LONGEST_WAIT_SECONDS: Final = 60.0
PROVEN_SECONDS: Final = 10.0
"""A connection that lasted so long is one that works."""
_log: Final = structlog.get_logger("tocsin.puller")


class PullFailed(Exception):
    """A source does not answer as it should. The text says why, without its secret."""


class Pull(Protocol):
    """Speaks the protocol of one format of sources that are fetched from."""

    async def __call__(self, source: Source, desk: Desk) -> None:
        """Fetch from a source until cancelled; or return to be begun anew.

        Args:
            source: which.
            desk: takes what it says.

        Raises:
            PullFailed: it does not answer, or no more.
        """


def next_wait(last: float, lived: float) -> float:
    """Give the seconds to wait before a source is asked again.

    Args:
        last: for how long that was the last time, 0 for never.
        lived: for how long it was connected since, in seconds. One that ends each connection at once has
            proven nothing: it is asked less and less often.
    """
    if not last or lived >= PROVEN_SECONDS:
        return _FIRST_WAIT_SECONDS
    return min(2 * last, _LONGEST_WAIT_SECONDS)


class Puller:
    """Fetches from every source whose format wants that, again after each failure.

    Args:
        database: the store.
        pulls: by format.
        recorder: takes signals.
        objects: the hosts and services.
        downtimes: theirs.
        metrics: what is counted.
        clock: gives microseconds UTC.
        lease_seconds: how long a source is a node's own without a renewal.
    """

    def __init__(
        self,
        database: Database,
        pulls: Mapping[str, Pull],
        recorder: Recorder,
        objects: Objects,
        downtimes: Downtimes,
        metrics: Metrics,
        clock: Callable[[], int],
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._database = database
        self._pulls = pulls
        self._recorder = recorder
        self._objects = objects
        self._downtimes = downtimes
        self._metrics = metrics
        self._clock = clock
        self._lease = round(lease_seconds * MICROSECONDS_PER_SECOND)
        self._node = f"{gethostname()}-{token_hex(3)}"
        self._held_until = 0
        self._running: dict[str, tuple[Source, asyncio.Task[None]]] = {}
        self._hearings: dict[str, Hearing] = {}
        self._task: asyncio.Task[None] | None = None
        metrics.pulls_connected.set_function(lambda: len(self._heard()))

    async def start(self) -> None:
        """Begin. On SQLite nobody else can hold anything: what a process that is gone held is free."""
        if self._database.is_sqlite:
            await self._database.write(pulls.free)
        self._task = asyncio.create_task(self._run(), name="puller")

    async def stop(self) -> None:
        """Fetch nothing more, and let others take over."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        heard = self._heard()
        await self._keep({})

        def work(connection: Connection) -> None:
            pulls.hear(connection, self._node, heard)
            pulls.release(connection, self._node)

        try:
            await self._database.write(work)
        except StoreError as failure:
            _log.warning("pulls_unreleased", reason=str(failure))

    async def _run(self) -> None:
        while True:
            try:
                await self._keep(await self._claim())
            except StoreError as failure:
                _log.warning("puller_failed", reason=str(failure))
            except Exception:  # what is to be fetched stays to be, and is tried again
                _log.exception("puller_broken")
            if self._running and self._clock() >= self._held_until:
                # Another node may hold them now.
                await self._keep({})
            await asyncio.sleep(ROUND_SECONDS)

    async def _claim(self) -> dict[str, Source]:
        """Give the sources that this node fetches from now, by id."""

        def work(connection: Connection) -> dict[str, Source]:
            found = directory.sources_in(connection, self._pulls.keys())
            until = self._clock() + self._lease
            held = pulls.claim(connection, found, self._node, self._clock(), until) if found else set()
            self._held_until = until
            pulls.hear(connection, self._node, self._heard())
            return {each.id: each for each in found if each.id in held}

        if not await self._database.read(lambda connection: directory.sources_in(connection, self._pulls)):
            return {}
        return await self._database.write(work)

    async def _keep(self, wanted: Mapping[str, Source]) -> None:
        """Go on with what is fetched from as before, begin with the rest, and end what is not wanted."""
        gone = [each for each, (source, _) in self._running.items() if wanted.get(each) != source]
        tasks = [self._running.pop(each)[1] for each in gone]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for source in wanted.values():
            if source.id not in self._running:
                task = asyncio.create_task(self._fetch(source), name="pull")
                self._running[source.id] = (source, task)

    def _heard(self) -> dict[str, int]:
        """Give up to when all is recorded that sources said, of those that are connected, by id."""
        return {each: at for each, hearing in self._hearings.items() if (at := hearing.heard_at)}

    async def _fetch(self, source: Source) -> None:
        hearing = Hearing(self._database, source, self._node, self._clock)
        desk = Desk(source, self._recorder, self._objects, self._downtimes, self._clock, hearing)
        self._hearings[source.id] = hearing
        wait = 0.0
        try:
            while True:
                try:
                    await hearing.begin()
                    await self._pulls[source.format](source, desk)
                    if hearing.lasted >= PROVEN_SECONDS:
                        wait = 0.0
                    hearing.pause()
                    continue
                except (PullFailed, HubError, StoreError) as failure:
                    reason = str(failure)
                except Exception as failure:  # others are to be fetched from all the same
                    _log.exception("pull_broken", source=source.id)
                    reason = f"Tocsin failed: {type(failure).__name__}"
                self._metrics.pull_failures.labels(source.format).inc()
                _log.warning("pull_failed", source=source.id, reason=reason)
                wait = next_wait(wait, hearing.lasted)
                await hearing.fail(reason, wait)
                await asyncio.sleep(wait)
        finally:
            del self._hearings[source.id]
