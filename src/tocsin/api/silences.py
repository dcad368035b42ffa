"""`/api/v1/silences`: what is not passed on for a while, and what that would be."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from litestar import Controller, Response, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from tocsin.api.events import moment_of
from tocsin.api.given import Asker, TheHub
from tocsin.api.idempotency import Repeatable
from tocsin.api.listing import Listing
from tocsin.api.making import made
from tocsin.api.principal import author
from tocsin.api.revisions import IfMatch, IfNoneMatch, answer, demand
from tocsin.api.search import PAGE, Limit, deadline
from tocsin.api.shapes import AlertItem, EventItem, alert_item, event_item, moment
from tocsin.api.visible import sought
from tocsin.api.window import Seconds, read_end, read_window
from tocsin.hub.errors import Forbidden
from tocsin.hub.hub import clock
from tocsin.model.access import Action, Principal, scope_of
from tocsin.model.event import MICROSECONDS_PER_DAY
from tocsin.model.silence import Silence
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.filters import parse_filter
from tocsin.store import audit, configuration, silences
from tocsin.store.errors import NotFound
from tocsin.store.preview import preview
from tocsin.store.silences import SilenceState, state_of

_READ: Final = {"action": Action.READ}
_SILENCE: Final = {"action": Action.SILENCE}
_COMMENT_LIMIT: Final = 20_480
_SHOWN: Final = 10

Comment = Annotated[str, msgspec.Meta(max_length=_COMMENT_LIMIT)]
Standing = Annotated[
    SilenceState | None, QueryParameter(name="state", description="Only silences that stand so.")
]
EndsBefore = Annotated[
    str, QueryParameter(description="Only silences that end before this moment: RFC 3339 or +2h.")
]


class NewSilence(msgspec.Struct, forbid_unknown_fields=True):
    """A silence to make: which events, from when (now unless it says), until when or for how many seconds."""

    expression: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    duration: Seconds | None = None
    comment: Comment = ""


class SilenceChange(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of a silence; what is left out stays. `duration` counts from now, or from its begin."""

    ends_at: datetime | UnsetType = UNSET
    duration: Seconds | UnsetType = UNSET
    comment: Comment | UnsetType = UNSET


class SilenceItem(msgspec.Struct):
    """A silence as it is listed."""

    id: str
    state: str
    expression: str
    scope: str
    starts_at: str | None
    ends_at: str | None
    author: str
    comment: str
    created_at: str | None


class SilencePreview(msgspec.Struct, forbid_unknown_fields=True):
    """A filter to try before it silences."""

    expression: str


class MatchedAlerts(msgspec.Struct):
    """Open alerts that a filter matches: how many, and the newest."""

    count: int
    items: list[AlertItem]


class MatchedEvents(msgspec.Struct):
    """Events that a filter matches: how many, and the newest."""

    count: int
    items: list[EventItem]


class SilencePreviewResult(msgspec.Struct):
    """What a filter matches now, and what it matched in the last 24 hours."""

    open_alerts: MatchedAlerts
    events_of_24_hours: MatchedEvents


