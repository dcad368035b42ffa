"""AppDynamics's HTTP request with Cloudforet's template -> a signal. It never says that something is over."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from tocsin.dialects.document import Document
from tocsin.dialects.parsed import Parsed, one
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal
from tocsin.query.times import microseconds

FORMAT: Final = "appdynamics"

_SEVERITIES: Final = {
    "CRITICAL": Severity.CRITICAL,
    "ERROR": Severity.ERROR,
    "WARN": Severity.WARNING,
    "WARNING": Severity.WARNING,
    "INFO": Severity.INFO,
}
_INFO: Final = (
    *("event_id", "event_guid", "event_type", "event_message", "app_id", "app_name", "tier_id", "tier_name"),
    *("node_id", "node_name", "health_rule_id", "health_rule_name", "incident_id", "incident_name"),
    *("controller_url", "event_deep_link"),
)


def recognises(document: object) -> bool:
    """Say whether a document has the `event_name`, `event_time` and `policy` of the template."""
    return isinstance(document, dict) and {"event_name", "event_time", "policy"} <= document.keys()


def parse(document: object, _: Mapping[str, str], __: Mapping[str, object]) -> Parsed:
    """Give the signal.

    Raises:
        BadPayload: it has neither `incident_id` nor `event_id`.
    """
    event = Document(document)
    link = event.address("event_deep_link")
    signal = Signal(
        kind=Kind.PROBLEM,
        key=event.need("incident_id", "event_id"),
        severity=_SEVERITIES.get(event.text("severity").upper(), Severity.NOT_AVAILABLE),
        title=event.text("event_name"),
        description=event.text("summary"),
        host=event.text("node_name"),
        rule=event.text("policy"),
        image_url=event.address("image_url"),
        links=[Link(link, "AppDynamics")] if link else [],
        labels=event.texts(*_INFO),
        source_tool="AppDynamics",
        occurred_at=_time(event.text("event_time")),
    )
    return one(FORMAT, signal)


def _time(text: str) -> int:
    """Read a time such as `Mon Apr 03 02:04:55 UTC 2023`; 0 where it is none, or of another zone."""
    try:
        return max(0, microseconds(datetime.strptime(text, "%a %b %d %H:%M:%S UTC %Y").replace(tzinfo=UTC)))
    except ValueError:
        return 0
