"""A metric alert of Azure Monitor in its own schema -> a signal."""

from typing import Final

from tocsin.dialects.document import Document
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal

_SEVERITIES: Final = {
    "0": Severity.CRITICAL,
    "1": Severity.ERROR,
    "2": Severity.WARNING,
    "3": Severity.INFO,
    "4": Severity.NONE,
}


def signal_of(data: Document) -> Signal:
    """Give the signal.

    Raises:
        BadPayload: it has no `context.id`.
    """
    context = data.need_part("context")
    portal = context.address("portalLink")
    return Signal(
        kind=Kind.RECOVERY if data.text("status") == "Deactivated" else Kind.PROBLEM,
        key=context.need("id"),
        severity=_SEVERITIES.get(context.text("severity"), Severity.NOT_AVAILABLE),
        title=context.text("name"),
        description=context.text("description"),
        host=context.text("resourceName"),
        rule=context.text("name"),
        resource_id=context.text("resourceId"),
        resource_type=context.text("resourceType"),
        resource_name=context.text("resourceName"),
        provider="azure",
        account=context.text("subscriptionId"),
        image_url=portal,
        links=[Link(portal, "Portal")] if portal else [],
        labels=context.texts("conditionType", "resourceGroupName") | data.part("properties").texts(),
        source_tool="Azure Monitor",
        occurred_at=context.time("timestamp"),
    )
