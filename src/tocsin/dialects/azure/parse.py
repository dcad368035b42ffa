"""A payload of Azure Monitor -> a signal, whichever of its schemas it has.

https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema
"""

from collections.abc import Callable, Mapping
from typing import Final

from tocsin.dialects.azure import activity_log, budget, common_schema, log_alert, metric_alert
from tocsin.dialects.document import Document
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.parsed import Parsed, one
from tocsin.model.signal import Signal

FORMAT: Final = "azure"

_SCHEMAS: Final[Mapping[str, Callable[[Document], Signal]]] = {
    "azureMonitorCommonAlertSchema": common_schema.signal_of,
    "AzureMonitorMetricAlert": metric_alert.signal_of,
    "Microsoft.Insights/activityLogs": activity_log.signal_of,
    "Microsoft.Insights/LogAlert": log_alert.signal_of,
    "AIP Budget Notification": budget.signal_of,
}
_LOG_ALERT: Final = "AlertRuleName"


def recognises(document: object) -> bool:
    """Say whether a document has a `schemaId` and `data`, or the rule and the query of a log alert."""
    if not isinstance(document, dict):
        return False
    if "schemaId" in document:
        return "data" in document
    return {_LOG_ALERT, "SearchQuery"} <= document.keys()


def parse(document: object, _: Mapping[str, str], __: Mapping[str, object]) -> Parsed:
    """Give the signal.

    Raises:
        BadPayload: the schema is unknown, or what makes its key is missing.
    """
    payload = Document(document)
    if "schemaId" not in payload.values:
        data = payload if _LOG_ALERT in payload.values else payload.need_part("data")
        return one(FORMAT, log_alert.signal_of(data))
    schema = payload.need("schemaId")
    signal_of = _SCHEMAS.get(schema)
    if signal_of is None:
        raise BadPayload(f"schemaId {schema[:64]} is unknown: one of {', '.join(_SCHEMAS)} is expected")
    return one(FORMAT, signal_of(payload.need_part("data")))
