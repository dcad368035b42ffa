from typing import Any

import msgspec
import pytest

from tests.unit.dialects.cloudforet.samples import event
from tocsin.dialects.cloudforet.event_info import event_info, raw_data
from tocsin.model.submission import Payload


def payload(body: bytes) -> Payload:
    return Payload("native", "", {}, body)


def test_every_field_of_an_event_is_shown() -> None:
    shown = event_info(event(), {"key": "k"})
    assert shown == {
        "event_id": "event-00000000000a",
        "event_key": "db1/disk",
        "event_type": "ALERT",
        "title": "Disk full",
        "description": "97 %",
        "severity": "NOT_AVAILABLE",
        "rule": "disk",
        "resource": {"resource_id": "i-1", "resource_type": "server", "name": "db1"},
        "provider": "aws",
        "account": "42",
        "image_url": "https://image.test",
        "raw_data": {"key": "k"},
        "additional_info": {"team": "storage"},
        "alert_id": "alert-000000000009",
        "webhook_id": "source-1",
        "project_id": "project-1",
        "domain_id": "domain-1",
        "created_at": "2024-10-04T12:00:00.001Z",
        "occurred_at": "2024-10-04T11:00:00.000Z",
    }


def test_what_an_event_does_not_say_is_empty() -> None:
    plain = msgspec.structs.replace(
        event(), resource_id="", resource_type="", resource_name="", alert_seq=0, occurred_at=0
    )
    shown = event_info(plain, {})
    assert (shown["resource"], shown["alert_id"], shown["occurred_at"]) == (None, "", "")


@pytest.mark.parametrize(
    ("body", "index", "raw"),
    [
        (b'{"$a":{"b.c":9007199254740993}}', 0, {"$a": {"b.c": 2**53 + 1}}),
        (b'[{"n":1},{"n":2}]', 1, {"n": 2}),
        (b'[{"n":1},2]', 1, {"data": [{"n": 1}, 2]}),
        (b'[{"n":1}]', 4, {"data": [{"n": 1}]}),
        (b'{"n":1}\n\n{"n":2}\n', 1, {"n": 2}),
        (b'"text"', 0, {"data": "text"}),
        (b"no json", 0, {"data": "no json"}),
        (b"\xff", 0, {"data": "\ufffd"}),
        (b"null", 0, {}),
        (b"[]", 0, {}),
        (b"", 0, {}),
    ],
)
def test_a_payload_is_shown_as_an_object(body: bytes, index: int, raw: dict[str, Any]) -> None:
    assert raw_data(payload(body), index) == raw


def test_a_payload_that_is_gone_is_empty() -> None:
    assert raw_data(None, 0) == {}
