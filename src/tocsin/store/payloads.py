"""Payloads as rows hold them: described, and compressed where that is worth it."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec
import zstandard
from sqlalchemy import Connection

from tocsin.model.submission import Payload
from tocsin.store import keyed, tables

_COMPRESSION_LEVEL: Final = 1
_WORTH_COMPRESSING: Final = 512


class _Row(NamedTuple):
    seq: int
    format: str
    content_type: str
    context: str
    size: int
    body: bytes


_BY_KEY: Final = keyed.Lookup(
    tables.payload,
    _Row._fields,
    "",
    ("text", "bigint", "bigint"),
    "found.domain_id = k.a and found.seq = k.b and found.day = k.c",
    ends_with_day=True,
)


class Payloads:
    """Reads the payloads of events, some at a time. One whose events stand together is read once for all.

    Args:
        connection: within a read.
        domain_id: whose.
    """

    def __init__(self, connection: Connection, domain_id: str) -> None:
        self._connection = connection
        self._domain_id = domain_id
        self._held: dict[int, Payload] = {}

    def of(self, wanted: Mapping[int, int]) -> Mapping[int, Payload]:
        """Give payloads by their numbers, without those that are not kept any more.

        Args:
            wanted: number -> day, which a payload shares with its events.
        """
        held = {seq: payload for seq, payload in self._held.items() if seq in wanted}
        if missing := [seq for seq in wanted if seq not in held]:
            keys = [(self._domain_id, seq, wanted[seq]) for seq in missing]
            rows = (_Row(*row) for row in keyed.find(self._connection, _BY_KEY, keys))
            held.update((row.seq, payload_of(row)) for row in rows)
        self._held = held
        return held


def payload_columns(payload: Payload) -> tuple[Any, ...]:
    """Give the columns format, content_type, context, size and body of a payload."""
    return (
        payload.format,
        payload.content_type,
        msgspec.json.encode(payload.context).decode() if payload.context else "{}",
        len(payload.body),
        _packed(payload.body),
    )


def payload_of(row: Any) -> Payload:
    """Read a payload from the columns format, content_type, context and body."""
    context = msgspec.json.decode(row.context, type=dict[str, str])
    return Payload(row.format, row.content_type, context, _unpacked(row.body, row.size))


def _packed(body: bytes) -> bytes:
    """Compress a body where that makes it smaller; a small one costs more time than it saves room."""
    if len(body) < _WORTH_COMPRESSING:
        return body
    packed = zstandard.ZstdCompressor(level=_COMPRESSION_LEVEL).compress(body)
    return packed if len(packed) < len(body) else body


def _unpacked(stored: bytes, size: int) -> bytes:
    """Give the body back. What was stored as it came has its own size; what was compressed is smaller."""
    return stored if len(stored) == size else zstandard.ZstdDecompressor().decompress(stored)
