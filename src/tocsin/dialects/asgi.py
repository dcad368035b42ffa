"""Bare ASGI for the hottest inlets: read a bounded body, answer in JSON."""

import asyncio
import zlib
from collections.abc import Generator, Iterable
from typing import Any, Final

import msgspec
from litestar.types import HTTPScope, Receive, Send

encode: Final = msgspec.json.Encoder().encode
_GZIP_WINDOW: Final = 31
_GZIP_MEMBERS: Final = 100
"""Each member costs a copy of what follows it."""
_CODES: Final = {
    400: "bad_payload",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "unsupported",
}


class Refused(Exception):
    """A request that is answered without being read to its end.

    Args:
        status: the HTTP status to answer with.
        message: what is wrong.

    Attributes:
        code: the same as a stable word, for programs and metrics.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = _CODES[status]


class Gone(Exception):
    """The sender hung up before its request was whole: there is nobody to answer."""


async def read_body(scope: HTTPScope, receive: Receive, *, limit: int, seconds: float) -> bytes:
    """Read a request's body, decompressed where it came as gzip.

    Args:
        scope: the request.
        receive: ASGI's.
        limit: bytes, before and after decompression.
        seconds: how long the sender may take.

    Raises:
        Refused: too large (413), too slow (408), or not the encoding it says (400, 415).
        Gone: the sender hung up.
    """
    message, rest = _begin(receive)
    if message is not None and message["type"] == "http.request" and not message.get("more_body", False):
        return _decoded(scope, message.get("body", b""), limit)
    try:
        async with asyncio.timeout(seconds):
            body = await _read_all(message or await rest, receive, limit)
    except TimeoutError:
        raise Refused(408, f"the body did not come within {seconds:g} seconds") from None
    return _decoded(scope, body, limit)


class _Rest:
    """Goes on with an awaitable whose first step is taken."""

    def __init__(self, step: Any, steps: Generator[Any, Any, Any]) -> None:
        self._step = step
        self._steps = steps

    def __await__(self) -> Generator[Any, Any, Any]:
        yield self._step
        return (yield from self._steps)


def _begin(receive: Receive) -> tuple[Any, Any]:
    """Give a message that is there already, or else None and what to await for it.

    Most bodies have come whole with their request, and a timer costs more than reading them.
    """
    steps = receive().__await__()
    try:
        return None, _Rest(next(steps), steps)
    except StopIteration as done:
        return done.value, None


async def _read_all(message: Any, receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise Gone
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise Refused(413, _too_large(limit))
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()


def _decoded(scope: HTTPScope, body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise Refused(413, _too_large(limit))
    encoding = header(scope, b"content-encoding").strip().lower()
    if encoding in {"", "identity"}:
        return body
    if encoding in {"gzip", "x-gzip"}:
        return _gunzip(body, limit)
    raise Refused(415, f"content encoding {encoding}: only gzip is taken")


def _gunzip(body: bytes, limit: int) -> bytes:
    """Decompress all members of a gzip body (RFC 1952): files that were put together are one body."""
    parts: list[bytes] = []
    left = limit
    for _ in range(_GZIP_MEMBERS):
        reader = zlib.decompressobj(_GZIP_WINDOW)
        try:
            plain = reader.decompress(body, left + 1)
        except zlib.error:
            raise Refused(400, "the body is not gzip, though its header says so") from None
        left -= len(plain)
        if left < 0:
            raise Refused(413, _too_large(limit))
        if not reader.eof:
            raise Refused(400, "the gzip body ends too early")
        parts.append(plain)
        body = reader.unused_data
        if not body:
            return b"".join(parts)
    raise Refused(400, f"the gzip body has more than {_GZIP_MEMBERS} members")


def _too_large(limit: int) -> str:
    return f"the body is larger than {limit} bytes"


def header(scope: HTTPScope, name: bytes) -> str:
    """Give a request's header, '' where there is none. The name is written in lower case."""
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return ""


async def answer(
    send: Send,
    status: int,
    body: bytes,
    *,
    content_type: bytes = b"application/json",
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """Answer a request whole."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", content_type),
                (b"content-length", b"%d" % len(body)),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})


def retry_after(seconds: int) -> tuple[bytes, bytes]:
    """Give the header that says when to try again."""
    return b"retry-after", b"%d" % seconds
