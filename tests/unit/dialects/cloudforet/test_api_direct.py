"""Cloudforet's own format: what an event can have, and what its options make of a payload."""

from copy import deepcopy
from typing import Any

import pytest

from tocsin.dialects.cloudforet.api_direct import parse
from tocsin.dialects.errors import BadPayload

EVENT: dict[str, Any] = {"event_key": "k", "title": "t"}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([], "the body must be a JSON object, not an array"),
        ({"title": "t"}, "event_key is missing"),
        ({"event_key": "k"}, "title is missing"),
        (EVENT | {"event_type": "INFO"}, "event_type INFO is none of ALERT, RECOVERY, ERROR"),
        (
            EVENT | {"severity": "NONE"},
            "severity NONE is none of CRITICAL, ERROR, WARNING, INFO, NOT_AVAILABLE",
        ),
        (EVENT | {"severity": 1}, "severity 1 is none of CRITICAL, ERROR, WARNING, INFO, NOT_AVAILABLE"),
        (EVENT | {"resource": "db1"}, "resource must be a JSON object, not a text"),
        (EVENT | {"additional_info": []}, "additional_info must be a JSON object, not an array"),
        (EVENT | {"occurred_at": "yesterday"}, "occurred_at yesterday is no ISO 8601 date"),
    ],
)
def test_a_fault_says_where(document: object, reason: str) -> None:
    with pytest.raises(BadPayload) as caught:
        parse(document, {}, {})
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("occurred_at", "seconds"),
    [
        ("2026-11-22T08:30:00Z", 1795336200),
        ("2026-11-22T09:30:00+01:00", 1795336200),
        ("2026-11-22T08:30:00", 1795336200),
        ("20261122T083000Z", 1795336200),
        ("2026-11-22", 1795305600),
        ("", 0),
        (None, 0),
        ("0001-01-01T00:00:00+14:00", 0),
    ],
)
def test_a_time_is_iso_8601_in_utc(occurred_at: object, seconds: int) -> None:
    (signal,) = parse(EVENT | {"occurred_at": occurred_at}, {}, {}).signals
    assert (signal.occurred_at, signal.remarks) == (seconds * 1_000_000, [])


def test_json_in_texts_is_read_where_the_option_says() -> None:
    document = {"data": {"text": '{"key": "k"}', "other": "{"}, "x": 1}
    before = deepcopy(document)
    options = {
        "load_json": ["data.text", "data.missing", "x", "x.y", "nothing"],
        "convert_data": {"event_key": "{{ data.text.key }}", "title": "{{ data.other }}"},
    }
    (signal,) = parse(document, {}, options).signals
    assert (signal.key, signal.title) == ("k", "{")
    assert document == before


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"load_json": "a"}, "the option load_json must be an array of texts"),
        ({"confirm_url": 5}, "the option confirm_url must be a text, not a number"),
        ({"load_json": [1]}, "the option load_json must be an array of texts"),
        ({"load_json": ["a"] * 17}, "the option load_json has more than 16 paths"),
        ({"load_json": ["data.broken"]}, "data.broken: the text is not JSON: it ends too early"),
        ({"convert_data": "x"}, "the option convert_data must be a JSON object, not a text"),
        ({"convert_data": {"event_key": 5}}, "convert_data.event_key must be a text, not a number"),
        (
            {"convert_data": {"title": "{{"}},
            "convert_data.title: the template cannot be rendered: unexpected",
        ),
        ({"convert_data": {"resource": {"name": "{% set a=1 %}"}}}, "convert_data.resource.name: line 1 of"),
        ({"convert_data": {"resource": "db1"}}, "resource must be a JSON object, not a text"),
        ({"convert_data": {"title": "t"}}, "event_key is missing"),
        (
            {"convert_data": {str(number): "" for number in range(65)}},
            "the option convert_data has more than 64 templates",
        ),
    ],
)
def test_an_option_that_cannot_be_followed_is_named(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadPayload) as caught:
        parse(EVENT | {"data": {"broken": "{"}}, {}, options)
    assert str(caught.value).startswith(reason)


def test_a_payload_for_templates_has_a_limit() -> None:
    with pytest.raises(BadPayload, match="the payload is longer than 262144 bytes"):
        parse(EVENT | {"x": "x" * 262_144}, {}, {"convert_data": {"title": "t"}})


def test_an_address_to_confirm_is_no_event() -> None:
    parsed = parse({"links": {"ok": "https://x/y?z"}}, {}, {"confirm_url": "links.ok"})
    assert parsed.confirm == "https://x/y?z"
    assert [(signal.kind, signal.links[0].href) for signal in parsed.signals] == [("info", parsed.confirm)]


@pytest.mark.parametrize("path", ["links.ok", "event_key.x", ""])
def test_without_an_address_there_it_is_an_event(path: object) -> None:
    parsed = parse(EVENT | {"links": {}}, {}, {"confirm_url": path})
    assert parsed.confirm == ""
    assert [signal.key for signal in parsed.signals] == ["k"]


def test_only_web_addresses_are_asked_for() -> None:
    with pytest.raises(BadPayload, match="the address at confirm_url is no web address"):
        parse({"ok": "file:///etc/passwd"}, {}, {"confirm_url": "ok"})
