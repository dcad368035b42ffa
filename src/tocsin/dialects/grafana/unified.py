"""A notification of Grafana's unified alerting -> a signal for each of its alerts, or one for all of it.

https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
"""

import re
from typing import Final

from tocsin.dialects.complete import filled, host_of
from tocsin.dialects.digest import md5
from tocsin.dialects.document import Document
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal

_RESOLVED: Final = "resolved"
_BY_STATUS: Final = {"firing": Severity.ERROR, _RESOLVED: Severity.INFO}
_BY_LABEL: Final = {
    "critical": Severity.CRITICAL,
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "info": Severity.INFO,
}
_COUNTS_IN_TITLE: Final = re.compile(r"\[(FIRING|RESOLVED):\d+(, ?(FIRING|RESOLVED):\d+)?\]\s*")
_NOISE: Final = re.compile(r"(Annotations|Source|Silence):[^\n]*")
_BLANK_LINES: Final = re.compile(r"\n{3,}")
_NO_VALUE: Final = "[no value]"
_LINKS: Final = {
    "panelURL": "Panel",
    "dashboardURL": "Dashboard",
    "generatorURL": "Rule",
    "silenceURL": "Silence it in Grafana",
}


def signal_of_alert(alert: Document, notification: Document) -> Signal:
    """Give the signal of one alert.

    Args:
        alert: of the notification.
        notification: which says what the alert does not.

    Raises:
        BadPayload: it has no fingerprint.
    """
    labels = alert.part("labels").texts()
    annotations = alert.part("annotations").texts()
    status = alert.text("status")
    resolved = status == _RESOLVED
    return Signal(
        kind=Kind.RECOVERY if resolved else Kind.PROBLEM,
        key=alert.need("fingerprint"),
        severity=_BY_LABEL.get(labels.get("severity", "").lower()) or _BY_STATUS.get(status, Severity.NONE),
        title=annotations.get("summary") or labels.get("alertname") or _title(notification),
        description=annotations.get("description") or notification.text("message"),
        host=host_of(labels),
        rule=labels.get("rulename") or labels.get("alertname", ""),
        image_url=alert.address("imageURL"),
        links=[Link(href, text) for name, text in _LINKS.items() if (href := alert.address(name))],
        labels=filled({"value_string": alert.text("valueString")}) | annotations | labels,
        source_tool="Grafana",
        occurred_at=(resolved and alert.time("endsAt")) or alert.time("startsAt"),
    )


def signal_of_notification(notification: Document) -> Signal:
    """Give one signal of a notification, with the key of Cloudforet's plugin.

    Raises:
        BadPayload: it has no groupKey.
    """
    labels = notification.part("commonLabels").texts()
    alerts = notification.parts("alerts")
    first = alerts[0] if alerts else Document({})
    status = notification.text("status")
    return Signal(
        kind=Kind.RECOVERY if status == _RESOLVED else Kind.PROBLEM,
        key=md5(notification.need("groupKey")),
        severity=_BY_STATUS.get(status, Severity.NONE),
        title=labels.get("alertname") or _title(notification),
        description=_description(notification.text("message"), alerts),
        host=host_of(labels),
        rule=labels.get("rulename") or labels.get("alertname", ""),
        image_url=first.address("panelURL"),
        labels=labels,
        source_tool="Grafana",
        occurred_at=first.time("startsAt"),
    )


def _title(notification: Document) -> str:
    return _COUNTS_IN_TITLE.sub("", notification.text("title"))


def _description(message: str, alerts: list[Document]) -> str:
    if _NO_VALUE in message:
        return "DatasourceNoData"
    values = [part for alert in alerts for part in alert.text("valueString").split(", ") if part]
    said = _BLANK_LINES.sub("\n\n", _NOISE.sub("", message))
    return "\n".join([said, "ValueString:", *(f"- {part}" for part in values)]) if values else said
