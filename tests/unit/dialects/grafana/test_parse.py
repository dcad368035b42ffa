"""Grafana: faults say where, and a payload can stand in another one."""

from typing import Any

import pytest

from tocsin.dialects.errors import BadPayload
from tocsin.dialects.grafana.parse import parse

LEGACY: dict[str, Any] = {"orgId": 1, "dashboardId": 58, "panelId": 5, "ruleId": 93}


@pytest.mark.parametrize(
    ("document", "options", "reason"),
    [
        ({}, {}, "TopicArn is missing"),
        ({"orgId": 1}, {}, "alerts must be an array, not null"),
        ({"orgId": 1, "alerts": [{}]}, {}, "alerts[0].fingerprint is missing"),
        ({"orgId": 1, "alerts": []}, {"per_notification": True}, "groupKey is missing"),
        (LEGACY | {"panelId": "5"}, {}, "panelId must be a number"),
        (LEGACY | {"ruleId": True}, {}, "ruleId must be a number"),
        (LEGACY | {"ruleId": 10**400}, {}, "ruleId is too large"),
        ({"data": {}}, {"message_root": "data.Message"}, "data.Message must be a JSON object, not null"),
        ({"data": "{"}, {"message_root": "data"}, "data: the text is not JSON: it ends too early"),
        ({}, {"message_root": "a" + ".a" * 8}, "the option message_root has more than 8 names"),
    ],
)
def test_a_fault_says_where(document: object, options: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadPayload) as caught:
        parse(document, {}, options)
    assert str(caught.value) == reason


def test_a_payload_is_found_in_objects_and_texts() -> None:
    inner = {"a": {"b": '{"orgId": 1, "dashboardId": 58, "panelId": 5, "ruleId": 93}'}}
    (found,) = parse(inner, {}, {"message_root": "a.b"}).signals
    assert found.key == parse(LEGACY, {}, {}).signals[0].key
