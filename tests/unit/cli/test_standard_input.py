import io
import json

import pytest

from tocsin.cli.standard_input import Batch, batches
from tocsin.dialects.parsed import ITEMS_LIMIT


class Pieces:
    """A stream that gives what a test says, piece by piece."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)

    def read1(self, size: int, /) -> bytes:
        assert size > 0
        return self.pieces.pop(0) if self.pieces else b""


def test_lines_are_sent_as_they_come() -> None:
    stream = Pieces(b'{"a":1}\n{"a"', b":2}\n", b"\n \n", b'{"a":3}\n{"a":4}')
    sent = batches(stream)
    assert next(sent) == Batch(b'{"a":1}', "application/x-ndjson", 0)
    assert len(stream.pieces) == 3
    assert list(sent) == [
        Batch(b'{"a":2}', "application/x-ndjson", 1),
        Batch(b'{"a":3}', "application/x-ndjson", 2),
        Batch(b'{"a":4}', "application/x-ndjson", 3),
    ]


def test_lines_in_one_piece_are_one_batch() -> None:
    assert list(batches(io.BytesIO(b'{"a":1}\n\nnot json\n{"a":2}\n'))) == [
        Batch(b'{"a":1}\nnot json\n{"a":2}', "application/x-ndjson", 0)
    ]


def test_many_short_lines_are_no_more_a_batch_than_the_server_takes() -> None:
    sent = list(batches(io.BytesIO(b'{"a":1}\n' * (2 * ITEMS_LIMIT + 1))))
    assert [batch.first for batch in sent] == [0, ITEMS_LIMIT, 2 * ITEMS_LIMIT]
    assert [batch.body.count(b"\n") + 1 for batch in sent] == [ITEMS_LIMIT, ITEMS_LIMIT, 1]


def test_a_line_in_many_pieces_is_one() -> None:
    assert list(batches(Pieces(b'{"a"', b":", b"1}"))) == [Batch(b'{"a":1}', "application/x-ndjson", 0)]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("document", [[{"key": "a"}, {"key": "b"}], []])
def test_an_array_is_sent_whole(document: object, indent: int | None) -> None:
    body = json.dumps(document, indent=indent).encode() + b"\n"
    assert list(batches(Pieces(body[:5], body[5:]))) == [Batch(body, "application/json", 0)]


def test_an_object_over_many_lines_is_sent_whole() -> None:
    body = json.dumps({"key": "a"}, indent=2).encode()
    assert list(batches(io.BytesIO(b"\n" + body))) == [Batch(b"\n" + body, "application/json", 0)]


@pytest.mark.parametrize("body", [b"not json\n", b"{", b"[" * 100_000, b"\xff\n"])
def test_what_is_no_json_is_left_to_the_server_to_judge(body: bytes) -> None:
    assert list(batches(io.BytesIO(body))) == [Batch(body, "application/json", 0)]


@pytest.mark.parametrize("body", [b"", b"\n", b" \n\n "])
def test_nothing_is_nothing(body: bytes) -> None:
    assert list(batches(io.BytesIO(body))) == []
