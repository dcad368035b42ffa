"""A server on a loopback port that answers as a Tocsin would, with what a test gives it."""

import json
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN = "tocsin_s3cret"


@dataclass(frozen=True)
class Reply:
    """One answer.

    Attributes:
        document: its body as JSON.
        status: its status.
        body: its body as it is, in place of a document.
        content_type: of the body.
        headers: more of them.
        stays_open: keep the connection open after the body until the server stops.
        missing: bytes of the body that are promised but never sent.
        after: called before the answer is sent.
    """

    document: object = None
    status: int = 200
    body: bytes | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    stays_open: bool = False
    missing: int = 0
    after: threading.Event | None = None

    @property
    def content(self) -> bytes:
        if self.body is not None:
            return self.body
        return b"" if self.document is None else json.dumps(self.document).encode()


def problem(status: int, detail: str, code: str = "bad_request", **more: object) -> Reply:
    """Refuse as RFC 9457 says."""
    document = {
        "type": "about:blank",
        "title": "No",
        "status": status,
        "detail": detail,
        "code": code,
        **more,
    }
    return Reply(document, status, content_type="application/problem+json")


def stream(*events: dict[str, Any], stays_open: bool = True) -> Reply:
    """Stream events, each with its `seq` as id."""
    messages = [f"id: {event['seq']}\nevent: event\ndata: {json.dumps(event)}\n\n" for event in events]
    body = (": tocsin\n\n" + "".join(messages)).encode()
    return Reply(body=body, content_type="text/event-stream; charset=utf-8", stays_open=stays_open)


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    method: str
    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass
class FakeTocsin:
    """What to answer, and what was asked. The last answer of a path is given again and again."""

    url: str
    seen: list[Seen] = field(default_factory=list)
    replies: dict[tuple[str, str], list[Reply]] = field(default_factory=dict)
    closing: threading.Event = field(default_factory=threading.Event)

    def answer(self, method: str, path: str, *replies: Reply | dict[str, Any]) -> None:
        """Give these answers, in turn, to requests of a path under `/api/v1`."""
        self.replies[method, f"/api/v1{path}"] = [
            reply if isinstance(reply, Reply) else Reply(reply) for reply in replies
        ]

    def next_reply(self, method: str, path: str) -> Reply:
        replies = self.replies.get((method, path), [])
        if not replies:
            return problem(404, f"no such path: {path}", "not_found")
        return replies.pop(0) if len(replies) > 1 else replies[0]

    @property
    def last(self) -> Seen:
        return self.seen[-1]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    fake: FakeTocsin

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that had enough and hung up."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def handle_any(self) -> None:
        fake = self.server.fake
        target = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parameters = dict(parse_qsl(target.query, keep_blank_values=True))
        fake.seen.append(Seen(self.command, target.path, parameters, dict(self.headers), body))
        reply = fake.next_reply(self.command, target.path)
        if reply.after is not None:
            reply.after.wait(10)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if not reply.stays_open:
            self.send_header("Content-Length", str(len(reply.content) + reply.missing))
        self.end_headers()
        self.wfile.write(reply.content)
        self.wfile.flush()
        if reply.stays_open:
            fake.closing.wait(30)

    do_GET = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815 - the names are http.server's

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def running_fake_tocsin() -> Iterator[FakeTocsin]:
    """Run the server for the length of a block."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.fake = FakeTocsin(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.fake
        finally:
            server.fake.closing.set()
            server.shutdown()
            thread.join()
