"""A thread that sends events while the program goes on."""

import math
import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Final
from uuid import uuid4

from tocsin.client.answers import Item
from tocsin.client.back_off import BackOff, Patience
from tocsin.client.client import Client
from tocsin.client.errors import ClientError

BATCH: Final = 100
"""The most events of one request: with the longest texts they are still less than a server takes."""


class Background:
    """Events that wait, and the thread that sends them in their order.

    While the server cannot be reached, they wait; what it refuses is dropped.

    Args:
        url: where the server is, as of `Client`.
        token: likewise.
        capacity: how many events may wait.
        on_drop: told how many are dropped, and why.

    Attributes:
        process: id of the process that the thread runs in.
    """

    def __init__(self, url: str, token: str, capacity: int, on_drop: Callable[[int, str], None]) -> None:
        self.process = os.getpid()
        self._capacity = capacity
        self._on_drop = on_drop
        self._waiting: deque[Item] = deque()
        self._under_way = 0
        self._changed = threading.Condition()
        self._is_late = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(url, token), name="tocsin", daemon=True)
        self._thread.start()

    @property
    def is_current_thread(self) -> bool:
        """Whether the thread that asks is the one that sends."""
        return threading.current_thread() is self._thread

    def put(self, item: Item) -> bool:
        """Let an event wait; say whether there was room."""
        with self._changed:
            has_room = len(self._waiting) < self._capacity
            if has_room:
                self._waiting.append(item)
                self._changed.notify_all()
        return has_room

    def wait(self, seconds: float) -> None:
        """Wait until nothing is left to send, so many seconds at most."""
        with self._changed:
            self._is_late = not self._changed.wait_for(lambda: self._left() == 0, seconds)

    def end(self, seconds: float) -> int:
        """Send what is left, and end the thread.

        Args:
            seconds: how long to wait at most; not at all where `wait` was in vain just now.

        Returns:
            How many events were not sent, as far as is known.
        """
        if not self._is_late:
            self.wait(seconds)
        with self._changed:
            self._stop.set()
            self._changed.notify_all()
            left = self._left()
        if not left:
            self._thread.join()
        return left

    def _left(self) -> int:
        return len(self._waiting) + self._under_way

    def _run(self, url: str, token: str) -> None:
        with Client(url, token, patience=0) as client:
            while batch := self._take():
                self._send(client, batch)

    def _take(self) -> list[Item]:
        """Wait for events; give none at the end."""
        with self._changed:
            self._under_way = 0
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting or self._stop.is_set())
            if self._stop.is_set():
                return []
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            self._under_way = len(batch)
        return batch

    def _send(self, client: Client, batch: list[Item]) -> None:
        """Send events until they are taken or refused, or the end comes."""
        idempotency_key = uuid4().hex
        patience = Patience(math.inf, BackOff())
        while True:
            try:
                receipts = client.send(batch, idempotency_key=idempotency_key)
            except ClientError as failure:
                wait = patience(failure)
                if wait is False:
                    self._on_drop(len(batch), f"the server does not take them: {failure}")
                    return
                if self._stop.wait(wait):
                    return
            else:
                rejected = [receipt.reason for receipt in receipts if receipt.is_rejected]
                if rejected:
                    self._on_drop(len(rejected), f"the server does not take them: {rejected[0]}")
                return
