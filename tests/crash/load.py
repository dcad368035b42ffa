"""Load on a server: VictorOps messages and native batches over several connections, and what was answered."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from itertools import count
from urllib.parse import urlsplit

from tests.crash.shim import MARK, MARK_DIGITS
from tests.servers.tocsin import Tocsin

CONNECTIONS = 8
BATCH = 20
TIMEOUT_SECONDS = 20
PAUSE_SECONDS = 0.02
"""How long a sender waits after an answer that is not 200."""

_numbers = count(1)


def mark() -> str:
    """Give a key that no other event has."""
    return f"{MARK}{next(_numbers):0{MARK_DIGITS}}"


def first_access_key(server: Tocsin) -> str:
    """Give the access key of a server's first source."""
    answer = server.request("GET", "/api/v1/sources/first")
    assert answer.status_code == 200, answer.text
    key: str = answer.json()["access_key"]
    return key


class Load:
    """Sends, each time after the answer, until it is stopped or its connection breaks.

    Args:
        server: running. VictorOps messages go to its first source, batches are posted by its administrator.
    """

    def __init__(self, server: Tocsin) -> None:
        self._address = urlsplit(server.url)
        self._victorops = f"/integrations/generic/20131114/alert/{first_access_key(server)}/load"
        self._token = server.token
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._failures: list[BaseException] = []
        self.acknowledged: dict[str, int] = {}
        """Every key that was answered with 200, with its `seq` where the answer names it, else 0."""
        self.sent: set[str] = set()
        """Every key that was sent, answered or not."""
        self.requests: dict[tuple[int, int], tuple[str, ...]] = {}
        """The keys of each answered request, by its port and its number on that connection."""
        self.statuses: Counter[int] = Counter()
        self.refusals: list[tuple[str, dict[str, str], bytes]] = []
        """Of each answer that is not 200: the inlet, its headers in lower case, its body."""
        self.broken = 0
        """Connections that broke instead of answering."""

    def start(self) -> None:
        """Open the connections and begin."""
        for number in range(CONNECTIONS):
            ask = self._ask_batch if number % 4 == 3 else self._ask_single
            thread = threading.Thread(target=self._run, args=(ask,), name=f"load-{number}")
            self._threads.append(thread)
            thread.start()

    def start_well(self) -> None:
        """Begin, and return with the first answer: on a busy machine it takes its time."""
        self.start()
        end = time.monotonic() + TIMEOUT_SECONDS
        while not self.statuses:
            assert time.monotonic() < end, f"nothing was answered within {TIMEOUT_SECONDS} seconds"
            time.sleep(0.01)

    def stop(self) -> None:
        """Send nothing more, and wait for the answers that are due."""
        self._stop.set()
        self.join()

    def join(self) -> None:
        """Wait until every connection has ended, as after the server's death."""
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]

    def run(self, seconds: float) -> None:
        """Send for some time."""
        self.start()
        time.sleep(seconds)
        self.stop()

    def _run(self, ask: Callable[[HTTPConnection, int], None]) -> None:
        host, port = self._address.hostname, self._address.port
        assert host is not None
        connection = HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        try:
            connection.connect()
            # A new connection would count its requests anew.
            connection.auto_open = 0
            for number in count():
                if self._stop.is_set():
                    break
                ask(connection, number)
        except (OSError, HTTPException):
            with self._lock:
                self.broken += 1
        except BaseException as failure:
            with self._lock:
                self._failures.append(failure)
        finally:
            connection.close()

    def _ask_single(self, connection: HTTPConnection, number: int) -> None:
        key = mark()
        body = {"message_type": "CRITICAL", "entity_id": key, "state_message": "under load"}
        status, answer = self._ask(connection, number, "victorops", self._victorops, (key,), body)
        if status == 200:
            assert json.loads(answer) == {"result": "success", "entity_id": key}, answer

    def _ask_batch(self, connection: HTTPConnection, number: int) -> None:
        keys = tuple(mark() for _ in range(BATCH))
        body = [{"key": key, "title": "under load", "severity": "warning"} for key in keys]
        status, answer = self._ask(connection, number, "native", "/api/v1/events", keys, body)
        if status == 200:
            receipts = json.loads(answer)["receipts"]
            assert [receipt["index"] for receipt in receipts] == list(range(BATCH))
            assert {receipt["outcome"] for receipt in receipts} == {"opened"}, receipts
            with self._lock:
                self.acknowledged |= {
                    key: receipt["seq"] for key, receipt in zip(keys, receipts, strict=True)
                }

    def _ask(
        self,
        connection: HTTPConnection,
        number: int,
        inlet: str,
        path: str,
        keys: tuple[str, ...],
        body: object,
    ) -> tuple[int, bytes]:
        with self._lock:
            self.sent.update(keys)
        headers = {"Authorization": f"Bearer {self._token}"} if inlet == "native" else {}
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **headers})
        port = connection.sock.getsockname()[1]
        response = connection.getresponse()
        # The sender knows from here on: whatever becomes of the rest of the answer, it was acknowledged.
        with self._lock:
            self.statuses[response.status] += 1
            self.requests[port, number] = keys
            if response.status == 200:
                self.acknowledged |= dict.fromkeys(keys, 0)
        answer = response.read()
        if response.status != 200:
            with self._lock:
                known = {name.lower(): value for name, value in response.getheaders()}
                self.refusals.append((inlet, known, answer))
            time.sleep(PAUSE_SECONDS)
        return response.status, answer
