"""`/api/v1/sources/{name_or_id}/test`: what would become of a payload, without recording it."""

from contextlib import suppress
from typing import Any

import msgspec
from litestar import Controller, Request, post
from litestar.params import FromPath
from sqlalchemy import Connection

from tocsin.api.given import Asker, TheHub, TheIntake
from tocsin.api.sources import CONFIGURE
from tocsin.hub.hub import clock
from tocsin.model.identifiers import alert_id
from tocsin.model.receipt import Outcome
from tocsin.model.submission import Refusal
from tocsin.store import directory, routes, targets
from tocsin.store.trial import Trial, attempt


class WouldGoTo(msgspec.Struct):
    """A target that an event would go to, and the route that chose it."""

    id: str
    name: str
    route_id: str
    route: str


class TrialItem(msgspec.Struct):
    """What would become of one item of a payload.

    Attributes:
        index: its place in the payload, from 0.
        refused: why its format does not understand it: it becomes an event of kind error, or is
            rejected where its sender reads the answer; '' where it does.
        alert_id: of its alert, '' for none and for one that the payload itself opens.
        new_alert: whether its alert is one that the payload itself opens.
        alert_state: how the alert would stand after the whole payload, '' for none.
        silenced_by: id of the silence that matches it, '' for none.
        targets: where it would go.
    """

    index: int
    refused: str
    kind: str
    key: str
    title: str
    severity: str
    host: str
    service: str
    outcome: str
    reason: str
    alert_id: str
    new_alert: bool
    alert_state: str
    silenced_by: str
    targets: list[WouldGoTo]


class TrialResult(msgspec.Struct):
    """What would become of a payload, and the format that understood it."""

    format: str
    items: list[TrialItem]


class _RollBack(Exception):
    """Ends the transaction of a trial, so that nothing of it stays."""


class SourceTrials(Controller):
    """Trials of payloads."""

    path = "/api/v1/sources"
    tags = ["sources"]

    @post("/{name_or_id:str}/test", status_code=200, opt=CONFIGURE)
    async def test(
        self,
        name_or_id: FromPath[str],
        request: Request[Any, Any, Any],
        hub: TheHub,
        intake: TheIntake,
        principal: Asker,
    ) -> TrialResult:
        """Ask what would become of a payload that the source sent now. Nothing is recorded or sent."""
        source = await hub.database.read(
            lambda connection: directory.find_source(connection, principal.domain_id, name_or_id)
        )
        submission, refusals = await intake.attempt(request.scope, request.receive, source)
        refused = {refusal.index: refusal.reason for refusal in refusals}

        items: list[TrialItem] = []

        def work(connection: Connection) -> None:
            trials = attempt(connection, submission, clock(), hub.object_limit)
            names = _Names(connection, principal.domain_id)
            items.extend(_item(each, refused.get(each.receipt.index, ""), names) for each in trials)
            raise _RollBack

        with suppress(_RollBack):
            await hub.database.write(work)
        of_signals = {each.index for each in items}
        items += [_rejected(each) for each in refusals if each.index not in of_signals]
        items.sort(key=lambda each: each.index)
        return TrialResult(submission.payload.format, items)


class _Names:
    """The names of a domain's targets and routes, by id."""

    def __init__(self, connection: Connection, domain_id: str) -> None:
        self.targets = {each.id: each.name for each in targets.targets(connection, domain_id)}
        self.routes = {each.id: each.name for each in routes.routes(connection, domain_id)}


def _rejected(refusal: Refusal) -> TrialItem:
    """Give an item of which there would be no event."""
    nothing = dict.fromkeys(("kind", "key", "title", "severity", "host", "service"), "")
    return TrialItem(
        index=max(refusal.index, 0),
        refused=refusal.reason,
        **nothing,
        outcome=Outcome.REJECTED,
        reason=refusal.reason,
        alert_id="",
        new_alert=False,
        alert_state="",
        silenced_by="",
        targets=[],
    )


def _item(trial: Trial, refused: str, names: _Names) -> TrialItem:
    event = trial.event
    return TrialItem(
        trial.receipt.index,
        refused,
        event.kind,
        event.key,
        event.title,
        event.severity,
        event.host,
        event.service,
        event.outcome,
        event.reason,
        "" if trial.opens else alert_id(event.alert_seq),
        trial.opens,
        trial.alert.state if trial.alert is not None else "",
        event.silenced_by,
        [
            WouldGoTo(
                each.target_id,
                names.targets.get(each.target_id, ""),
                each.route_id,
                names.routes.get(each.route_id, ""),
            )
            for each in trial.deliveries
        ],
    )
