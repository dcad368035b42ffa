"""The loads, by the real wrk, on what they are made for: short, to see that all that is sent is taken."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench import measure
from tests.bench.figures import Figure
from tests.bench.preload import preload
from tests.bench.scene import Scene
from tests.bench.stores import SQLITE, Store
from tests.bench.workload import BATCHES, SINGLE_8, SINGLE_64, Workload
from tests.servers.alertmanager import running_alertmanager
from tests.servers.tocsin import Tocsin
from tocsin.store.database import open_database, sqlite_url

SECONDS = 2


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WARM_UP_SECONDS", "NEWEST_SECONDS", "SOAK_MINUTES", "QUIET_SECONDS"):
        monkeypatch.setattr(measure, name, 1)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    directory = tmp_path_factory.mktemp("store")
    url = sqlite_url(directory)
    return Store(SQLITE, url, asyncio.run(fill(url)), directory)


async def fill(url: str) -> Scene:
    database = open_database(url)
    try:
        return await preload(database, 1_000)
    finally:
        await database.close()


@pytest.fixture(scope="module")
def server(store: Store) -> Iterator[Tocsin]:
    with measure.server_on(store) as running:
        yield running


def assert_all_taken(figure: Figure) -> None:
    assert 0 < figure.acknowledged <= figure.recorded
    assert figure.alarms_per_second > 0
    assert (figure.refused, figure.broken) == (0, 0)


@pytest.mark.parametrize("workload", [SINGLE_8, BATCHES], ids=["single", "batches"])
def test_tocsin_takes_what_is_sent(server: Tocsin, store: Store, workload: Workload) -> None:
    assert_all_taken(measure.load_tocsin(SQLITE, server, store, workload, SECONDS))


def test_a_long_load_is_counted_by_the_minute(server: Tocsin, store: Store) -> None:
    soak = measure.soak_tocsin(SQLITE, server, store, 1)
    assert_all_taken(soak.figure)
    assert soak.figure.workload == SINGLE_64.name
    assert 0 < soak.alarms_per_minute[0] <= soak.figure.recorded
    assert soak.memory_mb > 10


def test_the_newest_are_found(server: Tocsin, store: Store) -> None:
    reading = measure.read_tocsin(SQLITE, server, store)
    assert 0 < reading.newest_p50_ms <= reading.newest_p99_ms


def test_alertmanager_takes_what_is_sent(tmp_path: Path) -> None:
    nowhere = "route: {receiver: nowhere}\nreceivers: [{name: nowhere}]\n"
    with running_alertmanager(tmp_path, nowhere) as alertmanager:
        assert_all_taken(measure.load_alertmanager("alertmanager", alertmanager, tmp_path, BATCHES, SECONDS))
