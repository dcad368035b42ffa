"""Which node fetches from a source: by a lease that runs out where it is not renewed."""

import pytest

from tests.contract.scene import NOON, SECOND, Scene
from tocsin.model.pulled import Pulled
from tocsin.store import pulls

pytestmark = pytest.mark.anyio

LEASE = 15 * SECOND


async def claims(scene: Scene, node: str, second: int) -> bool:
    """Let a node ask for the source so many seconds after noon; say whether it holds it."""
    now = NOON + second * SECOND
    held = await scene.database.write(
        lambda connection: pulls.claim(connection, [scene.source], node, now, now + LEASE)
    )
    return held == {scene.source.id}


async def tell_connected(scene: Scene, node: str, at: int) -> None:
    await scene.database.write(
        lambda connection: pulls.tell_connected(connection, scene.source, node, at, at)
    )


async def tell_failed(scene: Scene, node: str, trouble: str, at: int, next_at: int) -> None:
    await scene.database.write(
        lambda connection: pulls.tell_failed(connection, scene.source, node, trouble, at, next_at)
    )


async def hear(scene: Scene, node: str, at: int) -> None:
    await scene.database.write(lambda connection: pulls.hear(connection, node, {scene.source.id: at}))


async def state(scene: Scene) -> Pulled:
    found = await scene.database.read(pulls.pulled)
    return found[scene.source.id]


async def test_a_lease_that_ran_out_is_taken_over_and_not_given_back(scene: Scene) -> None:
    assert await claims(scene, "first", 0)
    await tell_connected(scene, "first", NOON)
    assert not await claims(scene, "second", 14)
    assert (await state(scene)).node == "first"
    assert await claims(scene, "second", 15)
    # That the first was connected says nothing of the second.
    assert (await state(scene)).connected_since(NOON + 15 * SECOND) == 0
    # The first was only slow: it holds it no more, and what it says of it counts for nothing.
    assert not await claims(scene, "first", 16)
    await tell_connected(scene, "second", NOON + 16 * SECOND)
    await tell_failed(scene, "first", "it ended the stream", NOON, NOON)
    await hear(scene, "first", NOON)
    found = await state(scene)
    assert found.heard_at == NOON + 16 * SECOND
    assert (found.node, found.connected_at, found.trouble) == ("second", NOON + 16 * SECOND, "")


async def test_a_lease_that_is_renewed_stays(scene: Scene) -> None:
    for second in range(0, 60, 2):
        assert await claims(scene, "first", second)
        assert not await claims(scene, "second", second + 1)


async def test_what_a_node_lets_go_of_is_free_at_once(scene: Scene) -> None:
    assert await claims(scene, "first", 0)
    await scene.database.write(lambda connection: pulls.release(connection, "second"))
    assert not await claims(scene, "second", 1)
    await scene.database.write(lambda connection: pulls.release(connection, "first"))
    assert await claims(scene, "second", 1)
    await scene.database.write(pulls.free)
    assert await claims(scene, "third", 1)


async def test_what_is_known_of_a_source_outlives_its_node(scene: Scene) -> None:
    assert await claims(scene, "first", 0)
    await tell_connected(scene, "first", NOON)
    await hear(scene, "first", NOON + 5 * SECOND)
    assert await claims(scene, "first", 6)
    assert await claims(scene, "second", 21)
    found = await state(scene)
    assert (found.node, found.heard_at) == ("second", NOON + 5 * SECOND)
    await tell_failed(scene, "second", "no answer", NOON + 22 * SECOND, NOON + 23 * SECOND)
    found = await state(scene)
    assert (found.trouble, found.failed_at, found.next_attempt_at) == (
        "no answer",
        NOON + 22 * SECOND,
        NOON + 23 * SECOND,
    )
    await tell_connected(scene, "second", NOON + 23 * SECOND)
    found = await state(scene)
    assert (found.trouble, found.failed_at, found.next_attempt_at) == ("", 0, 0)
