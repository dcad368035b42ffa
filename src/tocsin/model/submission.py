"""A submission: what one request brought, with the request itself."""

from enum import StrEnum
from typing import Final

import msgspec

from tocsin.model.rejected import Replay
from tocsin.model.signal import Signal
from tocsin.model.source import Source


class Payload(msgspec.Struct, frozen=True, gc=False):
    """One request as it came, kept whole.

    Attributes:
        format: the dialect that understood it.
        content_type: as the sender said, '' where it said none.
        context: what the path said beside the body (the routing key), for replay.
        body: the bytes, decompressed if they came compressed.
    """

    format: str
    content_type: str
    context: dict[str, str]
    body: bytes


WHOLE: Final = -1
"""In place of an item's place, where the request was refused as a whole: nobody knows what items it has."""


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """An item of a request that is no signal: its place from 0, or `WHOLE`, and what is wrong with it."""

    index: int
    reason: str


class Standing(StrEnum):
    """How a request stands to an earlier one with its Idempotency-Key.

    Attributes:
        NEW: there was none.
        REPEATED: it was the same.
        OTHER: it was another.
    """

    NEW = "new"
    REPEATED = "repeated"
    OTHER = "other"


class Once(msgspec.Struct, gc=False):
    """What makes a repeated request known as one. The submissions of a request share it.

    Attributes:
        key: a hash of the Idempotency-Key, of who asks and what for.
        fingerprint: a hash of what is asked.
        standing: how it stands to what was answered before, as the ledger found it.
    """

    key: str
    fingerprint: str
    standing: Standing = Standing.NEW


class Submission(msgspec.Struct, gc=False):
    """What one request brought: its signals and its refused items, of one source.

    Attributes:
        source: where it came in.
        payload: the request itself.
        signals: what it said, in order.
        refusals: what of it was not understood.
        only_to: the ids of the targets that its events go to, whatever silences and routes say; empty for
            what those decide.
        once: by what it is known if it comes again; None where it is recorded each time.
        replay: what was rejected of it before, and goes as it is recorded; None for a request of its own. The
            submissions of a request share it.
        is_past: it tells what happened before, see `past`.
        missed_since: when the gap began in which its source could not be heard: what is recorded counts among
            the differences of that; microseconds UTC, 0 for none.
    """

    source: Source
    payload: Payload
    signals: list[Signal]
    refusals: list[Refusal] = []
    only_to: tuple[str, ...] = ()
    once: Once | None = None
    replay: Replay | None = None
    is_past: bool = False
    missed_since: int = 0
