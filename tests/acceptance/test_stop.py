"""SIGTERM under load: all that was taken is answered, streams end, and the process ends well and soon."""

import os
import signal
import threading
import time
from pathlib import Path

import httpx2
import pytest

from tests.crash.audit import assert_sound, assert_whole, events
from tests.crash.load import Load
from tests.servers.tocsin import Tocsin, running_tocsin

LOAD_SECONDS = 1.0
STOP_SECONDS = 10.0


class Listener(threading.Thread):
    """Follows the live stream until the server ends it."""

    def __init__(self, server: Tocsin) -> None:
        super().__init__(name="listener")
        self._server = server
        self.heard: list[int] = []
        self.ended_well = False
        self.ready = threading.Event()

    def run(self) -> None:
        headers = {"Authorization": f"Bearer {self._server.token}"}
        url = f"{self._server.url}/api/v1/events/stream?after=0"
        with httpx2.stream("GET", url, headers=headers, timeout=30, trust_env=False) as answer:
            assert answer.status_code == 200
            self.ready.set()
            self.heard += [int(line[4:]) for line in answer.iter_lines() if line.startswith("id: ")]
        self.ended_well = True


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_under_load_answers_all_that_was_taken(tmp_path: Path, how: signal.Signals) -> None:
    with running_tocsin(tmp_path) as server:
        stop_under_load(server, how)


def test_a_stop_under_load_on_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    with running_tocsin(tmp_path, database=postgresql_url) as server:
        stop_under_load(server, signal.SIGTERM)


def stop_under_load(server: Tocsin, how: signal.Signals) -> None:
    listener = Listener(server)
    listener.start()
    assert listener.ready.wait(STOP_SECONDS)
    load = Load(server)
    load.start()
    time.sleep(LOAD_SECONDS)
    told = time.monotonic()
    os.kill(server.pid, how)
    assert server.wait() == 0
    assert time.monotonic() - told < STOP_SECONDS
    load.join()
    listener.join(STOP_SECONDS)

    assert set(load.statuses) <= {200, 503}
    assert load.statuses[200] > 100
    assert_whole(server.store_url, len(load.acknowledged))
    server.start()
    found = events(server)
    # What was not answered was not recorded: the two are the same, not only one within the other.
    assert_sound(found, load.acknowledged, set(load.acknowledged))

    assert listener.ended_well
    assert listener.heard == list(range(1, len(listener.heard) + 1))
