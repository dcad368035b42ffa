"""An event as the document that queries and statistics see: the fields that the reference stores."""

from datetime import datetime
from typing import Any, Final

from tocsin.dialects.cloudforet.dates import moment
from tocsin.dialects.cloudforet.event_info import resource
from tocsin.model.event import Event
from tocsin.model.identifiers import alert_id, event_id

FIELDS: Final = (
    *("event_id", "event_key", "event_type", "title", "description", "severity", "rule", "image_url"),
    *("resource", "provider", "account", "raw_data", "additional_info", "alert_id", "webhook_id"),
    *("project_id", "domain_id", "created_at", "occurred_at"),
)
"""The names of its fields."""

RESOURCE_FIELDS: Final = ("resource_id", "resource_type", "name")
"""The names of the fields of a resource."""

MINIMAL: Final = ("event_id", "event_key", "event_type", "title", "severity", "alert_id")
"""What is shown of an event where the least is asked for."""


def document(event: Event, raw: dict[str, Any]) -> dict[str, Any]:
    """Give the document of an event. Null is None, a time an aware datetime of whole milliseconds.

    Args:
        event: of a kind that has a type.
        raw: its payload, as `event_info.raw_data` gives it.
    """
    return {
        "event_id": event_id(event.seq),
        "event_key": event.key,
        "event_type": event.type,
        "title": event.title,
        "description": event.description or None,
        "severity": event.severity.upper(),
        "rule": event.rule or None,
        "image_url": event.image_url or None,
        "resource": resource(event),
        "provider": event.provider,
        "account": event.account,
        "raw_data": raw,
        "additional_info": event.labels,
        "alert_id": alert_id(event.alert_seq),
        "webhook_id": event.source_id,
        "project_id": event.project_id,
        "domain_id": event.domain_id,
        "created_at": moment(event.recorded_at),
        "occurred_at": _known(event.occurred_at),
    }


def is_field(path: str) -> bool:
    """Say whether a dotted path leads to something that a document can have.

    What stands in raw_data and additional_info is the sender's, and any path there leads somewhere.
    """
    name, _, rest = path.partition(".")
    if name == "resource":
        return not rest or rest in RESOURCE_FIELDS
    return name in FIELDS and (not rest or name in {"raw_data", "additional_info"})


def _known(microseconds: int) -> datetime | None:
    return moment(microseconds) if microseconds else None