class Silences(Controller):
    """Silences: what is recorded and not passed on for a while."""

    path = "/api/v1/silences"
    tags = ["silences"]

    @get(opt=_READ)
    async def listing(
        self,
        hub: TheHub,
        principal: Asker,
        standing: Standing = None,
        ends_before: EndsBefore = "",
        limit: Limit = PAGE,
    ) -> Listing[SilenceItem]:
        """List silences: of active or pending ones the next to end first, else the last to end."""
        now = clock()
        ending = moment_of("ends_before", ends_before) if ends_before else 0
        found = await hub.database.read(
            lambda connection: silences.silences(
                connection,
                principal.domain_id,
                state=standing,
                ends_before=ending,
                scope=scope_of(principal, Action.READ),
                now=now,
                limit=limit,
            )
        )
        return Listing([_item(silence, now) for silence in found])

    @post(opt=_SILENCE)
    async def create(
        self, data: JSONBody[NewSilence], hub: TheHub, principal: Asker, once: Repeatable
    ) -> Response[SilenceItem]:
        """Make a silence. It reaches no further than whoever makes it may silence."""
        parse_filter(data.expression)
        now = clock()

        def make(connection: Connection) -> Silence:
            starts_at, ends_at = read_window(data.starts_at, data.ends_at, data.duration, now)
            return silences.create_silence(
                connection,
                domain_id=principal.domain_id,
                expression=data.expression,
                scope=scope_of(principal, Action.SILENCE),
                starts_at=starts_at,
                ends_at=ends_at,
                author=principal.name,
                comment=data.comment,
                now=now,
            )

        def find(connection: Connection, _: str, silence_id: str) -> Silence:
            return _find(connection, principal, silence_id)

        def show(_: Connection, silence: Silence) -> SilenceItem:
            return _item(silence, now)

        new = await made(hub, principal, once, "silence", make=make, find=find, show=show)
        return _answer(new.item, status=201, repeated=new.repeated)

    @get("/{silence_id:str}", opt=_READ)
    async def one(
        self, silence_id: FromPath[str], hub: TheHub, principal: Asker, if_none_match: IfNoneMatch = ""
    ) -> Response[SilenceItem]:
        """Show a silence."""
        silence = await hub.database.read(lambda connection: _find(connection, principal, silence_id))
        return _answer(_item(silence, clock()), if_none_match)

    @patch("/{silence_id:str}", opt=_SILENCE)
    async def change(
        self,
        silence_id: FromPath[str],
        data: JSONBody[SilenceChange],
        hub: TheHub,
        principal: Asker,
        if_match: IfMatch = "",
    ) -> Response[SilenceItem]:
        """Let a silence end sooner or later, or change its comment."""
        now = clock()

        def alter(connection: Connection) -> Silence:
            configuration.hold(connection)
            silence = _changeable(connection, principal, silence_id, if_match, now)
            changed = _changed(silence, data, now)
            if changed == silence:
                return silence
            silences.change_silence(connection, changed, now)
            audit.write(connection, author(principal), "silence.change", before=silence, after=changed)
            return changed

        changed = await hub.database.write(alter)
        hub.timekeeper.hurry()
        return _answer(_item(changed, now))

    @post("/{silence_id:str}/expire", status_code=200, opt=_SILENCE)
    async def expire(
        self, silence_id: FromPath[str], hub: TheHub, principal: Asker, if_match: IfMatch = ""
    ) -> Response[SilenceItem]:
        """End a silence now. What it held back and is still open is passed on at once."""
        now = clock()

        def end(connection: Connection) -> Silence:
            configuration.hold(connection)
            silence = _changeable(connection, principal, silence_id, if_match, now)
            ended = silences.end_silence(connection, silence, now)
            audit.write(connection, author(principal), "silence.expire", before=silence, after=ended)
            return ended

        ended = await hub.database.write(end)
        hub.timekeeper.hurry()
        return _answer(_item(ended, now))

    @post("/preview", status_code=200, opt=_SILENCE)
    async def preview(
        self, data: JSONBody[SilencePreview], hub: TheHub, principal: Asker
    ) -> SilencePreviewResult:
        """Say what a filter matches: of open alerts, and of the events of the last 24 hours."""
        asked = parse_filter(data.expression)
        tree = await sought(hub, principal, asked, EVENT_FIELDS, action=Action.SILENCE)
        since, end = clock() - MICROSECONDS_PER_DAY, deadline()
        found = await hub.database.read(
            lambda connection: preview(
                connection, principal.domain_id, tree, since=since, limit=_SHOWN, deadline=end
            )
        )
        return SilencePreviewResult(
            MatchedAlerts(found.alert_count, [alert_item(alert) for alert in found.alerts]),
            MatchedEvents(found.event_count, [event_item(event) for event in found.events]),
        )


def _find(connection: Connection, principal: Principal, silence_id: str) -> Silence:
    """Find a silence that someone may see: who sees some only sees those that reach no further.

    Raises:
        NotFound: the domain has none with that id, or they may not see it.
    """
    silence = silences.find_silence(connection, principal.domain_id, silence_id)
    if scope_of(principal, Action.READ) not in {"", silence.scope}:
        raise NotFound(f"there is no silence {silence_id}")
    return silence


def _changeable(
    connection: Connection, principal: Principal, silence_id: str, if_match: str, now: int
) -> Silence:
    """Find a silence that someone may end or change, as they saw it.

    Raises:
        NotFound: the domain has none with that id, or they may not see it.
        ProblemDetailsException: it is not what they saw.
        Forbidden: it reaches beyond what they may silence.
    """
    silence = _find(connection, principal, silence_id)
    demand(_item(silence, now), if_match)
    if scope_of(principal, Action.SILENCE) not in {"", silence.scope}:
        raise Forbidden(f"{principal.name} may not change it: it reaches beyond what they may silence")
    return silence


def _changed(silence: Silence, change: SilenceChange, now: int) -> Silence:
    """Give a silence with what a change says in place of its own.

    Raises:
        ProblemDetailsException: names the member that could not work, and why.
    """
    ends_at = silence.ends_at
    if change.ends_at is not UNSET or change.duration is not UNSET:
        ends_at = read_end(
            max(silence.starts_at, now),
            None if change.ends_at is UNSET else change.ends_at,
            None if change.duration is UNSET else change.duration,
            now,
        )
    comment = silence.comment if change.comment is UNSET else change.comment
    return msgspec.structs.replace(silence, ends_at=ends_at, comment=comment)


def _answer(
    item: SilenceItem, if_none_match: str = "", *, status: int = 200, repeated: bool = False
) -> Response[SilenceItem]:
    """Answer with a silence. Its tag is that of what is shown: time alone brings it from state to state."""
    return answer(item, item, if_none_match, status=status, repeated=repeated)


def _item(silence: Silence, now: int) -> SilenceItem:
    return SilenceItem(
        silence.id,
        state_of(silence, now),
        silence.expression,
        silence.scope,
        moment(silence.starts_at),
        moment(silence.ends_at),
        silence.author,
        silence.comment,
        moment(silence.created_at),
    )
