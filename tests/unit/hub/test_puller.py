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

pytestmark = pytest.mark.anyio

FIRST, TRIES = 0.02, 5


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
