"""What the tests of foreign senders share: a running Tocsin with a source, and a look at what it recorded."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from tests.servers.tocsin import Tocsin, running_tocsin

T = TypeVar("T")
SOURCE = "sender"
WAIT_SECONDS = 60


class Receiving:
    """A running Tocsin as a sender and an operator see it.

    Args:
        server: running.
        access_key: of the source that the sender uses.
    """

    def __init__(self, server: Tocsin, access_key: str) -> None:
        self.server = server
        self.access_key = access_key

    @property
    def api_url(self) -> str:
        """The URL of the VictorOps endpoint without a key, as senders want it: it ends with a slash."""
        return f"{self.server.url}/integrations/generic/20131114/alert/"

    def events(self, q: str = "") -> list[dict[str, Any]]:
        """Give the events that an expression finds, the oldest first."""
        return self._list("events", q)[::-1]

    def alerts(self, q: str = "") -> list[dict[str, Any]]:
        """Give the alerts that an expression finds."""
        return self._list("alerts", q)

    def set_enabled(self, enabled: bool) -> None:
        """Switch the sender's source off or on."""
        changed = self.server.request("PATCH", f"/api/v1/sources/{SOURCE}", json={"enabled": enabled})
        assert changed.status_code == 200, changed.text

    def _list(self, what: str, q: str) -> list[dict[str, Any]]:
        answer = self.server.request("GET", f"/api/v1/{what}", params={"q": q, "limit": 1000})
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


@contextmanager
def receiving(directory: Path) -> Iterator[Receiving]:
    """Run a Tocsin on a store of its own."""
    with running_tocsin(directory) as server:
        yield Receiving(server, server.create_source(SOURCE, "victorops").access_key)


def wait_for(look: Callable[[], T], what: str) -> T:
    """Look again and again until there is something true to give.

    Args:
        look: gives it; what it cannot reach yet counts as not there.
        what: to say where it does not come.

    Raises:
        AssertionError: it did not come within a minute.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        try:
            if found := look():
                return found
        except httpx2.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"not within {WAIT_SECONDS} seconds: {what}")
