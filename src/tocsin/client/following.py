"""The live stream over as many connections as it takes (Server-Sent Events, WHATWG HTML 9.2)."""

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, TypeAlias

import httpx2

from tocsin.client.answers import Item
from tocsin.client.errors import ClientError, Refused, Unreachable

SILENCE_SECONDS: Final = 45.0
"""How long nothing may come: the server says at least every 15 seconds that it is there."""

_LATER: Final = frozenset({429, 503})
"""Statuses after which the same request may be answered."""


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait before a connection is made again.

    Attributes:
        first: seconds after the first failure; doubled with each further one.
        longest: the most seconds.
    """

    first: float = 0.5
    longest: float = 30.0

    def seconds(self, failures: int) -> float:
        """Give the wait after so many failures in a row, at least one."""
        doubled = min(self.longest, self.first * 2.0 ** min(failures - 1, 60))
        return random.uniform(doubled / 2, doubled)  # noqa: S311 - spreads clients, keeps no secret


Open: TypeAlias = Callable[[str, int, float], AbstractContextManager[Iterator[httpx2.ServerSentEvent]]]


class Following:
    """Events as they come, in the order of `seq`, each once.

    Args:
        opened: opens the stream of a query behind a `seq`, with the seconds that nothing may come.
        query: an expression.
        after: the `seq` after which to begin.
        back_off: how long to wait after a failure.
        on_break: called with the failure and the seconds that are waited then.
    """

    def __init__(
        self,
        opened: Open,
        query: str,
        after: int,
        back_off: BackOff,
        on_break: Callable[[ClientError, float], None] | None,
    ) -> None:
        self._open = opened
        self._query = query
        self._after = after
        self._back_off = back_off
        self._on_break = on_break
        self._connected = False
        self._failures = 0

    def __iter__(self) -> Iterator[Item]:
        """Go on for ever.

        Raises:
            Unreachable: the first connection failed.
            Refused: the server does not want to go on.
        """
        while True:
            try:
                yield from self._events()
                failure: ClientError = Unreachable("the server ended the stream")
            except Unreachable as broken:
                failure = broken
            except Refused as refusal:
                if refusal.problem.status not in _LATER:
                    raise
                failure = refusal
            if not self._connected:
                raise failure
            self._wait(failure)

    def _events(self) -> Iterator[Item]:
        with self._open(self._query, self._after, SILENCE_SECONDS) as messages:
            self._connected = True
            for message in messages:
                self._failures = 0
                if message.event == "event":
                    item: Item = json.loads(message.data)
                    self._after = int(message.id)
                    yield item

    def _wait(self, failure: ClientError) -> None:
        self._failures += 1
        seconds = self._back_off.seconds(self._failures)
        if self._on_break is not None:
            self._on_break(failure, seconds)
        time.sleep(seconds)
