"""The configured world: kept with its numbers, and brought to the hosts and services it speaks of."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, select

from tests.contract.scene import DAY, NOON, SECOND, Scene, new_source, problem
from tocsin.hub.authentication import Authentication
from tocsin.hub.configuring import Configuring
from tocsin.hub.worlds import Worlds
from tocsin.model.audit import Author
from tocsin.model.downtime import Plan
from tocsin.model.monitored import MonitoredObject
from tocsin.model.world.documents import Host, HostGroup, Kind, ServiceCheck
from tocsin.model.world.draft import Draft, Unfit
from tocsin.store import configuration, downtimes, keeping, objects, tables, world
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
    found = await standing(scene)
    assert ("web", "disk") not in found
    assert (found["www", ""].id, found["www", "load"].id) == (host, cpu.id)
    assert (found["www", "load"].max_attempts, found["www", "load"].group_id) == (7, 1)


def put_web(draft: Draft, *names: str) -> int:
    """Let there be a host `web` with these checks, and nothing else of hosts and checks."""
    checks = []
    for name in names:
        known = next(iter(draft.named(Kind.SERVICE_CHECK, name)), None)
        checks.append((known or draft.put(Kind.SERVICE_CHECK, 0, name, ServiceCheck())).number)
    known = next(iter(draft.named(Kind.HOST, "web")), None)
    number = known.number if known else 0
    return draft.put(Kind.HOST, number, "web", Host(checks=tuple(checks))).number


def take_out(draft: Draft) -> None:
    """Take out every host and every check."""
    world = draft.world
    draft.remove([*world.all(Kind.HOST).values(), *world.all(Kind.SERVICE_CHECK).values()])


def rename(draft: Draft, kind: Kind, name: str, new_name: str) -> None:
    (thing,) = draft.named(kind, name)
    draft.put(kind, thing.number, new_name, thing.document)


async def change(scene: Scene, edit: Callable[[Draft], object], at: int = NOON) -> None:
    await scene.database.write(lambda c: world.change(c, Author("ann", "tok", at), "main", edit))


async def standing(scene: Scene) -> dict[tuple[str, str], MonitoredObject]:
    found = await scene.database.read(lambda c: objects.objects(c, "main"))
    return {(each.host, each.service): each for each in found}


async def test_what_is_put_back_is_what_it_was(scene: Scene) -> None:
    await change(scene, lambda draft: put_web(draft, "cpu"))
    (opened,) = await scene.record(problem("a", host="web", service="cpu"))
    before = await standing(scene)
    await change(scene, take_out)
    assert await standing(scene) == {}
    assert (await scene.database.read(lambda c: world.world(c, "main"))).configured == frozenset()
    assert await scene.database.read(counters) == (0, 2)
    await change(scene, lambda draft: put_web(draft, "cpu"))
    assert await standing(scene) == before
    (joined,) = await scene.record(problem("a", host="web", service="cpu"))
    assert joined.alert_seq == opened.alert_seq
    assert {each.object_id for each in await scene.events()} == {before["web", "cpu"].id}
    assert [each.object_id for each in await scene.alerts()] == [before["web", "cpu"].id]


async def test_what_is_heard_of_while_it_is_taken_out_is_discovered_under_its_number(scene: Scene) -> None:
    await change(scene, lambda draft: put_web(draft, "cpu"))
    before = await standing(scene)
    await change(scene, take_out)
    await scene.record(problem("a", host="web", service="cpu"))
    heard = await standing(scene)
    assert {name: each.id for name, each in heard.items()} == {name: each.id for name, each in before.items()}
    assert {each.discovered for each in heard.values()} == {True}
    assert await scene.database.read(counters) == (2, 2)
    await change(scene, lambda draft: put_web(draft, "cpu"))
    back = await standing(scene)
    assert (back["web", "cpu"].id, back["web", "cpu"].state) == (before["web", "cpu"].id, "critical")
    assert await scene.database.read(counters) == (0, 3)


async def test_what_is_renamed_back_is_what_it_was_whatever_was_heard_of_meanwhile(scene: Scene) -> None:
    await change(scene, lambda draft: put_web(draft, "cpu"))
    before = await standing(scene)
    numbers = {each.id for each in before.values()}

    async def rename_all(host: str, check: str, new_host: str, new_check: str) -> None:
        def edit(draft: Draft) -> None:
            rename(draft, Kind.HOST, host, new_host)
            rename(draft, Kind.SERVICE_CHECK, check, new_check)

        await change(scene, edit)

    await rename_all("web", "cpu", "www", "load")
    # Who sends goes on under the old names for a while.
    scene.clock.now += SECOND
    await scene.record(problem("a", host="web", service="cpu"))
    other = (await standing(scene))["web", "cpu"]
    assert other.id not in numbers
    await rename_all("www", "load", "web", "cpu")
    back = await standing(scene)
    assert {name: each.id for name, each in back.items()} == {name: each.id for name, each in before.items()}
    assert (back["web", "cpu"].state, back["web", "cpu"].discovered) == ("critical", False)
    assert [each.object_id for each in await scene.alerts()] == [before["web", "cpu"].id]
    assert await scene.database.read(counters) == (0, 3)


async def test_checks_that_change_their_names_keep_their_numbers(scene: Scene) -> None:
    await change(scene, lambda draft: put_web(draft, "cpu", "disk"))
    before = await standing(scene)

    def swap(draft: Draft) -> None:
        rename(draft, Kind.SERVICE_CHECK, "cpu", "x")
        rename(draft, Kind.SERVICE_CHECK, "disk", "cpu")
        rename(draft, Kind.SERVICE_CHECK, "x", "disk")

    await change(scene, swap)
    after = await standing(scene)
    assert after["web", "cpu"].id == before["web", "disk"].id
    assert after["web", "disk"].id == before["web", "cpu"].id


async def test_a_new_host_may_have_the_name_that_another_had_just_before(scene: Scene) -> None:
    await change(scene, lambda draft: put_web(draft, "cpu"))
    before = await standing(scene)

    def edit(draft: Draft) -> None:
        rename(draft, Kind.HOST, "web", "www")
        put_web(draft, "cpu")

    await change(scene, edit)
    after = await standing(scene)
    assert after["www", "cpu"].id == before["web", "cpu"].id
    assert len({each.id for each in after.values()}) == len(after) == 4


async def test_a_downtime_that_ends_meanwhile_does_not_quiet_what_comes_back(scene: Scene) -> None:
    await change(scene, lambda draft: put_web(draft, "cpu"))
    web = (await standing(scene))["web", ""]
    plan = Plan(NOON, NOON + 60 * SECOND, "ann", "")
    (entry,) = await scene.database.write(lambda c: downtimes.schedule(c, "main", plan, [web], NOON))
    begun = replace(entry, started_at=NOON)
    await scene.database.write(lambda c: downtimes.change(c, "main", [begun]))
    assert (await standing(scene))["web", ""].downtime_id == entry.id
    await change(scene, take_out)
    ended = replace(begun, ended_at=NOON + 60 * SECOND)
    assert await scene.database.write(lambda c: downtimes.change(c, "main", [ended])) == set()
    await change(scene, lambda draft: put_web(draft, "cpu"))
    assert (await standing(scene))["web", ""].downtime_id == ""


async def test_what_was_taken_out_is_forgotten_with_its_events(scene: Scene) -> None:
    await change(scene, lambda draft: put_web(draft, "cpu", "disk"))
    before = await standing(scene)
    await scene.record(problem("a", host="web", service="cpu"))
    await change(scene, take_out)
    today = NOON // DAY
    await scene.database.write(lambda c: keeping.drop_former_objects(c, today))
    assert {each.id for each in await scene.objects()} == {each.id for each in before.values()}
    await scene.database.write(lambda c: keeping.drop_former_objects(c, today + 1))
    # The alert is open still.
    assert {each.id for each in await scene.objects()} == {before["web", "cpu"].id}


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
