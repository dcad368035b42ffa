"""Housekeeping: what goes after its time, what stays, and what is made ahead."""

import asyncio
from functools import partial

import msgspec
import pytest
from sqlalchemy import Connection, select, text

from tests.contract.passing import outbox, send_to, silence
from tests.contract.scene import (
    DAY,
    NOON,
    SECOND,
    Scene,
    new_source,
    open_scene,
    problem,
    recovery,
    submission,
)
from tests.contract.trouble import Trouble
from tocsin.hub import housekeeping
from tocsin.hub.housekeeping import Housekeeping, Keep
from tocsin.model.discovery import OBJECTS_FULL
from tocsin.model.event import day_of
from tocsin.model.signal import Signal
from tocsin.model.submission import Payload, Refusal, Submission
from tocsin.store import directory, keeping, partitions, reading, tables
from tocsin.store.database import Database

pytestmark = pytest.mark.anyio

TODAY = day_of(NOON)


async def keep(scene: Scene, wanted: Keep) -> None:
    await Housekeeping(scene.database, wanted, scene.clock).round()


async def record_at(scene: Scene, days: int, *keys: str) -> None:
    scene.clock.now = NOON + days * DAY
    await scene.record(*map(problem, keys))


def recovery_of(key: str, **fields: str) -> Signal:
    return msgspec.structs.replace(recovery(key), **fields)


async def test_everything_is_kept_unless_told_otherwise(scene: Scene) -> None:
    await scene.record(problem("a"), recovery("a"))
    scene.clock.now += 4000 * DAY
    await keep(scene, Keep(objects_days=5000))
    assert [await scene.count(table) for table in ("event", "payload", "alert", "object")] == [2, 1, 1, 2]


@pytest.mark.parametrize("step", [1, 2000])
async def test_events_go_with_their_payloads_after_their_days(
    scene: Scene, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "STEP_ROWS", step)
    for days in (0, 1, 5, 6):
        await record_at(scene, days, f"first-{days}", f"second-{days}")
    await keep(scene, Keep(events_days=5))
    kept = await scene.events()
    assert [event.key for event in kept] == [f"{name}-{n}" for n in (1, 5, 6) for name in ("first", "second")]
    assert await scene.count("payload") == 3
    await scene.database.read(lambda c: reading.payload(c, "main", kept[0].payload_seq))


async def test_deliveries_go_with_their_events(scene: Scene) -> None:
    await send_to(scene, "pager")
    for days in (0, 9):
        await record_at(scene, days, f"key-{days}")
    await keep(scene, Keep(events_days=5))
    assert [each.key for each in await outbox(scene)] == ["key-9"]


async def test_the_days_of_every_domain_are_counted(scene: Scene) -> None:
    other = await new_source(scene.database, "umbrella")
    await scene.write(submission(scene.source, problem("old")), submission(other, problem("old")))
    scene.clock.now += 9 * DAY
    await scene.write(submission(other, problem("new")))
    await keep(scene, Keep(events_days=5))
    assert await scene.events() == []
    assert [event.key for event in await scene.events("umbrella")] == ["new"]


async def test_alerts_go_once_they_were_resolved_long_ago(scene: Scene) -> None:
    await scene.record(problem("resolved"), recovery("resolved"), problem("still open"), problem("later"))
    scene.clock.now += 9 * DAY
    await scene.record(recovery("later"))
    await keep(scene, Keep(events_days=5))
    assert [alert.key for alert in await scene.alerts()] == ["still open", "later"]
    (receipt,) = await scene.record(recovery("still open"))
    assert receipt.outcome == "resolved"


async def test_numbers_go_on_after_every_event_is_gone(scene: Scene) -> None:
    await scene.record(problem("a"), problem("b"))
    scene.clock.now += 9 * DAY
    await keep(scene, Keep(events_days=5))
    assert await scene.events() == []
    assert (await scene.record(problem("c")))[0].seq == 3


async def test_the_newest_rejected_signals_are_kept_and_those_of_a_request_together(scene: Scene) -> None:
    payload = Payload("auto", "", {}, b"x")
    for n in range(3):
        scene.clock.now += 1
        refusals = [Refusal(index, f"request {n}") for index in range(4)]
        await scene.write(Submission(scene.source, payload, [], refusals))
    columns = tables.rejected.c
    statement = select(columns.reason).order_by(columns.rejected_at.desc())
    for count, kept in ((12, (2, 1, 0)), (6, (2, 1)), (4, (2,)), (1, (2,))):
        await keep(scene, Keep(rejected_count=count))
        found = await scene.database.read(lambda c: c.execute(statement).scalars().all())
        assert found == [f"request {n}" for n in kept for _ in range(4)]


