"""`kill -9` in the middle of load, again and again: nothing acknowledged is lost, nothing is there twice."""

import random
import time
from pathlib import Path

from tests.crash.audit import assert_sound, assert_whole, events
from tests.crash.load import Load
from tests.servers.tocsin import Tocsin, running_tocsin

ROUNDS = 20
ROUNDS_ON_POSTGRESQL = 5
SHORTEST_SECONDS = 0.3
LONGEST_SECONDS = 0.9
SEED = 20


def test_kills_on_sqlite_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    with running_tocsin(tmp_path) as server:
        kill_again_and_again(server, ROUNDS)


def test_kills_on_postgresql_lose_nothing_and_double_nothing(tmp_path: Path, postgresql_url: str) -> None:
    with running_tocsin(tmp_path, database=postgresql_url) as server:
        kill_again_and_again(server, ROUNDS_ON_POSTGRESQL)


def kill_again_and_again(server: Tocsin, rounds: int) -> None:
    moments = random.Random(SEED)
    found: dict[int, str] = {}
    acknowledged: dict[str, int] = {}
    sent: set[str] = set()
    for _ in range(rounds):
        load = Load(server)
        load.start_well()
        time.sleep(moments.uniform(SHORTEST_SECONDS, LONGEST_SECONDS))
        server.kill()
        load.join()
        assert set(load.statuses) == {200}
        acknowledged |= load.acknowledged
        sent |= load.sent
        server.start()
        found |= events(server, after=len(found))
        assert_sound(found, acknowledged, sent)
    assert events(server) == found, "an event changed after it was recorded"
    server.kill()
    assert_whole(server.store_url, len(found))
