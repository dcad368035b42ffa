"""A payload of Grafana's webhook -> signals, whichever of its kinds it is."""

from collections.abc import Mapping
from typing import Final

from tocsin.dialects import format_options, sns
from tocsin.dialects.digest import md5
from tocsin.dialects.document import Document
from tocsin.dialects.grafana import legacy, unified
from tocsin.dialects.parsed import Parsed, each, one
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal

FORMAT: Final = "grafana"
PER_NOTIFICATION: Final = "per_notification"
"""The option that makes one signal of a notification, not one of each of its alerts."""
MESSAGE_ROOT: Final = "message_root"
"""The option that says where in the payload Grafana's own stands: names joined by dots."""


def recognises(document: object) -> bool:
    """Say whether a document looks like Grafana's: it has an `orgId`, and alerts or a rule."""
    return (
        isinstance(document, dict)
        and "orgId" in document
        and not {"alerts", "dashboardId", "ruleId"}.isdisjoint(document)
    )


def parse(document: object, _: Mapping[str, str], options: Mapping[str, object]) -> Parsed:
    """Give the signals of a payload.

    Args:
        document: the payload.
        options: `per_notification` (boolean) and `message_root` (text).

    Raises:
        BadPayload: what makes the key is missing, or its only alert is not understood.
    """
    payload = Document(document)
    if sns.is_subscription(payload):
        return sns.subscription(FORMAT, payload)
    payload = _inner(payload, format_options.path(options, MESSAGE_ROOT))
    if "orgId" not in payload.values:
        return one(FORMAT, _sns(payload))
    if "dashboardId" in payload.values:
        return one(FORMAT, legacy.signal_of(payload))
    if format_options.flag(options, PER_NOTIFICATION):
        return one(FORMAT, unified.signal_of_notification(payload))
    return each(FORMAT, payload, "alerts", lambda alert: unified.signal_of_alert(alert, payload))


def _inner(payload: Document, names: list[str]) -> Document:
    """Give the payload that stands at a path in another one, where strings are read as JSON."""
    for name in names:
        is_text = isinstance(payload.values.get(name), str)
        payload = payload.embedded(name) if is_text else payload.need_part(name)
    return payload


def _sns(payload: Document) -> Signal:
    """Give the signal of a message of AWS SNS that holds nothing of Grafana's."""
    return Signal(
        kind=Kind.INFO,
        key=md5(payload.need("TopicArn")),
        severity=Severity.INFO,
        title=payload.text("Type"),
        description=payload.text("Message"),
        labels=payload.texts("MessageId", "TopicArn", "Timestamp"),
        source_tool="Grafana",
        occurred_at=payload.time("Timestamp"),
    )