async def test_the_bodies_of_rejected_signals_have_no_more_than_their_bytes(scene: Scene) -> None:
    for n in range(4):
        scene.clock.now += 1
        payload = Payload("auto", "", {}, b"x" * 1000)
        refusals = [Refusal(index, f"request {n}") for index in range(2)]
        await scene.write(Submission(scene.source, payload, [], refusals))
    columns = tables.rejected.c
    statement = select(columns.reason).order_by(columns.rejected_at.desc())
    for size, kept in ((4000, (3, 2, 1, 0)), (3999, (3, 2, 1)), (1000, (3,)), (999, ())):
        await scene.database.write(partial(keeping.drop_rejected, count=100, size=size))
        found = await scene.database.read(lambda c: c.execute(statement).scalars().all())
        assert found == [f"request {n}" for n in kept for _ in range(2)]


async def test_objects_that_nobody_heard_of_for_long_go(database: Database) -> None:
    scene = await open_scene(database, object_limit=4)
    names = ("silent", "troubled", "recent", "well")
    await scene.record(*(problem(name, host=name) for name in names), problem("made", key_made=True))
    resolved = [recovery(name) for name in names if name != "troubled"]
    for each in resolved:
        each.host = each.key
    await scene.record(*resolved)
    (refused,) = await scene.record(problem("new", host="new"))
    assert refused.reason == OBJECTS_FULL
    scene.clock.now = NOON + 31 * DAY
    await scene.record(problem("recent", host="recent"))
    await keep(scene, Keep(objects_days=30))
    assert {each.host for each in await scene.objects()} == {"troubled", "recent", "probe"}
    # What went makes room for as many others.
    receipts = await scene.record(*(problem(name, host=name) for name in ("x", "y", "z")))
    assert [receipt.reason for receipt in receipts] == ["", "", OBJECTS_FULL]


async def test_a_host_stays_as_long_as_a_service_of_it_has_an_open_alert(scene: Scene) -> None:
    await scene.record(
        problem("a", host="troubled", service="disk"),
        problem("b", host="well", service="disk"),
        recovery_of("b", host="well", service="disk"),
    )
    scene.clock.now = NOON + 31 * DAY
    await keep(scene, Keep(objects_days=30))
    kept = {(each.host, each.service) for each in await scene.objects()}
    assert {("troubled", ""), ("troubled", "disk")} <= kept
    assert not {("well", ""), ("well", "disk")} & kept


async def test_without_a_number_of_days_every_object_stays(scene: Scene) -> None:
    await scene.record(problem("a", host="web"), recovery_of("a", host="web"))
    scene.clock.now = NOON + 4000 * DAY
    await keep(scene, Keep(objects_days=0))
    assert "web" in {each.host for each in await scene.objects()}


async def test_the_planner_is_told_how_large_the_tables_are(scene: Scene) -> None:
    await scene.record(*(problem(f"key-{n}") for n in range(50)))
    await keep(scene, Keep())

    def rows(connection: Connection) -> int:
        if connection.dialect.name == "postgresql":
            statement = "select reltuples::int from pg_class where relname = 'alert'"
        else:
            statement = "select stat from sqlite_stat1 where tbl = 'alert' and idx = 'ix_alert_key'"
        return int(str(connection.execute(text(statement)).scalar()).split()[0])

    assert await scene.database.read(rows) == 50


async def test_partitions_are_made_ahead(scene: Scene) -> None:
    if scene.database.is_sqlite:
        await keep(scene, Keep())
        assert await scene.count("event") == 0
        return
    keeper = Housekeeping(scene.database, Keep(), scene.clock)
    await keeper.start()
    await keeper.stop()
    assert await scene.database.read(partitions.days) == [TODAY + n for n in range(4)]
    scene.clock.now += DAY
    await keeper.round()
    assert await scene.database.read(partitions.days) == [TODAY + n for n in range(5)]


async def test_it_goes_on_regularly_also_after_trouble(
    scene: Scene, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "ROUND_SECONDS", 0.05)
    monkeypatch.setattr(housekeeping, "CHECKPOINT_SECONDS", 0.02)
    await scene.record(problem("old"))
    keeper = Housekeeping(scene.database, Keep(events_days=5), scene.clock)
    await keeper.start()
    with trouble.lasting():
        scene.clock.now += 9 * DAY
        await asyncio.sleep(0.3)
    async with asyncio.timeout(10):
        while await scene.events():  # noqa: ASYNC110 - the store tells nobody
            await asyncio.sleep(0.05)
    await keeper.stop()


async def test_silences_can_be_looked_up_for_a_while_after_their_end(scene: Scene) -> None:
    await silence(scene, "host:a", seconds=60)
    kept = await silence(scene, "host:b", seconds=120)
    scene.clock.now += 30 * DAY + 90 * SECOND
    await keep(scene, Keep())
    left = await scene.database.read(lambda c: c.execute(select(tables.silence.c.id)).scalars().all())
    assert left == [kept.id]


async def test_of_a_source_that_is_gone_nobody_knows_when_it_sent(scene: Scene) -> None:
    gone = await new_source(scene.database, "main", "gone")
    await scene.write(submission(scene.source, problem("a")), submission(gone, problem("b")))
    await scene.database.write(lambda connection: directory.delete_source(connection, gone))
    await keep(scene, Keep())
    left = await scene.database.read(lambda c: c.execute(select(tables.activity.c.source_id)).scalars().all())
    assert left == [scene.source.id]
