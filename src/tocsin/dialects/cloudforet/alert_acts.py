"""The resource Alert: what the methods do that act on alerts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec
from msgspec.structs import replace

from tocsin.dialects.cloudforet.alert import Alerts, no_such_alert
from tocsin.dialects.cloudforet.alert_info import alert_info, state_of
from tocsin.dialects.cloudforet.caller import Caller, author_of
from tocsin.dialects.cloudforet.dates import microseconds_of
from tocsin.dialects.cloudforet.errors import (
    alert_already_processed,
    invalid,
    merge_alert_not_exist,
    not_found,
    permission_denied,
)
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.dialects.cloudforet.methods import Operation
from tocsin.dialects.cloudforet.timediff import iso_8601
from tocsin.dialects.parsed import TITLE_LIMIT
from tocsin.hub.alert_configs import AlertConfigs
from tocsin.hub.alert_work import AlertWork
from tocsin.hub.alerts import Case
from tocsin.hub.errors import Forbidden, Missing, Refused, Taken
from tocsin.model.access import Action, scope_of
from tocsin.model.by_hand import refusal, submission_that_opens
from tocsin.model.identifiers import alert_id, random_id
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind
from tocsin.model.submission import Payload
from tocsin.query.tree import conjunction

TEXT_LIMIT: Final = 20_480
"""Characters of a text that somebody writes."""
MERGE_LIMIT: Final = 500
"""Alerts that are merged at once."""

_WRITTEN: Final = ("title", "description", "assignee", "status_message")
_URGENCIES: Final = ("HIGH", "LOW")
_RESETS: Final = ("status_message", "description", "assignee")
_STATES: Final = ("TRIGGERED", "ACKNOWLEDGED", "RESOLVED")
_CALLED_BACK: Final = ("ACKNOWLEDGED", "RESOLVED")
_ERROR_STAYS: Final = "The error state cannot be changed."
_RESOLVED_STAYS: Final = "A resolved alert never opens again."
_KINDS: Final = {
    "TRIGGERED": Kind.ACKNOWLEDGEMENT_END,
    "ACKNOWLEDGED": Kind.ACKNOWLEDGEMENT,
    "RESOLVED": Kind.RECOVERY,
}
_encode: Final = msgspec.json.Encoder().encode


class AlertActs:
    """The methods of Alert that act on alerts.

    Args:
        alerts: finds them.
        work: does it.
        configs: says which projects take alerts.
    """

    def __init__(self, alerts: Alerts, work: AlertWork, configs: AlertConfigs) -> None:
        self._alerts = alerts
        self._work = work
        self._configs = configs

    @property
    def operations(self) -> dict[str, Operation]:
        """Give what stands behind the methods."""
        return {
            "Alert.create": Operation(self.create, Action.ACT, ("title", "project_id", "domain_id")),
            "Alert.update": Operation(self.update, Action.ACT, ("alert_id", "domain_id")),
            "Alert.update_state": Operation(self.update_state, Action.ACT, ("alert_id", "state")),
            "Alert.merge": Operation(self.merge, Action.ACT, ("alerts", "merge_to", "domain_id")),
            "Alert.delete": Operation(self.delete, Action.ACT, ("alert_id", "domain_id")),
            "Alert.snooze": Operation(self.snooze, Action.SILENCE, ("alert_id", "end_time", "domain_id")),
        }

    async def create(self, request: Plain, caller: Caller) -> Plain:
        """Open an alert of which no source told: urgent ones as critical, others as a warning."""
        await self._check_project(request["project_id"], caller)
        texts = _texts(request) | {"title": ""}
        title = request["title"].strip()
        if not title or len(title) > TITLE_LIMIT:
            raise invalid("title", f"expected 1 to {TITLE_LIMIT} characters")
        assignee = texts.pop("assignee", "")
        urgency = texts.setdefault("urgency", _URGENCIES[1])
        submission = submission_that_opens(
            caller.domain_id,
            request["project_id"],
            key=random_id("by-hand"),
            severity=Severity.CRITICAL if urgency == _URGENCIES[0] else Severity.WARNING,
            title=title,
            author=caller.principal.name,
            assignee=assignee,
            payload=_payload("Alert.create", request),
        )
        within = conjunction([caller.reach(Action.ACT), caller.sees])
        try:
            opened = await self._work.open(submission, lambda handling: replace(handling, **texts), within)
        except Forbidden:
            raise permission_denied() from None
        return alert_info(await self._alerts.find(alert_id(opened), caller))

    async def update(self, request: Plain, caller: Caller) -> Plain:
        """Write on an alert, move it to another project, and change its state."""
        case = await self._alerts.find(request["alert_id"], caller, Action.ACT)
        kind = _kind(case, request["state"]) if "state" in request else None
        project_id = request.get("project_id", case.alert.project_id)
        if project_id != case.alert.project_id:
            await self._check_project(project_id, caller)
        texts = _texts(request)
        assignee = texts.pop("assignee", None)
        if texts:
            await self._work.write(author_of(caller), case.alert, lambda handling: replace(handling, **texts))
        payload = _payload("Alert.update", request)
        if assignee is not None:
            with _not_gone(request["alert_id"], caller):
                await self._work.assign(author_of(caller), case.alert, assignee, payload)
        if project_id != case.alert.project_id:
            with _not_gone(request["alert_id"], caller):
                await self._work.move(author_of(caller), case.alert, project_id, payload)
            case = await self._alerts.find(request["alert_id"], caller, Action.ACT)
        if kind is not None:
            comment = request.get("status_message", "")
            await self._act(case, kind, comment, payload, caller)
        return await self._shown(request, caller)

    async def update_state(self, request: Plain, caller: Caller) -> Plain:
        """Acknowledge or resolve an alert that nobody is on yet; any other stays as it is."""
        if request["state"] not in _CALLED_BACK:
            raise invalid("state", f"Unsupported state. ({' | '.join(_CALLED_BACK)})")
        case = await self._alerts.find(request["alert_id"], caller, Action.ACT)
        kind = _kind(case, request["state"])
        if kind is not None and state_of(case) == "TRIGGERED":
            await self._act(case, kind, "", _payload("Alert.update_state", request), caller)
        return await self._shown(request, caller)

    async def merge(self, request: Plain, caller: Caller) -> Plain:
        """Let alerts be part of one of them: their events are its own, and what comes under their keys."""
        if request["merge_to"] not in request["alerts"]:
            raise merge_alert_not_exist(request["merge_to"])
        names = list(dict.fromkeys(request["alerts"]))
        if len(names) > MERGE_LIMIT:
            raise invalid("alerts", f"more than {MERGE_LIMIT} alerts")
        cases = {name: await self._alerts.find(name, caller, Action.ACT) for name in names}
        into = cases.pop(request["merge_to"]).alert
        if cases:
            others = [case.alert for case in cases.values()]
            payload = _payload("Alert.merge", request)
            with _not_gone(request["merge_to"], caller):
                await self._work.merge(author_of(caller), into, others, payload)
        return alert_info(await self._alerts.find(request["merge_to"], caller))

    async def delete(self, request: Plain, caller: Caller) -> Plain:
        """Delete an alert with its events."""
        case = await self._alerts.find(request["alert_id"], caller, Action.ACT)
        with _not_gone(request["alert_id"], caller):
            await self._work.delete(author_of(caller), case.alert, _payload("Alert.delete", request))
        return {}

    async def snooze(self, request: Plain, caller: Caller) -> Plain:
        """Pass nothing on of an alert until some time. One that has passed ends that."""
        try:
            ends_at = microseconds_of(iso_8601(request["end_time"]))
        except ValueError as fault:
            raise invalid("end_time", f"not ISO 8601: {fault}") from None
        case = await self._alerts.find(request["alert_id"], caller, Action.SILENCE)
        scope = scope_of(caller.principal, Action.SILENCE)
        try:
            await self._work.snooze(author_of(caller), case.alert, scope, ends_at)
        except (Refused, Taken) as failure:
            raise invalid("end_time", str(failure)) from None
        return await self._shown(request, caller)

    async def note(self, request: Plain, text: str, caller: Caller) -> int:
        """Write a note on an open alert, and give the number of the event that it is.

        Args:
            request: names the alert.
            text: what it says.
            caller: who writes it.

        Raises:
            CloudforetError: there is no such alert, or it is resolved.
        """
        case = await self._alerts.find(request["alert_id"], caller, Action.ACT)
        payload = _payload("Note.create", request)
        if refusal(case.alert, Kind.NOTE):
            raise alert_already_processed(request["alert_id"])
        try:
            return await self._work.act(author_of(caller), case.alert, Kind.NOTE, text, payload)
        except Refused:  # somebody else was quicker
            raise alert_already_processed(request["alert_id"]) from None

    async def _check_project(self, project_id: str, caller: Caller) -> None:
        """Make sure that somebody may act on alerts of a project, and that it takes any.

        Raises:
            CloudforetError: it does not, or they may not.
        """
        reach = caller.reach(Action.ACT)
        configs = await self._configs.visible(caller.domain_id, reach)
        if project_id not in {config.project_id for config in configs}:
            raise not_found("project_id", project_id)

    async def _act(self, case: Case, kind: Kind, comment: str, payload: Payload, caller: Caller) -> None:
        try:
            await self._work.act(author_of(caller), case.alert, kind, comment, payload)
        except Refused as failure:  # somebody else was quicker
            raise invalid("state", str(failure)) from None

    async def _shown(self, request: Plain, caller: Caller) -> Plain:
        return alert_info(await self._alerts.find(request["alert_id"], caller))


@contextmanager
def _not_gone(identifier: str, caller: Caller) -> Iterator[None]:
    """Tell that somebody else was quicker to merge or delete an alert."""
    try:
        yield
    except Missing:
        raise no_such_alert(identifier, caller.domain_id) from None


def _kind(case: Case, state: str) -> Kind | None:
    """Give what leads an alert to a state; None where it stands so already.

    Raises:
        CloudforetError: it is no state, or the alert cannot come to it.
    """
    present = state_of(case)
    if state not in _STATES:
        raise invalid("state", f"Unsupported state. ({' | '.join(_STATES)})")
    if present == "ERROR":
        raise invalid("state", _ERROR_STAYS)
    if present == "RESOLVED" and state != "RESOLVED":
        raise invalid("state", _RESOLVED_STAYS)
    return None if state == present else _KINDS[state]


def _texts(request: Plain) -> dict[str, str]:
    """Give what is to be written; '' for what is to be taken away.

    Raises:
        CloudforetError: it cannot be.
    """
    texts = {name: "" for name in _RESETS if request.get(f"reset_{name}")}
    for name in _WRITTEN:
        if name not in request:
            continue
        texts[name] = request[name]
        if len(texts[name]) > TEXT_LIMIT or "\0" in texts[name]:
            raise invalid(name, f"expected at most {TEXT_LIMIT} characters, none of them NUL")
    if "urgency" in request:
        # A number that the stubs do not know comes as it is.
        if request["urgency"] not in _URGENCIES:
            raise invalid("urgency", f"expected one of {', '.join(_URGENCIES)}")
        texts["urgency"] = request["urgency"]
    return texts


def _payload(method: str, request: Plain) -> Payload:
    return Payload("cloudforet", "application/json", {"method": method}, _encode(request))
