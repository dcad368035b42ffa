"""Groups, keywords and templates in expressions: on both engines as by the predicate, and as of now."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from tests.contract.scene import DAY, NOON, Scene, problem
from tests.unit.query.records import alert, event
from tocsin.model.audit import Author
from tocsin.model.event import day_of
from tocsin.model.world.documents import (
    Host,
    HostGroup,
    HostTemplate,
    Keyword,
    Kind,
    ServiceCheck,
    ServiceGroup,
)
from tocsin.model.world.draft import Draft
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.predicate import compile_predicate
from tocsin.store import bulk, partitions, search, silences, tables, world
from tocsin.store.rows import alert_row, event_row

pytestmark = pytest.mark.anyio

ANN = Author("ann", "tok", NOON)
HOSTS = 20
"""In each group: more than a list in a statement has."""
OTHERS = ("heard", "later")
"""Services of configured hosts that nobody configured, one heard of before somebody asks and one after."""
EXPRESSIONS: dict[str, Callable[[str, str], bool]] = {
    "hostgroup:WEB": lambda host, _: host.startswith("web"),
    "hostgroup:Berlin": lambda host, _: host.startswith(("web", "db")),
    "hostgroup:discovered": lambda host, _: host == "heard",
    "hostgroup:tocsin": lambda _host, _: True,
    "-hostgroup:berlin": lambda host, _: host == "heard",
    'hostgroup:"Tocsin,Berlin,Web,"': lambda host, _: host.startswith("web"),
    'hostgroup~"^(Web|Nope)$" host:*1': lambda host, _: host.startswith("web") and host.endswith("1"),
    "servicegroup:base": lambda host, service: host != "heard" and service not in {"load", *OTHERS},
    "servicegroup=Base service!=disk": lambda host, service: host != "heard" and service == "",
    "keyword:shop": lambda host, service: host.startswith("web") and service not in {"load", *OTHERS},
    'keyword:""': lambda host, service: not host.startswith("web") or service in {"load", *OTHERS},
    "keyword:*": lambda _host, _: True,
    "keyword:nope": lambda _host, _: False,
    "-keyword:nope service:load": lambda _, service: service == "load",
    "hosttemplate:lin*": lambda host, service: host.startswith("db") and service == "disk",
    "hostgroup:web OR hosttemplate:Linux": lambda host, service: (
        host.startswith("web") or (host.startswith("db") and service == "disk")
    ),
    "hostgroup:berlin -hostgroup:web service:load": lambda host, service: (
        host.startswith("db") and service == "load"
    ),
}


def make(draft: Draft) -> None:
    """Put in hosts web-N and db-N, each with a disk and a load, in two groups of Berlin."""
    berlin = draft.put(Kind.HOST_GROUP, 0, "Berlin", HostGroup()).number
    groups = {
        name: draft.put(Kind.HOST_GROUP, 0, name, HostGroup(berlin)).number for name in ("Web", "Databases")
    }
    base = draft.put(Kind.SERVICE_GROUP, 0, "Base", ServiceGroup()).number
    shop = draft.put(Kind.KEYWORD, 0, "shop", Keyword()).number
    disk = draft.put(Kind.SERVICE_CHECK, 0, "disk", ServiceCheck(group=base, keywords=(shop,))).number
    load = draft.put(Kind.SERVICE_CHECK, 0, "load", ServiceCheck()).number
    linux = draft.put(Kind.HOST_TEMPLATE, 0, "Linux", HostTemplate(checks=(disk,))).number
    for number in range(HOSTS):
        web = Host(group=groups["Web"], checks=(disk, load), keywords=(shop,))
        draft.put(Kind.HOST, 0, f"web-{number}", web)
        draft.put(
            Kind.HOST, 0, f"db-{number}", Host(group=groups["Databases"], checks=(load,), templates=(linux,))
        )


async def test_both_engines_find_what_the_predicate_finds(scene: Scene) -> None:
    await scene.record(problem("a", host="heard", service="disk"), problem("b", host="heard", service="load"))
    await scene.database.write(lambda c: world.change(c, ANN, "main", make))
    # The world is known by now: what is heard of next comes to it.
    await scene.database.read(lambda c: world.world(c, "main"))
    await scene.record(problem("c", host="web-1", service="heard"))
    before = (await scene.events())[-1].seq
    objects = [each for each in await scene.objects() if each.host != "probe"]
    events = [
        event(
            domain_id="main",
            seq=before + place,
            day=day_of(NOON),
            recorded_at=NOON,
            host=each.host,
            service=each.service,
            object_id=each.id,
        )
        for place, each in enumerate(objects, start=1)
    ]
    alerts = [
        alert(
            domain_id="main",
            seq=each.seq,
            key=str(each.seq),
            host=each.host,
            service=each.service,
            object_id=each.object_id,
        )
        for each in events
    ]

    def write(connection: Connection) -> None:
        partitions.ensure(connection, day_of(NOON), day_of(NOON))
        bulk.insert(connection, tables.event, [event_row(each) for each in events])
        bulk.insert(connection, tables.alert, [alert_row(each) for each in alerts])

    await scene.database.write(write)
    for text, holds in EXPRESSIONS.items():
        wanted = {each.seq for each in events if holds(each.host, each.service)}
        for fields, find, records in (
            (EVENT_FIELDS, search.events, events),
            (ALERT_FIELDS, search.alerts, alerts),
        ):
            tree = parse(f"({text}) seq>{before}" if fields is EVENT_FIELDS else text, fields, NOON)

            def ask(connection: Connection, find: Any = find, tree: Any = tree) -> tuple[Any, Any]:
                return find(connection, "main", tree, limit=1000), search.resolved_events(
                    connection,
                    "main",
                    parse(text, EVENT_FIELDS, NOON),  # noqa: B023
                )

            found, resolved = await scene.database.read(ask)
            assert {each.seq for each in found if each.seq > before} == wanted, text
            matches = compile_predicate(resolved, fields)
            assert {each.seq for each in records if matches(each)} == wanted, text
            # What is kept holds too for what is heard of afterwards.
            later = replace(records[0], object_id=1_000_000, host="web-3", service="later")
            assert matches(later) == holds("web-3", "later"), text


async def test_silences_follow_what_is_monitored(scene: Scene) -> None:
    await scene.database.write(lambda c: world.change(c, ANN, "main", make))
    made = await scene.database.write(
        lambda c: silences.create_silence(
            c,
            domain_id="main",
            expression="keyword:shop",
            scope="hostgroup:berlin",
            starts_at=NOON,
            ends_at=NOON + DAY,
            author="ann",
            comment="",
            now=NOON,
        )
    )

    async def silenced(host: str, service: str) -> bool:
        await scene.record(problem(f"{host}/{service}", host=host, service=service))
        return (await scene.events())[-1].silenced_by == made.id

    assert await silenced("web-1", "disk")
    assert not await silenced("web-1", "load")
    assert not await silenced("db-1", "load")

    def widen(draft: Draft) -> None:
        shop = draft.named(Kind.KEYWORD, "shop")[0]
        draft.put(Kind.KEYWORD, shop.number, "shop", Keyword(all_hosts=True))
        load = draft.named(Kind.SERVICE_CHECK, "load")[0]
        draft.put(Kind.SERVICE_CHECK, load.number, "load", ServiceCheck(keywords=(shop.number,)))

    await scene.database.write(lambda c: world.change(c, ANN, "main", widen))
    assert await silenced("db-1", "load")

    def empty(draft: Draft) -> None:
        berlin = draft.named(Kind.HOST_GROUP, "Berlin")[0]
        draft.put(Kind.HOST_GROUP, berlin.number, "Paris", HostGroup())

    # What its author can act on is a scope, and follows too.
    await scene.database.write(lambda c: world.change(c, ANN, "main", empty))
    assert not await silenced("db-1", "load")
