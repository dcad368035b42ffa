"""An item of the native shape becomes a signal."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.dialects.errors import BadPayload
from tocsin.dialects.native.item import POSTED, Item, label_text, signal_of, with_labels
from tocsin.model.severity import SEVERITIES
from tocsin.model.signal import Kind, Link, Signal

LEAST = {"key": "k", "title": "t"}
NOON = 1_767_268_800
"""2026-01-01 12:00 UTC."""


def signal(**fields: Any) -> Signal:
    return signal_of(msgspec.convert(with_labels(LEAST | fields), Item), 0)


def test_key_and_title_are_enough() -> None:
    expected = Signal(Kind.PROBLEM, "k", severity=SEVERITIES[0], title="t")  # type: ignore[arg-type]
    assert signal() == expected


def test_every_field_has_its_place() -> None:
    fields = {
        "kind": "info",
        "severity": "warning",
        **{
            name: f"the {name}"
            for name in (
                *("description", "host", "service", "rule", "provider", "account"),
                *("image_url", "source_tool", "author", "comment", "output"),
            )
        },
        "labels": {"region": "eu"},
        "attempt": 3,
        "markdown": True,
    }
    given_links = [{"href": "https://example.org", "text": "x"}, {"href": "y", "kind": "image"}]
    made = signal(
        **fields,
        links=given_links,
        resource={"id": "i", "type": "server", "name": "n"},
        occurred_at=NOON,
        source_id="source-1",
    )
    shown = msgspec.structs.asdict(made)
    assert {name: shown[name] for name in fields} == fields
    assert made.links == [Link("https://example.org", "x", "link"), Link("y", "", "image")]
    assert (made.resource_id, made.resource_type, made.resource_name) == ("i", "server", "n")
    assert made.occurred_at == NOON * 1_000_000


@pytest.mark.parametrize(
    ("kind", "severity"),
    [
        ("problem", "critical"),
        ("error", "critical"),
        ("info", "info"),
        ("recovery", "none"),
        ("acknowledgement", "none"),
    ],
)
def test_each_kind_has_a_severity_of_its_own(kind: str, severity: str) -> None:
    assert signal(kind=kind).severity == severity
    assert signal(kind=kind, severity="error").severity == "error"


@pytest.mark.parametrize("kind", sorted(set(Kind) - POSTED))
def test_other_kinds_are_not_for_senders(kind: str) -> None:
    with pytest.raises(BadPayload, match=f"kind: {kind} cannot be posted"):
        signal(kind=kind)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2026-01-01T12:00:00Z", NOON),
        ("2026-01-01T13:00:00+01:00", NOON),
        ("2026-01-01T12:00:00", NOON),
        ("2026-01-01 12:00:00.000001Z", NOON + 0.000001),
        (NOON, NOON),
        (NOON + 0.25, NOON + 0.25),
        (0, 0),
        (None, 0),
        (253_402_300_799, 253_402_300_799),
    ],
)
def test_times_are_read(written: object, seconds: float) -> None:
    assert signal(occurred_at=written).occurred_at == round(seconds * 1_000_000)


@pytest.mark.parametrize(
    "written",
    [-1, 253_402_300_800, 10**400, -(10**400), 1e300, "1969-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59"],
)
def test_times_before_1970_and_after_9999_are_refused(written: object) -> None:
    with pytest.raises(BadPayload, match="occurred_at: not a time from 1970 to 9999"):
        signal(occurred_at=written)


@given(st.integers(0, 253_402_300_799_999_999))
def test_every_time_keeps_its_microseconds(microseconds: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    assert signal(occurred_at=moment.isoformat()).occurred_at == microseconds


@pytest.mark.parametrize(
    "fields",
    [
        {"labels": {f"{n}": "x" for n in range(513)}},
        {f"field {n}": "x" for n in range(513)},
        {"labels": {"": "x"}},
        {"labels": {"x" * 256: "x"}},
        {"labels": {"x": "x" * 20_481}},
        {"nested": ["x" * 20_480]},
        {"links": [{"href": "x"}] * 513},
        {"links": [{"text": "x"}]},
        {"attempt": -1},
        {"attempt": 1.5},
        {"markdown": "yes"},
        {"resource": "server"},
        {"occurred_at": True},
        {"occurred_at": "noon"},
    ],
)
def test_what_does_not_fit_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        signal(**fields)


@pytest.mark.parametrize("member", ["href", "text", "kind"])
def test_the_texts_of_a_link_are_bounded(member: str) -> None:
    link = {"href": "x", member: "x" * 1025}
    with pytest.raises(BadPayload, match="links: a text of a link is longer than 1024 characters"):
        signal(links=[link])
    assert len(signal(links=[link | {member: "x" * 1024}]).links) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is", "as it is"),
        (None, ""),
        (7, "7"),
        (1.5, "1.5"),
        (True, "true"),
        ([1, "a"], '[1,"a"]'),
        ({"a": None}, '{"a":null}'),
        ("", ""),
    ],
)
def test_a_label_is_a_text(value: object, text: str) -> None:
    assert label_text(value) == text
    assert signal(region=value).labels == {"region": text}
    assert signal(labels={"region": value}).labels == {"region": text}


def test_what_stands_among_the_labels_counts_more() -> None:
    assert signal(region="eu", labels={"region": "us"}).labels == {"region": "us"}


def test_labels_are_an_object() -> None:
    with pytest.raises(BadPayload, match="labels: not an object"):
        signal(labels=["region"])


def test_the_document_stays_as_it_is() -> None:
    document = {**LEAST, "region": 5, "labels": {"a": 1}}
    with_labels(document)
    assert document == {**LEAST, "region": 5, "labels": {"a": 1}}
