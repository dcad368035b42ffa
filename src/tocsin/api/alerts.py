"""`/api/v1/alerts`: list, one with its timeline, and what people do with it."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Controller, Request, get, post

from tocsin.api.search import PAGE, Cursor, Limit, Page, Query, before, deadline, page_of, understand
from tocsin.api.shapes import AlertItem, AlertWithTimeline, alert_item, event_item
from tocsin.hub.hub import Hub
from tocsin.model.access import Action, Principal
from tocsin.model.alert import Alert
from tocsin.model.by_hand import submission_on
from tocsin.model.identifiers import seq_of
from tocsin.model.receipt import Outcome
from tocsin.model.recording import Payload
from tocsin.model.signal import Kind
from tocsin.query.fields import ALERT_FIELDS
from tocsin.query.times import microseconds
from tocsin.store import reading, search
from tocsin.store.errors import Conflict, NotFound

TIMELINE: int = 200


class Remark(msgspec.Struct):
    """What somebody says with an action."""

    comment: str = ""


class Acknowledgement(msgspec.Struct):
    """An acknowledgement: why, and until when where it is not for good."""

    comment: str = ""
    until: datetime | None = None


class Note(msgspec.Struct):
    """A note on an alert."""

    comment: str


class Alerts(Controller):
    """Alerts: the problems, open and resolved."""

    path = "/api/v1/alerts"
    tags = ["alerts"]

    @get(opt={"action": Action.READ})
    async def search(
        self, hub: Hub, principal: Principal, q: Query = "", limit: Limit = PAGE, cursor: Cursor = ""
    ) -> Page[AlertItem]:
        """Search alerts, the newest first."""
        tree, start, end = understand(q, ALERT_FIELDS), before(cursor), deadline()
        found = await hub.database.read(
            lambda connection: search.alerts(
                connection, principal.domain_id, tree, limit=limit + 1, before=start, deadline=end
            )
        )
        shown, following = page_of(found, limit, lambda alert: alert.seq)
        return Page([alert_item(alert) for alert in shown], following)

    @get("/{alert_id:str}", opt={"action": Action.READ})
    async def one(self, alert_id: str, hub: Hub, principal: Principal) -> AlertWithTimeline:
        """Show an alert with its newest events."""
        alert = await _find(hub, principal, alert_id)
        events = await hub.database.read(
            lambda connection: reading.timeline(connection, principal.domain_id, alert.seq, TIMELINE)
        )
        shown = msgspec.structs.asdict(alert_item(alert))
        return AlertWithTimeline(**shown, timeline=[event_item(event) for event in events])

    @post("/{alert_id:str}/acknowledge", status_code=200, opt={"action": Action.ACT})
    async def acknowledge(
        self,
        alert_id: str,
        data: Acknowledgement,
        request: Request[Any, Any, Any],
        hub: Hub,
        principal: Principal,
    ) -> AlertItem:
        """Acknowledge an alert: somebody is on it."""
        until = microseconds(data.until) if data.until else 0
        return await _act(request, hub, principal, alert_id, Kind.ACKNOWLEDGEMENT, data.comment, until)

    @post("/{alert_id:str}/unacknowledge", status_code=200, opt={"action": Action.ACT})
    async def unacknowledge(
        self, alert_id: str, data: Remark, request: Request[Any, Any, Any], hub: Hub, principal: Principal
    ) -> AlertItem:
        """Take an acknowledgement back: the alert is open again."""
        return await _act(request, hub, principal, alert_id, Kind.ACKNOWLEDGEMENT_END, data.comment)

    @post("/{alert_id:str}/resolve", status_code=200, opt={"action": Action.ACT})
    async def resolve(
        self, alert_id: str, data: Remark, request: Request[Any, Any, Any], hub: Hub, principal: Principal
    ) -> AlertItem:
        """Resolve an alert by hand."""
        return await _act(request, hub, principal, alert_id, Kind.RECOVERY, data.comment)

    @post("/{alert_id:str}/note", status_code=200, opt={"action": Action.ACT})
    async def note(
        self, alert_id: str, data: Note, request: Request[Any, Any, Any], hub: Hub, principal: Principal
    ) -> AlertItem:
        """Write a note on an open alert."""
        return await _act(request, hub, principal, alert_id, Kind.NOTE, data.comment)


async def _find(hub: Hub, principal: Principal, alert_id: str) -> Alert:
    seq = seq_of(alert_id, "alert")
    if seq is None:
        raise NotFound(f"there is no alert {alert_id}")
    return await hub.database.read(lambda connection: reading.alert(connection, principal.domain_id, seq))


async def _act(
    request: Request[Any, Any, Any],
    hub: Hub,
    principal: Principal,
    alert_id: str,
    kind: Kind,
    comment: str,
    until: int = 0,
) -> AlertItem:
    alert = await _find(hub, principal, alert_id)
    payload = Payload(
        "native", request.headers.get("content-type", ""), {"action": kind}, await request.body()
    )
    submission = submission_on(
        alert, kind, author=principal.name, comment=comment, until=until, payload=payload
    )
    receipt = (await hub.recorder.record(submission))[0]
    if receipt.outcome in {Outcome.REJECTED, Outcome.RECORDED}:
        raise Conflict(receipt.reason)
    return alert_item(await _find(hub, principal, alert_id))
