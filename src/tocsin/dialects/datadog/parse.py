"""Datadog's webhook with Cloudforet's template -> a signal.

https://docs.datadoghq.com/integrations/webhooks/
"""

from collections.abc import Mapping
from typing import Final

from tocsin.dialects.document import Document
from tocsin.dialects.parsed import Parsed, one
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal

FORMAT: Final = "datadog"

_INFO: Final = (
    *("org_name", "alert_id", "alert_priority", "alert_transition", "alert_scope", "link", "email"),
    "event_type",
)


def recognises(document: object) -> bool:
    """Say whether a document has the `event_key` and `alert_transition` of the template."""
    return isinstance(document, dict) and {"event_key", "alert_transition"} <= document.keys()


def parse(document: object, _: Mapping[str, str], __: Mapping[str, object]) -> Parsed:
    """Give the signal.

    Raises:
        BadPayload: it has no `event_key`.
    """
    event = Document(document)
    resource = event.part("resource")
    link = event.address("link")
    signal = Signal(
        kind=Kind.RECOVERY if event.text("event_type") == "success" else Kind.PROBLEM,
        key=event.need("event_key"),
        severity=Severity.INFO if event.text("severity") == "info" else Severity.ERROR,
        title=event.text("title"),
        description=event.text("description"),
        host=resource.text("name"),
        rule=event.text("rule"),
        resource_id=resource.text("id"),
        resource_type=resource.text("resource_type"),
        resource_name=resource.text("name"),
        image_url=event.address("image_url"),
        links=[Link(link, "Datadog")] if link else [],
        labels=event.texts(*_INFO),
        source_tool="Datadog",
        occurred_at=event.time("occured_at", "occurred_at"),  # the template has it with one r
    )
    return one(FORMAT, signal)
