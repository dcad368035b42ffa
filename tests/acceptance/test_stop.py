"""SIGTERM under load: all that was taken is answered, streams end, and the process ends well and soon."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.acceptance.listening import Listener
from tests.crash.audit import assert_sound, assert_whole, events
from tests.crash.load import Load
from tests.servers.process import execute
from tests.servers.tocsin import Tocsin, running_tocsin

LOAD_SECONDS = 1.0
STOP_SECONDS = 10.0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_under_load_answers_all_that_was_taken(tmp_path: Path, how: signal.Signals) -> None:
    with running_tocsin(tmp_path, start=execute) as server:
        stop_under_load(server, how)


def test_a_stop_under_load_on_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    with running_tocsin(tmp_path, database=postgresql_url, start=execute) as server:
        stop_under_load(server, signal.SIGTERM)


def stop_under_load(server: Tocsin, how: signal.Signals) -> None:
    listener = Listener(server, after=0)
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
    assert load.statuses[200] > 10
    assert_whole(server.store_url, len(load.acknowledged))
    server.start()
    found = events(server)
    # What was not answered was not recorded: the two are the same, not only one within the other.
    assert_sound(found, load.acknowledged, set(load.acknowledged))

    assert listener.ended
    assert listener.heard == [(seq, found[seq]) for seq in range(1, len(listener.heard) + 1)]
