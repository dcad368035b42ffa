"""How sources are fetched from, again after each failure."""

import asyncio
import itertools
import math

import pytest

from tests.contract.scene import Scene
from tocsin.hub import puller
from tocsin.hub.hub import Hub
from tocsin.hub.pull_desk import Desk
from tocsin.hub.puller import PROVEN_SECONDS, PullFailed, next_wait
from tocsin.model.source import Source
from tocsin.store import pulls

pytestmark = pytest.mark.anyio

FIRST, TRIES = 0.02, 5
LASTING = 0.05


class Broken:
    """Connects, and fails at once. Its times are the event loop's."""

    def __init__(self) -> None:
        self.tried: list[float] = []
        self.enough = asyncio.Event()

    async def __call__(self, source: Source, desk: Desk) -> None:
        self.tried.append(asyncio.get_running_loop().time())
        await desk.connected()
        if len(self.tried) == TRIES:
            self.enough.set()
        raise PullFailed("it ended the stream")


class Returning:
    """Fails twice, is connected for a while and returns, then fails again."""

    def __init__(self, scene: Scene) -> None:
        self.waits: list[float] = []
        self.enough = asyncio.Event()
        self._scene = scene
        self._tried = 0

    async def __call__(self, source: Source, desk: Desk) -> None:
        self._tried += 1
        (found,) = (await self._scene.database.read(pulls.pulled)).values()
        if found.failed_at:
            self.waits.append((found.next_attempt_at - found.failed_at) / 1_000_000)
        if self._tried == 3:
            await desk.connected()
            await asyncio.sleep(2 * LASTING)
            return
        if len(self.waits) == 3:
            self.enough.set()
        raise PullFailed("it does not answer")


def test_waits_grow_until_a_connection_has_lasted() -> None:
    waits, wait = [], 0.0
    for lived in [-math.inf, -math.inf, 0, 1, PROVEN_SECONDS - 0.1, 0, 0, 0, PROVEN_SECONDS, 0]:
        wait = next_wait(wait, lived)
        waits.append(wait)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 1, 2]


async def test_what_accepts_and_closes_at_once_is_asked_less_and_less_often(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(puller, "_FIRST_WAIT_SECONDS", FIRST)
    broken = Broken()
    async with Hub(scene.database, pulls={scene.source.format: broken}).running(), asyncio.timeout(20):
        await broken.enough.wait()
    tried = broken.tried[:TRIES]
    gaps = [after - before for before, after in itertools.pairwise(tried)]
    assert all(gap >= FIRST * 2**number for number, gap in enumerate(gaps)), gaps


async def test_a_connection_that_lasted_and_was_ended_sets_the_wait_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(puller, "_FIRST_WAIT_SECONDS", FIRST)
    monkeypatch.setattr(puller, "PROVEN_SECONDS", LASTING)
    returning = Returning(scene)
    async with Hub(scene.database, pulls={scene.source.format: returning}).running(), asyncio.timeout(20):
        await returning.enough.wait()
    assert returning.waits == [FIRST, 2 * FIRST, FIRST]
