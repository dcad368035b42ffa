"""Fields: any JSON value as text of limited length, addresses and times."""

import json

import pytest

from tocsin.dialects.errors import BadPayload
from tocsin.dialects.values import is_web_address, type_name
from tocsin.dialects.victorops.fields import Fields


@pytest.mark.parametrize("document", [None, True, 1, "text", [{"message_type": "CRITICAL"}]])
def test_only_an_object_has_fields(document: object) -> None:
    with pytest.raises(BadPayload, match="the body must be a JSON object, not ") as caught:
        Fields(document)
    assert str(caught.value).endswith(type_name(document))


def test_a_field_is_taken_once_and_the_document_stays_whole() -> None:
    document = {"a": 1, "b": "x"}
    fields = Fields(document)
    assert [fields.take("a"), fields.take("a"), fields.take("missing")] == ["1", "", ""]
    assert fields.rest == {"b": "x"}
    assert document == {"a": 1, "b": "x"}


def test_what_is_too_long_is_cut_and_marked() -> None:
    fields = Fields({"a": "ü" * 11, "b": "x" * 10, "c": list(range(20))})
    assert fields.take("a", 10) == "ü" * 10
    assert fields.take("b", 10) == "x" * 10
    assert fields.take("c", 10) == json.dumps(list(range(20)), separators=(",", ":"))[:10]
    assert fields.remarks == ["a cut at 10 characters", "c cut at 10 characters"]


@pytest.mark.parametrize("address", ["http://x", "https://x/y?z", "HTTPS://X"])
def test_a_web_address_is_taken(address: str) -> None:
    fields = Fields({"alert_url": address})
    assert is_web_address(address)
    assert fields.take_address("alert_url") == address
    assert not fields.rest


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", "data:text/html,x", "//x", "x.example", "", None, 5, ["http://x"]]
)
def test_what_is_no_web_address_is_left(value: object) -> None:
    fields = Fields({"alert_url": value})
    assert fields.take_address("alert_url") == ""
    assert fields.rest == {"alert_url": value}


def test_the_first_readable_time_counts() -> None:
    fields = Fields({"state_start_time": 1609459200, "timestamp": 1609459205})
    assert fields.take_time("state_start_time", "timestamp") == 1609459200_000000
    assert fields.rest == {"timestamp": 1609459205}
    assert not fields.remarks


@pytest.mark.parametrize("nothing", [None, "", 0, 0.0, "0"], ids=repr)
def test_no_time_is_named_in_several_ways(nothing: object) -> None:
    fields = Fields({"state_start_time": nothing, "timestamp": 1609459205})
    assert fields.take_time("state_start_time", "timestamp") == 1609459205_000000
    assert not fields.rest
    assert not fields.remarks


def test_a_time_that_cannot_be_read_is_left_and_marked() -> None:
    fields = Fields({"state_start_time": "yesterday", "timestamp": [1]})
    assert fields.take_time("state_start_time", "timestamp") == 0
    assert fields.rest == {"state_start_time": "yesterday", "timestamp": [1]}
    assert fields.remarks == [
        "state_start_time is no time that can be read: kept as a label",
        "timestamp is no time that can be read: kept as a label",
    ]
