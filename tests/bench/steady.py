"""Events that come at a steady rate, while something else is measured."""

import threading
import time
from collections.abc import Callable, Mapping

import httpx2

from tests.servers.tocsin import Tocsin

_BATCHES = 10
"""Requests a second in which the events come."""


class Steady:
    """Sends events at a steady rate, for the length of a block.

    Args:
        server: to which.
        make: gives an event by its number, from 0.
        rate: how many a second.

    Attributes:
        rate: how many were taken a second; known after the block.
        sent_at: when each request went, seconds since 1970, and the number of its first event.
        sent: how many were taken.
    """

    def __init__(self, server: Tocsin, make: Callable[[int], Mapping[str, object]], rate: int) -> None:
        self._server = server
        self._make = make
        self._wanted = rate
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._send)
        self.rate = 0.0
        self.sent = 0
        self.sent_at: list[float] = []

    @property
    def together(self) -> int:
        """How many go in one request."""
        return self._wanted // _BATCHES

    def __enter__(self) -> "Steady":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _send(self) -> None:
        began = time.monotonic()
        with httpx2.Client(
            base_url=self._server.url,
            headers={"Authorization": f"Bearer {self._server.token}"},
            trust_env=False,
            timeout=30,
        ) as client:
            while not self._over.is_set():
                items = [self._make(number) for number in range(self.sent, self.sent + self.together)]
                self.sent_at.append(time.time())
                answer = client.post("/api/v1/events", json=items)
                assert answer.status_code == 200, answer.text
                self.sent += len(items)
                self._over.wait(max(0.0, began + self.sent / self._wanted - time.monotonic()))
        self.rate = self.sent / (time.monotonic() - began)
