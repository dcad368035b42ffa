"""How long alerts took, on both stores."""

from functools import partial
from typing import Any

import pytest

from tests.contract.scene import NOON, SECOND, Scene
from tests.unit.query.records import alert
from tocsin.model.severity import Severity
from tocsin.query.fields import ALERT_FIELDS
from tocsin.query.language import parse
from tocsin.store import bulk, tables
from tocsin.store.durations import Durations, durations
from tocsin.store.rows import alert_row

pytestmark = pytest.mark.anyio


async def fill(scene: Scene, *took: tuple[str, int, int], domain: str = "main") -> None:
    """Store alerts that were opened at noon: severity, seconds to acknowledge and to resolve, 0 for never."""
    stored = [
        alert(
            domain_id=domain,
            seq=place,
            severity=Severity(severity),
            host=f"web-{place}",
            opened_at=NOON,
            acknowledged_at=acknowledged and NOON + acknowledged * SECOND,
            resolved_at=resolved and NOON + resolved * SECOND,
        )
        for place, (severity, acknowledged, resolved) in enumerate(took, 1)
    ]
    await scene.database.write(lambda c: bulk.insert(c, tables.alert, [alert_row(each) for each in stored]))


async def told(
    scene: Scene, end: str, q: str = "", since: int = 0, until: int = NOON * 2, **options: Any
) -> tuple[Durations, list[Durations]]:
    work = partial(
        durations,
        domain_id="main",
        tree=parse(q, ALERT_FIELDS, NOON),
        end=ALERT_FIELDS.by_name[end],
        since=since,
        until=until,
        by=ALERT_FIELDS.by_name[options.get("by", "severity")],
        limit=options.get("limit", 10),
    )
    return await scene.database.read(work)


@pytest.mark.parametrize("q", ["", "host:web-*", "host~^web"])
async def test_the_middle_and_what_nearly_all_keep_to(scene: Scene, q: str) -> None:
    # 20 critical ones that took 1 to 20 seconds, and one warning.
    await fill(scene, *(("critical", number, 0) for number in range(1, 21)), ("warning", 1000, 0))
    total, (critical, warning) = await told(scene, "acknowledged", q)
    assert total == Durations(None, 21, 58, 11, 20)
    assert critical == Durations("critical", 20, 10, 10, 19)
    assert warning == Durations("warning", 1, 1000, 1000, 1000)


async def test_only_what_ended_in_the_time_counts(scene: Scene) -> None:
    await fill(scene, ("critical", 0, 60), ("critical", 0, 120), ("critical", 0, 180), ("critical", 5, 0))
    total, _ = await told(scene, "resolved", since=NOON + 120 * SECOND, until=NOON + 180 * SECOND)
    assert (total.count, total.median) == (1, 120)
    assert await told(scene, "resolved", q="severity=warning") == (Durations(None, 0, 0, 0, 0), [])


async def test_of_many_groups_the_greatest_are_given(scene: Scene) -> None:
    await fill(scene, ("info", 1, 0), ("warning", 1, 0), ("warning", 3, 0), ("error", 1, 0))
    total, groups = await told(scene, "acknowledged", limit=2)
    assert total.count == 4
    assert [(each.value, each.count, each.median) for each in groups] == [("warning", 2, 1), ("error", 1, 1)]


async def test_a_part_of_a_second_is_left_out(scene: Scene) -> None:
    stored = alert(
        domain_id="main", seq=1, opened_at=NOON, acknowledged_at=NOON + 2 * SECOND - 1, resolved_at=0
    )
    await scene.database.write(lambda c: bulk.insert(c, tables.alert, [alert_row(stored)]))
    total, _ = await told(scene, "acknowledged")
    assert total.median == 1
