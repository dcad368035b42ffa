"""`/api/v1/alerts`: list, one with its timeline, and what people do with it."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, JSONBody

from tocsin.api.given import Asker, TheHub
from tocsin.api.idempotency import Repeatable, is_repeated, replayed
from tocsin.api.problems import bad_input
from tocsin.api.search import PAGE, Cursor, Limit, Page, Query, before, deadline, page_of, understand
from tocsin.api.shapes import AlertItem, AlertWithTimeline, alert_item, event_item, instant
from tocsin.api.visible import find_alert, find_timeline, sought
from tocsin.hub.hub import Hub, clock
from tocsin.model.access import Action, Principal
from tocsin.model.alert import Alert
from tocsin.model.by_hand import refusal, submission_on
from tocsin.model.identifiers import seq_of
from tocsin.model.identity import NAME_LIMIT
from tocsin.model.receipt import Outcome
from tocsin.model.signal import Kind
from tocsin.model.submission import Once, Payload
from tocsin.query.fields import ALERT_FIELDS
from tocsin.store import search
from tocsin.store.errors import Conflict, NotFound
from tocsin.store.repetitions import recall

TIMELINE: Final = 200
_COMMENT_LIMIT: Final = 20_480

Assignee = Annotated[str, msgspec.Meta(max_length=NAME_LIMIT)]
Comment = Annotated[str, msgspec.Meta(max_length=_COMMENT_LIMIT)]


class Remark(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody says with an action."""

    comment: Comment = ""


class Acknowledgement(msgspec.Struct, forbid_unknown_fields=True):
    """An acknowledgement: why, and until when, or until which change, where it is not for good."""

    comment: Comment = ""
    until: datetime | None = None
    until_change: bool = False


class Assignment(msgspec.Struct, forbid_unknown_fields=True):
    """Who is to see to an alert, and why; '' for nobody, and without it whoever asks."""

    assignee: Assignee | None = None
    comment: Comment = ""


class Note(msgspec.Struct, forbid_unknown_fields=True):
    """A note on an alert."""

    comment: Annotated[str, msgspec.Meta(min_length=1, max_length=_COMMENT_LIMIT)]


