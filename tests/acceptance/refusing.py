"""A server that is sent all that is bad, and what its refusals look like."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.servers.tocsin import Tocsin, running_tocsin

BODY_SECONDS = 1
VICTOROPS = "application/json"
PROBLEM = "application/problem+json"
GOOD = b'{"message_type": "CRITICAL", "key": "a", "title": "b"}'

every_inlet = pytest.mark.parametrize("inlet", ["victorops", "in", "native"])


@dataclass(frozen=True)
class Inlet:
    """A place where events come in.

    Attributes:
        path: where to post to.
        answer: content type of its refusals.
        headers: that each request needs.
    """

    path: str
    answer: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusing:
    """A server with all its inlets.

    Attributes:
        client: shows no token by itself.
        process: number of the server's process when it was new.
    """

    server: Tocsin
    client: httpx2.Client
    inlets: dict[str, Inlet]
    process: int

    def post(self, inlet: str, body: bytes, **headers: str) -> httpx2.Response:
        """Post a body to an inlet."""
        to = self.inlets[inlet]
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(to.path, content=body, headers=to.headers | named)

    @contextmanager
    def nothing_recorded(self) -> Iterator[None]:
        """Make sure that a block leaves no event, that the server still runs, and that nothing broke."""
        before, said_before = self._contents(), len(self.server.output)
        yield
        assert self._contents() == before
        assert self.client.get("/readyz").status_code == 200
        assert self.server.pid == self.process
        assert "Traceback" not in self.server.output[said_before:]

    def _contents(self) -> dict[str, int]:
        """Count the rows that only an event that was taken can leave."""
        tables = ("event", "payload", "alert", "object")
        with closing(sqlite3.connect(self.server.store_url.removeprefix("sqlite:///"))) as store:
            return {table: store.execute(f"select count(*) from {table}").fetchone()[0] for table in tables}


@contextmanager
def refusing(directory: Path) -> Iterator[Refusing]:
    """Run a server that waits only a moment for slow senders."""
    settings = {"TOCSIN_BODY_SECONDS": str(BODY_SECONDS)}
    with (
        running_tocsin(directory, environment=settings) as server,
        httpx2.Client(base_url=server.url, timeout=20, trust_env=False) as client,
    ):
        source = server.create_source("bad", "auto")
        inlets = {
            "victorops": Inlet(f"/integrations/generic/20131114/alert/{source.access_key}/team", VICTOROPS),
            "in": Inlet(urlsplit(source.urls["webhook"]).path, PROBLEM),
            "native": Inlet("/api/v1/events", PROBLEM, {"Authorization": f"Bearer {server.token}"}),
        }
        yield Refusing(server, client, inlets, server.pid)


def refusal(answer: httpx2.Response, status: int, kind: str) -> str:
    """Check that an answer is a refusal in the shape of its dialect, and give what it says."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == kind
    return said(answer.json(), status, kind)


def said(document: dict[str, object], status: int, kind: str) -> str:
    """Check the body of a refusal, and give what it says."""
    if kind == VICTOROPS:
        assert set(document) == {"result", "message"}
        assert document["result"] == "failure"
        words = document["message"]
    else:
        assert document["status"] == status
        assert document["code"]
        words = document["detail"]
    assert isinstance(words, str)
    assert words
    return words
