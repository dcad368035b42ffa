"""Housekeeping on a store: what it forgets, and that it does not read all alerts to find nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, text

from tests.contract.scene import DAY, NOON, Scene, problem, recovery
from tests.contract.statements import Statement, heard, plan
from tocsin.model.event import day_of
from tocsin.store import keeping

pytestmark = pytest.mark.anyio

TODAY = day_of(NOON)
STEPS: list[Callable[[Connection, int], Any]] = [
    keeping.old_objects,
    lambda connection, day: keeping.drop_objects(connection, [("main", 1)], day),
    keeping.drop_former_objects,
    keeping.old_alerts,
]


async def asked(scene: Scene, step: Callable[[Connection, int], Any], day: int) -> list[Statement]:
    statements: list[Statement] = []
    await scene.database.write(heard(lambda connection: step(connection, day), statements))
    return statements


@pytest.mark.parametrize("step", [keeping.old_objects, keeping.drop_former_objects])
async def test_no_alert_is_read_where_no_object_is_old(
    scene: Scene, step: Callable[[Connection, int], Any]
) -> None:
    await scene.record(problem("a", host="web", service="cpu"))
    statements = await asked(scene, step, TODAY)
    assert any("object" in each.text for each in statements)
    assert not any("alert" in each.text for each in statements)


@pytest.mark.parametrize("step", STEPS)
async def test_alerts_are_read_by_their_state(scene: Scene, step: Callable[[Connection, int], Any]) -> None:
    await scene.record(problem("a", host="web", service="cpu"), problem("b", host="db", service="cpu"))
    await scene.record(recovery("b"))
    await scene.database.write(
        lambda connection: connection.execute(text("update object set gone_at = 1, discovered = 1"))
    )
    statements = await asked(scene, step, TODAY + 2)
    assert any("alert" in each.text for each in statements)
    if scene.database.is_sqlite:
        lines = await scene.database.read(lambda c: [line for each in statements for line in plan(c, each)])
        reading = [line for line in lines if " alert" in line]
        assert reading
        assert all("USING INDEX ix_alert_state" in line for line in reading), reading


async def test_objects_go_that_were_silent_and_have_no_open_alert(scene: Scene) -> None:
    await scene.record(
        problem("a", host="web", service="cpu"),
        problem("b", host="db", service="cpu"),
        problem("c", host="db", service="disk"),
    )
    await scene.record(recovery("a"), recovery("b"))
    assert await scene.database.read(lambda c: keeping.old_objects(c, TODAY)) == []
    old = await scene.database.read(lambda c: keeping.old_objects(c, TODAY + 1))
    await scene.database.write(lambda c: keeping.drop_objects(c, old, TODAY + 1))
    left = {(each.host, each.service) for each in await scene.objects() if each.host in {"web", "db"}}
    assert left == {("db", ""), ("db", "disk")}


async def test_an_alert_goes_when_it_was_resolved_long_ago_and_the_event_that_opened_it_is_gone(
    scene: Scene,
) -> None:
    await scene.record(problem("a"), problem("b"))
    await scene.record(recovery("a"))
    (resolved,) = [each for each in await scene.alerts() if each.resolved_at]
    later = resolved.resolved_at // DAY + 1
    assert await scene.database.read(lambda c: keeping.old_alerts(c, later)) == []
    while await scene.database.write(lambda c: keeping.drop_events(c, later)):
        pass
    assert await scene.database.read(lambda c: keeping.old_alerts(c, later - 1)) == []
    assert await scene.database.read(lambda c: keeping.old_alerts(c, later)) == [("main", resolved.seq)]
