"""The outbox: each delivery goes out once at a time, in the order of its lane, whichever node claims it."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, text

from tests.contract.passing import outbox as all_deliveries
from tests.contract.passing import send_to
from tests.contract.scene import DAY, SECOND, Scene, problem, recovery
from tests.contract.statements import Statement, heard, plan
from tocsin.model.alert import AlertState
from tocsin.model.delivery import Attempt, Delivery, DeliveryState, Sent, SentOutcome
from tocsin.model.event import day_of
from tocsin.model.retrying import RetryPlan, after_attempt
from tocsin.store import (
    bulk,
    configuration,
    deliveries,
    keeping,
    lanes,
    outbox,
    tables,
    targets,
)
from tocsin.store.deliveries import Narrowed
from tocsin.store.outbox import Claimed, Settled
from tocsin.store.rows import delivery_row

pytestmark = pytest.mark.anyio

ACCEPTED = Sent(SentOutcome.ACCEPTED, 200)
BUSY = Sent(SentOutcome.RETRY, 503, "it answered 503", "try later")
REFUSED = Sent(SentOutcome.REFUSED, 400, "it answered 400")


def settlement(scene: Scene, delivery: Delivery, sent: Sent) -> Settled:
    after = after_attempt(delivery, sent, scene.clock.now, RetryPlan())
    attempt = Attempt(
        delivery.domain_id,
        delivery.seq,
        delivery.target_id,
        after.attempts,
        delivery.day,
        scene.clock.now,
        1,
        sent.status,
        sent.outcome,
        sent.reason,
        sent.answer,
    )
    return Settled(after, attempt, delivery.leased_until)


async def work(
    scene: Scene,
    settled: Sequence[Settled] = (),
    *,
    places: int = 16,
    latest_only: bool = False,
    node: str = "one",
) -> list[Claimed]:
    """Settle, and claim for every target, in one transaction."""
    now = scene.clock.now

    def run(connection: Connection) -> list[Claimed]:
        since = day_of(now) - 1
        outbox.settle(connection, list(settled), now, since)
        claimed: list[Claimed] = []
        for target in targets.all_targets(connection):
            wanted = replace(target, options=replace(target.options, latest_only=latest_only))
            until = now + 15 * SECOND
            claimed += outbox.claim(
                connection, wanted, node=node, now=now, until=until, places=places, since=since
            )[0]
        return claimed

    return await scene.database.write(run)


def keys(claimed: Sequence[Claimed]) -> list[tuple[str, str]]:
    return sorted((each.event.key, each.event.kind.value) for each in claimed if each.event is not None)


async def test_the_head_of_each_lane_is_claimed_with_what_it_says(scene: Scene) -> None:
    await send_to(scene, "pager")
    await scene.record(problem("a"), problem("b"), recovery("a"))
    claimed = await work(scene)
    assert keys(claimed) == [("a", "problem"), ("b", "problem")]
    first = next(each for each in claimed if each.delivery.key == "a")
    assert first.alert is not None
    assert first.alert.state is AlertState.RESOLVED
    assert (await work(scene, node="two")) == []
    answered = [settlement(scene, each.delivery, ACCEPTED) for each in claimed]
    assert keys(await work(scene, answered)) == [("a", "recovery")]
    assert [each.state.value for each in await all_deliveries(scene)] == ["delivered", "delivered", "pending"]


async def test_a_claim_says_whether_more_may_be_due(scene: Scene) -> None:
    target_id = await send_to(scene, "pager")
    await scene.record(*[problem(f"key-{n}") for n in range(5)])

    async def claim(places: int) -> tuple[int, bool]:
        def run(connection: Connection) -> tuple[list[Claimed], bool]:
            now = scene.clock.now
            target = targets.find_target(connection, "main", target_id)
            until, since = now + SECOND, day_of(now) - 1
            return outbox.claim(
                connection, target, node="one", now=now, until=until, places=places, since=since
            )

        claimed, is_all = await scene.database.write(run)
        return len(claimed), is_all

    assert await claim(2) == (2, False)
    if not scene.database.is_sqlite:
        url = scene.database.url
        held = await asyncpg.connect(host=url.host, port=url.port, user=url.username, database=url.database)
        async with held.transaction():
            await held.execute("select id from target for update")
            assert await claim(9) == (0, False)
        await held.close()
    assert await claim(9) == (3, True)
    assert await claim(9) == (0, True)


async def test_what_came_of_a_delivery_that_retention_deleted_is_let_go(scene: Scene) -> None:
    await send_to(scene, "pager")
    await scene.record(problem("a"))
    (claimed,) = await work(scene)
    await scene.database.write(lambda connection: keeping.drop_events(connection, claimed.delivery.day + 1))
    assert await work(scene, [settlement(scene, claimed.delivery, ACCEPTED)]) == []
    assert await scene.count("attempt") == 0


async def test_there_are_as_many_as_there_are_places(scene: Scene) -> None:
    await send_to(scene, "pager")
    await scene.record(*[problem(f"key-{n}") for n in range(5)])
    assert len(await work(scene, places=2)) == 2
    assert len(await work(scene, places=9)) == 3


async def test_what_failed_waits_and_its_lane_with_it(scene: Scene) -> None:
    await send_to(scene, "pager")
    await scene.record(problem("a"), recovery("a"))
    (claimed,) = await work(scene)
    assert (await work(scene, [settlement(scene, claimed.delivery, BUSY)])) == []
    scene.clock.now += SECOND
    (again,) = await work(scene)
    assert (again.delivery.id, again.delivery.attempts) == (claimed.delivery.id, 1)
    (after,) = await work(scene, [settlement(scene, again.delivery, ACCEPTED)])
    assert keys([after]) == [("a", "recovery")]
    made = await scene.database.read(lambda connection: deliveries.attempts(connection, again.delivery))
    assert [(each.number, each.status, each.answer) for each in made] == [(1, 503, "try later"), (2, 200, "")]


async def test_a_target_that_works_again_gets_at_once_what_waits(scene: Scene) -> None:
    await send_to(scene, "pager")
    await scene.record(problem("a"), problem("b"))
    claimed = await work(scene)
    asked = replace(BUSY, retry_after=500.0)
    assert await work(scene, [settlement(scene, each.delivery, asked) for each in claimed]) == []

    def hurry(connection: Connection) -> None:
        for target in targets.all_targets(connection):
            outbox.hurry(connection, target, scene.clock.now, 0)

    await scene.database.write(hurry)
    assert len(await work(scene)) == 2


async def test_a_lease_ends_and_what_comes_late_changes_nothing(scene: Scene) -> None:
    await send_to(scene, "pager")
    await scene.record(problem("a"))
    (lost,) = await work(scene)
    scene.clock.now = lost.delivery.leased_until
    (again,) = await work(scene, node="two")
    assert again.delivery.id == lost.delivery.id
    await work(scene, [settlement(scene, lost.delivery, REFUSED)])
    (kept,) = await all_deliveries(scene)
    assert (kept.state, kept.leased_by) == (DeliveryState.PENDING, "two")
    assert await scene.count("attempt") == 1  # it was made all the same


async def test_leases_of_a_process_before_are_freed(scene: Scene) -> None:
    await send_to(scene, "pager")
    await scene.record(problem("a"))
    assert len(await work(scene)) == 1
    await scene.database.write(outbox.free_leases)
    assert len(await work(scene, node="two")) == 1


async def test_newer_states_overtake_where_only_the_latest_is_wanted(scene: Scene) -> None:
    await send_to(scene, "pager")
    await scene.record(problem("a"), recovery("a"), problem("a"), problem("b"))
    claimed = await work(scene, latest_only=True)
    assert sorted(each.delivery.seq for each in claimed) == [3, 4]
    await scene.record(recovery("a"), problem("a"))
    assert await work(scene, latest_only=True) == []
    answered = [settlement(scene, each.delivery, ACCEPTED) for each in claimed]
    assert [each.delivery.seq for each in await work(scene, answered, latest_only=True)] == [6]
    states = [each.state.value for each in await all_deliveries(scene)]
    assert states == ["overtaken", "overtaken", "delivered", "delivered", "overtaken", "pending"]


async def test_dead_ones_are_sent_again_on_request(scene: Scene) -> None:
    await send_to(scene, "pager")
    await scene.record(problem("a"), recovery("a"))
    (claimed,) = await work(scene)
    (under_way,) = await work(scene, [settlement(scene, claimed.delivery, REFUSED)])
    dead = await scene.database.read(
        lambda connection: deliveries.deliveries(connection, "main", Narrowed(state="dead"), limit=10)
    )
    assert [each.reason for each in dead] == ["it answered 400"]

    await scene.database.write(
        lambda connection: outbox.retry(connection, [*dead, under_way.delivery], scene.clock.now)
    )
    assert (await work(scene)) == []  # the later one of its lane is under way
    (revived,) = await work(scene, [settlement(scene, under_way.delivery, ACCEPTED)])
    assert revived.delivery.id == claimed.delivery.id


async def test_what_waits_once_more_since_an_old_day_is_looked_for_by_every_node(scene: Scene) -> None:
    target_id = await send_to(scene, "pager")
    await scene.record(problem("a"))
    (claimed,) = await work(scene)
    await work(scene, [settlement(scene, claimed.delivery, REFUSED)])
    scene.clock.now += 5 * DAY

    def look(connection: Connection) -> tuple[dict[str, int], int]:
        days = lanes.oldest_days(connection, [target_id, "target-z"], scene.clock.now)
        return days, configuration.version(connection)

    day, yesterday = claimed.delivery.day, day_of(scene.clock.now) - 1
    days, version = await scene.database.read(look)
    assert days == dict.fromkeys((target_id, "target-z"), 0 if scene.database.is_sqlite else yesterday)
    await scene.database.write(
        lambda connection: outbox.retry(connection, [claimed.delivery], scene.clock.now)
    )
    days, after = await scene.database.read(look)
    if scene.database.is_sqlite:
        assert after == version
    else:
        assert (days, after) == ({target_id: day, "target-z": yesterday}, version + 1)


async def test_two_nodes_at_a_time_claim_each_thing_once(scene: Scene) -> None:
    await send_to(scene, "pager")
    await scene.record(*[problem(f"key-{n}") for n in range(100)])
    claimed: list[str] = []
    while len(claimed) < 100:
        rounds = await asyncio.gather(*(work(scene, places=10, node=f"node-{n}") for n in range(3)))
        found = [each.delivery.id for round_ in rounds for each in round_]
        assert found
        claimed += found
    assert len(set(claimed)) == len(claimed)
    assert await work(scene) == []


async def test_a_long_lane_and_a_long_queue_cost_a_claim_little(scene: Scene) -> None:
    target_id = await send_to(scene, "pager")
    await scene.record(problem("a"))
    (first,) = await all_deliveries(scene)
    many = [
        delivery_row(replace(first, seq=2 + n, key="a" if n % 2 else f"key-{n}", reason="", attempts=0))
        for n in range(5_000)
    ]

    def fill(connection: Connection) -> None:
        bulk.insert(connection, tables.delivery, many)
        connection.execute(text("analyze"))

    def walk(connection: Connection) -> None:
        # The lane of the first is walked, and put off, once.
        for _ in range(5):
            outbox.claim(
                connection,
                targets.find_target(connection, "main", target_id),
                node="one",
                now=scene.clock.now,
                until=scene.clock.now + SECOND,
                places=1_000,
                since=0,
            )

    await scene.database.write(fill, seconds=100.0)
    await scene.database.write(walk, seconds=100.0)
    plans: list[str] = []

    def explain(connection: Connection) -> None:
        statements: list[Statement] = []

        def claim(inner: Connection) -> list[Claimed]:
            target = targets.find_target(inner, "main", target_id)
            now = scene.clock.now
            return outbox.claim(inner, target, node="two", now=now, until=now + SECOND, places=1, since=0)[0]

        heard(claim, statements)(connection)
        (looked,) = [each for each in statements if "as blocked" in each.text]
        plans.extend(plan(connection, looked))

    await scene.database.write(explain)
    shape = "\n".join(plans)
    if scene.database.is_sqlite:
        assert "SCAN" not in shape
        assert "TEMP B-TREE" not in shape
    else:
        assert "Seq Scan" not in shape
