"""An event of Naver Cloud's Cloud Insight -> a signal."""

from collections.abc import Mapping
from typing import Final

from tocsin.dialects.complete import filled
from tocsin.dialects.document import Document
from tocsin.dialects.parsed import Parsed, one
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal

FORMAT: Final = "naver"

_SEVERITIES: Final = {
    "CRITICAL": Severity.CRITICAL,
    "ERROR": Severity.ERROR,
    "WARNING": Severity.WARNING,
    "INFO": Severity.INFO,
    "NONE": Severity.NONE,
}


def recognises(document: object) -> bool:
    """Say whether a document has an `eventLevel` and a `ruleName`."""
    return isinstance(document, dict) and {"eventLevel", "ruleName"} <= document.keys()


def parse(document: object, _: Mapping[str, str], __: Mapping[str, object]) -> Parsed:
    """Give the signal.

    Raises:
        BadPayload: it has neither `eventId` nor `productKey`.
    """
    event = Document(document)
    rule, resource = event.text("ruleName"), event.text("resourceName")
    info = {
        "rule_id": event.text("ruleId"),
        "prod_key": event.text("prodKey"),
        "product_name": event.text("prodName"),
        "metric": event.text("metric"),
        "detect_value": event.text("detectValue"),
        "notification_groups": event.text("notificationGroups"),
        "criteria": event.text("criteria"),
    }
    signal = Signal(
        kind=Kind.RECOVERY if event.text("eventStatus") == "RESOLVE" else Kind.PROBLEM,
        key=event.need("eventId", "productKey", "prodKey"),
        severity=_SEVERITIES.get(event.text("eventLevel").upper(), Severity.NOT_AVAILABLE),
        title="-".join(filter(None, (rule, event.text("metric")))),
        host=resource,
        rule=rule,
        resource_name=resource,
        provider="naver_cloud",
        labels=filled(info) | event.part("dimension").texts(),
        source_tool="Naver Cloud Insight",
        occurred_at=event.time("startTime"),
    )
    return one(FORMAT, signal)
