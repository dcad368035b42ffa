"""The hub: its parts start, work together and stop."""

import asyncio

import pytest

from tests.contract.scene import Scene, problem, submission
from tests.contract.trouble import Trouble
from tocsin.hub import hub as module
from tocsin.hub.errors import Unavailable
from tocsin.hub.hub import Hub, HubSettings
from tocsin.model.discovery import OBJECTS_FULL

pytestmark = pytest.mark.anyio

WELL = {"store": "", "recorder": "", "dispatcher": "", "directory": ""}


async def test_what_is_recorded_is_heard(scene: Scene) -> None:
    async with Hub(scene.database).running() as hub:
        source = hub.authentication.source(scene.source.access_key)
        following = hub.feed.follow("main", 0)
        await hub.recorder.record(submission(source, problem("disk")))
        (event,) = await anext(following)
    assert event.key == "disk"
    assert await anext(following, None) is None


async def test_a_stop_writes_what_was_taken(scene: Scene) -> None:
    hub = Hub(scene.database)
    await hub.start()
    sent = [
        asyncio.create_task(hub.recorder.record(submission(scene.source, problem(f"key-{n}"))))
        for n in range(100)
    ]
    await asyncio.sleep(0)
    await hub.stop()
    receipts = await asyncio.gather(*sent)
    assert len(receipts) == len(await scene.events()) == 100
    with pytest.raises(Unavailable):
        await hub.recorder.record(submission(scene.source, problem("late")))


async def test_the_settings_reach_the_ledger(scene: Scene) -> None:
    async with Hub(scene.database, HubSettings(object_limit=0)).running() as hub:
        (receipt,) = await hub.recorder.record(submission(scene.source, problem("ping", host="web-1")))
    assert receipt.reason == OBJECTS_FULL


async def test_trouble_is_told_until_the_store_takes_events_again(
    scene: Scene, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PROBE_AFTER_SECONDS", 0.1)
    async with Hub(scene.database).running() as hub:
        assert await hub.trouble() == WELL
        with trouble.lasting():
            with pytest.raises(Unavailable):
                await hub.recorder.record(
                    submission(scene.source, problem("lost", description="x" * 100_000))
                )
            found = await hub.trouble()
            assert found["recorder"]
        async with asyncio.timeout(30):
            # The recorder is tried at once, and the dispatcher looks again a second after it failed.
            while await hub.trouble() != WELL:  # noqa: ASYNC110 - nothing tells when it is well
                await asyncio.sleep(0.2)
        (receipt,) = await hub.recorder.record(submission(scene.source, problem("after")))
        assert receipt.seq == 1


async def test_a_directory_that_is_not_read_any_more_is_told(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STALE_AFTER_SECONDS", 0.5)
    async with Hub(scene.database).running() as hub:
        await asyncio.sleep(1)
        assert await hub.trouble() == WELL
        await hub.authentication.stop()
        await asyncio.sleep(0.6)
        assert await hub.trouble() == WELL | {"directory": "last read 1 s ago"}
