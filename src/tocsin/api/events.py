"""`/api/v1/events`: post, search, one with all that is known of it, and the live stream."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Request, get, post
from litestar.openapi.spec import RequestBody
from litestar.openapi.spec.media_type import OpenAPIMediaType
from litestar.openapi.spec.operation import Operation
from litestar.openapi.spec.schema import Schema
from litestar.params import Parameter
from litestar.response import ServerSentEvent, ServerSentEventMessage
from sqlalchemy import Connection

from tocsin.api.intake import Intake
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
from tocsin.hub.hub import Hub, clock
from tocsin.model.access import Action, Principal
from tocsin.model.event import Event
from tocsin.model.identifiers import seq_of
from tocsin.model.receipt import Receipt
from tocsin.model.recording import Payload
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.predicate import compile_predicate
from tocsin.query.times import parse_time
from tocsin.query.tree import Comparison, Expression, Operator, conjunction
from tocsin.store import reading, search
from tocsin.store.errors import NotFound

_encode: Final = msgspec.json.Encoder().encode
_HEARTBEAT_SECONDS: Final = 15.0

Since = Annotated[
    str, Parameter(query="from", description="Only what occurred then or later: RFC 3339 or -2h.")
]
Until = Annotated[str, Parameter(query="to", description="Only what occurred before: RFC 3339 or -2h.")]
After = Annotated[int | None, Parameter(ge=0, description="Begin after the event with this `seq`.")]


class EventDetail(EventItem, kw_only=True):
    """An event with the request it came with, its alert, and its receipt."""

    payload: PayloadItem | None
    alert: AlertItem | None
    receipt: ReceiptItem


class _PostOperation(Operation):
    """What OpenAPI says of the post: its body is read by hand, in four shapes."""

    def __post_init__(self) -> None:
        event = Schema(type="object", description="An event: `key` and `title` are needed.")  # type: ignore[arg-type]
        shapes = Schema(one_of=[event, Schema(type="array", items=event)])  # type: ignore[arg-type]
        self.request_body = RequestBody(
            description="One event, an array of events, or a line for each (NDJSON); gzip is taken.",
            content={
                "application/json": OpenAPIMediaType(schema=shapes),
                "application/x-ndjson": OpenAPIMediaType(schema=event),
            },
        )


class Events(Controller):
    """Events: what was recorded."""

    path = "/api/v1/events"
    tags = ["events"]

    @post(status_code=200, opt={"action": Action.SEND}, operation_class=_PostOperation)
    async def post(self, request: Request[Any, Any, Any], intake: Intake, principal: Principal) -> Receipts:
        """Record events. Answered when they are on disk, with a receipt for each item in its order."""
        receipts = await intake.post(request.scope, request.receive, principal)
        return Receipts([receipt_item(receipt) for receipt in receipts])

    @get(opt={"action": Action.READ})
    async def search(
        self,
        hub: Hub,
        principal: Principal,
        q: Query = "",
        limit: Limit = PAGE,
        cursor: Cursor = "",
        since: Since = "",
        until: Until = "",
    ) -> Page[EventItem]:
        """Search events, the newest first."""
        tree = conjunction([understand(q, EVENT_FIELDS), *_within(since, until)])
        start, end = before(cursor), deadline()
        found = await hub.database.read(
            lambda connection: search.events(
                connection, principal.domain_id, tree, limit=limit + 1, before=start, deadline=end
            )
        )
        shown, following = page_of(found, limit, lambda event: event.seq)
        return Page([event_item(event) for event in shown], following)

    @get("/stream", opt={"action": Action.READ}, media_type="text/event-stream")
    async def stream(
        self,
        request: Request[Any, Any, Any],
        hub: Hub,
        principal: Principal,
        q: Query = "",
        after: After = None,
    ) -> ServerSentEvent:
        """Follow events live. `Last-Event-ID` or `after` resumes without a gap; else it starts now."""
        last_id = request.headers.get("last-event-id", "")
        if last_id.isdigit():
            after = int(last_id)
        if after is None:
            after = await hub.feed.last(principal.domain_id)
        tree = understand(q, EVENT_FIELDS)
        resolved = await hub.database.read(
            lambda connection: search.resolved_events(connection, principal.domain_id, tree)
        )
        return ServerSentEvent(_messages(hub, principal, resolved, after), comment_message="tocsin")

    @get("/{event_id:str}", opt={"action": Action.READ})
    async def one(self, event_id: str, hub: Hub, principal: Principal) -> EventDetail:
        """Show an event with its payload, its alert and its receipt."""
        seq = seq_of(event_id, "event")
        if seq is None:
            raise NotFound(f"there is no event {event_id}")

        def look(connection: Connection) -> EventDetail:
            event = reading.event(connection, principal.domain_id, seq)
            return EventDetail(
                **msgspec.structs.asdict(event_item(event)),
                payload=_payload(connection, event),
                alert=_alert(connection, event),
                receipt=receipt_item(
                    Receipt(
                        event.payload_index,
                        event.outcome,
                        event.reason,
                        event.seq,
                        event.alert_seq,
                        event.silenced_by,
                    )
                ),
            )

        return await hub.database.read(look)


def _within(since: str, until: str) -> list[Expression]:
    field = EVENT_FIELDS.by_name["occurred"]
    bounds = ((since, Operator.GREATER_EQUAL), (until, Operator.LESS))
    return [Comparison(field, operator, parse_time(text, clock())) for text, operator in bounds if text]


def _payload(connection: Connection, event: Event) -> PayloadItem | None:
    try:
        found: Payload = reading.payload(connection, event.domain_id, event.payload_seq)
    except NotFound:
        return None
    return payload_item(found)


def _alert(connection: Connection, event: Event) -> AlertItem | None:
    try:
        return alert_item(reading.alert(connection, event.domain_id, event.alert_seq))
    except NotFound:
        return None


async def _messages(
    hub: Hub, principal: Principal, tree: Expression, after: int
) -> AsyncIterator[ServerSentEventMessage]:
    matches = compile_predicate(tree, EVENT_FIELDS)
    clock_now = asyncio.get_running_loop().time
    spoken = clock_now()
    async for page in hub.feed.follow(principal.domain_id, after):
        for event in page:
            if matches(event):
                spoken = clock_now()
                yield ServerSentEventMessage(data=_encode(event_item(event)), event="event", id=event.seq)
        if clock_now() - spoken >= _HEARTBEAT_SECONDS:
            spoken = clock_now()
            yield ServerSentEventMessage(comment="still here", data=None)
