"""A message of an alarm of Oracle Cloud Infrastructure -> a signal.

https://docs.oracle.com/en-us/iaas/Content/Monitoring/Concepts/alarm-message-format.htm
"""

from collections.abc import Mapping
from typing import Final

from tocsin.dialects.document import Document
from tocsin.dialects.parsed import Parsed, one
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal

FORMAT: Final = "oci"

_KINDS: Final = {"FIRING_TO_OK": Kind.RECOVERY, "RESET": Kind.RECOVERY, "RULE_CHANGE": Kind.INFO}
_SEVERITIES: Final = {
    "CRITICAL": Severity.CRITICAL,
    "ERROR": Severity.ERROR,
    "WARNING": Severity.WARNING,
    "INFO": Severity.INFO,
}


def recognises(document: object) -> bool:
    """Say whether a document has a `dedupeKey` and `alarmMetaData`."""
    return isinstance(document, dict) and {"dedupeKey", "alarmMetaData"} <= document.keys()


def parse(document: object, _: Mapping[str, str], __: Mapping[str, object]) -> Parsed:
    """Give the signal.

    Raises:
        BadPayload: it has no `dedupeKey`.
    """
    message = Document(document)
    alarm = _first(message, "alarmMetaData")
    dimension = _first(alarm, "dimensions")
    said, title = message.text("severity"), message.text("title") or "no title"
    name = dimension.text("resourceName", "resourceDisplayName")
    url = alarm.address("alarmUrl")
    signal = Signal(
        kind=_KINDS.get(message.text("type"), Kind.PROBLEM),
        key=message.need("dedupeKey"),
        severity=_SEVERITIES.get(said, Severity.NONE),
        title=f"{title} ({said or 'unknown'})",
        description=message.text("body"),
        host=name,
        service=title,
        rule=alarm.text("query"),
        resource_id=dimension.text("resourceId"),
        resource_type="inventory.CloudService",
        resource_name=name,
        provider="oci",
        links=[Link(url, "Alarm")] if url else [],
        labels=alarm.texts("alarmUrl", "namespace", "status") | dimension.texts("region"),
        source_tool="OCI Monitoring",
        occurred_at=message.time("timestamp"),
    )
    return one(FORMAT, signal)


def _first(of: Document, name: str) -> Document:
    found = of.parts(name)
    return found[0] if found else Document({})
