"""Deliveries are listed, counted and narrowed alike, and say how their target does."""

import pytest
from sqlalchemy import Connection, update

from tests.contract.passing import send_to
from tests.contract.scene import SECOND, Scene, problem
from tocsin.model.delivery import Attempt, DeliveryState, SentOutcome
from tocsin.store import bulk, deliveries, outbox, tables
from tocsin.store.deliveries import Narrowed, Standing
from tocsin.store.errors import NotFound

pytestmark = pytest.mark.anyio


async def test_deliveries_are_listed_and_found(scene: Scene) -> None:
    pager = await send_to(scene, "pager")
    other = await send_to(scene, "other")
    await scene.record(problem("a"), problem("b"))

    def read(connection: Connection) -> None:
        listed = deliveries.deliveries(connection, "main", Narrowed(), limit=3)
        assert [each.seq for each in listed] == [2, 2, 1]
        last = listed[-1]
        (rest,) = deliveries.deliveries(
            connection, "main", Narrowed(), limit=3, before=(last.seq, last.target_id)
        )
        assert {rest.target_id, last.target_id} == {pager, other}
        assert len(deliveries.deliveries(connection, "main", Narrowed(target_id=pager), limit=9)) == 2
        assert [
            each.seq for each in deliveries.deliveries(connection, "main", Narrowed(alert_seq=2), limit=9)
        ] == [2, 2]
        assert deliveries.deliveries(connection, "elsewhere", Narrowed(), limit=9) == []
        assert deliveries.delivery(connection, "main", last.seq, last.target_id) == last
        with pytest.raises(NotFound):
            deliveries.delivery(connection, "main", 9, pager)
        assert outbox.oldest_pending(connection) == last.created_at

    await scene.database.read(read)


async def test_they_are_narrowed_and_counted_alike(scene: Scene) -> None:
    pager = await send_to(scene, "pager")
    other = await send_to(scene, "other", "key:b")
    began = scene.clock.now
    for key in ("a", "b", "c"):
        await scene.record(problem(key))
        scene.clock.now += 10 * SECOND
    second = began + 10 * SECOND

    def read(connection: Connection) -> None:
        def seqs(**wanted: object) -> list[int]:
            narrowed = Narrowed(**wanted)  # type: ignore[arg-type]
            found = deliveries.deliveries(connection, "main", narrowed, limit=9)
            assert deliveries.counts(connection, "main", narrowed, []) == [((), len(found))]
            return [each.seq for each in found]

        assert seqs() == [3, 2, 2, 1]
        assert seqs(since=second) == [3, 2, 2]
        assert seqs(since=second + 1) == [3]
        assert seqs(until=second) == [1]
        assert seqs(since=began, until=second + 1, target_id=pager) == [2, 1]
        assert seqs(since=scene.clock.now) == []
        route_id = deliveries.delivery(connection, "main", 2, other).route_id
        assert seqs(route_id=route_id) == [2]
        assert seqs(state="dead") == []
        by_target = deliveries.counts(connection, "main", Narrowed(), ["target_id", "state"])
        assert by_target == [((pager, "pending"), 3), ((other, "pending"), 1)]
        assert deliveries.counts(connection, "elsewhere", Narrowed(), ["state"]) == []

    await scene.database.read(read)


async def test_a_time_is_found_among_the_gaps_of_what_was_deleted(scene: Scene) -> None:
    await send_to(scene, "pager")
    for number in range(9):
        await scene.record(problem(f"key-{number}"))
        scene.clock.now += SECOND
    since = scene.clock.now - 3 * SECOND

    def work(connection: Connection) -> list[int]:
        for table in (tables.event, tables.delivery):
            connection.execute(table.delete().where(table.c.seq.in_([1, 2, 4, 5, 6])))
        narrowed = Narrowed(since=since)
        return [each.seq for each in deliveries.deliveries(connection, "main", narrowed, limit=9)]

    assert await scene.database.write(work) == [9, 8, 7]


async def test_a_target_stands_as_its_newest_deliveries_say(scene: Scene) -> None:
    pager, other = await send_to(scene, "pager"), await send_to(scene, "other", "key:nothing")
    for key in ("a", "b", "c"):
        await scene.record(problem(key))
    now = scene.clock.now

    def work(connection: Connection) -> list[Standing]:
        rows = tables.delivery
        delivered = {"state": DeliveryState.DELIVERED.value, "attempts": 1, "done_at": now + SECOND}
        connection.execute(update(rows).where(rows.c.seq == 1).values(**delivered))
        failed = {"attempts": 1, "status": 503, "reason": "it is busy"}
        connection.execute(update(rows).where(rows.c.seq == 2).values(**failed))
        day = deliveries.delivery(connection, "main", 2, pager).day
        attempt = Attempt(
            "main", 2, pager, 1, day, now + SECOND, SECOND, 503, SentOutcome.RETRY, "it is busy", ""
        )
        row = [getattr(attempt, column.name) for column in tables.attempt.columns]
        bulk.insert(connection, tables.attempt, [(*row,)])
        return deliveries.standings(connection, "main", [pager, other])

    assert await scene.database.write(work) == [
        Standing(
            pager,
            2,
            is_failing=False,
            delivered_at=now + SECOND,
            failed_at=now + 2 * SECOND,
            status=503,
            reason="it is busy",
        ),
        Standing(other, 0, is_failing=False),
    ]
