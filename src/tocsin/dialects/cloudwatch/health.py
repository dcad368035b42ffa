"""An event of AWS Health, as EventBridge says it -> a signal.

https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
"""

from email.utils import parsedate_to_datetime
from typing import Final

from tocsin.dialects.complete import filled
from tocsin.dialects.document import Document
from tocsin.dialects.times import read_time
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal

_TROUBLES: Final = frozenset(("issue", "scheduledChange"))


def signal_of(event: Document) -> Signal:
    """Give the signal.

    Raises:
        BadPayload: it has no `detail`, or no `detail.eventArn`.
    """
    detail = event.need_part("detail")
    category, code = detail.text("eventTypeCategory"), detail.text("eventTypeCode")
    account = event.text("account")
    entities = ", ".join(entity.text("entityValue") for entity in detail.parts("affectedEntities"))
    said = " ".join(each.text("latestDescription") for each in detail.parts("eventDescription"))
    info = {
        **event.texts("id", "account", "region"),
        **detail.texts("service", "eventTypeCode"),
        "affectedEntities": entities,
    }
    return Signal(
        kind=Kind.RECOVERY if detail.text("statusCode") == "closed" else Kind.PROBLEM,
        key=detail.need("eventArn"),
        severity=Severity.ERROR if category in _TROUBLES else Severity.INFO,
        title=code.replace("_", " ").title(),
        description="\n".join(filter(None, (said, entities and f"Affected: {entities}"))),
        rule=category,
        resource_id=detail.text("eventArn"),
        resource_type=event.text("source"),
        provider="aws",
        account=account,
        labels=filled(info),
        source_tool="AWS Health",
        occurred_at=_time(detail.text("startTime")),
    )


def _time(text: str) -> int:
    """Read a time such as `Sat, 04 Jun 2016 05:01:10 GMT` (RFC 1123); 0 where it is none."""
    try:
        return read_time(parsedate_to_datetime(text).isoformat())
    except (ValueError, TypeError, IndexError, OverflowError):
        return read_time(text)
