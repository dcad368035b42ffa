"""An alert in Azure Monitor's common alert schema -> a signal."""

from typing import Final

from tocsin.dialects.document import Document
from tocsin.dialects.values import text_of
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal

_SEVERITIES: Final = {
    "sev0": Severity.CRITICAL,
    "sev1": Severity.ERROR,
    "sev2": Severity.WARNING,
    "sev3": Severity.INFO,
    "sev4": Severity.INFO,
}


def signal_of(data: Document) -> Signal:
    """Give the signal.

    Raises:
        BadPayload: it has no `essentials.alertId`.
    """
    essentials = data.need_part("essentials")
    properties = data.part("alertContext").part("properties")
    resolved = essentials.text("monitorCondition").lower() == "resolved"
    rule = essentials.text("alertRule")
    is_health = essentials.text("monitoringService").replace(" ", "") == "ServiceHealth"
    items = essentials.values.get("configurationItems")
    resource = text_of(items[0]) if isinstance(items, list) and items else ""
    return Signal(
        kind=Kind.RECOVERY if resolved else Kind.PROBLEM,
        key=essentials.need("alertId"),
        severity=_SEVERITIES.get(essentials.text("severity").lower(), Severity.NOT_AVAILABLE),
        title=(is_health and properties.text("title")) or rule,
        description=essentials.text("description"),
        host=resource,
        rule=rule,
        resource_name=resource,
        provider="azure",
        labels=properties.texts() | data.part("customProperties").texts(),
        source_tool="Azure Monitor",
        occurred_at=(resolved and essentials.time("resolvedDateTime")) or essentials.time("firedDateTime"),
    )
