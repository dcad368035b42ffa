from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tocsin.api.shapes import AlertItem, EventItem, ReceiptItem
from tocsin.client.errors import Unreachable
from tocsin.client.records import Alert, Event, Receipt, Record


def test_members_are_typed_and_the_rest_is_kept() -> None:
    document = {
        "seq": 7,
        "title": "Disk full",
        "labels": {"region": "eu"},
        "occurred_at": None,
        "time": "2026-11-22T08:30:01.204117Z",
        "mood": ["bad"],
    }
    event = Event.read(document)
    assert (event.seq, event.title, event.labels, event.host) == (7, "Disk full", {"region": "eu"}, "")
    assert event.time == datetime(2026, 11, 22, 8, 30, 1, 204117, UTC)
    assert event.occurred_at is None
    assert event.document["mood"] == ["bad"]
    assert "mood" not in repr(event)


def test_a_member_of_another_type_has_its_default() -> None:
    event = Event.read({"seq": "7", "title": None, "labels": [], "time": "yesterday"})
    assert (event.seq, event.title, event.labels, event.time) == (0, "", {}, None)


def test_a_record_does_not_change() -> None:
    event = Event.read({"seq": 7})
    with pytest.raises(FrozenInstanceError):
        event.seq = 8  # type: ignore[misc]


@pytest.mark.parametrize("document", [None, [], "event"])
def test_what_is_no_record_is_not_tocsins(document: object) -> None:
    with pytest.raises(Unreachable, match="holds no event"):
        Event.read(document)


def test_an_alert_has_its_timeline() -> None:
    alert = Alert.read({"id": "alert-1", "timeline": [{"seq": 2}, {"seq": 1}]})
    assert [event.seq for event in alert.timeline] == [2, 1]
    assert Alert.read({"id": "alert-1"}).timeline == ()


def test_a_rejected_event_says_so() -> None:
    assert Receipt.read({"outcome": "rejected"}).is_rejected
    assert not Receipt.read({"outcome": "joined"}).is_rejected


@pytest.mark.parametrize(
    ("record", "shape"), [(Event, EventItem), (Alert, AlertItem), (Receipt, ReceiptItem)]
)
def test_every_member_is_one_of_the_api(record: type[Record], shape: type[msgspec.Struct]) -> None:
    own: dict[str, Any] = record.__dataclass_fields__
    assert set(own) - {"document", "timeline"} <= set(shape.__struct_fields__)
