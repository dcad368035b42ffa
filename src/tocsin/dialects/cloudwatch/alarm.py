"""A change of a CloudWatch alarm -> one signal, or one for each dimension of its metrics.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
"""

from typing import Final, NamedTuple

from tocsin.dialects.digest import md5
from tocsin.dialects.document import Document
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal

_OK: Final = "OK"
_SEVERITIES: Final = {_OK: Severity.INFO, "ALARM": Severity.ERROR, "ALERT": Severity.ERROR}
_BUCKET_MICROSECONDS: Final = 600 * 1_000_000


class Dimension(NamedTuple):
    """What tells one series of a metric from another, such as InstanceId and i-0abc."""

    name: str
    value: str

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


def signal_of(alarm: Document) -> Signal:
    """Give the signal of an alarm.

    Raises:
        BadPayload: its name or its state is missing.
    """
    dimensions = list(dict.fromkeys(_dimensions(alarm)))
    ids = ",".join(dimension.value for dimension in dimensions)
    named = ",".join(map(str, dimensions))
    namespace = _metric(alarm).text("Namespace")
    signal = _signal(alarm, md5(alarm.need("AlarmArn", "AlarmName")), ids)
    signal.resource_name = f"[{namespace}] {named}" if named else ""
    return signal


def signals_of_dimensions(alarm: Document, *, time_bucket: bool) -> list[Signal]:
    """Give a signal for each dimension; one for the alarm where it has none.

    Args:
        alarm: as it came.
        time_bucket: put the ten minutes of the change into the keys.

    Raises:
        BadPayload: its name or its state is missing.
    """
    account, name = alarm.text("AWSAccountId"), alarm.need("AlarmName")
    bucket = f":{100 * (alarm.time('StateChangeTime') // _BUCKET_MICROSECONDS)}" if time_bucket else ""
    signals = []
    for index, dimension in enumerate(_dimensions(alarm) or [Dimension("", "")]):
        signal = _signal(alarm, md5(f"{account}:{dimension.value}:{name}{bucket}"), dimension.value)
        if dimension.name:
            region = alarm.text("Region")
            signal.resource_name = f"[{signal.resource_type}] {dimension} ({region})"
        signal.index = index
        signals.append(signal)
    return signals


def _signal(alarm: Document, key: str, resource_id: str) -> Signal:
    state = alarm.need("NewStateValue")
    info = alarm.texts(
        *("OldStateValue", "AlarmName", "Region", "AWSAccountId", "AlarmDescription", "AlarmArn")
    )
    metric = _metric(alarm)
    return Signal(
        kind=Kind.RECOVERY if state == _OK else Kind.PROBLEM,
        key=key,
        severity=_SEVERITIES.get(state, Severity.NONE),
        title=alarm.need("AlarmName"),
        description=alarm.text("NewStateReason"),
        host=resource_id,
        rule=alarm.text("AlarmName"),
        resource_id=resource_id,
        resource_type=metric.text("Namespace"),
        provider="aws",
        account=alarm.text("AWSAccountId"),
        labels=info | metric.texts("MetricName", "Namespace"),
        source_tool="AWS CloudWatch",
        occurred_at=alarm.time("StateChangeTime"),
    )


def _metrics(alarm: Document) -> list[Document]:
    """Give the metrics that an alarm looks at: one itself, or those of an expression."""
    trigger = alarm.part("Trigger")
    return [trigger, *(each.part("MetricStat").part("Metric") for each in trigger.parts("Metrics"))]


def _metric(alarm: Document) -> Document:
    """Give the first metric that has a namespace."""
    metrics = _metrics(alarm)
    return next((metric for metric in metrics if metric.text("Namespace")), metrics[0])


def _dimensions(alarm: Document) -> list[Dimension]:
    return [
        Dimension(dimension.text("name"), dimension.text("value"))
        for metric in _metrics(alarm)
        for dimension in metric.parts("Dimensions")
    ]
