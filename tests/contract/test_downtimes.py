"""Downtimes begin and end by themselves, once, and keep what happens meanwhile from being passed on."""

import pytest

from tests.contract.passing import outbox, send_to
from tests.contract.scene import NOON, SECOND, Scene, problem
from tests.contract.test_check_results import configure, monitored, result
from tocsin.model.downtime import Downtime, Plan
from tocsin.model.event import Event
from tocsin.model.monitored import MonitoredObject
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind
from tocsin.store import downtimes
from tocsin.store.database import open_database
from tocsin.store.timers import Timers

pytestmark = pytest.mark.anyio

SERVICES = [monitored(number, service=f"s{number}") for number in range(2, 12)]
HOST = [monitored(1), *SERVICES]


async def schedule(
    scene: Scene, objects: list[MonitoredObject], begins: int = 0, lasts: int = 60, comment: str = "repairs"
) -> list[Downtime]:
    """Put objects into a downtime that begins so many seconds after noon."""
    starts_at = NOON + begins * SECOND
    plan = Plan(starts_at, starts_at + lasts * SECOND, "ann", comment)
    return await scene.database.write(
        lambda connection: downtimes.schedule(connection, "main", plan, objects, scene.clock.now)
    )


async def cancel(scene: Scene, entries: list[Downtime]) -> list[Downtime]:
    ids = {each.id for each in entries}
    return await scene.database.write(
        lambda connection: downtimes.cancel(
            connection, "main", lambda found: [each for each in found if each.id in ids], scene.clock.now
        )
    )


async def at(scene: Scene, second: int) -> list[Event]:
    """Do what is due so many seconds after noon; give the new events."""
    before = len(await scene.events())
    scene.clock.now = NOON + second * SECOND
    for _ in range(3):
        await scene.database.write(Timers(scene.ledger, scene.clock).run)
    return (await scene.events())[before:]


