"""A listener to the live stream of a real server, in a thread of its own."""

import json
import threading

import httpx2

from tests.servers.tocsin import Tocsin

TIMEOUT_SECONDS = 30


class Listener(threading.Thread):
    """Follows the live stream until an event with a certain key, or until the server ends it.

    Args:
        server: running.
        after: the number of the event to begin after.
        last_key: key of the event to stop at; '' to listen on.
        resumes: whether to say so as browsers do that lost their connection, by the header Last-Event-ID.

    Attributes:
        heard: number and key of each event, in the order in which they came.
        ended: whether the server ended the stream well.
        ready: set when the stream has begun.
    """

    def __init__(self, server: Tocsin, after: int, last_key: str = "", *, resumes: bool = False) -> None:
        super().__init__(name="listener")
        self._url = f"{server.url}/api/v1/events/stream"
        self._parameters = {} if resumes else {"after": str(after)}
        self._headers = {"Authorization": f"Bearer {server.token}"}
        if resumes:
            self._headers["Last-Event-ID"] = str(after)
        self._last_key = last_key
        self.heard: list[tuple[int, str]] = []
        self.ended = False
        self.ready = threading.Event()

    def run(self) -> None:
        """Listen."""
        with (
            httpx2.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as client,
            client.stream("GET", self._url, params=self._parameters, headers=self._headers) as answer,
        ):
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            self.ready.set()
            message: dict[str, str] = {}
            for line in answer.iter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    message[name] = value
                elif "data" in message:
                    if self._take(message):
                        return
                    message = {}
        self.ended = True

    def _take(self, message: dict[str, str]) -> bool:
        event = json.loads(message["data"])
        assert (message["event"], int(message["id"])) == ("event", event["seq"])
        self.heard.append((event["seq"], event["key"]))
        return bool(event["key"] == self._last_key)