class Alerts(Controller):
    """Alerts: the problems, open and resolved."""

    path = "/api/v1/alerts"
    tags = ["alerts"]

    @get(opt={"action": Action.READ})
    async def search(
        self, hub: TheHub, principal: Asker, q: Query = "", limit: Limit = PAGE, cursor: Cursor = ""
    ) -> Page[AlertItem]:
        """Search alerts, the newest first."""
        tree = await sought(hub, principal, understand(q, ALERT_FIELDS), ALERT_FIELDS)
        start, end = before(cursor), deadline()
        found = await hub.database.read(
            lambda connection: search.alerts(
                connection, principal.domain_id, tree, limit=limit + 1, before=start, deadline=end
            )
        )
        shown, following = page_of(found, limit, lambda alert: alert.seq)
        return Page([alert_item(alert) for alert in shown], following)

    @get("/{alert_id:str}", opt={"action": Action.READ})
    async def one(self, alert_id: FromPath[str], hub: TheHub, principal: Asker) -> AlertWithTimeline:
        """Show an alert with its newest events."""
        alert = await _find(hub, principal, alert_id)
        events = await hub.database.read(
            lambda connection: find_timeline(connection, principal, alert.seq, TIMELINE)
        )
        shown = msgspec.structs.asdict(alert_item(alert))
        return AlertWithTimeline(**shown, timeline=[event_item(event) for event in events])

    @post("/{alert_id:str}/acknowledge", status_code=200, opt={"action": Action.ACT})
    async def acknowledge(
        self,
        alert_id: FromPath[str],
        request: Request[Any, Any, Any],
        hub: TheHub,
        principal: Asker,
        once: Repeatable,
        data: JSONBody[Acknowledgement | None] = None,
    ) -> Response[AlertItem]:
        """Acknowledge an alert: somebody is on it."""
        said = data or Acknowledgement()
        until = end_of(said.until)
        return await _act(
            request,
            hub,
            principal,
            once,
            alert_id,
            Kind.ACKNOWLEDGEMENT,
            said.comment,
            until=until,
            until_change=said.until_change,
        )

    @post("/{alert_id:str}/unacknowledge", status_code=200, opt={"action": Action.ACT})
    async def unacknowledge(
        self,
        alert_id: FromPath[str],
        request: Request[Any, Any, Any],
        hub: TheHub,
        principal: Asker,
        once: Repeatable,
        data: JSONBody[Remark | None] = None,
    ) -> Response[AlertItem]:
        """Take an acknowledgement back: the alert is open again."""
        said = data or Remark()
        return await _act(request, hub, principal, once, alert_id, Kind.ACKNOWLEDGEMENT_END, said.comment)

    @post("/{alert_id:str}/resolve", status_code=200, opt={"action": Action.ACT})
    async def resolve(
        self,
        alert_id: FromPath[str],
        request: Request[Any, Any, Any],
        hub: TheHub,
        principal: Asker,
        once: Repeatable,
        data: JSONBody[Remark | None] = None,
    ) -> Response[AlertItem]:
        """Resolve an alert by hand."""
        said = data or Remark()
        return await _act(request, hub, principal, once, alert_id, Kind.RECOVERY, said.comment)

    @post("/{alert_id:str}/assign", status_code=200, opt={"action": Action.ACT})
    async def assign(
        self,
        alert_id: FromPath[str],
        request: Request[Any, Any, Any],
        hub: TheHub,
        principal: Asker,
        once: Repeatable,
        data: JSONBody[Assignment | None] = None,
    ) -> Response[AlertItem]:
        """Say who is to see to an open alert: whoever asks, another, or nobody."""
        said = data or Assignment()
        assignee = principal.name if said.assignee is None else said.assignee
        return await _act(request, hub, principal, once, alert_id, Kind.NOTE, said.comment, assignee=assignee)

    @post("/{alert_id:str}/note", status_code=200, opt={"action": Action.ACT})
    async def note(
        self,
        alert_id: FromPath[str],
        data: JSONBody[Note],
        request: Request[Any, Any, Any],
        hub: TheHub,
        principal: Asker,
        once: Repeatable,
    ) -> Response[AlertItem]:
        """Write a note on an open alert."""
        return await _act(request, hub, principal, once, alert_id, Kind.NOTE, data.comment)


def end_of(until: datetime | None) -> int:
    """Give the moment at which an acknowledgement ends, microseconds UTC; 0 for not by itself.

    Raises:
        ProblemDetailsException: it lies in the past.
    """
    end = instant(until)
    if until is not None and end <= clock():
        raise bad_input("until", "lies in the past")
    return end


async def _find(hub: Hub, principal: Principal, alert_id: str, action: Action = Action.READ) -> Alert:
    seq = seq_of(alert_id, "alert")
    if seq is None:
        raise NotFound(f"there is no alert {alert_id}")
    return await hub.database.read(lambda connection: find_alert(connection, principal, seq, action))


async def _act(
    request: Request[Any, Any, Any],
    hub: Hub,
    principal: Principal,
    once: Once | None,
    alert_id: str,
    kind: Kind,
    comment: str,
    *,
    until: int = 0,
    until_change: bool = False,
    assignee: str | None = None,
) -> Response[AlertItem]:
    alert = await _find(hub, principal, alert_id, Action.ACT)
    # What was done already is refused, unless this very request did it.
    if (reason := refusal(alert, kind)) and not await _is_known(hub, principal, once):
        raise Conflict(reason)
    payload = Payload(
        "native", request.headers.get("content-type", ""), {"action": kind}, await request.body()
    )
    submission = submission_on(
        alert,
        kind,
        author=principal.name,
        comment=comment,
        until=until,
        until_change=until_change,
        assignee=assignee,
        payload=payload,
    )
    submission.once = once
    receipts = await hub.recorder.record(submission)
    repeated = is_repeated(once)
    # Somebody else was quicker.
    if receipts[0].outcome in {Outcome.REJECTED, Outcome.RECORDED}:
        raise Conflict(receipts[0].reason)
    item = alert_item(await _find(hub, principal, alert_id, Action.ACT))
    return Response(item, headers=replayed(repeated))


async def _is_known(hub: Hub, principal: Principal, once: Once | None) -> bool:
    if once is None:
        return False
    return bool(await hub.database.read(lambda connection: recall(connection, principal.domain_id, once)))
