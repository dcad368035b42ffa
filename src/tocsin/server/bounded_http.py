"""HTTP as uvicorn speaks it, with bounds on what a sender costs before and after its request is looked at.

With httptools uvicorn bounds neither the size of a request's head nor the time that it takes to come, and it
reads the rest of a body whose request was answered long ago for as long as something comes.
"""

import asyncio
from http import HTTPStatus
from typing import Final

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tocsin.dialects.victorops import endpoints as victorops

HEAD_BYTES: Final = 64 * 1024
LINGER_SECONDS: Final = 5.0
"""How long a sender may go on after it was answered, so that it comes to read why."""
_VICTOROPS: Final = victorops.PREFIX.encode()


class BoundedHttp(HttpToolsProtocol):
    """A connection that ends with 431 or 408 where a request's head is too large or too slow.

    Attributes:
        head_seconds: how long a sender may take for the head of a request.
    """

    head_seconds: float = 30.0

    _timer: asyncio.TimerHandle | None = None
    _begun: bool = False
    _in_head: bool = True
    _head_bytes: int = 0
    _in_body: bool = False
    _asked: bool = False
    _refused: bool = False
    url: bytes = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the head of the first request."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(self.head_seconds, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the sender was refused."""
        if self._refused:
            return
        was_in_head = self._in_head
        super().data_received(data)
        if not self._in_head:
            return
        if self._timer is None:
            self._timer = self.loop.call_later(self.head_seconds, self._too_slow)
        # A head that came whole with one read is never counted: what is read at once is bounded as it is.
        if was_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse(431, "too_large", f"the head of the request is larger than {HEAD_BYTES} bytes")

    def on_message_begin(self) -> None:
        """Begin a head."""
        self._begun = self._in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin a body."""
        self._stop_timer()
        self._in_head = False
        super().on_headers_complete()
        self._in_body = self._asked = True

    def on_message_complete(self) -> None:
        """End a body, which may be empty."""
        self._stop_timer()
        self._in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Let the sender of a request that was answered early come to its end, but not for ever."""
        super().on_response_complete()
        if self._in_body and self.cycle.response_complete:
            self._timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words do not say more
        """Refuse what uvicorn could not read."""
        self._refuse(400, "bad_request", "this is no HTTP/1.1 request")

    def _too_slow(self) -> None:
        if not self._begun:
            # It never asked anything, so that there is nothing to answer.
            self.transport.close()
            return
        detail = f"the head of the request did not come within {self.head_seconds:g} seconds"
        self._refuse(408, "too_slow", detail)

    def _refuse(self, status: int, code: str, detail: str) -> None:
        """Answer in the shape of whom the request was for, read on for a moment, then close."""
        self._refused = True
        self._stop_timer()
        if self.transport.is_closing():
            return
        if self._asked and not self.cycle.response_complete:
            if not self._in_body or self.cycle.response_started:
                # The request before is still to be answered; its answer ends the connection.
                self.cycle.keep_alive = False
                return
            # Its body is broken, so whoever waits for it waits in vain.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write(_answer(self.url, status, code, detail))
        self.transport.write_eof()
        self._timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def bounded_http(head_seconds: float) -> type[BoundedHttp]:
    """Give the protocol with a bound of its own.

    Args:
        head_seconds: how long a sender may take for the head of a request.
    """

    class Bounded(BoundedHttp):
        pass

    Bounded.head_seconds = head_seconds
    return Bounded


def _answer(url: bytes, status: int, code: str, detail: str) -> bytes:
    if url.startswith(_VICTOROPS):
        kind, body = b"application/json", msgspec.json.encode({"result": "failure", "message": detail})
    else:
        problem = {"status": status, "code": code, "detail": detail}
        kind, body = b"application/problem+json", msgspec.json.encode(problem)
    return b"HTTP/1.1 %d %s\r\ncontent-type: %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (
        status,
        HTTPStatus(status).phrase.encode(),
        kind,
        len(body),
        body,
    )
