"""What is recorded is leased by the transaction that writes it, where nothing else of its lane waits."""

from functools import partial

import pytest
from sqlalchemy import Connection

from tests.contract.passing import outbox as all_deliveries
from tests.contract.passing import send_to
from tests.contract.scene import SECOND, Scene, problem, recovery, submission
from tocsin.model.delivery import Delivery
from tocsin.model.event import day_of
from tocsin.model.signal import Signal
from tocsin.store import outbox, targets
from tocsin.store.ledger import Written

pytestmark = pytest.mark.anyio


async def record(scene: Scene, *signals: Signal, places: int = 16) -> Written:
    """Record what one request brought, with so many places at every target."""
    now = scene.clock.now

    def along(connection: Connection, new: list[Delivery]) -> list[Delivery]:
        known = [each.id for each in targets.all_targets(connection)]
        return outbox.lease_new(
            connection,
            new,
            dict.fromkeys(known, places),
            node="one",
            now=now,
            until=dict.fromkeys(known, now + 15 * SECOND),
            since=day_of(now) - 1,
        )

    batch = [submission(scene.source, *signals)]
    return await scene.database.write(partial(scene.ledger.write, submissions=batch, along=along))


def taken(written: Written) -> list[str]:
    return [each.delivery.key for each in written.taken]


async def test_what_is_alone_in_its_lane_is_leased_with_what_it_says(scene: Scene) -> None:
    target_id = await send_to(scene, "pager")
    written = await record(scene, problem("a"), problem("b"), recovery("b"))
    assert taken(written) == ["a"]
    assert written.targets == {target_id}
    (claimed,) = written.taken
    stored = (await all_deliveries(scene))[0]
    assert claimed.delivery == stored
    assert (stored.leased_by, stored.leased_until) == ("one", scene.clock.now + 15 * SECOND)
    (event,) = [each for each in await scene.events() if each.key == "a"]
    assert claimed.event == event
    (alert,) = [each for each in await scene.alerts() if each.key == "a"]
    assert claimed.alert == alert


async def test_what_comes_after_something_that_waits_or_is_under_way_waits_too(scene: Scene) -> None:
    await send_to(scene, "pager")
    await record(scene, problem("waits"), places=0)
    await record(scene, problem("under way"))
    written = await record(scene, recovery("waits"), recovery("under way"), problem("new"))
    assert taken(written) == ["new"]


async def test_no_more_are_leased_than_there_are_places(scene: Scene) -> None:
    first, second = await send_to(scene, "pager"), await send_to(scene, "mail")
    written = await record(scene, *[problem(f"key-{n}") for n in range(5)], places=2)
    assert sorted(taken(written)) == ["key-0", "key-0", "key-1", "key-1"]
    assert written.targets == {first, second}
    assert written.deliveries == 10


async def test_what_is_leased_is_claimed_by_nobody_until_the_lease_ends(scene: Scene) -> None:
    await send_to(scene, "pager")
    await record(scene, problem("a"))

    async def claimed() -> list[str]:
        now = scene.clock.now

        def work(connection: Connection) -> list[str]:
            (target,) = targets.all_targets(connection)
            until, since = now + 15 * SECOND, day_of(now) - 1
            found, _ = outbox.claim(
                connection, target, node="two", now=now, until=until, places=9, since=since
            )
            return [each.delivery.key for each in found]

        return await scene.database.write(work)

    assert await claimed() == []
    scene.clock.now += 15 * SECOND
    assert await claimed() == ["a"]
