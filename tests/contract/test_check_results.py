"""Check results on a store: the events that they make, across a restart between any two of them."""

from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from tests.contract.scene import SECOND, Scene
from tocsin.model.alert import AlertState
from tocsin.model.event import Event
from tocsin.model.monitored import MonitoredObject
from tocsin.model.receipt import Outcome
from tocsin.model.recording import NOTHING_NEW
from tocsin.model.signal import Kind, Signal
from tocsin.model.source import SourceOptions
from tocsin.store import bulk, tables
from tocsin.store.ledger import Ledger
from tocsin.store.rows import object_row

pytestmark = pytest.mark.anyio

SERVICE = {"O": "ok", "W": "warning", "C": "critical", "U": "unknown"}
HOST = {"U": "up", "D": "down", "R": "unreachable"}


def result(state: str, host: str = "web", service: str = "", **fields: Any) -> Signal:
    key = f"{host}/{service}" if service else host
    given: dict[str, Any] = {"title": f"{key} is {state}", "output": f"it is {state}"}
    return Signal(Kind.CHECK_RESULT, key, host=host, service=service, state=state, **given | fields)


async def configure(scene: Scene, *objects: MonitoredObject) -> None:
    rows = [object_row(each) for each in objects]

    def work(connection: Connection) -> None:
        bulk.upsert(connection, tables.monitored_object, rows)
        connection.execute(tables.domain.update().values(next_object=100))

    await scene.database.write(work)


def monitored(number: int, host: str = "web", service: str = "", **fields: Any) -> MonitoredObject:
    state = "ok" if service else "up"
    return replace(MonitoredObject("main", number, host, service, state, "hard", 0, 0, False), **fields)


async def results(scene: Scene, *signals: Signal) -> None:
    """Record each as a server does that was started just before."""
    for each in signals:
        scene.clock.now += SECOND
        scene.ledger = Ledger(1000, scene.clock)
        await scene.record(each)


def told(events: list[Event]) -> str:
    return ", ".join(f"{each.state} {each.state_type}" for each in events)


@pytest.mark.parametrize(
    ("letters", "fields", "rows"),
    [
        ("O O", {"max_attempts": 3}, "ok hard"),
        ("O C O", {"max_attempts": 3}, "ok hard, critical soft, ok soft"),
        (
            "C C C C O",
            {"max_attempts": 3},
            "critical soft, critical soft, critical hard, ok hard",
        ),
        (
            "W C C W",
            {"max_attempts": 3},
            "warning soft, critical soft, critical hard, warning hard",
        ),
        ("C C O", {"max_attempts": 1}, "critical hard, ok hard"),
        (
            "C C C C",
            {"max_attempts": 3, "volatile": 1},
            "critical soft, critical soft, critical hard, critical hard",
        ),
    ],
)
async def test_traces_of_a_service(scene: Scene, letters: str, fields: dict[str, Any], rows: str) -> None:
    await configure(scene, monitored(1), monitored(2, service="load", **fields))
    await results(scene, *(result(SERVICE[letter], service="load") for letter in letters.split()))
    assert told(await scene.events()) == rows


@pytest.mark.parametrize(
    ("letters", "rows"),
    [("D D U", "down soft, down hard, up hard"), ("D U", "down soft, up hard")],
)
async def test_traces_of_a_host(scene: Scene, letters: str, rows: str) -> None:
    await configure(scene, monitored(1, max_attempts=2))
    await results(scene, *(result(HOST[letter]) for letter in letters.split()))
    assert told(await scene.events()) == rows


async def test_a_source_says_how_many_results_make_a_problem_hard(scene: Scene) -> None:
    scene.source = replace(scene.source, options=SourceOptions(check_attempts=2))
    await results(scene, *(result("critical", service="load") for _ in range(3)))
    assert told(await scene.events()) == "critical soft, critical hard"


async def test_a_service_of_a_host_that_is_down_is_hard_at_once(scene: Scene) -> None:
    await configure(scene, monitored(1), monitored(2, service="load", max_attempts=3))
    await results(
        scene, result("down"), *(result(each, service="load") for each in ("critical", "critical", "ok"))
    )
    assert told(await scene.events()) == "down hard, critical hard, ok hard"


async def test_what_lies_behind_a_host_that_is_down_is_unreachable_to_active_checks(scene: Scene) -> None:
    await configure(scene, monitored(1, "gate"), monitored(2, parents=(1,)), monitored(3, "db", parents=(1,)))
    await results(scene, result("down", "gate"), result("down", is_active=True), result("down", "db"))
    assert told(await scene.events()) == "down hard, unreachable hard, down hard"


async def test_parents_are_judged_as_the_batch_before_a_result_left_them(scene: Scene) -> None:
    await configure(scene, monitored(1, "gate"), monitored(2, parents=(1,)))
    await scene.record(result("down", "gate"), result("down", is_active=True))
    assert told(await scene.events()) == "down hard, unreachable hard"


