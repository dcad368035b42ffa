"""Monitored objects: known from their first signal, in the state of the last one, up to a limit."""

from collections.abc import Iterable

import pytest

from tests.contract.scene import DAY, NOON, Scene, new_source, open_scene, problem, recovery, submission
from tocsin.model.discovery import OBJECTS_FULL
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.store.database import Database

pytestmark = pytest.mark.anyio


async def names(scene: Scene) -> list[tuple[str, str, str]]:
    return [(each.host, each.service, each.state) for each in await scene.objects()]


async def test_a_signal_makes_its_host_and_its_service_known(scene: Scene) -> None:
    await scene.record(problem("disk", host="web-1", service="disk"))
    host, service = await scene.objects()
    assert (host.host, host.service, host.state, host.discovered) == ("web-1", "", "up", True)
    assert (service.host, service.service, service.state) == ("web-1", "disk", "critical")
    assert (service.state_type, service.state_since, service.seen_at) == ("hard", NOON, NOON)
    (event,) = await scene.events()
    assert (event.object_id, event.state, event.state_type) == (service.id, "critical", "hard")


async def test_an_object_follows_its_signals_in_one_batch_and_in_many(scene: Scene) -> None:
    def on_disk(severity: Severity) -> Signal:
        return problem("disk", severity, host="web-1", service="disk")

    well = recovery("disk")
    well.host, well.service = "web-1", "disk"
    await scene.record(on_disk(Severity.WARNING), on_disk(Severity.CRITICAL))
    scene.clock.now += 1
    await scene.record(on_disk(Severity.CRITICAL))
    scene.clock.now += 1
    await scene.record(well, Signal(Kind.INFO, "disk", host="web-1", service="disk"))
    assert [event.state for event in await scene.events()] == [
        "warning",
        "critical",
        "critical",
        "ok",
        "ok",
    ]
    _, service = await scene.objects()
    assert (service.state, service.state_since) == ("ok", NOON + 2)


async def test_a_host_is_up_or_down(scene: Scene) -> None:
    await scene.record(problem("ping", host="web-1"), problem("agent", Severity.INFO, host="web-2"))
    assert await names(scene) == [("web-1", "", "down"), ("web-2", "", "unreachable")]


async def test_without_a_host_the_source_is_the_host_and_the_key_the_service(scene: Scene) -> None:
    await scene.record(problem("disk"))
    own, service = await scene.objects()
    assert (own.host, own.service, own.discovered) == ("probe", "", False)
    assert (service.host, service.service, service.discovered) == ("probe", "disk", True)
    (event,) = await scene.events()
    assert (event.host, event.service, event.object_id) == ("probe", "disk", service.id)


async def test_a_key_that_was_made_up_names_no_service(scene: Scene) -> None:
    await scene.record(problem("made-123", key_made=True))
    assert await names(scene) == [("probe", "", "down")]


async def test_an_object_is_made_once_and_known_again(scene: Scene) -> None:
    signal = ("disk", "load", "disk")
    await scene.record(*(problem(key, host="web-1", service=key) for key in signal))
    await scene.record(*(problem(key, host="web-1", service=key) for key in signal))
    objects = await scene.objects()
    assert [(each.id, each.host, each.service) for each in objects] == [
        (1, "web-1", ""),
        (2, "web-1", "disk"),
        (3, "web-1", "load"),
    ]
    assert [event.object_id for event in await scene.events()] == [2, 3, 2] * 2


async def test_the_objects_of_two_domains_have_numbers_of_their_own(scene: Scene) -> None:
    other = await new_source(scene.database, "umbrella")
    await scene.write(*(submission(s, problem("ping", host="web-1")) for s in (scene.source, other)))
    assert [(each.domain_id, each.id) for each in await scene.objects()] == [("main", 1), ("umbrella", 1)]


async def test_seen_at_is_renewed_once_a_day(scene: Scene) -> None:
    seen = []
    for step in (0, 1, DAY, 1):
        scene.clock.now += step
        await scene.record(problem("ping", host="web-1"))
        (host,) = await scene.objects()
        seen.append((host.state_since, host.seen_at))
    assert seen == [(NOON, NOON), (NOON, NOON), (NOON, NOON + DAY + 1), (NOON, NOON + DAY + 1)]


def hosts(numbers: Iterable[int]) -> list[Signal]:
    return [problem(f"ping-{n}", host=f"web-{n}") for n in numbers]


@pytest.mark.parametrize("batched", [True, False])
async def test_beyond_the_limit_events_stand_on_the_source_itself(database: Database, batched: bool) -> None:
    scene = await open_scene(database, object_limit=3)
    if batched:
        receipts = await scene.record(*hosts(range(5)))
    else:
        receipts = [receipt for signal in hosts(range(5)) for receipt in await scene.record(signal)]
    assert [receipt.reason for receipt in receipts] == ["", "", "", OBJECTS_FULL, OBJECTS_FULL]
    objects = {each.host: each.id for each in await scene.objects()}
    assert set(objects) == {"web-0", "web-1", "web-2", "probe"}
    assert [(event.host, event.object_id) for event in await scene.events()] == [
        ("web-0", objects["web-0"]),
        ("web-1", objects["web-1"]),
        ("web-2", objects["web-2"]),
        ("web-3", objects["probe"]),
        ("web-4", objects["probe"]),
    ]


async def test_what_stands_on_the_source_leaves_the_state_of_the_source_alone(database: Database) -> None:
    scene = await open_scene(database, object_limit=0)
    await scene.record(problem("ping", host="web-1"), problem("disk", host="web-1", service="disk"))
    assert await names(scene) == [("probe", "", "up")]
    assert [event.state for event in await scene.events()] == ["down", "critical"]
    assert [(alert.host, alert.service) for alert in await scene.alerts()] == [
        ("web-1", ""),
        ("web-1", "disk"),
    ]


async def test_a_service_needs_room_for_its_host_too(database: Database) -> None:
    scene = await open_scene(database, object_limit=1)
    (first,) = await scene.record(problem("disk", host="web-1", service="disk"))
    (second,) = await scene.record(problem("ping", host="web-2"))
    assert (first.reason, second.reason) == (OBJECTS_FULL, "")
    assert await names(scene) == [("probe", "", "up"), ("web-2", "", "down")]


async def test_the_limit_counts_each_domain_for_itself(database: Database) -> None:
    scene = await open_scene(database, object_limit=1)
    other = await new_source(database, "umbrella")
    given = await scene.write(*(submission(s, *hosts([1])) for s in (scene.source, other)))
    assert [receipt.reason for receipts in given for receipt in receipts] == ["", ""]


async def test_the_objects_that_stand_are_known_at_the_limit(database: Database) -> None:
    scene = await open_scene(database, object_limit=1)
    await scene.record(*hosts([1]))
    (receipt,) = await scene.record(*hosts([1]))
    assert receipt.reason == ""
