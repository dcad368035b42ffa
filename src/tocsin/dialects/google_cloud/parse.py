"""An incident of Google Cloud Monitoring's webhook, version 1.2 -> a signal.

https://cloud.google.com/monitoring/support/notification-options#webhooks
"""

from collections.abc import Mapping
from typing import Final

from tocsin.dialects.document import Document
from tocsin.dialects.parsed import Parsed, one
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal

FORMAT: Final = "google_cloud"

_CLOSED: Final = "closed"
_TEST: Final = "test"
"""The version of what the console sends to try a channel: nothing would ever close it."""


def recognises(document: object) -> bool:
    """Say whether a document has an `incident` with an `incident_id`."""
    incident = document.get("incident") if isinstance(document, dict) else None
    return isinstance(incident, dict) and "incident_id" in incident


def parse(document: object, _: Mapping[str, str], __: Mapping[str, object]) -> Parsed:
    """Give the signal.

    Raises:
        BadPayload: it has no `incident.incident_id`.
    """
    payload = Document(document)
    incident = payload.need_part("incident")
    state = incident.text("state")
    closed = state.lower() == _CLOSED
    kind = Kind.RECOVERY if closed else Kind.INFO if payload.text("version") == _TEST else Kind.PROBLEM
    url = incident.address("url")
    signal = Signal(
        kind=kind,
        key=incident.need("incident_id"),
        severity=Severity.WARNING if state == "open" else Severity.INFO,
        title=f"{incident.text('condition_name')} ({state})",
        description=incident.text("summary"),
        host=incident.text("resource_name"),
        rule=incident.text("policy_name"),
        resource_id=incident.text("resource_id"),
        resource_type="inventory.CloudService",
        resource_name=incident.text("resource_name"),
        provider="google_cloud",
        account=incident.text("scoping_project_id"),
        links=[Link(url, "Incident")] if url else [],
        labels=incident.texts("url", "observed_value", "threshold_value"),
        source_tool="Google Cloud Monitoring",
        occurred_at=(closed and incident.time("ended_at")) or incident.time("started_at"),
    )
    return one(FORMAT, signal)
