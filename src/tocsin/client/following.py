"""The live stream over as many connections as it takes (Server-Sent Events, WHATWG HTML 9.2), without I/O."""

import json
from collections.abc import Callable
from typing import Final, TypeAlias

import httpx2

from tocsin.client.back_off import BackOff
from tocsin.client.errors import ClientError, Refused
from tocsin.client.records import Event

SILENCE_SECONDS: Final = 45.0
"""How long nothing may come: the server says at least every 15 seconds that it is there."""

PATH: Final = "/api/v1/events/stream"

OnBreak: TypeAlias = Callable[[ClientError, float], None]
"""Called with the failure of a connection and the seconds that are waited before the next."""


class Following:
    """Where a reader of the stream is: events in the order of `seq`, each once.

    Args:
        query: an expression that the events match.
        after: the `seq` after which to begin.
        back_off: how long to wait after a failure.
        on_break: told of each failure that is waited after.
    """

    def __init__(self, query: str, after: int, back_off: BackOff | None, on_break: OnBreak | None) -> None:
        self._query = query
        self._after = after
        self._back_off = back_off or BackOff()
        self._on_break = on_break
        self._connected = False
        self._failures = 0

    @property
    def parameters(self) -> dict[str, str | int]:
        """The query that opens the stream behind the last event."""
        return {"q": self._query, "after": self._after}

    def is_opened(self, response: httpx2.Response) -> bool:
        """Say whether an answer whose body was not read yet is the stream."""
        is_stream: bool = response.headers.get("Content-Type", "").startswith("text/event-stream")
        self._connected = self._connected or is_stream
        return is_stream

    def hear(self, message: httpx2.ServerSentEvent) -> Event | None:
        """Take what came in; give the event, if it is one."""
        self._failures = 0
        if message.event != "event":
            return None
        event = Event.read(json.loads(message.data))
        self._after = int(message.id)
        return event

    def break_off(self, failure: ClientError) -> float:
        """Take down that a connection ended, and give the seconds to wait before the next.

        Raises:
            ClientError: the failure itself, if there was no connection before, or the server does not want to
                go on.
        """
        if not self._connected or (isinstance(failure, Refused) and not failure.passing):
            raise failure
        self._failures += 1
        seconds = self._back_off.seconds_after(failure, self._failures)
        if self._on_break is not None:
            self._on_break(failure, seconds)
        return seconds
