"""Bodies in the native shape: one object, an array, lines; the quick way and the careful one agree."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.dialects.errors import BadPayload
from tocsin.dialects.native import parse as native
from tocsin.dialects.native.parse import Items, of_body, of_document, parse
from tocsin.dialects.parsed import ITEMS_LIMIT
from tocsin.model.submission import Refusal

LEAST = {"key": "k", "title": "t"}

odd_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
faultless = st.fixed_dictionaries(
    {"key": odd_texts.filter(bool), "title": odd_texts.filter(bool)},
    optional={
        "kind": st.sampled_from(["problem", "info", "recovery", "acknowledgement", "error"]),
        "severity": st.sampled_from(["critical", "warning", "none"]),
        "host": odd_texts,
        "labels": st.dictionaries(odd_texts.filter(bool), odd_texts, max_size=3),
        "occurred_at": st.integers(0, 10**9) | st.none(),
        "source_id": odd_texts,
        "attempt": st.integers(0, 5),
    },
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | odd_texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_texts, inner, max_size=3),
    max_leaves=6,
)
doubtful = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("key", "title", "kind", "labels", "occurred_at", "links", "x"), anything)
)


def read(document: object) -> Items:
    return of_body(json.dumps(document).encode(), lines=False)


def lines(*documents: object) -> bytes:
    return b"\n".join(json.dumps(document).encode() for document in documents)


def places(items: Items) -> list[int]:
    return sorted([signal.index for signal in items.signals] + [each.index for each in items.refusals])


def test_one_object_is_single() -> None:
    items = read(LEAST)
    assert (items.single, [signal.key for signal in items.signals], items.source_ids) == (True, ["k"], [""])
    assert read([LEAST]).single is False


def test_places_and_sources_follow_the_items() -> None:
    items = read([LEAST | {"source_id": "one"}, 5, LEAST | {"source_id": "two", "more": 1}])
    assert [signal.index for signal in items.signals] == [0, 2]
    assert items.source_ids == ["one", "two"]
    assert items.refusals == [Refusal(1, "not an event: a JSON object is expected")]


@given(st.lists(faultless, max_size=4))
def test_the_quick_way_is_the_careful_one(documents: list[dict[str, Any]]) -> None:
    quick = native._quickly(json.dumps(documents).encode())
    assert quick is not None
    assert quick == of_document(documents)


@given(st.lists(doubtful | faultless | anything, max_size=4))
def test_every_item_is_taken_or_refused_at_its_place(documents: list[Any]) -> None:
    for items in (read(documents), of_body(lines(*documents) or b"{}", lines=True)):
        if documents:
            assert places(items) == list(range(len(documents)))
        assert len(items.source_ids) == len(items.signals)


@given(st.lists(faultless, min_size=1, max_size=4))
def test_lines_are_the_items_of_an_array(documents: list[dict[str, Any]]) -> None:
    assert of_body(lines(*documents), lines=True) == of_document(documents)


def test_empty_lines_are_no_items() -> None:
    items = of_body(b"\r\n \n" + lines(LEAST, LEAST) + b"\n\n", lines=True)
    assert [signal.index for signal in items.signals] == [0, 1]


@pytest.mark.parametrize("body", [b"", b"\n", b" \r\n\t"])
@pytest.mark.parametrize("is_lines", [True, False])
def test_an_empty_body_is_refused(body: bytes, is_lines: bool) -> None:
    with pytest.raises(BadPayload, match="the body is empty"):
        of_body(body, lines=is_lines)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"title": "t"}, "object missing required field `key`"),
        ({"key": 5, "title": "t"}, "key: expected `str`, got `int`"),
        ({"key": "", "title": "t"}, "key: expected `str` of length >= 1"),
        ({"key": "x" * 513, "title": "t"}, "key: expected `str` of length <= 512"),
        (LEAST | {"links": [{}]}, "links[0]: object missing required field `href`"),
        (LEAST | {"resource": {"id": 5}}, "resource.id: expected `str`, got `int`"),
        (LEAST | {"labels": {"": "x"}}, "labels: expected `str` of length >= 1"),
        (
            LEAST | {"kind": "alarm"},
            "kind: expected one of acknowledgement, check_result, error, info, problem, recovery",
        ),
        (
            LEAST | {"severity": "x" * 100_000},
            "severity: expected one of critical, error, warning, info, none, not_available",
        ),
        (LEAST | {"occurred_at": -1}, "occurred_at: not a time from 1970 to 9999"),
    ],
)
def test_a_refusal_says_where_and_what(document: dict[str, Any], reason: str) -> None:
    assert read(document).refusals == [Refusal(0, reason)]
    assert of_body(lines(document), lines=True).refusals == [Refusal(0, reason)]
    with pytest.raises(BadPayload) as caught:
        parse(document, {}, {})
    assert str(caught.value) == reason


@pytest.mark.parametrize("document", [5, "text", None, True])
def test_what_is_neither_object_nor_array_is_refused(document: object) -> None:
    with pytest.raises(BadPayload, match="neither an event"):
        read(document)


def test_lines_that_are_taken_for_a_document_get_a_hint() -> None:
    for body in (lines(LEAST, LEAST), b'{"key":"k","title":"t"}{"key":"k","title":"t"}'):
        with pytest.raises(BadPayload, match="lines of JSON need Content-Type: application/x-ndjson"):
            of_body(body, lines=False)


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800"])
def test_what_cannot_be_stored_is_refused_on_every_way(text: str) -> None:
    item = f'{{"key": "{text}", "title": "t"}}'.encode()
    for body in (item, b"[" + item + b"]"):
        with pytest.raises(BadPayload):
            of_body(body, lines=False)
    assert len(of_body(item, lines=True).refusals) == 1


@pytest.mark.parametrize(
    ("body", "is_lines"),
    [
        (b"[" + b'{"key":"k","title":"t"},' * ITEMS_LIMIT + b'{"key":"k","title":"t"}]', False),
        (b"[" + b"0," * ITEMS_LIMIT + b"0]", False),
        (b"0\n" * (ITEMS_LIMIT + 1), True),
    ],
    ids=["faultless", "faulty", "lines"],
)
def test_the_number_of_items_is_bounded(body: bytes, is_lines: bool) -> None:
    told = f"{ITEMS_LIMIT + 1} events in one request: at most {ITEMS_LIMIT} are taken"
    with pytest.raises(BadPayload, match=told):
        of_body(body, lines=is_lines)


def test_a_parsed_array_keeps_its_refusals() -> None:
    parsed = parse([LEAST, 5], {}, {})
    assert (parsed.format, len(parsed.signals), [each.index for each in parsed.refusals]) == (
        "native",
        1,
        [1],
    )
