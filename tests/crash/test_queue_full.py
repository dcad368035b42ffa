"""A full queue: what finds no room is refused with 503, what was taken before is answered and recorded."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2

from tests.crash.audit import assert_whole, events
from tests.crash.load import first_access_key
from tests.servers.tocsin import Tocsin, running_tocsin

SENDERS = 6
HOLD_SECONDS = 2.0
"""Less than the engine waits for its lock."""


def test_a_full_queue_refuses_and_keeps_what_it_took(tmp_path: Path) -> None:
    with running_tocsin(tmp_path, environment={"TOCSIN_QUEUE_SIGNALS": "1"}) as server:
        url = f"{server.url}/integrations/generic/20131114/alert/{first_access_key(server)}"
        answers: dict[str, httpx2.Response] = {}

        def send(key: str) -> None:
            message = {"message_type": "CRITICAL", "entity_id": key}
            answers[key] = httpx2.post(url, json=message, timeout=20, trust_env=False)

        senders = [threading.Thread(target=send, args=(f"key-{number}",)) for number in range(SENDERS)]
        with writing_held(server):
            for sender in senders:
                sender.start()
            time.sleep(HOLD_SECONDS)
            # One is taken, and its sender waits for the disk: what is being written has its place still.
            assert len(answers) == SENDERS - 1
            assert {answer.status_code for answer in answers.values()} == {503}
            batch = [{"key": "a", "title": "b"}, {"key": "c", "title": "d"}]
            native = server.request("POST", "/api/v1/events", json=batch)
        for sender in senders:
            sender.join()

        assert native.status_code == 503
        assert native.headers["content-type"] == "application/problem+json"
        assert native.json()["code"] == "unavailable"
        assert int(native.headers["retry-after"]) >= 1
        refused = [answer for answer in answers.values() if answer.status_code == 503]
        for answer in refused:
            assert int(answer.headers["retry-after"]) >= 1
            assert set(answer.json()) == {"result", "message"}
            assert answer.json()["result"] == "failure"
        taken = {key for key, answer in answers.items() if answer.status_code == 200}
        assert len(taken) == 1
        assert set(events(server).values()) == taken
        # With room again, more than the queue holds still comes in, one batch at a time.
        assert server.request("POST", "/api/v1/events", json=batch).status_code == 200
        server.kill()
        assert_whole(server.store_url, len(taken) + len(batch))


@contextmanager
def writing_held(server: Tocsin) -> Iterator[None]:
    """Keep SQLite's lock, so that no batch can be written."""
    with closing(sqlite3.connect(server.store_url.removeprefix("sqlite:///"), isolation_level=None)) as store:
        store.execute("begin immediate")
        yield
        store.execute("rollback")
