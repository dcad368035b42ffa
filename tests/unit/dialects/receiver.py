"""A real HTTP server on a loopback port that takes messages and answers as a test wants it to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

API_KEY = "1c8f5c84-6b1d-4b6e-9d55-0d6b4f6a7c11"
PATH = f"/integrations/generic/20131114/alert/{API_KEY}/database"


@dataclass(frozen=True)
class Reply:
    """What the receiver does with one request.

    Attributes:
        status, body, headers: the answer.
        silent: never answer.
        cut: close the connection instead of answering.
        missing: bytes of the body that are promised but never sent.
        pause: seconds before each byte of the body.
    """

    status: int = 200
    body: bytes = b'{"result":"success","entity_id":"id-1"}'
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    cut: bool = False
    missing: int = 0
    pause: float = 0.0


@dataclass(frozen=True)
class Request:
    """What came in; `client` is the address of the connection."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    client: tuple[str, int]


class Receiver(ThreadingHTTPServer):
    """Keeps the requests it gets and gives its replies in turn; the last one again and again."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[Request] = []
        self.replies: list[Reply] = [Reply()]
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}{PATH}"

    @property
    def bodies(self) -> list[Any]:
        return [request.body for request in self.requests]

    def next_reply(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.loads(content) if content else None
        self.server.requests.append(
            Request(self.command, self.path, dict(self.headers), body, self.client_address)
        )
        reply = self.server.next_reply()
        if reply.silent:
            self.server.closing.wait()
        if reply.silent or reply.cut:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body) + reply.missing))
        self.end_headers()
        self._send_body(reply)

    def _send_body(self, reply: Reply) -> None:
        pieces = [bytes([byte]) for byte in reply.body] if reply.pause else [reply.body]
        try:
            for piece in pieces:
                self.server.closing.wait(reply.pause)
                self.wfile.write(piece)
        except OSError:
            # The client had enough and hung up.
            self.close_connection = True
        if reply.missing:
            self.close_connection = True

    do_GET = do_POST  # noqa: N815 - so that a followed redirect is seen

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: the test looks at `requests`."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver."""
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.closing.set()
            receiver.shutdown()
            thread.join()
