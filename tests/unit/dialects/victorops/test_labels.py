"""Labels: flat, bounded in number and length, and no way to make them slow."""

import time

import pytest

from tocsin.dialects.victorops.fields import Fields
from tocsin.dialects.victorops.labels import gather
from tocsin.model.signal import Link


def gathered(document: dict[str, object]) -> tuple[dict[str, str], list[Link], list[str]]:
    fields, labels, links = Fields(document), dict[str, str](), list[Link]()
    gather(fields, labels, links)
    return labels, links, fields.remarks


def test_nested_values_are_flattened_with_dots_and_indexes() -> None:
    document: dict[str, object] = {
        "data": {"series": [{"name": "cpu", "tags": {"host": "web1"}, "values": [["t", 97.1], []]}]},
        "flat": "x",
        "empty": {},
        "null": None,
        "yes": True,
        "n": 2**70,
        "tags": ["a", {"b": [None]}],
    }
    labels, links, remarks = gathered(document)
    assert labels == {
        "data.series.0.name": "cpu",
        "data.series.0.tags.host": "web1",
        "data.series.0.values.0.0": "t",
        "data.series.0.values.0.1": "97.1",
        "data.series.0.values.1": "",
        "flat": "x",
        "empty": "",
        "null": "",
        "yes": "true",
        "n": str(2**70),
        "tags.0": "a",
        "tags.1.b.0": "",
    }
    assert (links, remarks) == ([], [])


def test_annotations_are_links_or_labels_also_where_they_are_nested() -> None:
    labels, links, remarks = gathered(
        {
            "vo_annotate.u.Runbook": "https://x/runbook",
            "vo_annotate": {"i": {"Graph": "https://x/graph"}, "s": {"Note": "seen before"}},
            "vo_annotate.u.Wiki": "the usual page",
        }
    )
    assert links == [Link("https://x/runbook", "Runbook"), Link("https://x/graph", "Graph", "image")]
    assert labels == {"vo_annotate.s.Note": "seen before", "vo_annotate.u.Wiki": "the usual page"}
    assert remarks == []


def test_values_are_cut_at_their_limit() -> None:
    labels, _, remarks = gathered({"a": "x" * 1025, "b": {"c": "x" * 1024}, "vo_annotate.s.n": "x" * 1125})
    assert {name: len(text) for name, text in labels.items()} == {
        "a": 1024,
        "b.c": 1024,
        "vo_annotate.s.n": 1124,
    }
    assert remarks == ["a cut at 1024 characters", "vo_annotate.s.n cut at 1124 characters"]


def test_many_cut_labels_share_a_remark() -> None:
    _, _, remarks = gathered({f"n{number}": "x" * 2000 for number in range(9)})
    assert remarks == [f"n{number} cut at 1024 characters" for number in range(5)] + ["4 more labels cut"]


def test_names_are_cut() -> None:
    labels, _, remarks = gathered({"n" * 300: "a", "o" * 200: {"p" * 100: "b"}, "q" * 255: "c"})
    assert labels == {"n" * 255: "a", ("o" * 200 + "." + "p" * 100)[:255]: "b", "q" * 255: "c"}
    assert remarks == ["names of labels cut at 255 characters"]


@pytest.mark.parametrize("nested", [True, False])
def test_a_message_has_512_labels_at_most(nested: bool) -> None:
    many: dict[str, object] = {f"n{number}": number for number in range(513)}
    labels, _, remarks = gathered({"data": many} if nested else many)
    assert len(labels) == 512
    assert remarks == ["only the first 512 labels are kept"]


def test_512_labels_and_links_are_all_kept() -> None:
    document: dict[str, object] = {f"n{number}": number for number in range(500)}
    document |= {f"vo_annotate.u.{number}": "http://x" for number in range(12)}
    labels, links, remarks = gathered(document)
    assert (len(labels), len(links), remarks) == (500, 12, [])


@pytest.mark.parametrize(
    "document",
    [
        {"n" * 255: list(range(300_000))},
        {"a" * 500_000: {"b" * 400_000: {str(number): {} for number in range(10_000)}}},
        {str(number): "x" for number in range(100_000)},
    ],
)
def test_no_message_of_a_mebibyte_takes_long(document: dict[str, object]) -> None:
    before = time.process_time()
    labels, _, _ = gathered(document)
    assert time.process_time() - before < 0.25
    assert len(labels) <= 512
