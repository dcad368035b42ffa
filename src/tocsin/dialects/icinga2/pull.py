"""Fetching from an Icinga 2: how all stands is read first, then its event stream is followed."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final

import structlog

from tocsin.dialects import json_body
from tocsin.dialects.asgi import encode
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.guard import PrivateAddress
from tocsin.dialects.icinga2 import downtimes, signing
from tocsin.dialects.icinga2.connection import IDLE_SECONDS, Connection, NotGiven
from tocsin.dialects.icinga2.options import read
from tocsin.dialects.icinga2.parse import ACKNOWLEDGED, CHECK_RESULT, CLEARED, FORMAT, parse
from tocsin.dialects.icinga2.standing import Name, Standing, Watch, events_of, standing_of
from tocsin.dialects.parsed import Parsed
from tocsin.hub.hub import clock
from tocsin.hub.pull_desk import Desk
from tocsin.hub.puller import PullFailed
from tocsin.model.source import Source
from tocsin.model.submission import Payload, Refusal, Submission

_log: Final = structlog.get_logger("tocsin.puller")
_TOGETHER: Final = 500
"""So many events are recorded at once."""
CHOICE_SECONDS: Final = 300.0
"""So often it is asked again which hosts and services a source's filter chooses."""
_SIGNALS: Final = (CHECK_RESULT, ACKNOWLEDGED, CLEARED)
_STANDING: Final = (
    "name",
    "last_check_result",
    "acknowledgement",
    "acknowledgement_last_change",
    "acknowledgement_expiry",
)
_DOWNTIME: Final = (
    *("__name", "host_name", "service_name", "author", "comment", "start_time", "end_time", "fixed"),
    *("duration", "trigger_time", "remove_time"),
)


class Icinga2:
    """Fetches from sources of the format icinga2.

    Args:
        allow_private: also at private addresses.
        idle_seconds: how long a stream may be silent before it is opened anew.
    """

    def __init__(self, *, allow_private: bool, idle_seconds: float = IDLE_SECONDS) -> None:
        self._allow_private = allow_private
        self._idle_seconds = idle_seconds

    async def __call__(self, source: Source, desk: Desk) -> None:
        """Fetch from a source until its stream ends.

        Raises:
            PullFailed: it does not answer as Icinga does, or its options are wrong.
        """
        try:
            options = read(source.options.format_options)
            connection = Connection(
                options,
                source.secret,
                allow_private=self._allow_private,
                idle_seconds=self._idle_seconds,
            )
        except (BadPayload, PrivateAddress) as fault:
            raise PullFailed(str(fault)) from None
        pulling = _Pulling(connection, source, desk, options.filter)
        try:
            async with connection.stream((*_SIGNALS, *downtimes.TYPES)) as stream:
                await pulling.read_standing()
                await desk.connected()
                async for lines in stream:
                    came_at = clock()
                    await pulling.take(lines)
                    desk.heard(came_at)
                    await pulling.choose_anew()
        finally:
            await connection.close()


