"""A message -> a signal: only message_type is required, everything else has a place or is a label."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.dialects.errors import BadPayload
from tocsin.dialects.victorops.parse import body_keys, parse
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal

API_KEY = "0123456789abcdef0123456789abcdef"


def message(**fields: object) -> dict[str, object]:
    return {"message_type": "CRITICAL", "entity_id": "db1/disk", **fields}


def refusal(document: object) -> str:
    with pytest.raises(BadPayload) as caught:
        parse(document)
    return str(caught.value)


def test_a_message_of_six_keys_has_a_place_for_each() -> None:
    document = message(
        entity_display_name="Disk full on db1",
        state_message="97 % of /var is used",
        state_start_time=1609459200,
        monitoring_tool="InfluxDB",
    )
    assert parse(document, "DBA") == Signal(
        kind=Kind.PROBLEM,
        key="db1/disk",
        severity=Severity.CRITICAL,
        title="Disk full on db1",
        description="97 % of /var is used",
        labels={"routing_key": "dba"},
        source_tool="InfluxDB",
        occurred_at=1609459200_000000,
    )


def test_the_document_stays_as_it_is() -> None:
    document = message(routing_key="dba", api_key=API_KEY, data={"a": [1]})
    before = dict(document)
    parse(document)
    assert document == before


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "the body must be a JSON object, not an array"),
        ("CRITICAL", "the body must be a JSON object, not a text"),
        (None, "the body must be a JSON object, not null"),
        ({}, "Missing fields: message_type"),
        ({"entity_id": "x"}, "Missing fields: message_type"),
        ({"VO_ZABBIX_ALERT_TIME": 1}, "Missing fields: message_type"),
        ({"message_type": None}, "message_type must be a text, not null"),
        ({"message_type": 1}, "message_type must be a text, not a number"),
        ({"message_type": True}, "message_type must be a text, not true or false"),
        ({"message_type": ["CRITICAL"]}, "message_type must be a text, not an array"),
        ({"message_type": {"x": 1}}, "message_type must be a text, not an object"),
        ({"message_type": ""}, "message_type is empty"),
        ({"message_type": " \n"}, "message_type is empty"),
    ],
)
def test_only_a_message_without_a_type_is_refused(document: object, words: str) -> None:
    assert refusal(document) == words


def test_an_unknown_message_type_is_info_and_marked() -> None:
    signal = parse(message(message_type="DOWN"))
    assert (signal.kind, signal.severity) == (Kind.INFO, Severity.INFO)
    assert signal.remarks == ['message_type "DOWN" is unknown: taken as INFO']


def test_a_long_unknown_message_type_makes_no_long_remark() -> None:
    assert len(parse(message(message_type="x" * 100_000)).remarks[0]) < 120


@pytest.mark.parametrize("document", [{}, {"entity_id": ""}, {"entity_id": None}])
def test_a_key_is_made_where_none_is_sent(document: dict[str, object]) -> None:
    signal = parse({"message_type": "critical", **document}, make_key=lambda: "made")
    assert (signal.key, signal.key_made, signal.title) == ("made", True, "made")


def test_made_keys_differ() -> None:
    keys = {parse({"message_type": "CRITICAL"}).key for _ in range(100)}
    assert len(keys) == 100
    assert all(re.fullmatch("[0-9a-f]{32}", key) for key in keys)


@pytest.mark.parametrize(
    ("value", "key"),
    [(7, "7"), (0, "0"), (1.5, "1.5"), (True, "true"), ([1, "a"], '[1,"a"]'), ({"a": None}, '{"a":null}')],
)
def test_a_key_of_any_type_is_its_text(value: object, key: str) -> None:
    signal = parse(message(entity_id=value))
    assert (signal.key, signal.key_made) == (key, False)


@pytest.mark.parametrize(
    ("field", "limit", "attribute"),
    [
        ("entity_id", 512, "key"),
        ("entity_display_name", 1024, "title"),
        ("state_message", 20_480, "description"),
        ("monitoring_tool", 1024, "source_tool"),
        ("host_name", 1024, "host"),
    ],
)
def test_what_is_too_long_is_cut_and_marked(field: str, limit: int, attribute: str) -> None:
    whole = parse(message(**{field: "ü" * limit}))
    assert (getattr(whole, attribute), whole.remarks) == ("ü" * limit, [])
    cut = parse(message(**{field: "ü" * (limit + 1)}))
    assert (getattr(cut, attribute), cut.remarks) == ("ü" * limit, [f"{field} cut at {limit} characters"])


def test_the_title_is_the_key_where_none_is_sent() -> None:
    assert parse(message(entity_display_name="")).title == "db1/disk"


@pytest.mark.parametrize(
    ("fields", "host", "service"),
    [
        ({}, "", ""),
        ({"host_name": "db1"}, "db1", "db1/disk"),
        ({"hostname": "db1"}, "db1", "db1/disk"),
        ({"host_name": "", "hostname": "db1"}, "db1", "db1/disk"),
        ({"host_name": "db1", "entity_is_host": False}, "db1", "db1/disk"),
        ({"entity_is_host": True}, "db1/disk", ""),
        ({"entity_is_host": "True"}, "db1/disk", ""),
        ({"entity_is_host": 1}, "db1/disk", ""),
        ({"entity_is_host": "no"}, "", ""),
        ({"entity_is_host": None}, "", ""),
        ({"entity_is_host": True, "host_name": "db1"}, "db1/disk", ""),
        ({"entity_id": "", "host_name": "db1"}, "db1", ""),
        ({"entity_id": "", "entity_is_host": True, "host_name": "db1"}, "db1", ""),
        ({"entity_id": "", "entity_is_host": True}, "", ""),
    ],
)
def test_host_and_service(fields: dict[str, object], host: str, service: str) -> None:
    signal = parse(message(**fields))
    assert (signal.host, signal.service) == (host, service)


def test_a_field_that_is_not_used_is_a_label() -> None:
    signal = parse(
        message(
            host_name="db1",
            hostname="db1.example.org",
            state_start_time=1609459200,
            timestamp=1609459205,
            ack_msg="no acknowledgement",
            monitor_name="eu",
            entity_state="CRITICAL",
        )
    )
    assert signal.labels == {
        "hostname": "db1.example.org",
        "timestamp": "1609459205",
        "ack_msg": "no acknowledgement",
        "monitor_name": "eu",
        "entity_state": "CRITICAL",
    }


@pytest.mark.parametrize("name", ["ack_msg", "ack_message"])
def test_an_acknowledgement_has_a_comment_and_an_author(name: str) -> None:
    signal = parse(message(message_type="ACKED", ack_author="alice", **{name: "looking at it"}))
    assert (signal.kind, signal.severity) == (Kind.ACKNOWLEDGEMENT, Severity.NOT_AVAILABLE)
    assert (signal.author, signal.comment, signal.labels) == ("alice", "looking at it", {})


def test_addresses_are_links_and_what_is_none_is_a_label() -> None:
    signal = parse(message(alert_url="https://x/a", image_url="https://x/i"))
    assert (signal.links, signal.image_url, signal.labels) == ([Link("https://x/a")], "https://x/i", {})
    signal = parse(message(alert_url="javascript:alert(1)", image_url=None))
    assert (signal.links, signal.image_url) == ([], "")
    assert signal.labels == {"alert_url": "javascript:alert(1)", "image_url": ""}


@pytest.mark.parametrize(
    ("in_path", "in_body", "label"),
    [
        ("DBA", {}, "dba"),
        ("", {}, None),
        ("$routing_key", {}, None),
        ("$ROUTING_KEY", {}, None),
        ("dba", {"routing_key": "Web", "VO_ROUTING_KEY": "Net"}, "dba"),
        ("", {"routing_key": "Web"}, "web"),
        ("$routing_key", {"routing_key": "Web", "VO_ROUTING_KEY": "Net"}, "net"),
        ("", {"routing_key": "$routing_key"}, None),
        ("", {"routing_key": 7}, "7"),
        ("", {"routing_key": None}, None),
        (" d\x00ba\n", {}, "dba"),
    ],
)
def test_the_routing_key_is_a_label(in_path: str, in_body: dict[str, object], label: str | None) -> None:
    assert parse(message(**in_body), in_path).labels == ({} if label is None else {"routing_key": label})


def test_a_long_routing_key_is_cut_and_marked() -> None:
    signal = parse(message(), "K" * 1025)
    assert signal.labels == {"routing_key": "k" * 1024}
    assert signal.remarks == ["routing_key cut at 1024 characters"]


def test_keys_that_open_something_are_never_shown() -> None:
    names = ("VO_ORGANIZATION_KEY", "VO_ORGANIZATION_ID", "api_key", "session_key")
    signal = parse(message(**dict.fromkeys(names, API_KEY)))
    assert signal.labels == {}
    assert API_KEY not in repr(signal)


@pytest.mark.parametrize(
    ("document", "keys"),
    [
        ({"VO_ORGANIZATION_KEY": API_KEY, "VO_ROUTING_KEY": "DBA"}, (API_KEY, "dba")),
        ({"api_key": API_KEY, "routing_key": "DBA"}, (API_KEY, "dba")),
        ({"VO_ORGANIZATION_KEY": "", "api_key": API_KEY}, (API_KEY, "")),
        ({"VO_ORGANIZATION_KEY": 7, "VO_ROUTING_KEY": "$routing_key"}, ("", "")),
        ({"VO_ORGANIZATION_ID": "example-org"}, ("", "")),
        ({}, ("", "")),
        ([API_KEY], ("", "")),
        (None, ("", "")),
    ],
)
def test_the_keys_in_a_body(document: object, keys: tuple[str, str]) -> None:
    assert body_keys(document) == keys


def test_a_message_can_overwrite_every_field_with_nonsense() -> None:
    nonsense: dict[str, Any] = {"a": [1, None]}
    names = (
        *("entity_id", "entity_display_name", "state_message", "state_start_time", "timestamp"),
        *("monitoring_tool", "host_name", "hostname", "entity_is_host", "ack_msg", "ack_author", "alert_url"),
        *("image_url", "routing_key", "VO_ROUTING_KEY", "api_key", "TRIGGER.STATUS", "vo_annotate"),
    )
    signal = parse({"message_type": "ACK", **dict.fromkeys(names, nonsense)})
    text = '{"a":[1,null]}'
    assert (signal.key, signal.title, signal.host, signal.comment) == (text, text, text, text)
    assert signal.labels["vo_annotate.a.0"] == "1"


# Names that have a meaning come up often, others sometimes.
NAMES = st.text(max_size=300) | st.sampled_from(
    [
        *("entity_id", "entity_display_name", "state_message", "state_start_time", "timestamp", "hostname"),
        *(
            "monitoring_tool",
            "host_name",
            "entity_is_host",
            "ack_msg",
            "ack_message",
            "ack_author",
            "api_key",
        ),
        *("alert_url", "image_url", "routing_key", "VO_ROUTING_KEY", "vo_annotate", "vo_annotate.u.Runbook"),
        *(
            "vo_annotate.i.Graph",
            "vo_annotate.s.Note",
            "TRIGGER.STATUS",
            "TRIGGER_ID",
            "VO_ZABBIX_ALERT_TIME",
        ),
    ]
)
LONG = st.builds(lambda text, times: text * times, st.text(min_size=1), st.integers(1, 3000))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | LONG
    | st.sampled_from(["https://x", "http://x/" + "y" * 3000, "1609459200"])
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=20
)
MESSAGE_TYPES = st.text(min_size=1).filter(str.strip) | st.sampled_from(
    ["CRITICAL", "ack", "Recovery", "info"]
)
DOCUMENTS = st.builds(
    lambda fields, message_type: {**fields, "message_type": message_type},
    st.dictionaries(NAMES, VALUES, max_size=12),
    MESSAGE_TYPES,
)


@given(DOCUMENTS, st.text())
def test_any_object_with_a_message_type_is_a_signal_within_limits(
    document: dict[str, object], routing_key: str
) -> None:
    signal = parse(document, routing_key)
    assert 0 < len(signal.key) <= 512
    assert 0 < len(signal.title) <= 1024
    assert len(signal.description) <= 20_480
    for short in (signal.host, signal.service, signal.source_tool, signal.author, signal.comment):
        assert len(short) <= 1024
    assert len(signal.image_url) <= 1024
    assert len(signal.labels) + len(signal.links) <= 512
    for name, text in signal.labels.items():
        assert type(name) is type(text) is str
        assert len(name) <= 255
        assert len(text) <= 1124
    for link in signal.links:
        assert link.href.startswith(("http://", "https://"))
        assert len(link.href) <= 1124
    assert 0 <= signal.occurred_at < 2**58
    assert len("; ".join(signal.remarks)) < 5000
    assert signal.labels.keys().isdisjoint({"api_key", "VO_ORGANIZATION_KEY", "VO_ORGANIZATION_ID"})