def told(events: list[Event]) -> list[tuple[str, str, int]]:
    return [(each.kind, each.service, (each.time - NOON) // SECOND) for each in events]


async def in_downtime(scene: Scene) -> list[int]:
    return [each.id for each in await scene.objects() if each.downtime_id]


async def test_a_host_and_its_services_are_in_downtime_one_event_for_each(scene: Scene) -> None:
    await configure(scene, *HOST)
    await schedule(scene, HOST, begins=10)
    assert await at(scene, 9) == []
    begun = await at(scene, 10)
    names = ["", *sorted(each.service for each in SERVICES)]
    assert told(begun) == [("downtime_start", name, 10) for name in names]
    assert len(await in_downtime(scene)) == 11
    assert await at(scene, 69) == []
    ended = await at(scene, 70)
    assert told(ended) == [("downtime_end", name, 70) for name in names]
    assert await in_downtime(scene) == []
    assert await at(scene, 1000) == []
    assert await scene.count("due") == 0


async def test_an_event_of_a_downtime_says_who_and_when_and_how_its_object_stands(scene: Scene) -> None:
    await configure(scene, monitored(1))
    await scene.record(result("down"))
    await schedule(scene, [monitored(1)])
    (begun,) = await at(scene, 0)
    assert (begun.author, begun.comment, begun.window_start, begun.window_end) == (
        *("ann", "repairs"),
        *(NOON, NOON + 60 * SECOND),
    )
    assert (begun.state, begun.state_type, begun.output) == ("down", "hard", "it is down")
    assert (begun.object_id, begun.source_tool) == (1, "tocsin")


async def test_what_is_cancelled_before_it_began_never_was(scene: Scene) -> None:
    await configure(scene, *HOST)
    await cancel(scene, await schedule(scene, HOST, begins=10))
    assert await at(scene, 100) == []
    assert (await scene.count("due"), await scene.count("downtime")) == (0, 0)


async def test_what_is_cancelled_while_it_runs_ends_at_once_and_keeps_its_planned_end(scene: Scene) -> None:
    await configure(scene, monitored(1))
    made = await schedule(scene, [monitored(1)])
    await at(scene, 0)
    scene.clock.now = NOON + 20 * SECOND
    assert [each.id for each in await cancel(scene, made)] == [each.id for each in made]
    # Who cancels it once more before its end is told finds nothing to cancel.
    assert await cancel(scene, made) == []
    (ended,) = await at(scene, 21)
    assert told([ended]) == [("downtime_end", "", 20)]
    assert ended.window_end == NOON + 60 * SECOND
    assert await at(scene, 100) == []


async def test_of_two_that_overlap_each_begins_and_ends(scene: Scene) -> None:
    await configure(scene, monitored(1))
    await schedule(scene, [monitored(1)], begins=10, lasts=30)
    await schedule(scene, [monitored(1)], begins=20, lasts=40)
    events = [event for second in (10, 20, 40) for event in await at(scene, second)]
    assert await in_downtime(scene) == [1]
    events += await at(scene, 60)
    assert [(kind, at) for kind, _, at in told(events)] == [
        ("downtime_start", 10),
        ("downtime_start", 20),
        ("downtime_end", 40),
        ("downtime_end", 60),
    ]
    assert await in_downtime(scene) == []


async def test_what_fell_into_an_outage_is_told_once_with_its_true_time(scene: Scene) -> None:
    await configure(scene, *HOST[:2])
    await schedule(scene, HOST[:2], begins=10)
    assert told(await at(scene, 500)) == [
        ("downtime_start", "", 10),
        ("downtime_start", "s2", 10),
        ("downtime_end", "", 70),
        ("downtime_end", "s2", 70),
    ]
    assert await at(scene, 501) == []


async def test_a_problem_in_a_downtime_is_held_back_and_passed_on_after_it_where_it_is_open(
    scene: Scene,
) -> None:
    await send_to(scene, "pager")
    await configure(scene, *HOST[:3])
    (host, *_) = await schedule(scene, HOST[:3])
    await at(scene, 0)
    await scene.record(result("critical", service="s2"), result("critical", service="s3"))
    await scene.record(result("ok", service="s3"))
    held = [each for each in await scene.events() if each.kind is Kind.PROBLEM]
    assert all(each.silenced_by.startswith("downtime-") for each in held)
    assert await outbox(scene) == []
    await at(scene, 60)
    assert [each.key for each in await outbox(scene)] == ["web/s2"]
    assert host.object_id == 1


async def test_an_object_that_is_gone_is_in_no_downtime(scene: Scene) -> None:
    await schedule(scene, [monitored(1)])
    assert await at(scene, 0) == []
    assert await scene.count("object") == 0


async def test_two_nodes_tell_each_begin_and_end_once(scene: Scene, store_url: str) -> None:
    other = open_database(store_url)
    first, second = scene, Scene(other, scene.clock, scene.source)
    await configure(first, *HOST)
    await schedule(first, HOST)
    for moment in (0, 60):
        await at(second, moment)
        await at(first, moment)
    assert len(await first.events()) == 22
    await other.close()


async def test_what_is_over_before_it_is_asked_for_ends_too(scene: Scene) -> None:
    await configure(scene, monitored(1))
    await schedule(scene, [monitored(1)], begins=-600, lasts=60)
    events = [event for second in (0, 1) for event in await at(scene, second)]
    assert [each.kind for each in events] == ["downtime_start", "downtime_end"]
    assert await in_downtime(scene) == []


async def test_what_it_holds_back_of_an_alert_on_another_object_is_released_too(scene: Scene) -> None:
    await configure(scene, monitored(1, "a"), monitored(2, "b"))
    await scene.record(problem("disk", host="a"))
    await schedule(scene, [monitored(2, "b")])
    await at(scene, 0)
    await scene.record(problem("disk", Severity.WARNING, host="b"))
    (held,) = await scene.alerts()
    assert (held.object_id, held.silenced_by[:9]) == (1, "downtime-")
    await send_to(scene, "pager")
    await at(scene, 60)
    assert [each.silenced_by for each in await scene.alerts()] == [""]
    assert [each.key for each in await outbox(scene)] == ["disk"]
