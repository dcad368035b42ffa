"""What time brings: each thing once, whichever node looks, and with an event that says so."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from tests.contract.passing import outbox, send_to, silence
from tests.contract.scene import (
    DAY,
    NOON,
    SECOND,
    Clock,
    Scene,
    new_source,
    open_scene,
    problem,
    recovery,
    submission,
)
from tocsin.model.alert import Alert, AlertState
from tocsin.model.event import day_of
from tocsin.model.life_cycle import Change
from tocsin.model.own import own_submission
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.model.source import SourceOptions
from tocsin.store import directory, keeping, routes, schema, silences, targets, timers
from tocsin.store.database import open_database
from tocsin.store.ledger import Written
from tocsin.store.timers import Timers, next_due

pytestmark = pytest.mark.anyio


async def later(scene: Scene, seconds: int) -> Written:
    """Let time pass, and do what is due then."""
    scene.clock.now += seconds * SECOND
    return await scene.database.write(Timers(scene.ledger, scene.clock).run)


async def open_alert(scene: Scene) -> Alert:
    (alert,) = await scene.alerts()
    return alert


def acknowledgement(seconds: int = 0, *, until_change: bool = False) -> Signal:
    until = NOON + seconds * SECOND if seconds else 0
    return Signal(Kind.ACKNOWLEDGEMENT, "cpu", author="ann", window_end=until, until_change=until_change)


# --- acknowledgements


async def test_an_acknowledgement_ends_when_it_said(scene: Scene) -> None:
    await scene.record(problem("cpu"), acknowledgement(60))
    assert await later(scene, 59) == Written()
    assert (await open_alert(scene)).state is AlertState.ACKNOWLEDGED
    assert (await later(scene, 1)).domains == {"main"}
    assert (await open_alert(scene)).state is AlertState.OPEN
    last = (await scene.events())[-1]
    assert (last.kind, last.author, last.comment) == (
        Kind.ACKNOWLEDGEMENT_END,
        "tocsin",
        timers.ACKNOWLEDGEMENT_ENDED,
    )
    assert await scene.count("due") == 0
    await later(scene, 3600)
    assert len(await scene.events()) == 3


async def test_an_acknowledgement_that_was_prolonged_ends_later(scene: Scene) -> None:
    await scene.record(problem("cpu"), acknowledgement(60))
    await scene.record(acknowledgement(120))
    await later(scene, 60)
    assert (await open_alert(scene)).state is AlertState.ACKNOWLEDGED
    await later(scene, 60)
    assert (await open_alert(scene)).state is AlertState.OPEN


async def test_an_acknowledgement_without_an_end_stays(scene: Scene) -> None:
    await scene.record(problem("cpu"), acknowledgement(60))
    await scene.record(acknowledgement())
    await later(scene, 60)
    assert (await open_alert(scene)).state is AlertState.ACKNOWLEDGED


async def test_what_was_resolved_meanwhile_is_left_alone(scene: Scene) -> None:
    await scene.record(problem("cpu"), acknowledgement(60), recovery("cpu"))
    await later(scene, 60)
    assert len(await scene.events()) == 3


async def test_an_acknowledgement_until_a_change_ends_with_a_change_for_the_better(scene: Scene) -> None:
    await scene.record(problem("cpu"), acknowledgement(until_change=True), problem("cpu"))
    assert (await open_alert(scene)).state is AlertState.ACKNOWLEDGED
    await scene.record(problem("cpu", Severity.WARNING))
    assert (await open_alert(scene)).state is AlertState.OPEN


# --- alerts and sources that say nothing any more


async def test_an_alert_without_a_signal_resolves_by_itself_and_says_why(scene: Scene) -> None:
    source = await new_source(scene.database, "main", "quiet", options=SourceOptions(resolve_after=60))
    await scene.write(submission(source, problem("cpu")))
    scene.clock.now += 40 * SECOND
    await scene.write(submission(source, problem("cpu")))
    await later(scene, 30)
    assert (await open_alert(scene)).state is AlertState.OPEN
    await later(scene, 30)
    resolved = await open_alert(scene)
    assert (resolved.state, resolved.resolved_by, resolved.count) == (AlertState.RESOLVED, "tocsin", 2)
    assert (await scene.events())[-1].comment == "no signal for 60 seconds"


async def test_a_silent_source_is_a_problem_once_and_recovers_when_it_sends(scene: Scene) -> None:
    source = await new_source(scene.database, "main", "watched", options=SourceOptions(silent_after=60))
    await later(scene, 0)
    await scene.write(submission(source, problem("cpu")))
    await later(scene, 60)
    await later(scene, 60)
    (_, alert) = await scene.alerts()
    assert (alert.key, alert.title, alert.state, alert.host) == (
        f"source/{source.id}",
        "the source watched is silent",
        AlertState.OPEN,
        "tocsin",
    )
    assert alert.count == 1
    await scene.write(submission(source, recovery("cpu")))
    await later(scene, 5)
    (_, alert) = await scene.alerts()
    assert alert.state is AlertState.RESOLVED


async def test_what_people_do_is_no_word_of_the_source(scene: Scene) -> None:
    source = await new_source(scene.database, "main", "watched", options=SourceOptions(silent_after=60))
    ((opened,),) = await scene.write(submission(source, problem("cpu")))
    scene.clock.now += 59 * SECOND
    by_hand = Signal(Kind.NOTE, "cpu", author="ann", alert_seq=opened.alert_seq)
    await scene.write(submission(source, by_hand))
    await later(scene, 1)
    assert [alert.key for alert in await scene.alerts()] == ["cpu", f"source/{source.id}"]


async def test_alerts_that_were_open_before_resolve_by_themselves_too(scene: Scene) -> None:
    await scene.record(problem("cpu"))
    changed = replace(scene.source, options=SourceOptions(resolve_after=60))
    await scene.database.write(lambda connection: directory.change_source(connection, changed))
    await later(scene, 59)
    assert (await open_alert(scene)).state is AlertState.OPEN
    await later(scene, 1)
    assert (await open_alert(scene)).state is AlertState.RESOLVED


async def test_what_was_said_of_a_source_resolves_when_it_is_deleted(scene: Scene) -> None:
    source = await new_source(scene.database, "main", "watched", options=SourceOptions(silent_after=60))
    await later(scene, 60)
    assert (await open_alert(scene)).state is AlertState.OPEN
    await scene.database.write(lambda connection: directory.delete_source(connection, source))
    await later(scene, 1)
    assert ((await open_alert(scene)).state, (await scene.events())[-1].comment) == (
        AlertState.RESOLVED,
        timers.SOURCE_GONE,
    )


async def test_what_was_said_of_a_target_resolves_when_it_is_deleted(scene: Scene) -> None:
    await send_to(scene, "pager")
    (target,) = await scene.database.read(lambda connection: targets.targets(connection, "main"))
    project_id = scene.source.project_id
    said = own_submission("main", project_id, key=targets.trouble_key(target.id), title="x", is_problem=True)
    await scene.write(said)

    def remove(connection: Connection) -> None:
        (route,) = routes.routes(connection, "main")
        routes.delete_route(connection, route)
        targets.delete_target(connection, target, scene.clock.now)

    await scene.database.write(remove)
    await later(scene, 0)
    assert ((await open_alert(scene)).state, (await scene.events())[-1].comment) == (
        AlertState.RESOLVED,
        timers.TARGET_GONE,
    )


# --- silences


async def test_half_a_storm_is_held_back_and_passed_on_after_the_window_where_it_is_still_open(
    scene: Scene,
) -> None:
    await send_to(scene, "pager")
    quiet = await silence(scene, "host:web-*", seconds=60)
    storm = [problem(f"cpu-{host}", host=host) for host in ("web-1", "web-2", "db-1", "db-2")]
    receipts = await scene.record(*storm)
    assert [receipt.silenced_by for receipt in receipts] == [quiet.id, quiet.id, "", ""]
    assert [event.silenced_by for event in await scene.events()] == [quiet.id, quiet.id, "", ""]
    assert [each.key for each in await outbox(scene)] == ["cpu-db-1", "cpu-db-2"]
    await scene.record(recovery("cpu-web-2"))
    written = await later(scene, 60)
    assert (written.deliveries, len(await scene.events())) == (1, 5)
    held = (await outbox(scene))[0]
    assert (held.key, held.seq, held.change) == ("cpu-web-1", 1, Change.OPENED)
    (alert,) = [alert for alert in await scene.alerts() if alert.key == "cpu-web-1"]
    assert (alert.silenced_by, len(alert.passed_to)) == ("", 2)
    assert (await later(scene, 60)).deliveries == 0


async def test_what_another_silence_holds_waits_for_that_one(scene: Scene) -> None:
    await send_to(scene, "pager")
    await silence(scene, "host:web-1", seconds=60)
    other = await silence(scene, "key:cpu", seconds=120)
    await scene.record(problem("cpu", host="web-1"))
    assert (await later(scene, 60)).deliveries == 0
    assert (await open_alert(scene)).silenced_by == other.id
    assert (await later(scene, 60)).deliveries == 1


async def test_what_was_acknowledged_in_the_window_is_told_as_such(scene: Scene) -> None:
    await send_to(scene, "pager")
    await silence(scene, "", seconds=60)
    await scene.record(problem("cpu"), acknowledgement())
    await later(scene, 60)
    assert [each.change for each in await outbox(scene)] == [Change.OPENED, Change.ACKNOWLEDGED]


async def test_where_retention_took_the_problem_meanwhile_it_is_said_that_nothing_was_passed_on(
    scene: Scene,
) -> None:
    await send_to(scene, "pager")
    await silence(scene, "", seconds=5 * DAY // SECOND)
    await scene.record(problem("cpu"))
    scene.clock.now += 5 * DAY
    while await scene.database.write(
        lambda connection: keeping.drop_events(connection, day_of(scene.clock.now) - 1)
    ):
        pass
    assert (await later(scene, 0)).deliveries == 0
    (told,) = await scene.events()
    assert (told.kind, told.comment) == ("note", timers.UNTOLD)
    alert = await open_alert(scene)
    assert (told.alert_seq, alert.silenced_by) == (alert.seq, "")


async def test_a_silence_that_is_ended_by_hand_lets_go_at_once(scene: Scene) -> None:
    await send_to(scene, "pager")
    quiet = await silence(scene, "", seconds=3600)
    await scene.record(problem("cpu"))
    scene.clock.now += SECOND
    await scene.database.write(lambda connection: silences.end_silence(connection, quiet, scene.clock.now))
    assert (await later(scene, 0)).deliveries == 1


async def test_a_silence_with_many_alerts_is_ended_in_steps(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "STEP", 3)
    await send_to(scene, "pager")
    await silence(scene, "", seconds=60)
    await scene.record(*(problem(f"cpu-{number}") for number in range(7)))
    counts = [(await later(scene, 60)).deliveries for _ in range(4)]
    assert sorted(counts, reverse=True) == [3, 3, 1, 0]
    assert len({each.key for each in await outbox(scene)}) == 7


async def test_silences_that_end_together_are_ended_in_steps(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "STEP", 2)
    await send_to(scene, "pager")
    for name in "abc":
        await silence(scene, f"key:{name}-*", seconds=60)
        await scene.record(problem(f"{name}-1"), problem(f"{name}-2"))
    counts = [(await later(scene, 60)).deliveries for _ in range(8)]
    assert (max(counts), sum(counts)) == (2, 6)
    assert len({each.key for each in await outbox(scene)}) == 6


async def test_an_alert_may_resolve_by_itself_at_the_moment_at_which_its_silence_ends(scene: Scene) -> None:
    source = await new_source(scene.database, "main", "quiet", options=SourceOptions(resolve_after=60))
    await send_to(scene, "pager")
    await silence(scene, "", seconds=60)
    await scene.write(submission(source, problem("cpu")))
    await later(scene, 60)
    (alert,) = await scene.alerts()
    assert (alert.state, alert.silenced_by) == (AlertState.RESOLVED, "")
    assert [each.change for each in await outbox(scene)] == [Change.OPENED, Change.RESOLVED]


async def test_a_silence_made_on_one_node_holds_for_the_next_batch_of_the_other(scene: Scene) -> None:
    other = Scene(scene.database, scene.clock, scene.source)
    await other.record(problem("before"))
    quiet = await silence(scene, "", seconds=60)
    (receipt,) = await other.record(problem("after"))
    assert receipt.silenced_by == quiet.id


async def test_a_pending_silence_holds_from_its_start(scene: Scene) -> None:
    quiet = await silence(scene, "", seconds=60, starts_in=60)
    await scene.record(problem("early"))
    scene.clock.now += 60 * SECOND
    await scene.record(problem("late"))
    assert [event.silenced_by for event in await scene.events()] == ["", quiet.id]


async def test_what_a_node_with_a_slow_clock_holds_back_after_the_end_is_passed_on_too(scene: Scene) -> None:
    await send_to(scene, "pager")
    quiet = await silence(scene, "", seconds=60)
    await later(scene, 60)
    clock = Clock()
    clock.now = scene.clock.now - 1
    slow = Scene(scene.database, clock, scene.source)
    (receipt,) = await slow.record(problem("cpu"))
    assert receipt.silenced_by == quiet.id
    assert (await later(scene, 29)).deliveries == 0
    assert (await later(scene, 1)).deliveries == 1
    assert await scene.count("due") == 0


# --- nodes


@pytest.fixture
async def nodes(store_url: str) -> AsyncIterator[list[Scene]]:
    """Give two nodes on one store."""
    first, second = open_database(store_url), open_database(store_url)
    await schema.migrate(first)
    scene = await open_scene(first)
    yield [scene, Scene(second, scene.clock, scene.source)]
    await first.close()
    await second.close()


async def test_each_thing_happens_once_though_two_nodes_look(nodes: list[Scene]) -> None:
    first, _ = nodes
    keys = [f"key-{number}" for number in range(20)]
    until = NOON + 60 * SECOND
    acknowledged = [Signal(Kind.ACKNOWLEDGEMENT, key, window_end=until) for key in keys]
    await first.record(*map(problem, keys), *acknowledged)
    first.clock.now = until
    await asyncio.gather(
        *(node.database.write(Timers(node.ledger, node.clock).run) for node in nodes for _ in range(3))
    )
    ends = [event.key for event in await first.events() if event.kind is Kind.ACKNOWLEDGEMENT_END]
    assert sorted(ends) == sorted(keys)
    assert await first.database.read(next_due) == 0
