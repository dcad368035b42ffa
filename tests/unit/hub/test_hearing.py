"""What is heard of a source, where the store fails or another node has it by now."""

import pytest
from sqlalchemy import Connection

from tests.contract.scene import NOON, SECOND, Scene
from tocsin.hub.hearing import Hearing
from tocsin.model.pulled import Gap, Pulled
from tocsin.store import gaps, pulls
from tocsin.store.errors import StoreUnavailable

pytestmark = pytest.mark.anyio


async def claim(scene: Scene, node: str) -> None:
    """Let a node take the source over, whoever holds it."""
    now = scene.clock.now

    def work(connection: Connection) -> None:
        pulls.free(connection)
        pulls.claim(connection, [scene.source], node, now, now + 15 * SECOND)

    await scene.database.write(work)


async def kept(scene: Scene) -> list[Gap]:
    found = await scene.database.read(lambda connection: gaps.gaps(connection, "main"))
    return found.get(scene.source.id, [])


async def state(scene: Scene) -> Pulled:
    return (await scene.database.read(pulls.pulled))[scene.source.id]


async def connected(scene: Scene, node: str) -> Hearing:
    """Let a node connect, and hear something a second later."""
    await claim(scene, node)
    hearing = Hearing(scene.database, scene.source, node, scene.clock)
    await hearing.begin()
    await hearing.connected()
    scene.clock.now += SECOND
    hearing.heard(scene.clock.now)
    return hearing


async def test_a_node_that_lost_a_source_says_no_more_of_it(scene: Scene) -> None:
    first = await connected(scene, "first")
    scene.clock.now += SECOND
    await connected(scene, "second")
    before = await kept(scene), await state(scene)
    # That of the second, up to which nobody wrote down what the first heard.
    assert [(each.began_at, each.ended_at) for each in before[0]] == [(NOON, NOON + 2 * SECOND)]
    await first.fail("it ended the stream", 1)
    await first.begin()
    await first.connected()
    first.pause()
    await first.begin()
    assert (await kept(scene), await state(scene)) == before


async def test_a_gap_of_which_the_store_did_not_hear_is_noted_at_the_next_attempt(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    hearing = await connected(scene, "first")

    async def down(_: object) -> None:
        raise StoreUnavailable("no answer")

    with monkeypatch.context() as patched:
        patched.setattr(scene.database, "write", down)
        await hearing.fail("it ended the stream", 1)
        with pytest.raises(StoreUnavailable):
            await hearing.begin()
        await hearing.fail("no answer", 2)
    assert await kept(scene) == []
    assert hearing.heard_at == 0
    scene.clock.now += SECOND
    await hearing.begin()
    assert [(each.began_at, each.ended_at) for each in await kept(scene)] == [(NOON + SECOND, 0)]
    assert hearing.missed_since == NOON + SECOND
    hearing.differ(2)
    await hearing.connected()
    assert [(each.ended_at, each.differences) for each in await kept(scene)] == [(NOON + 2 * SECOND, 2)]
    hearing.differ(1)
    assert (await state(scene)).heard_at == NOON + 2 * SECOND
