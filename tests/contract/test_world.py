"""The configured world: kept with its numbers, and brought to the hosts and services it speaks of."""

import pytest
from sqlalchemy import Connection, select

from tests.contract.scene import NOON, Scene, new_source, problem
from tocsin.hub.authentication import Authentication
from tocsin.hub.configuring import Configuring
from tocsin.hub.worlds import Worlds
from tocsin.model.audit import Author
from tocsin.model.world.documents import Host, HostGroup, Kind, ServiceCheck
from tocsin.model.world.draft import Draft, Unfit
from tocsin.store import configuration, tables, world
from tocsin.store.errors import NotFound

pytestmark = pytest.mark.anyio

ANN = Author("ann", "tok", NOON)


def make(draft: Draft) -> int:
    """Put in a host with two checks, in a group of its own."""
    group = draft.put(Kind.HOST_GROUP, 0, "UK", HostGroup()).number
    checks = tuple(draft.put(Kind.SERVICE_CHECK, 0, name, ServiceCheck()).number for name in ("cpu", "disk"))
    return draft.put(Kind.HOST, 0, "web", Host(group=group, checks=checks)).number


def counters(connection: Connection) -> tuple[int, int]:
    columns = tables.domain.c
    row = connection.execute(
        select(columns.discovered, columns.world_version).where(columns.id == "main")
    ).one()
    return row.discovered, row.world_version


async def test_hosts_and_services_follow_the_configuration(scene: Scene) -> None:
    await new_source(scene.database, "other", "elsewhere")
    await scene.record(problem("a", host="web", service="cpu"), problem("b", host="db", service="cpu"))
    heard = {(each.host, each.service): each for each in await scene.objects()}
    before = await scene.database.read(configuration.version)
    host = await scene.database.write(lambda c: world.change(c, ANN, "main", make))
    assert host == heard["web", ""].id
    assert await scene.database.read(configuration.version) > before
    found = {(each.host, each.service): each for each in await scene.objects()}
    cpu, disk = found["web", "cpu"], found["web", "disk"]
    assert (cpu.id, cpu.state, cpu.discovered) == (heard["web", "cpu"].id, heard["web", "cpu"].state, False)
    assert (cpu.group_id, cpu.max_attempts, disk.group_id, disk.state) == (3, 3, 3, "ok")
    assert found["db", "cpu"] == heard["db", "cpu"]
    assert await scene.database.read(counters) == (2, 1)
    # What is recorded next has a number of its own, and what is configured stays so.
    await scene.record(problem("c", host="new"), problem("a", host="web", service="cpu"))
    found = {(each.host, each.service): each for each in await scene.objects()}
    assert len({each.id for each in found.values()}) == len(found)
    assert (found["web", "cpu"].group_id, found["web", "cpu"].max_attempts) == (3, 3)

    def rename_and_shrink(draft: Draft) -> None:
        web, old = draft.find(Kind.HOST, host), draft.named(Kind.SERVICE_CHECK, "cpu")[0]
        assert web
        draft.put(Kind.HOST, host, "www", Host(group=1, checks=(old.number,)))
        draft.put(Kind.SERVICE_CHECK, old.number, "load", ServiceCheck(check_attempts=7))

    await scene.database.write(lambda c: world.change(c, ANN, "main", rename_and_shrink))
    found = {(each.host, each.service): each for each in await scene.objects()}
    assert ("web", "disk") not in found
    assert (found["www", ""].id, found["www", "load"].id) == (host, cpu.id)
    assert (found["www", "load"].max_attempts, found["www", "load"].group_id) == (7, 1)


async def test_a_change_is_whole_or_not_at_all(scene: Scene) -> None:
    def fail(draft: Draft) -> None:
        make(draft)
        draft.put(Kind.HOST_GROUP, 1, "Tocsin", HostGroup(2))

    with pytest.raises(Unfit):
        await scene.database.write(lambda c: world.change(c, ANN, "main", fail))
    assert await scene.database.read(lambda c: world.things(c, "main")) == []
    assert await scene.objects() == []
    assert await scene.database.read(counters) == (0, 0)
    with pytest.raises(NotFound):
        await scene.database.write(lambda c: world.change(c, ANN, "nope", make))


async def test_a_world_is_read_again_when_it_changed(scene: Scene) -> None:
    await new_source(scene.database, "other", "elsewhere")
    worlds = Worlds(Configuring(scene.database, Authentication(scene.database)))
    first = await worlds.of("main")
    assert await worlds.of("main") is first
    await worlds.change(ANN, "main", make)
    second = await worlds.of("main")
    assert await worlds.of("main") is second
    found = {(each.host, each.service): each.id for each in await scene.objects()}
    assert second.configured == set(found.values())
    assert second.members(Kind.HOST_GROUP, second.under("uk")) == second.configured
    assert (await worlds.of("other")).configured == frozenset()
    assert await worlds.of("main") is second
