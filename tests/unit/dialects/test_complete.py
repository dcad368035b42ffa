"""What every format does at the end: title, service, and limits."""

import pytest

from tocsin.dialects.complete import LABELS_LIMIT, LINE_LIMIT, TEXT_LIMIT, complete, filled, host_of
from tocsin.model.signal import Kind, Link, Signal


def signal(**fields: object) -> Signal:
    made = Signal(Kind.PROBLEM, "k")
    for name, value in fields.items():
        setattr(made, name, value)
    return complete(made)


def test_the_key_stands_for_a_missing_title() -> None:
    assert signal().title == "k"
    assert signal(title="Disk full").title == "Disk full"


@pytest.mark.parametrize(
    ("fields", "service"),
    [
        ({"host": "db1", "service": "disk", "rule": "r"}, "disk"),
        ({"host": "db1", "rule": "r", "labels": {"alertname": "a"}}, "r"),
        ({"host": "db1", "labels": {"alertname": "a"}}, "a"),
        ({"host": "db1"}, "k"),
        ({"rule": "r"}, ""),
    ],
)
def test_a_host_gets_a_service(fields: dict[str, object], service: str) -> None:
    assert signal(**fields).service == service


@pytest.mark.parametrize(
    ("labels", "host"),
    [
        ({"host": "a", "instance": "b:9100", "node": "c"}, "a"),
        ({"instance": "b:9100", "node": "c"}, "b"),
        ({"instance": "b"}, "b"),
        ({"node": "c"}, "c"),
        ({"pod": "d"}, ""),
        ({}, ""),
    ],
)
def test_labels_name_a_host(labels: dict[str, str], host: str) -> None:
    assert host_of(labels) == host


def test_what_is_too_long_is_cut_with_a_remark() -> None:
    cut = signal(title="t" * 2000, description="d" * 30_000, host="h" * 300)
    assert (len(cut.title), len(cut.description), len(cut.host)) == (LINE_LIMIT, TEXT_LIMIT, 255)
    assert cut.remarks == [
        "title cut at 1024 characters",
        "description cut at 20480 characters",
        "host cut at 255 characters",
    ]


def test_links_that_are_too_long_are_left_out() -> None:
    kept = Link("https://x")
    assert signal(links=[Link("https://" + "x" * 2000), kept]).links == [kept]


def test_labels_are_cut_and_counted() -> None:
    long = {f"{number}": "x" * 30_000 for number in range(7)} | {"n" * 300: "y"}
    many = signal(labels=long | {f"l{number}": "" for number in range(LABELS_LIMIT)})
    assert len(many.labels) == LABELS_LIMIT
    assert many.labels["0"] == "x" * TEXT_LIMIT
    assert many.labels["n" * 255] == "y"
    assert many.remarks[:5] == [f"label {number} cut" for number in range(5)]
    assert many.remarks[5:] == ["3 more labels cut", "only the first 512 labels are kept"]
    few = {"a": "b"}
    assert signal(labels=few).labels is few


def test_empty_texts_are_left_out() -> None:
    assert filled({"a": "", "b": "x"}) == {"b": "x"}
