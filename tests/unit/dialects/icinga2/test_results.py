"""Taking the objects out of an answer of Icinga's API as it comes."""

from typing import Any

import msgspec
import pytest

from tests.unit.dialects.icinga2.fake import result, standing
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.icinga2 import results
from tocsin.dialects.icinga2.results import Results

OBJECTS = [standing("wéb]1", 'd"isk\\', result(2, output="} ], {")), {}, standing("wéb1", "", None)]
PIECE = 64 * 1024


def taken(body: bytes, size: int) -> tuple[list[dict[str, Any]], bool]:
    """Give what is found in a body that comes in pieces of a size, and whether that is all."""
    answer = Results()
    found = [each for at in range(0, len(body), size) for each in answer.take(body[at : at + size])]
    return found, answer.is_whole


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("more", [{}, {"status": "fine"}])
def test_objects_are_found_wherever_pieces_end(size: int, more: dict[str, Any]) -> None:
    body = msgspec.json.format(msgspec.json.encode(more | {"results": OBJECTS} | more))
    assert taken(body, size) == (OBJECTS, True)
    assert taken(msgspec.json.encode({"results": OBJECTS}), size) == (OBJECTS, True)
    assert taken(b'{"results":[]}', size) == ([], True)


def test_each_piece_is_decoded_as_it_comes() -> None:
    objects = [standing(f"host-{number:04}", "disk", result(2)) for number in range(5000)]
    body = msgspec.json.encode({"results": objects})
    (size,) = {len(msgspec.json.encode(each)) for each in objects}
    answer, count, came = Results(), 0, 0
    for at in range(0, len(body), PIECE):
        found = answer.take(body[at : at + PIECE])
        assert len(found) <= PIECE / 100
        count += len(found)
        came += len(body[at : at + PIECE])
        # Whatever came is decoded, but for an object that is not whole.
        assert (count + 2) * (size + 1) > came
    assert (count, answer.is_whole) == (len(objects), True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"results": {}}',
        b'{"results": [{}',
        b'{"results": [{}, nonsense',
        b'{"results": [' + b"[" * 9999,
    ],
)
def test_what_is_cut_off_or_no_such_answer_is_not_whole(body: bytes) -> None:
    assert not taken(body, 5)[1]


@pytest.mark.parametrize("text", ["\ud800", "\u0000"])
def test_texts_that_cannot_be_stored_are_refused(text: str) -> None:
    escaped = f"\\u{ord(text):04x}"
    with pytest.raises(BadPayload):
        taken(f'{{"results": [{{"name": "{escaped}"}}]}}'.encode(), 1000)


def test_what_is_not_utf_8_is_refused() -> None:
    with pytest.raises(BadPayload, match="not UTF-8"):
        taken(b'{"results": [{"name": "\xff"}]}', 1000)


@pytest.mark.parametrize("head", [b"", b'{"results": [{"name": "'])
def test_an_object_without_end_is_not_read_on(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "OBJECT_LIMIT", 1000)
    with pytest.raises(BadPayload, match="more than 1000 characters"):
        taken(head + b"x" * 2000, 100)
