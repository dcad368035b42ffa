"""Azure Monitor: faults say where."""

from typing import Any

import pytest

from tocsin.dialects.azure.parse import parse
from tocsin.dialects.errors import BadPayload


def schema(name: str, data: object) -> dict[str, Any]:
    return {"schemaId": name, "data": data}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({}, "data must be a JSON object, not null"),
        ({"data": {}}, "data.AlertRuleName is missing"),
        ({"schemaId": None}, "schemaId is missing"),
        (schema("x", {}), "schemaId x is unknown: one of azureMonitorCommonAlertSchema, "),
        (schema("azureMonitorCommonAlertSchema", None), "data must be a JSON object, not null"),
        (schema("azureMonitorCommonAlertSchema", {}), "data.essentials must be a JSON object, not null"),
        (schema("azureMonitorCommonAlertSchema", {"essentials": {}}), "data.essentials.alertId is missing"),
        (schema("AzureMonitorMetricAlert", {"context": {}}), "data.context.id is missing"),
        (
            schema("Microsoft.Insights/activityLogs", {"context": {"activityLog": {}}}),
            "data.context.activityLog.eventDataId is missing",
        ),
        (schema("AIP Budget Notification", {}), "data.BudgetName is missing"),
    ],
)
def test_a_fault_says_where(document: object, reason: str) -> None:
    with pytest.raises(BadPayload) as caught:
        parse(document, {}, {})
    assert str(caught.value).startswith(reason)
