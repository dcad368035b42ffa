"""Targets and routes: made, found, changed, refused, in their order, and each domain's own."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, insert, select, update

from tests.contract.scene import NOON, new_source
from tocsin.model.delivery import Delivery, DeliveryState
from tocsin.model.life_cycle import Change
from tocsin.model.route import Route
from tocsin.model.target import Target, TargetOptions
from tocsin.store import configuration, partitions, routes, tables, targets
from tocsin.store.database import Database
from tocsin.store.errors import Conflict, NotFound
from tocsin.store.rows import delivery_of, delivery_row

pytestmark = pytest.mark.anyio


def new_target(connection: Connection, name: str = "pager", domain_id: str = "acme", **given: Any) -> Target:
    fields: dict[str, Any] = {"kind": "webhook", "url": "https://pager.test/x", "secret": "whsec_eA=="}
    fields |= {"options": TargetOptions(), "now": NOON, **given}
    return targets.create_target(connection, domain_id=domain_id, name=name, **fields)


def new_route(connection: Connection, name: str, domain_id: str = "acme", **given: Any) -> Route:
    fields: dict[str, Any] = {"expression": "", "targets": (), "every_event": False, "fallback": False}
    return routes.create_route(connection, domain_id=domain_id, name=name, **{**fields, "now": NOON, **given})


async def test_a_target_is_made_found_changed_and_deleted(database: Database) -> None:
    options = TargetOptions(latest_only=True, timeout=2.5, at_once=3)
    made = await database.write(partial(new_target, options=options))
    assert made.id.startswith("target-")
    for name_or_id in (made.id, made.name):
        assert await database.read(lambda c: targets.find_target(c, "acme", name_or_id)) == made  # noqa: B023
    changed = replace(made, name="oncall", url="https://other.test", secret="", enabled=False)
    await database.write(lambda c: targets.change_target(c, changed))
    assert await database.read(lambda c: targets.targets(c, "acme")) == [changed]
    assert await database.read(targets.all_targets) == [changed]
    await database.write(lambda c: targets.delete_target(c, changed, NOON))
    with pytest.raises(NotFound, match="there is no target oncall"):
        await database.read(lambda c: targets.find_target(c, "acme", "oncall"))


async def test_a_target_that_a_route_names_stays(database: Database) -> None:
    made = await database.write(new_target)
    route = await database.write(lambda c: new_route(c, "all", targets=(made.id,)))
    with pytest.raises(Conflict, match="still named by the routes all"):
        await database.write(lambda c: targets.delete_target(c, made, NOON))
    await database.write(lambda c: routes.delete_route(c, route))
    await database.write(lambda c: targets.delete_target(c, made, NOON))
    assert await database.read(targets.all_targets) == []


async def test_what_waits_for_a_deleted_target_is_given_up(database: Database) -> None:
    gone, kept = await database.write(lambda c: (new_target(c, "gone"), new_target(c, "kept")))
    of = partial(
        Delivery, "acme", day=20_000, route_id="", project_id="p", key="k", alert_seq=1, change=Change.OPENED
    )
    waiting = partial(of, state=DeliveryState.PENDING, created_at=NOON, due_at=NOON)
    done = of(
        seq=1, target_id=gone.id, state=DeliveryState.DELIVERED, created_at=NOON, due_at=NOON, done_at=1
    )

    def write(connection: Connection) -> None:
        partitions.ensure(connection, 20_000, 20_000)
        each = [done, waiting(seq=2, target_id=gone.id), waiting(seq=2, target_id=kept.id)]
        for delivery in each:
            connection.execute(insert(tables.delivery).values(delivery_row(delivery)))
        targets.delete_target(connection, gone, NOON + 5)

    await database.write(write)
    rows = await database.read(lambda c: c.execute(select(tables.delivery)).all())
    found = {(row.seq, row.target_id): delivery_of(row) for row in rows}
    dead = found[2, gone.id]
    assert (dead.state, dead.reason, dead.done_at) == (DeliveryState.DEAD, targets.DELETED, NOON + 5)
    assert found[1, gone.id] == done
    assert found[2, kept.id].state is DeliveryState.PENDING


async def test_routes_come_in_their_order(database: Database) -> None:
    for place, name in enumerate(("second", "third")):
        await database.write(partial(new_route, name=name, now=NOON + place))
    await database.write(lambda c: new_route(c, "first", position=0, now=NOON + 9))
    await database.write(lambda c: new_route(c, "with the third", position=2, now=NOON + 9))
    found = await database.read(lambda c: routes.routes(c, "acme"))
    assert [(each.position, each.name) for each in found] == [
        (0, "first"),
        (1, "second"),
        (2, "third"),
        (2, "with the third"),
    ]


async def test_a_route_is_found_changed_and_deleted(database: Database) -> None:
    made = await database.write(
        lambda c: new_route(c, "night", expression="severity>=error", targets=("target-1", "target-2"))
    )
    for name_or_id in (made.id, made.name):
        assert await database.read(lambda c: routes.find_route(c, "acme", name_or_id)) == made  # noqa: B023
    changed = replace(
        made, name="day", position=7, targets=(), every_event=True, fallback=True, enabled=False
    )
    await database.write(lambda c: routes.change_route(c, changed))
    assert await database.read(lambda c: routes.routes(c, "acme")) == [changed]
    await database.write(lambda c: routes.delete_route(c, changed))
    with pytest.raises(NotFound, match="there is no route day"):
        await database.read(lambda c: routes.find_route(c, "acme", "day"))


async def test_names_are_taken_once_in_a_domain(database: Database) -> None:
    def make(connection: Connection) -> tuple[Target, Route]:
        for domain_id in ("acme", "umbrella"):
            new_target(connection, "pager", domain_id)
            new_route(connection, "all", domain_id)
        return new_target(connection, "other"), new_route(connection, "other")

    target, route = await database.write(make)
    taken: list[tuple[str, Callable[[Connection], Any]]] = [
        ("a target named pager", new_target),
        ("a target named pager", lambda c: targets.change_target(c, replace(target, name="pager"))),
        ("a route named all", partial(new_route, name="all")),
        ("a route named all", lambda c: routes.change_route(c, replace(route, name="all"))),
    ]
    for message, work in taken:
        with pytest.raises(Conflict, match=message):
            await database.write(work)


async def test_another_domain_has_none_of_them(database: Database) -> None:
    target, route = await database.write(lambda c: (new_target(c), new_route(c, "all")))

    def meddle(connection: Connection) -> None:
        for name_or_id in (target.id, target.name):
            with pytest.raises(NotFound):
                targets.find_target(connection, "umbrella", name_or_id)
        for name_or_id in (route.id, route.name):
            with pytest.raises(NotFound):
                routes.find_route(connection, "umbrella", name_or_id)
        targets.change_target(connection, replace(target, domain_id="umbrella", url="stolen"))
        targets.delete_target(connection, replace(target, domain_id="umbrella"), NOON)
        routes.change_route(connection, replace(route, domain_id="umbrella", expression="stolen"))
        routes.delete_route(connection, replace(route, domain_id="umbrella"))

    await database.write(meddle)
    assert await database.read(lambda c: targets.targets(c, "acme")) == [target]
    assert await database.read(lambda c: routes.routes(c, "acme")) == [route]


async def test_a_domain_has_only_so_many(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "TARGET_LIMIT", 1)
    monkeypatch.setattr(routes, "ROUTE_LIMIT", 1)
    await database.write(lambda c: (new_target(c), new_route(c, "all")))
    with pytest.raises(Conflict, match="there are 1 targets already"):
        await database.write(partial(new_target, name="more"))
    with pytest.raises(Conflict, match="there are 1 routes already"):
        await database.write(partial(new_route, name="more"))
    await database.write(lambda c: (new_target(c, "more", "umbrella"), new_route(c, "more", "umbrella")))


async def test_every_change_moves_the_version(database: Database) -> None:
    versions = [await database.read(configuration.version)]

    async def change(work: Callable[[Connection], Any]) -> Any:
        made = await database.write(work)
        versions.append(await database.read(configuration.version))
        return made

    target = await change(new_target)
    route = await change(lambda c: new_route(c, "all"))
    await change(lambda c: targets.change_target(c, target))
    await change(lambda c: routes.change_route(c, route))
    await change(lambda c: routes.delete_route(c, route))
    await change(lambda c: targets.delete_target(c, target, NOON))
    assert versions == sorted(set(versions))


async def test_options_of_a_newer_version_are_passed_over(database: Database) -> None:
    made = await database.write(partial(new_target, options=TargetOptions(at_once=2)))
    stored = '{"at_once":2,"from_tomorrow":[1]}'
    await database.write(lambda c: c.execute(update(tables.target).values(options=stored)))
    assert await database.read(targets.all_targets) == [made]


async def test_changes_that_hold_the_configuration_go_one_after_the_other(database: Database) -> None:
    await new_source(database, "acme")  # the row is there once anything was configured
    made = await database.write(new_target)

    def add(connection: Connection) -> None:
        configuration.hold(connection)
        found = targets.find_target(connection, "acme", made.id)
        at_once = found.options.at_once + 1
        targets.change_target(connection, replace(found, options=TargetOptions(at_once=at_once)))

    await asyncio.gather(*(database.write(add) for _ in range(4)))
    found = await database.read(lambda c: targets.find_target(c, "acme", made.id))
    assert found.options.at_once == made.options.at_once + 4
