"""Payloads as rows hold them: described, and compressed where that is worth it."""

from typing import Any, Final

import msgspec
import zstandard

from tocsin.model.submission import Payload

_COMPRESSION_LEVEL: Final = 1
_WORTH_COMPRESSING: Final = 512


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
