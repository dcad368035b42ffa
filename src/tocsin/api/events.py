"""`/api/v1/events`: post, search, one with all that is known of it, and the live stream."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage
from sqlalchemy import Connection

from tocsin.api.given import Asker, TheHub, TheIntake
from tocsin.api.idempotency import IdempotencyKey, replayed
from tocsin.api.problems import bad_input
from tocsin.api.search import PAGE, Cursor, Limit, Page, Query, before, deadline, page_of, understand
from tocsin.api.shapes import (
    AlertItem,
    EventItem,
    PayloadItem,
    ReceiptItem,
    Receipts,
    alert_item,
    event_item,
    payload_item,
    receipt_item,
)
from tocsin.api.standing import Standing, standing
from tocsin.api.visible import find_alert, find_event, sought, visible
from tocsin.hub.errors import HubError
from tocsin.hub.hub import Hub, clock
from tocsin.model.access import Action, Principal
from tocsin.model.event import Event
from tocsin.model.identifiers import seq_of
from tocsin.model.submission import Payload
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.predicate import compile_predicate
from tocsin.query.times import parse_time
from tocsin.query.tree import All, Comparison, Expression, Operator, conjunction
from tocsin.store import reading, scanning, search
from tocsin.store.errors import NotFound, StoreError

_encode: Final = msgspec.json.Encoder().encode
_HEARTBEAT_SECONDS: Final = 15.0
_SEQ: Final = re.compile(r"[0-9]{1,18}")
"""A number of an event: within the 64 bits of a store."""

Since = Annotated[
    str, QueryParameter(name="from", description="Only what occurred then or later: RFC 3339 or -2h.")
]
Until = Annotated[str, QueryParameter(name="to", description="Only what occurred before: RFC 3339 or -2h.")]
After = Annotated[
    int | None, QueryParameter(gt=-1, lt=10**18, description="Begin after the event with this `seq`.")
]


Followed = Annotated[
    list[str] | None,
    QueryParameter(
        name="q",
        max_items=64,
        description="An expression: `severity>=warning host:web-*`. Given several times, all are followed:"
        " each event has `matches` then, the places of those that it matches, counted from 0.",
    ),
]


class EventDetail(EventItem, kw_only=True):
    """An event with the request it came with, its alert, and its receipt."""

    payload: PayloadItem | None
    alert: AlertItem | None
    receipt: ReceiptItem


class FollowedEvent(EventItem, kw_only=True):
    """An event of a stream that follows several expressions.

    Attributes:
        matches: the places of those that it matches, counted from 0.
    """

    matches: list[int]


class Events(Controller):
    """Events: what was recorded."""

    path = "/api/v1/events"
    tags = ["events"]

    @post(status_code=200, opt={"action": Action.SEND})
    async def post(
        self,
        request: Request[Any, Any, Any],
        intake: TheIntake,
        principal: Asker,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Receipts]:
        """Record events. Answered when they are on disk, with a receipt for each item in its order."""
        receipts, repeated = await intake.post(request.scope, request.receive, principal, idempotency_key)
        shown = Receipts([receipt_item(receipt) for receipt in receipts])
        return Response(shown, headers=replayed(repeated))

    @get(opt={"action": Action.READ})
    async def search(
        self,
        hub: TheHub,
        principal: Asker,
        q: Query = "",
        limit: Limit = PAGE,
        cursor: Cursor = "",
        since: Since = "",
        until: Until = "",
    ) -> Page[EventItem]:
        """Search events, the newest first."""
        tree = await sought(
            hub, principal, conjunction([understand(q, EVENT_FIELDS), *within(since, until)]), EVENT_FIELDS
        )
        start, end = before(cursor), deadline()
        found = await scanning.events(
            hub.database, hub.counting, principal.domain_id, tree, limit=limit + 1, before=start, deadline=end
        )
        shown, following = page_of(found, limit, lambda event: event.seq)
        return Page([event_item(event) for event in shown], following)

    @get("/stream", opt={"action": Action.READ}, media_type="text/event-stream")
    async def stream(
        self,
        request: Request[Any, Any, Any],
        hub: TheHub,
        principal: Asker,
        q: Followed = None,
        after: After = None,
    ) -> ServerSentEvent:
        """Follow events live. `Last-Event-ID` or `after` resumes without a gap; else it starts now."""
        still_allowed = standing(hub, request)
        trees = [
            await sought(hub, principal, understand(each, EVENT_FIELDS), EVENT_FIELDS, is_kept=True)
            for each in q or [""]
        ]
        test = await _test(hub, principal.domain_id, trees)
        last_id = request.headers.get("last-event-id", "")
        if _SEQ.fullmatch(last_id):
            after = int(last_id)
        if after is None:
            after = await hub.feed.last(principal.domain_id)
        messages = _messages(hub, principal.domain_id, trees, test, after, still_allowed)
        return ServerSentEvent(messages, comment_message="tocsin")

    @get("/{event_id:str}", opt={"action": Action.READ})
    async def one(self, event_id: FromPath[str], hub: TheHub, principal: Asker) -> EventDetail:
        """Show an event with its payload, its alert and its receipt."""
        seq = seq_of(event_id, "event")
        if seq is None:
            raise NotFound(f"there is no event {event_id}")

        def look(connection: Connection) -> EventDetail:
            event = find_event(connection, principal, seq)
            return EventDetail(
                **msgspec.structs.asdict(event_item(event)),
                payload=_payload(connection, principal, event),
                alert=_alert(connection, principal, event),
                receipt=receipt_item(event.receipt),
            )

        return await hub.database.read(look)


def within(since: str, until: str) -> list[Expression]:
    """Give the terms for when an event occurred.

    Args:
        since: then or later, '' for no bound.
        until: before, '' for no bound.
    """
    bounds = (("from", since, Operator.GREATER_EQUAL), ("to", until, Operator.LESS))
    return [
        Comparison(EVENT_FIELDS.by_name["occurred"], operator, moment_of(name, text))
        for name, text, operator in bounds
        if text
    ]


def moment_of(name: str, text: str) -> int:
    """Read the moment that a parameter gives, in microseconds UTC.

    Args:
        name: of the parameter.
        text: RFC 3339, or counted from now.
    """
    try:
        return parse_time(text, clock())
    except ValueError as fault:
        raise bad_input(name, str(fault)) from None


def _payload(connection: Connection, principal: Principal, event: Event) -> PayloadItem | None:
    if not isinstance(visible(principal), All):
        return None  # a request may hold more than the one event
    try:
        found: Payload = reading.payload(connection, event.domain_id, event.payload_seq)
    except NotFound:
        return None
    return payload_item(found)


def _alert(connection: Connection, principal: Principal, event: Event) -> AlertItem | None:
    try:
        return alert_item(find_alert(connection, principal, event.alert_seq))
    except NotFound:
        return None


class _Test(msgspec.Struct):
    """Says which expressions match, by the names and groups of one version of the configuration."""

    version: int
    each: list[Callable[[Event], bool]]

    def matches(self, event: Event) -> list[int]:
        """Give the places of the expressions that an event matches."""
        return [place for place, holds in enumerate(self.each) if holds(event)]

    def shown(self, event: Event, matches: list[int]) -> EventItem:
        """Give what is told of an event; of which expressions it matches only where there are several."""
        item = event_item(event)
        if len(self.each) == 1:
            return item
        return FollowedEvent(**msgspec.structs.asdict(item), matches=matches)


async def _test(hub: Hub, domain_id: str, trees: list[Expression]) -> _Test:
    version = hub.authentication.version
    resolved = await hub.database.read(
        lambda connection: [search.resolved_events(connection, domain_id, tree) for tree in trees]
    )
    return _Test(version, [compile_predicate(tree, EVENT_FIELDS) for tree in resolved])


async def _messages(
    hub: Hub, domain_id: str, trees: list[Expression], test: _Test, after: int, still_allowed: Standing
) -> AsyncIterator[ServerSentEventMessage]:
    clock_now = asyncio.get_running_loop().time
    spoken = clock_now()
    async for page in hub.feed.follow(domain_id, after):
        try:
            still_allowed()
            if test.version != hub.authentication.version:
                # What belongs to a group may be something else by now.
                test = await _test(hub, domain_id, trees)
        except (HubError, StoreError):
            return  # revoked meanwhile, or not to be told now: whoever asks again is told why
        for event in page:
            if matches := test.matches(event):
                spoken = clock_now()
                data = _encode(test.shown(event, matches))
                yield ServerSentEventMessage(data=data, event="event", id=event.seq)
        if clock_now() - spoken >= _HEARTBEAT_SECONDS:
            spoken = clock_now()
            yield ServerSentEventMessage(comment="still here", data=None)
