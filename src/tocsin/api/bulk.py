"""`/api/v1/alerts/bulk`: one action on every alert that an expression finds, and as many as were expected."""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Controller, Request, Response, post
from litestar.params import JSONBody
from sqlalchemy import Connection

from tocsin.api.alerts import Assignee, Comment, end_of
from tocsin.api.given import Asker, TheHub
from tocsin.api.idempotency import Repeatable, hash_of, is_repeated, replayed
from tocsin.api.problems import bad_input, count_changed
from tocsin.api.search import deadline, understand
from tocsin.api.shapes import instant
from tocsin.api.visible import sought, visible
from tocsin.hub.errors import Unavailable
from tocsin.hub.hub import Hub, clock
from tocsin.model.access import Action, Principal
from tocsin.model.alert import Alert
from tocsin.model.by_hand import refusal, submission_on
from tocsin.model.identifiers import alert_id
from tocsin.model.receipt import Outcome
from tocsin.model.signal import Kind
from tocsin.model.submission import Once, Payload
from tocsin.query.fields import ALERT_FIELDS
from tocsin.query.tree import Comparison, Operator, conjunction
from tocsin.store import configuration, search
from tocsin.store.repetitions import recall, remember

LIMIT: Final = 10_000
"""Alerts that one request may act on."""
MISSED_SHOWN: Final = 100
"""Alerts that the answer names of those on which nothing was done."""
_TOGETHER: Final = 500
"""Alerts in one transaction: what senders send meanwhile comes between, and does not wait for the whole."""
_QUERY_LIMIT: Final = 20_480
_NOT_RESOLVED: Final = "state=open OR state=acknowledged"
_NOT_VISIBLE: Final = "it is not there, or beyond what you may act on now"
_KINDS: Final = {
    "acknowledge": Kind.ACKNOWLEDGEMENT,
    "unacknowledge": Kind.ACKNOWLEDGEMENT_END,
    "resolve": Kind.RECOVERY,
    "assign": Kind.NOTE,
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
        assignee: who is to see to them; '' for nobody.
        expected: how many alerts there must be; without it nothing is done but to count them.
    """

    q: Annotated[str, msgspec.Meta(max_length=_QUERY_LIMIT)]
    action: Literal["acknowledge", "unacknowledge", "resolve", "assign", "note"]
    comment: Comment = ""
    until: datetime | None = None
    until_change: bool = False
    assignee: Assignee | None = None
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


class Plan(msgspec.Struct):
    """What a request is to do, kept for its Idempotency-Key before anything is done.

    Attributes:
        matched: how many alerts were found.
        alerts: the numbers of those on which it can be done.
        missed: the others, at most `MISSED_SHOWN`.
    """

    matched: int
    alerts: list[int]
    missed: list[Missed]


_plans: Final = msgspec.json.Decoder(Plan)


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
        once: Repeatable,
    ) -> Response[BulkResult]:
        """Act on every alert that an expression finds and that is not resolved."""
        if data.action == "note" and not data.comment:
            raise bad_input("comment", "a note needs one")
        if data.action != "acknowledge" and data.until is not None:
            raise bad_input("until", "only an acknowledgement ends")
        if data.action != "acknowledge" and data.until_change:
            raise bad_input("until_change", "only an acknowledgement ends")
        if (data.action == "assign") != (data.assignee is not None):
            raise bad_input("assignee", "an assignment needs one, and nothing else has one")
        if data.expected is None:
            return Response(BulkResult(len(await _find(hub, principal, data.q)), 0, []))
        payload = Payload(
            "native",
            request.headers.get("content-type", ""),
            {"action": _KINDS[data.action]},
            await request.body(),
        )
        plan = await _planned(hub, principal, data, data.expected, once)
        missed = await _act(hub, principal, plan.alerts, data, payload, once)
        done = len(plan.alerts) - len(missed)
        shown = [*plan.missed, *missed][:MISSED_SHOWN]
        return Response(BulkResult(plan.matched, done, shown), headers=replayed(is_repeated(once)))


async def _planned(
    hub: Hub, principal: Principal, said: BulkAction, expected: int, once: Once | None
) -> Plan:
    """Find what is to be done, or what the same request was to do."""
    domain_id = principal.domain_id
    if once is not None:
        kept = await hub.database.read(lambda connection: recall(connection, domain_id, once))
        if is_repeated(once):
            return _plans.decode(kept)
    end_of(said.until)
    found = await _find(hub, principal, said.q)
    if len(found) != expected:
        raise count_changed(expected, len(found))
    refusals = [(alert.seq, refusal(alert, _KINDS[said.action])) for alert in found]
    missed = [Missed(alert_id(seq), reason) for seq, reason in refusals if reason]
    plan = Plan(len(found), [seq for seq, reason in refusals if not reason], missed[:MISSED_SHOWN])
    if once is None:
        return plan

    def keep(connection: Connection) -> Plan:
        configuration.hold(connection)
        kept = recall(connection, domain_id, once)
        if is_repeated(once):
            # It came twice at the same time.
            return _plans.decode(kept)
        remember(connection, domain_id, once, msgspec.json.encode(plan).decode(), clock())
        return plan

    return await hub.database.write(keep)


async def _find(hub: Hub, principal: Principal, q: str) -> list[Alert]:
    asked = conjunction([understand(q, ALERT_FIELDS), understand(_NOT_RESOLVED, ALERT_FIELDS)])
    tree = await sought(hub, principal, asked, ALERT_FIELDS, action=Action.ACT)
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
    planned: Sequence[int],
    said: BulkAction,
    payload: Payload,
    once: Once | None,
) -> list[Missed]:
    """Act on alerts, some hundreds in a transaction, and give those on which nothing was done."""
    missed = list[Missed]()
    for start in range(0, len(planned), _TOGETHER):
        part = tuple(planned[start : start + _TOGETHER])
        alerts = await _load(hub, principal, part)
        # A kept plan may be older than the scope of who repeats it.
        gone = sorted({*part}.difference(alert.seq for alert in alerts), reverse=True)
        missed += (Missed(alert_id(seq), _NOT_VISIBLE) for seq in gone)
        if not alerts:
            continue
        part_once = None
        if once is not None:
            # What a transaction did is known again by itself: what was not done yet can still be.
            part_once = Once(hash_of(once.key.encode(), str(start).encode()), once.fingerprint)
        submissions = [
            submission_on(
                alert,
                _KINDS[said.action],
                author=principal.name,
                comment=said.comment,
                until=instant(said.until),
                until_change=said.until_change,
                assignee=said.assignee,
                payload=payload,
            )
            for alert in alerts
        ]
        for submission in submissions:
            submission.once = part_once
        try:
            recorded = await hub.recorder.record_together(submissions)
        except Unavailable as failure:
            if start == 0:
                raise
            # What was done before stands: whoever asked must learn how far it came.
            missed += (Missed(alert_id(seq), str(failure)) for seq in planned[start:])
            break
        missed += (
            Missed(alert_id(alert.seq), receipt.reason)
            for alert, receipt in zip(alerts, chain.from_iterable(recorded), strict=False)
            # Somebody else was quicker.
            if receipt.outcome in {Outcome.REJECTED, Outcome.RECORDED}
        )
    return missed


async def _load(hub: Hub, principal: Principal, seqs: tuple[int, ...]) -> list[Alert]:
    """Give those of some alerts that may be acted on, by their numbers, the newest first."""
    numbered = Comparison(ALERT_FIELDS.by_name["id"], Operator.ONE_OF, seqs)
    tree = conjunction([numbered, visible(principal, Action.ACT)])
    return await hub.database.read(
        lambda connection: search.alerts(connection, principal.domain_id, tree, limit=len(seqs))
    )
