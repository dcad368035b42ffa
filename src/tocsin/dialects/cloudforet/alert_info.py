"""An alert as an AlertInfo shows it, and as the document that queries see."""

from typing import Any, Final

from tocsin.dialects.cloudforet.dates import moment, written
from tocsin.dialects.cloudforet.document import RESOURCE_FIELDS
from tocsin.dialects.cloudforet.event_info import resource
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.hub.alerts import Case
from tocsin.model.alert import Alert, AlertState
from tocsin.model.identifiers import alert_id
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind

_TIMES: Final = {
    "created_at": "opened_at",
    "updated_at": "changed_at",
    "acknowledged_at": "acknowledged_at",
    "resolved_at": "resolved_at",
}
"""The fields that are times, and the attributes of an alert that say them."""

_SNOOZED_UNTIL: Final = "snoozed_end_time"

TIMES: Final = frozenset({*_TIMES, _SNOOZED_UNTIL})
"""The names of the fields that are times."""

FIELDS: Final = (
    *("alert_number", "alert_id", "title", "state", "status_message", "description", "assignee", "urgency"),
    *("severity", "rule", "resource", "provider", "account", "is_snoozed", "snoozed_end_time"),
    *("escalation_step", "escalation_ttl", "responders", "project_dependencies", "image_url"),
    *("additional_info", "triggered_by", "webhook_id", "escalation_policy_id", "project_id", "domain_id"),
    *("created_at", "updated_at", "acknowledged_at", "resolved_at", "escalated_at"),
)
"""The names of its fields. The documents have those that Tocsin knows something of."""

MINIMAL: Final = ("alert_number", "alert_id", "title", "state", "urgency", "severity", "project_id")
"""What is shown of an alert where the least is asked for."""

_STATES: Final = {
    AlertState.OPEN: "TRIGGERED",
    AlertState.ACKNOWLEDGED: "ACKNOWLEDGED",
    AlertState.RESOLVED: "RESOLVED",
}
_URGENT: Final = (Severity.CRITICAL, Severity.ERROR, Severity.NOT_AVAILABLE)
_NUMBERS: Final = 2**31
"""An alert_number is below this; a greater one is not shown."""


def alert_info(case: Case) -> Plain:
    """Give an alert as AlertInfo."""
    times = {name: written(getattr(case.alert, time)) for name, time in _TIMES.items()}
    return document(case) | times | {_SNOOZED_UNTIL: written(case.snoozed_until)}


def document(case: Case) -> dict[str, Any]:
    """Give the document of an alert: the same with its times as aware datetimes, None for never."""
    alert, opening, handling = case.alert, case.opening, case.handling
    times = {name: getattr(alert, attribute) for name, attribute in _TIMES.items()}
    return {
        "alert_number": alert.seq if alert.seq < _NUMBERS else 0,
        "alert_id": alert_id(alert.seq),
        "title": handling.title or alert.title,
        "state": state_of(case),
        "status_message": handling.status_message,
        "description": handling.description or (opening.description if opening else ""),
        "assignee": alert.assignee,
        "urgency": handling.urgency or _urgency(alert),
        "severity": alert.severity.upper(),
        "rule": alert.rule,
        "resource": resource(opening) if opening else None,
        "provider": opening.provider if opening else "",
        "account": opening.account if opening else "",
        "is_snoozed": bool(case.snoozed_until),
        _SNOOZED_UNTIL: moment(case.snoozed_until) if case.snoozed_until else None,
        "image_url": opening.image_url if opening else "",
        "additional_info": alert.labels,
        "triggered_by": alert.source_id,
        "webhook_id": alert.source_id,
        "project_id": alert.project_id,
        "domain_id": alert.domain_id,
    } | {name: moment(time) if time else None for name, time in times.items()}


def state_of(case: Case) -> str:
    """Give Cloudforet's word for the state: an open alert that an event of kind error opened is ERROR."""
    if case.alert.state is AlertState.OPEN and case.opening and case.opening.kind is Kind.ERROR:
        return "ERROR"
    return _STATES[case.alert.state]


def is_field(path: str) -> bool:
    """Say whether a dotted path leads to something that a document can have.

    What stands in additional_info is the sender's, and any path there leads somewhere.
    """
    name, _, rest = path.partition(".")
    if name == "resource":
        return not rest or rest in RESOURCE_FIELDS
    return name in FIELDS and (not rest or name == "additional_info")


def _urgency(alert: Alert) -> str:
    return "HIGH" if alert.severity in _URGENT else "LOW"
