"""What happened before: recorded once, as it was told, and without a consequence for what is now."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.contract.scene import DAY, NOON, SECOND, Scene, new_source, problem, recovery, submission
from tocsin.model.past import KNOWN, LOG_LINE, OF_THE_PAST
from tocsin.model.receipt import Outcome, Receipt
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.model.source import Source

pytestmark = pytest.mark.anyio

LONG_AGO = NOON - 400 * DAY


def past(service: str, **fields: Any) -> Signal:
    said: dict[str, Any] = {
        "state": "critical",
        "state_type": "soft",
        "attempt": 2,
        "output": "St\xf6rung \U0001f4a5",
    }
    said |= {"host": "web", "service": service, "occurred_at": LONG_AGO, "title": "t"} | fields
    return Signal(said.pop("kind", Kind.PROBLEM), f"web/{service}", Severity.CRITICAL, **said)


async def tell(scene: Scene, *signals: Signal, source: Source | None = None) -> list[Receipt]:
    told = submission(source or scene.source, *signals)
    told.is_past = True
    return (await scene.write(told))[0]


async def test_what_happened_before_is_recorded_as_it_was_told(scene: Scene) -> None:
    ended = past("disk", kind=Kind.DOWNTIME_END, state="ok", state_type="hard", window_end=5, author="ann")
    first, second = await tell(scene, past("disk"), ended)
    assert first == Receipt(0, Outcome.RECORDED, OF_THE_PAST, seq=1)
    assert (second.seq, second.alert_seq) == (2, 0)
    soft, end = await scene.events()
    assert (soft.state, soft.state_type, soft.attempt, soft.output) == (
        "critical",
        "soft",
        2,
        "St\xf6rung \U0001f4a5",
    )
    assert (soft.occurred_at, soft.time, soft.recorded_at, soft.day) == (
        LONG_AGO,
        LONG_AGO,
        NOON,
        NOON // DAY,
    )
    assert (end.kind, end.state, end.window_end, end.author) == (Kind.DOWNTIME_END, "ok", 5, "ann")
    assert await scene.alerts() == []
    assert await scene.count("activity") == 0


async def test_what_is_now_stays_as_it_is(scene: Scene) -> None:
    await scene.record(problem("web/disk", Severity.WARNING, host="web", service="disk"))
    before = await scene.alerts(), await scene.objects()
    scene.clock.now += SECOND
    await tell(scene, past("disk"), past("disk", kind=Kind.RECOVERY, state="ok", occurred_at=LONG_AGO + 1))
    assert (await scene.alerts(), await scene.objects()) == before
    _, old, recovered = await scene.events()
    assert old.object_id == recovered.object_id == before[1][-1].id
    # And what was told does not keep what comes now from opening and resolving.
    receipts = await scene.record(recovery("web/disk"), problem("web/disk"))
    assert [each.outcome for each in receipts] == [Outcome.RESOLVED, Outcome.OPENED]


async def test_the_same_is_recorded_once_however_often_and_together_with_what_it_is_told(
    scene: Scene,
) -> None:
    one = past("disk")
    different = [
        past("load"),
        past("disk", occurred_at=LONG_AGO + 1),
        past("disk", output="other"),
        past("disk", attempt=3),
        past("disk", state_type="hard"),
        past("disk", kind=Kind.ACKNOWLEDGEMENT),
    ]
    (first, again) = await tell(scene, one, replace(one))
    assert (first.seq, again) == (1, Receipt(1, Outcome.RECORDED, KNOWN))
    receipts = await tell(scene, *different, replace(one))
    assert [each.seq for each in receipts] == [2, 3, 4, 5, 6, 7, 0]
    assert {each.seq for each in await tell(scene, *different, one)} == {0}
    assert len(await scene.events()) == 7
    # That of another source, or domain, is its own.
    for source in (
        await new_source(scene.database, "main", "other"),
        await new_source(scene.database, "elsewhere"),
    ):
        assert (await tell(scene, replace(one), source=source))[0].seq
    # One that came when it happened is no fact of the past of another time.
    assert (await scene.record(replace(one)))[0].seq == 9


async def test_what_a_line_of_a_log_told_is_known_by_the_line(scene: Scene) -> None:
    line = {LOG_LINE: "0123-1"}
    await tell(scene, past("disk", kind=Kind.ACKNOWLEDGEMENT, state="unknown", output="", labels=line))
    receipts = await tell(
        scene,
        past("disk", kind=Kind.ACKNOWLEDGEMENT, labels=line),
        past("disk", kind=Kind.ACKNOWLEDGEMENT, labels={LOG_LINE: "0123-2"}),
        past("disk", kind=Kind.ACKNOWLEDGEMENT, labels=line, occurred_at=LONG_AGO + 1),
        past("disk", kind=Kind.ACKNOWLEDGEMENT),
    )
    assert [each.seq for each in receipts] == [0, 2, 3, 4]