class _Pulling:
    """What is done over one connection.

    Args:
        connection: to Icinga.
        source: which it is here.
        desk: takes what it says.
        chosen: an expression of Icinga's that says which hosts and services; '' for all.
    """

    def __init__(self, connection: Connection, source: Source, desk: Desk, chosen: str) -> None:
        self._connection = connection
        self._source = source
        self._desk = desk
        self._chosen = chosen
        self._chosen_at = 0.0
        self._watch = Watch()
        self._acknowledged: list[dict[str, Any]] = []
        """Acknowledgements that were read, and of which it is not known yet who made them."""

    async def choose_anew(self) -> None:
        """Ask again which hosts and services are chosen, where it is time to.

        The stream knows nothing of what they are, but for their names, and does not tell of new ones.
        """
        if self._chosen and _seconds() - self._chosen_at >= CHOICE_SECONDS:
            await self.read_standing()

    async def read_standing(self) -> None:
        """Read how all stands, and record of what was not followed yet in what it differs from what is known.

        Of the rest the stream tells: what is read of that would hide what waits in the stream.
        """
        self._acknowledged.clear()
        self._chosen_at = _seconds()
        followed = self._watch.names
        chosen: set[Name] = set()
        for kind, attributes in (("hosts", _STANDING), ("services", (*_STANDING, "host_name"))):
            async with self._connection.objects(kind, attributes, self._chosen) as pieces:
                async for found in pieces:
                    standing = [standing_of(each) for each in found]
                    chosen.update(each.name for each in standing)
                    if new := [each for each in standing if each.name not in followed]:
                        await self._stand(new)
        self._watch.keep(chosen)
        await self._acknowledge()
        names: set[str] = set()
        async with self._connection.objects("downtimes", _DOWNTIME, self._chosen) as pieces:
            async for found in pieces:
                told = _attributes(found)
                try:
                    await self._plan(each for each in told if downtimes.object_of(each) not in followed)
                    names.update(map(downtimes.name_of, told))
                except BadPayload as fault:
                    raise PullFailed(f"its downtimes are not what Icinga's API answers: {fault}") from None
        await self._desk.cancel(await self._desk.planned() - names)

    async def _stand(self, standing: Sequence[Standing]) -> None:
        known = await self._desk.known({each.name for each in standing})
        events: list[dict[str, Any]] = []
        for each in standing:
            self._watch.note(each)
            try:
                differences = events_of(each, known.get(each.name), self._desk.missed_since)
            except BadPayload as fault:
                raise PullFailed(f"its objects are not what Icinga's API answers: {fault}") from None
            for event in differences:
                (self._acknowledged if event["type"] == ACKNOWLEDGED else events).append(event)
        await self._record(events)

    async def _acknowledge(self) -> None:
        """Record the acknowledgements that were read, with who made them where Icinga tells it."""
        if not self._acknowledged:
            return
        comments: list[dict[str, Any]] = []
        try:
            async with self._connection.objects("comments", signing.ATTRIBUTES, signing.CHOSEN) as pieces:
                async for found in pieces:
                    comments += _attributes(found)
        except NotGiven as refusal:
            _log.warning("acknowledgements_unsigned", source=self._source.id, reason=str(refusal))
        await self._record(signing.signed(self._acknowledged, comments))

    async def take(self, lines: Sequence[bytes]) -> None:
        """Record what lines of the stream say."""
        waiting: list[dict[str, Any]] = []
        for line in lines:
            try:
                event = json_body.decode(line)
                if not isinstance(event, dict):
                    raise BadPayload("an event must be a JSON object")
                if event.get("type") in _SIGNALS:
                    named = event.get("host"), event.get("service")
                    if self._is_chosen(*named) and self._watch.is_news(event):
                        waiting.append(event)
                    continue
                # What happens with downtimes keeps its place among the rest.
                await self._record(waiting)
                waiting = []
                await self._take_downtime(event)
            except BadPayload as fault:
                await self._refuse(line, fault)
        await self._record(waiting)

    async def _take_downtime(self, event: dict[str, Any]) -> None:
        if event.get("type") not in downtimes.TYPES or not isinstance(event.get("downtime"), dict):
            raise BadPayload("type: no type of event that was asked for")
        told = event["downtime"]
        if event["type"] == downtimes.ENDED:
            await self._desk.cancel([downtimes.name_of(told)])
        elif self._is_chosen(*downtimes.object_of(told)):
            await self._plan([told])

    def _is_chosen(self, host: object, service: object) -> bool:
        return not self._chosen or self._watch.knows(host, service)

    async def _plan(self, found: Iterable[dict[str, Any]]) -> None:
        plans = (downtimes.planned(each, clock()) for each in found)
        if wanted := [each for each in plans if each is not None]:
            await self._desk.plan(wanted)

    async def _record(self, events: Sequence[dict[str, Any]]) -> None:
        for start in range(0, len(events), _TOGETHER):
            part = list(events[start : start + _TOGETHER])
            try:
                parsed = parse(part, {}, {})
            except BadPayload as fault:
                parsed = Parsed(FORMAT, [], [Refusal(0, str(fault))])
            payload = Payload(FORMAT, "application/json", {}, encode(part))
            await self._desk.record(Submission(self._source, payload, parsed.signals, parsed.refusals))

    async def _refuse(self, line: bytes, fault: BadPayload) -> None:
        payload = Payload(FORMAT, "application/json", {}, line)
        await self._desk.record(Submission(self._source, payload, [], [Refusal(0, str(fault))]))


def _attributes(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each["attrs"] for each in found if isinstance(each.get("attrs"), dict)]


def _seconds() -> float:
    return asyncio.get_running_loop().time()
