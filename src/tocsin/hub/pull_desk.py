"""What is given to whatever fetches from a source: the ways by which what it hears is recorded."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Final

import msgspec
import structlog

from tocsin.hub.downtimes import Downtimes
from tocsin.hub.errors import Taken, Unavailable
from tocsin.hub.hearing import Hearing
from tocsin.hub.objects import Objects
from tocsin.hub.recorder import Recorder
from tocsin.model.audit import Author
from tocsin.model.downtime import Downtime, Plan
from tocsin.model.monitored import MonitoredObject
from tocsin.model.source import Source
from tocsin.model.submission import Submission

_RETRY_SECONDS: Final = 1.0
_log: Final = structlog.get_logger("tocsin.puller")


class Planned(msgspec.Struct, frozen=True):
    """A downtime of which a source tells. Times are microseconds UTC.

    Attributes:
        name: what the source calls it.
        service: '' for the host itself.
    """

    name: str
    host: str
    service: str
    starts_at: int
    ends_at: int
    author: str
    comment: str


class Desk:
    """Records what one source has to say. What cannot be taken now is tried again until it is.

    Args:
        source: which.
        recorder: takes signals.
        objects: the hosts and services.
        downtimes: theirs.
        clock: gives microseconds UTC.
        hearing: told how it goes with the source.
    """

    def __init__(
        self,
        source: Source,
        recorder: Recorder,
        objects: Objects,
        downtimes: Downtimes,
        clock: Callable[[], int],
        hearing: Hearing,
    ) -> None:
        self._source = source
        self._recorder = recorder
        self._objects = objects
        self._downtimes = downtimes
        self._clock = clock
        self._hearing = hearing

    async def connected(self) -> None:
        """Tell that the source is connected, and that all which was missed of it is recorded."""
        await self._hearing.connected()

    def heard(self, at: int) -> None:
        """Tell up to when all that the source said is recorded; microseconds UTC."""
        self._hearing.heard(at)

    async def known(self, names: Collection[tuple[str, str]]) -> dict[tuple[str, str], MonitoredObject]:
        """Give the source's domain's hosts and services of some names, '' as the service of a host."""
        found = await self._objects.named(self._source.domain_id, names)
        return {(each.host, each.service): each for each in found}

    async def record(self, submission: Submission) -> None:
        """Record a submission. When this returns, it is on disk."""
        submission.missed_since = self.missed_since
        while True:
            try:
                await self._recorder.record(submission)
            except Unavailable:
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return

    @property
    def missed_since(self) -> int:
        """When the gap began that is being made up for, microseconds UTC; 0 for none."""
        return self._hearing.missed_since

    async def planned(self) -> set[str]:
        """Give the names of the source's downtimes that wait or run here."""
        found = await self._downtimes.unended(self._source.domain_id)
        return {name for each in found if (name := self._name(each))}

    async def plan(self, planned: Sequence[Planned]) -> None:
        """Put hosts and services into downtimes. One that was told of before stays as it is."""
        known = await self.known({(each.host, each.service) for each in planned})
        told = await self._downtimes.origins(self._source.domain_id, [each.id for each in known.values()])
        for each in planned:
            present = known.get((each.host, each.service))
            origin = f"{self._source.id}/{each.name}"
            if present is None or origin in told:
                continue
            plan = Plan(each.starts_at, each.ends_at, each.author, each.comment, origin)
            try:
                made = await self._downtimes.schedule(self._source.domain_id, plan, [present], self._author())
            except Taken as refusal:
                _log.warning("downtime_refused", source=self._source.id, reason=str(refusal))
            else:
                self._hearing.differ(len(made))

    async def cancel(self, names: Collection[str]) -> None:
        """End downtimes of the source, by their names."""

        def choose(entries: Sequence[Downtime]) -> list[Downtime]:
            return [each for each in entries if self._name(each) in names]

        if names:
            gone = await self._downtimes.cancel(self._source.domain_id, choose, self._author())
            self._hearing.differ(len(gone))

    def _name(self, entry: Downtime) -> str:
        source_id, _, name = entry.origin.partition("/")
        return name if source_id == self._source.id else ""

    def _author(self) -> Author:
        return Author(self._source.name, self._source.id, self._clock())
