"""An entry of Azure's activity log -> a signal."""

from typing import Final

from tocsin.dialects.document import Document
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal

_SEVERITIES: Final = {
    "informational": Severity.INFO,
    "warning": Severity.WARNING,
    "error": Severity.ERROR,
    "critical": Severity.CRITICAL,
}
_HEALTH: Final = frozenset(("ServiceHealth", "ResourceHealth"))


def signal_of(data: Document) -> Signal:
    """Give the signal.

    Raises:
        BadPayload: it has no `context.activityLog.eventDataId`.
    """
    entry = data.need_part("context").need_part("activityLog")
    properties = entry.part("properties")
    operation, resource = entry.text("operationName"), entry.text("resourceId")
    title = properties.text("title") if entry.text("eventSource") in _HEALTH else ""
    return Signal(
        kind=Kind.RECOVERY if data.text("status") == "Deactivated" else Kind.PROBLEM,
        key=entry.need("eventDataId"),
        severity=_SEVERITIES.get(entry.text("level").lower(), Severity.NOT_AVAILABLE),
        title=title or operation,
        description=properties.text("communication") or entry.text("description"),
        host=resource.rpartition("/")[2],
        rule=operation,
        resource_id=resource,
        resource_type=entry.text("resourceType"),
        resource_name=resource,
        provider="azure",
        account=entry.text("subscriptionId"),
        labels=entry.texts("eventSource", "status", "caller", "resourceGroupName")
        | properties.texts()
        | data.part("properties").texts(),
        source_tool="Azure Monitor",
        occurred_at=entry.time("eventTimestamp"),
    )
