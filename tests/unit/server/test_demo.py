import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from tests.contract.scene import problem, submission
from tests.unit.server.test_serve import address, refused, started
from tocsin.client.client import Client
from tocsin.hub.hub import Hub
from tocsin.model.event import Event
from tocsin.server import demo as module
from tocsin.server.demo import demo
from tocsin.server.demo_story import SOURCES, Story
from tocsin.server.first_start import ensure_default
from tocsin.store import directory, reading, schema
from tocsin.store.database import open_database, sqlite_url

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    database = open_database(sqlite_url(tmp_path))
    await schema.migrate(database)
    await database.write(lambda connection: ensure_default(connection, "a password of some length"))
    running = Hub(database)
    async with running.running():
        yield running
    await database.close()


async def recorded(hub: Hub) -> list[Event]:
    return await hub.database.read(
        lambda connection: reading.events_after(connection, directory.DEFAULT, 0, 10_000)
    )


async def test_an_empty_store_has_a_day_of_events(hub: Hub) -> None:
    async with demo(hub):
        events = await recorded(hub)
    assert len(events) == len(Story(7).day(time.time()))
    outcomes = {event.outcome for event in events}
    assert {"opened", "joined", "acknowledged", "resolved", "recorded"} <= outcomes
    assert events[0].recorded_at < events[-1].recorded_at - 12 * 3_600_000_000
    assert all(event.recorded_at - event.time < 1_000_000 for event in events)
    listed = await hub.database.read(lambda connection: directory.sources(connection, directory.DEFAULT))
    assert {source.name for source in listed} == {"first", *SOURCES}


async def test_something_happens_while_it_runs_and_nothing_after(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAUSE_SECONDS", (0.001, 0.002))
    async with demo(hub):
        filled = await recorded(hub)
        following = hub.feed.follow(directory.DEFAULT, filled[-1].seq)
        async with asyncio.timeout(20):
            assert (await anext(following))[0].seq == filled[-1].seq + 1
    # What was on its way to the disk when it ended is there before what is recorded now.
    source = hub.authentication.first_source(directory.DEFAULT)
    await hub.recorder.record(submission(source, problem("after the demo")))
    ended = len(await recorded(hub))
    await anyio.sleep(0.1)
    assert len(await recorded(hub)) == ended


async def test_a_start_fills_the_store_once_and_refuses_one_in_use(tmp_path: Path) -> None:
    with started(tmp_path, "--demo") as lines, Client(address(lines), lines[2].rpartition("=")[2]) as client:
        assert sum(1 for _ in client.events()) >= 300
    said = refused(tmp_path, "--demo", "--port", "0", "--data", "data")
    assert said == "tocsin: the demo fills an empty store, and this one is in use: give another --data"
