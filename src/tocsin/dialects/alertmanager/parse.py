"""Alertmanager's webhook, version 4 -> a signal for each of its alerts.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from collections.abc import Mapping
from typing import Final

from tocsin.dialects.complete import filled, host_of
from tocsin.dialects.document import Document
from tocsin.dialects.parsed import Parsed, each
from tocsin.dialects.values import is_web_address
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal

FORMAT: Final = "alertmanager"

_SEVERITIES: Final = {
    "critical": Severity.CRITICAL,
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
}
_RESOURCES: Final = (
    *("resource", "grpc_method", "instance", "pod", "container", "device", "persistentvolumeclaim"),
    *("persistentvolume", "deployment", "daemonset", "statefulset", "horizontalpodautoscaler", "service"),
    *("controller", "job", "namespace", "phase", "severity", "alertname", "prometheus"),
)
"""Labels that name what an alert is about, the most particular first."""
_NO_TIME: Final = "0001-01-01T00:00:00Z"
"""What Go writes where there is no time: an alert that fires has no end."""


def recognises(document: object) -> bool:
    """Say whether a document looks like a group of Alertmanager's: `groupKey`, `alerts`, and no `orgId`."""
    return (
        isinstance(document, dict) and {"groupKey", "alerts"} <= document.keys() and "orgId" not in document
    )


def parse(document: object, _: Mapping[str, str], __: Mapping[str, object]) -> Parsed:
    """Give the signals of a group.

    Raises:
        BadPayload: it holds no alerts, or its only alert is not understood.
    """
    return each(FORMAT, Document(document), "alerts", _signal)


def _signal(alert: Document) -> Signal:
    labels = alert.part("labels").texts()
    annotations = alert.part("annotations").texts()
    resolved = alert.text("status") == "resolved"
    named = labels.get("severity", "")
    is_known = named in _SEVERITIES or named in {"", Severity.INFO}
    resource = next((name for name in _RESOURCES if name in labels), "")
    ends_at = alert.text("endsAt")
    links = [
        Link(href, text)
        for href, text in (
            (annotations.get("runbook_url", ""), "Runbook"),
            (alert.text("generatorURL"), "Source"),
        )
        if is_web_address(href)
    ]
    info = {
        "runbook_url": annotations.get("runbook_url", ""),
        "generator_url": alert.text("generatorURL"),
        "ends_at": "" if ends_at == _NO_TIME else ends_at,
    }
    return Signal(
        kind=Kind.RECOVERY if resolved else Kind.PROBLEM,
        key=alert.need("fingerprint"),
        severity=_SEVERITIES.get(named, Severity.INFO),
        title=annotations.get("summary") or labels.get("alertname") or "no title",
        description=annotations.get("description") or "no description",
        host=host_of(labels) or labels.get("pod", ""),
        rule=labels.get("rule_group", ""),
        resource_type=resource,
        resource_name=labels.get(resource, ""),
        links=links,
        labels=filled(info) | labels,
        source_tool="Alertmanager",
        remarks=[] if is_known else [f"the severity {named!r} is not known: taken as info"[:200]],
        occurred_at=(resolved and alert.time("endsAt")) or alert.time("startsAt"),
    )
