"""Numbers and times: `seq` is dense in each domain, in order of arrival, and its clock never runs back."""

import random

import pytest
from sqlalchemy import select

from tests.contract.scene import DAY, NOON, SECOND, Scene, new_source, problem, submission
from tocsin.model.event import day_of
from tocsin.model.recording import FROM_THE_FUTURE
from tocsin.store import tables

pytestmark = pytest.mark.anyio


async def test_numbers_are_dense_and_in_order_over_many_batches_and_domains(scene: Scene) -> None:
    chance = random.Random(7)
    sources = [scene.source, await new_source(scene.database, "umbrella")]
    sent: dict[str, list[str]] = {source.domain_id: [] for source in sources}
    for _ in range(30):
        batch = []
        for _ in range(chance.randint(1, 6)):
            source = chance.choice(sources)
            keys = [f"key-{chance.randrange(20)}" for _ in range(chance.randint(1, 5))]
            sent[source.domain_id] += keys
            batch.append(submission(source, *map(problem, keys)))
        await scene.write(*batch)
    for domain_id, keys in sent.items():
        events = await scene.events(domain_id)
        assert [event.seq for event in events] == list(range(1, len(keys) + 1))
        assert [event.key for event in events] == keys


async def test_every_event_of_a_batch_is_recorded_at_the_same_time(scene: Scene) -> None:
    await scene.record(*map(problem, "abc"))
    assert {event.recorded_at for event in await scene.events()} == {NOON}


async def test_recorded_at_does_not_run_back_when_the_clock_does(scene: Scene) -> None:
    steps = [0, -5 * SECOND, -2 * DAY, SECOND, 0, DAY]
    times: list[int] = []
    for step in steps:
        scene.clock.now = NOON + step
        await scene.record(problem("disk"))
        times.append(max([NOON + step, *times]))
    events = await scene.events()
    assert [event.recorded_at for event in events] == times
    assert [event.time for event in events] == times
    assert [event.day for event in events] == [day_of(time) for time in times]


async def test_the_clock_of_one_domain_does_not_move_another(scene: Scene) -> None:
    other = await new_source(scene.database, "umbrella")
    scene.clock.now = NOON + DAY
    await scene.record(problem("disk"))
    scene.clock.now = NOON
    await scene.write(submission(scene.source, problem("disk")), submission(other, problem("disk")))
    assert [event.recorded_at for event in await scene.events()] == [NOON + DAY] * 2
    assert [event.recorded_at for event in await scene.events("umbrella")] == [NOON]


async def test_a_batch_after_a_jump_back_stays_on_the_day_of_the_last(scene: Scene) -> None:
    scene.clock.now = NOON + DAY
    await scene.record(problem("disk"))
    scene.clock.now = NOON
    await scene.record(problem("disk"))
    rows = await scene.database.read(lambda c: c.execute(select(tables.payload.c.day)).scalars().all())
    assert set(rows) == {day_of(NOON + DAY)}


async def test_the_time_of_the_sender_is_kept_beside_the_time_of_recording(scene: Scene) -> None:
    past, soon, far = (
        problem("past", occurred_at=NOON - 400 * DAY),
        problem("soon", occurred_at=NOON + DAY),
        problem("far", occurred_at=NOON + DAY + 1),
    )
    receipts = await scene.record(past, soon, far)
    assert [receipt.reason for receipt in receipts] == ["", "", FROM_THE_FUTURE]
    for signal, event in zip((past, soon, far), await scene.events(), strict=True):
        assert (event.occurred_at, event.time, event.recorded_at) == (
            signal.occurred_at,
            signal.occurred_at,
            NOON,
        )
