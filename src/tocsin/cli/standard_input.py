"""Events from standard input, cut into requests."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final, Protocol

_PIECE_BYTES: Final = 1024 * 1024
_BATCH_LINES: Final = 10_000
"""No more than the server takes in one request."""
_JSON: Final = "application/json"
_NDJSON: Final = "application/x-ndjson"


class Readable(Protocol):
    """A stream that gives what is there, waiting only while nothing is."""

    def read1(self, size: int, /) -> bytes:
        """Give up to so many bytes; b'' at the end."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one request carries.

    Attributes:
        body: events as JSON or NDJSON.
        content_type: which of them.
        first: how many events were in the batches before.
    """

    body: bytes
    content_type: str
    first: int


def batches(stream: Readable) -> Iterator[Batch]:
    """Cut a stream into requests.

    Where its first line is a JSON object, every line is taken for one event, and lines are sent as soon as
    they come. Anything else is one JSON text, an object or an array.
    """
    pieces = iter(lambda: stream.read1(_PIECE_BYTES), b"")
    start = b""
    for piece in pieces:
        start += piece
        if b"\n" in start.lstrip():
            break
    if _is_object(start.lstrip().partition(b"\n")[0]):
        yield from _lines(start, pieces)
        return
    whole = start + b"".join(pieces)
    if whole.strip():
        yield Batch(whole, _JSON, 0)


def _lines(rest: bytes, pieces: Iterator[bytes]) -> Iterator[Batch]:
    sent = 0
    # The last line may have no end.
    for piece in chain([b""], pieces, [b"\n"]):
        complete, _, rest = (rest + piece).rpartition(b"\n")
        lines = [line for line in complete.split(b"\n") if line.strip()]
        for start in range(0, len(lines), _BATCH_LINES):
            batch = lines[start : start + _BATCH_LINES]
            yield Batch(b"\n".join(batch), _NDJSON, sent)
            sent += len(batch)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
