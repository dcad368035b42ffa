"""`/api/v1/alerts/bulk`: one action on every alert that an expression finds, and as many as were expected."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Controller, Request, post
from litestar.params import JSONBody
from sqlalchemy import Connection

from tocsin.api.alerts import Comment, end_of
from tocsin.api.given import Asker, TheHub
from tocsin.api.problems import bad_input, count_changed
from tocsin.api.search import deadline, understand
from tocsin.api.visible import visible
from tocsin.hub.errors import Unavailable
from tocsin.hub.hub import Hub
from tocsin.model.access import Action, Principal
from tocsin.model.alert import Alert
from tocsin.model.by_hand import refusal, submission_on
from tocsin.model.identifiers import alert_id
from tocsin.model.receipt import Outcome
from tocsin.model.signal import Kind
from tocsin.model.submission import Payload
from tocsin.query.fields import ALERT_FIELDS
from tocsin.query.tree import conjunction
from tocsin.store import search

LIMIT: Final = 10_000
"""Alerts that one request may act on."""
MISSED_SHOWN: Final = 100
"""Alerts that the answer names of those on which nothing was done."""
_TOGETHER: Final = 500
"""Alerts in one transaction: what senders send meanwhile comes between, and does not wait for the whole."""
_QUERY_LIMIT: Final = 20_480
_NOT_RESOLVED: Final = "state=open OR state=acknowledged"
_KINDS: Final = {
    "acknowledge": Kind.ACKNOWLEDGEMENT,
    "unacknowledge": Kind.ACKNOWLEDGEMENT_END,
    "resolve": Kind.RECOVERY,
    "note": Kind.NOTE,
}


class BulkAction(msgspec.Struct, forbid_unknown_fields=True):
    """What to do, and with which alerts.

    Attributes:
        q: finds the alerts; resolved ones are left out.
        action: what to do.
        comment: why; a note needs one.
        until: when an acknowledgement ends.
        until_change: whether it ends when the severity changes.
        expected: how many alerts there must be; without it nothing is done but to count them.
    """

    q: Annotated[str, msgspec.Meta(max_length=_QUERY_LIMIT)]
    action: Literal["acknowledge", "unacknowledge", "resolve", "note"]
    comment: Comment = ""
    until: datetime | None = None
    until_change: bool = False
    expected: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Missed(msgspec.Struct):
    """An alert on which nothing was done, and why."""

    alert_id: str
    reason: str


class BulkResult(msgspec.Struct):
    """What was done.

    Attributes:
        matched: how many alerts were found.
        done: on how many of them it was done.
        missed: the others, at most `MISSED_SHOWN`.
    """

    matched: int
    done: int
    missed: list[Missed]


class Bulk(Controller):
    """One action on many alerts."""

    path = "/api/v1/alerts/bulk"
    tags = ["alerts"]

    @post(status_code=200, opt={"action": Action.ACT})
    async def act(
        self,
        data: JSONBody[BulkAction],
        request: Request[Any, Any, Any],
        hub: TheHub,
        principal: Asker,
    ) -> BulkResult:
        """Act on every alert that an expression finds and that is not resolved."""
        if data.action == "note" and not data.comment:
            raise bad_input("comment", "a note needs one")
        if data.action != "acknowledge" and data.until is not None:
            raise bad_input("until", "only an acknowledgement ends")
        if data.action != "acknowledge" and data.until_change:
            raise bad_input("until_change", "only an acknowledgement ends")
        until = end_of(data.until)
        found = await _find(hub, principal, data.q)
        if data.expected is None:
            return BulkResult(len(found), 0, [])
        if len(found) != data.expected:
            raise count_changed(data.expected, len(found))
        payload = Payload(
            "native",
            request.headers.get("content-type", ""),
            {"action": _KINDS[data.action]},
            await request.body(),
        )
        missed = await _act(hub, principal, found, data, until, payload)
        return BulkResult(len(found), len(found) - len(missed), missed[:MISSED_SHOWN])


async def _find(hub: Hub, principal: Principal, q: str) -> list[Alert]:
    tree = conjunction(
        [
            understand(q, ALERT_FIELDS),
            understand(_NOT_RESOLVED, ALERT_FIELDS),
            visible(principal, Action.ACT),
        ]
    )
    end = deadline()

    def find(connection: Connection) -> list[Alert]:
        domain_id = principal.domain_id
        found = search.alerts(connection, domain_id, tree, limit=LIMIT + 1, deadline=end)
        if len(found) > LIMIT:
            count = search.count_alerts(connection, domain_id, tree, deadline=end)
            raise bad_input("q", f"finds {count} alerts, and at most {LIMIT} can be acted on at once")
        return found

    return await hub.database.read(find)


async def _act(
    hub: Hub,
    principal: Principal,
    found: Sequence[Alert],
    said: BulkAction,
    until: int,
    payload: Payload,
) -> list[Missed]:
    """Act on alerts, some hundreds in a transaction, and give those on which nothing was done."""
    kind, missed, fit = _KINDS[said.action], list[Missed](), list[Alert]()
    for alert in found:
        if reason := refusal(alert, kind):
            missed.append(Missed(alert_id(alert.seq), reason))
        else:
            fit.append(alert)
    for start in range(0, len(fit), _TOGETHER):
        submissions = [
            submission_on(
                alert,
                kind,
                author=principal.name,
                comment=said.comment,
                until=until,
                until_change=said.until_change,
                payload=payload,
            )
            for alert in fit[start : start + _TOGETHER]
        ]
        try:
            recorded = await hub.recorder.record_together(submissions)
        except Unavailable as failure:
            if start == 0:
                raise
            # What was done before stands: whoever asked must learn how far it came.
            missed += (Missed(alert_id(alert.seq), str(failure)) for alert in fit[start:])
            break
        missed += (
            Missed(alert_id(alert.seq), receipt.reason)
            for alert, (receipt,) in zip(fit[start:], recorded, strict=False)
            # Somebody else was quicker.
            if receipt.outcome in {Outcome.REJECTED, Outcome.RECORDED}
        )
    return missed