async def test_an_alert_opens_at_the_hard_state_and_resolves_at_the_hard_recovery(scene: Scene) -> None:
    await configure(scene, monitored(1), monitored(2, service="load", max_attempts=2, markdown=True))
    await results(scene, result("critical", service="load"))
    assert await scene.alerts() == []
    await results(scene, result("critical", service="load"))
    (alert,) = await scene.alerts()
    assert (alert.key, alert.state, alert.severity, alert.object_id) == ("web/load", "open", "critical", 2)
    await results(scene, result("warning", service="load"))
    assert [(each.severity, each.count) for each in await scene.alerts()] == [("warning", 2)]
    await results(scene, result("ok", service="load"))
    assert [each.state for each in await scene.alerts()] == [AlertState.RESOLVED]
    events = await scene.events()
    assert [each.kind for each in events] == ["check_result", "problem", "problem", "recovery"]
    assert [each.attempt for each in events] == [1, 2, 2, 2]
    assert all(each.markdown and each.output for each in events)


async def test_a_result_that_tells_nothing_new_has_a_receipt_and_no_event(scene: Scene) -> None:
    await results(scene, result("critical", service="load"))
    (receipt,) = await scene.record(result("critical", service="load"))
    assert (receipt.outcome, receipt.reason, receipt.seq) == (Outcome.RECORDED, NOTHING_NEW, 0)
    assert (len(await scene.events()), await scene.count("payload")) == (1, 1)
    (checked,) = [each for each in await scene.objects() if each.service]
    assert checked.checked_at == scene.clock.now


async def test_other_signals_and_check_results_move_one_object(scene: Scene) -> None:
    await configure(scene, monitored(1), monitored(2, service="load", max_attempts=3))
    await results(scene, result("critical", service="load"))
    await scene.record(Signal(Kind.RECOVERY, "other", host="web", service="load"))
    await results(scene, result("critical", service="load"), result("critical", service="load"))
    assert told(await scene.events()) == "critical soft, ok hard, critical soft, critical soft"


@pytest.mark.parametrize("next_state", ["critical", "unknown"])
async def test_an_acknowledgement_marks_the_object_until_its_state_changes(
    scene: Scene, next_state: str
) -> None:
    await configure(scene, monitored(1), monitored(2, service="load"))
    await results(scene, result("warning", service="load"))
    await scene.record(
        Signal(Kind.ACKNOWLEDGEMENT, "web/load", host="web", service="load", author="ann", until_change=True)
    )
    (_, marked) = await scene.objects()
    assert (marked.acknowledged_by, marked.sticky) == ("ann", False)
    await results(scene, result(next_state, service="load"))
    (_, marked) = await scene.objects()
    (alert,) = await scene.alerts()
    assert (marked.acknowledged_by, alert.state) == ("", AlertState.OPEN)
    kinds = [each.kind for each in await scene.events()]
    assert kinds == ["problem", "acknowledgement", "problem"]


async def test_a_sticky_acknowledgement_stays_while_it_gets_worse(scene: Scene) -> None:
    await results(scene, result("warning", service="load"))
    await scene.record(
        Signal(Kind.ACKNOWLEDGEMENT, "web/load", host="web", service="load", author="ann", sticky=True)
    )
    await results(scene, result("critical", service="load"))
    (alert,) = await scene.alerts()
    assert (alert.state, alert.severity) == (AlertState.ACKNOWLEDGED, "critical")
    await results(scene, result("ok", service="load"))
    marked = [each.acknowledged_by for each in await scene.objects()]
    assert marked == ["", ""]


async def test_beyond_the_limit_of_objects_a_problem_is_hard_at_once(scene: Scene) -> None:
    scene.source = replace(scene.source, options=SourceOptions(check_attempts=3))
    scene.ledger = Ledger(1, scene.clock)
    await scene.record(result("critical", service="s"))
    assert [each.state for each in await scene.alerts()] == [AlertState.OPEN]
    await scene.record(result("ok", service="s"))
    assert [each.state for each in await scene.alerts()] == [AlertState.RESOLVED]


async def test_an_alert_that_an_old_result_left_open_is_resolved_by_the_next(scene: Scene) -> None:
    scene.source = replace(scene.source, options=SourceOptions(source_time=True))
    noon = scene.clock.now
    for state, seconds in (("critical", 0), ("ok", -50), ("ok", 50)):
        await scene.record(result(state, service="s", occurred_at=noon + seconds * SECOND))
    assert [each.state for each in await scene.alerts()] == [AlertState.RESOLVED]
    (last,) = await scene.record(result("ok", service="s", occurred_at=noon + 60 * SECOND))
    assert last.reason == NOTHING_NEW
