"""Which hosts and services somebody sees: what is kept of it is as fresh as what is told anew."""

import pytest
from sqlalchemy import Connection

from tests.contract.scene import DAY, NOON, Scene, problem
from tocsin.model.audit import Author
from tocsin.model.event import day_of
from tocsin.model.world.documents import Host, HostGroup, Kind
from tocsin.model.world.draft import Draft
from tocsin.query.scope import parse_scope
from tocsin.store import keeping, sight, world

pytestmark = pytest.mark.anyio

ANN = Author("ann", "tok", NOON)
WEB = parse_scope("hostgroup:web")


def make(draft: Draft) -> None:
    """Put in the host web-1 in a group Web, and db-1 elsewhere."""
    web = draft.put(Kind.HOST_GROUP, 0, "Web", HostGroup()).number
    draft.put(Kind.HOST, 0, "web-1", Host(group=web))
    draft.put(Kind.HOST, 0, "db-1", Host())


async def names(scene: Scene, scope: str | None = None, *, for_sure: bool = True) -> set[tuple[str, str]]:
    """Give host and service of what is seen within a scope, but for the source's own object."""
    tree = WEB if scope is None else parse_scope(scope)
    seen = await scene.database.read(lambda c: sight.numbers_seen(c, "main", tree, for_sure=for_sure))
    return {(each.host, each.service) for each in await scene.objects() if each.id in seen} - {("probe", "")}


async def test_a_change_of_what_is_configured_is_seen_at_once(scene: Scene) -> None:
    assert await names(scene) == set()
    await scene.database.write(lambda c: world.change(c, ANN, "main", make))
    assert await names(scene) == {("web-1", "")}

    def move(draft: Draft) -> None:
        host = draft.named(Kind.HOST, "db-1")[0]
        draft.put(Kind.HOST, host.number, "db-1", Host(group=draft.named(Kind.HOST_GROUP, "Web")[0].number))

    await scene.database.write(lambda c: world.change(c, ANN, "main", move))
    assert await names(scene) == {("web-1", ""), ("db-1", "")}
    seen = await scene.database.read(lambda c: sight.world_seen(c, "main", WEB))
    assert {each.name for each in seen.all(Kind.HOST).values()} == {"web-1", "db-1"}


async def test_what_is_heard_of_and_what_goes_is_seen_at_once(scene: Scene) -> None:
    await scene.record(problem("a", host="heard", service="disk"))
    assert await names(scene, "host:heard") == {("heard", ""), ("heard", "disk")}
    await scene.record(problem("b", host="heard", service="load"))
    assert await names(scene, "host:heard") == {("heard", ""), ("heard", "disk"), ("heard", "load")}
    assert await names(scene, "hostgroup:discovered host:*") >= {("heard", "load")}
    before = await scene.database.read(lambda c: sight.numbers_seen(c, "main", parse_scope("host:heard")))

    def drop(connection: Connection) -> None:
        found = [("main", number) for number in before]
        connection.exec_driver_sql("update alert set state = 'resolved'")
        keeping.drop_objects(connection, found, day_of(NOON + 2 * DAY))

    await scene.database.write(drop)
    assert await scene.database.read(lambda c: sight.numbers_seen(c, "main", parse_scope("host:heard"))) == (
        frozenset()
    )


async def test_what_may_be_seen_by_some_event_is_told_apart_from_what_is_for_sure(scene: Scene) -> None:
    await scene.record(problem("a", host="heard", service="disk"))
    scope = "host:heard severity:critical"
    assert await names(scene, scope) == set()
    assert await names(scene, scope, for_sure=False) == {("heard", ""), ("heard", "disk")}
    assert await names(scene, "host:other severity:critical", for_sure=False) == set()


async def test_nothing_is_seen_in_another_domain(scene: Scene) -> None:
    await scene.record(problem("a", host="heard", service="disk"))
    tree = parse_scope("host:heard")
    assert await scene.database.read(lambda c: sight.numbers_seen(c, "main", tree))
    assert not await scene.database.read(lambda c: sight.numbers_seen(c, "other", tree))
    everything = parse_scope("")
    seen = await scene.database.read(lambda c: sight.world_seen(c, "main", everything))
    assert seen is await scene.database.read(lambda c: world.world(c, "main"))


async def test_it_is_told_once_as_long_as_nothing_changes_and_only_of_so_many(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.record(problem("a", host="heard", service="disk"))

    async def seen(text: str) -> frozenset[int]:
        tree = parse_scope(text)
        return await scene.database.read(lambda c: sight.numbers_seen(c, "main", tree))

    first = await seen("host:heard")
    await scene.record(problem("a", host="heard", service="disk"))
    assert await seen("host:heard") is first
    monkeypatch.setattr(sight, "MOST", 3)
    assert await seen("host:heard service:disk")
    assert await seen("host:heard") is first
    await seen("host:hea*")
    assert await seen("host:heard") is not first
