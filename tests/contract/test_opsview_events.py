"""/rest/event on both stores, with and without the columnar copy: as a plain walk over all events has it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from sqlalchemy import Connection, update

from tests.contract import opsview_oracle as oracle
from tests.contract.copies import open_copy
from tests.contract.scene import DAY, NOON, SECOND, Scene, new_source, problem, submission
from tests.unit.query.records import event
from tocsin.dialects.opsview.caller import Caller
from tocsin.dialects.opsview.event import Events
from tocsin.dialects.opsview.parameters import of_form
from tocsin.dialects.opsview.router import Request
from tocsin.hub.archive import Archive
from tocsin.hub.authentication import Authentication
from tocsin.hub.configuring import Configuring
from tocsin.hub.copier import Copier
from tocsin.hub.metrics import Metrics
from tocsin.hub.worlds import Worlds
from tocsin.model.access import Principal
from tocsin.model.event import Event, day_of
from tocsin.model.role import Permission, Role
from tocsin.model.signal import Kind
from tocsin.store import bulk, counted, partitions, surveying, tables
from tocsin.store.columnar.copy import Copy
from tocsin.store.counting import Counting
from tocsin.store.database import Database, open_database
from tocsin.store.rows import event_row

pytestmark = pytest.mark.anyio

MANY = 240
HOSTS = ("web-1", "WEB-1", "db", "\xc4rger", "gro\xdf")
SERVICES = ("", "Disk", "disk", "HTTP: /", "gr\xdc\xdfe")
STATES = {True: ("ok", "warning", "critical", "unknown"), False: ("up", "down", "unreachable")}
TEXTS = ("", "DISK 99% full", "Stra\xdfe zu", "OK - load average: 1.53, 1.73", "a_b")
QUERIES = [
    "",
    "rows=10",
    "rows=10&page=3",
    "rows=7&page=999",
    "rows=all",
    "rows=0",
    "rows=0&saved_maxeventid=100",
    "rows=20&saved_maxeventid=0",
    "rows=20&saved_maxeventid=100000",
    "eventtype=0&eventtype=1&eventtype=2&eventtype=3&rows=all",
    "eventtype=1",
    "eventtype=2&eventtype=3&rows=all",
    "eventtype=9",
    "state_type=hard&service_state=critical&rows=5&page=2",
    "state_type=SOFT",
    "host_state=down&host_state=2",
    "service_state=0&host_state=up&rows=all",
    "service_state=fine",
    "host=WEB-1&rows=all",
    "host=db&host=GROSS&service=disk&rows=all",
    "service=gr%C3%BCsse&rows=all",
    "serviceonly=1&state_type=hard&rows=15",
    f"startTime={NOON // SECOND - 86_400}&endTime={NOON // SECOND}",
    f"startTime={NOON // SECOND}&rows=all",
    f"endTime={NOON // SECOND - 1}&state_type=hard",
    "search=disk&rows=all",
    "search=STRASSE&search=web",
    "search=99%25",
    "search=a_b&eventtype=0&eventtype=1&rows=all",
    "saved_maxeventid=200&host=db&state_type=hard",
    "sortby=output-desc&rows=all",
    "sortby=objectid-asc&rows=all",
    *(
        f"sortby={column}-{order}&rows=30&page=2"
        for column in (
            "time",
            "hostname",
            "servicename",
            "state",
            "state_type",
            "output",
            "eventid",
            "objectid",
        )
        for order in ("asc", "desc")
    ),
]


def made(domain_id: str, seed: int) -> list[Event]:
    """Make the events of a domain: at few different times, so that many are of one second."""
    chance = Random(seed)
    events = []
    for seq in range(1, MANY + 1):
        service = chance.choice(SERVICES)
        kind = chance.choice([*Kind, *[Kind.CHECK_RESULT] * 10])
        moment = NOON + chance.choice([-DAY, -SECOND, 0, SECOND]) + chance.choice([0, 1, 999_999])
        events.append(
            event(
                domain_id=domain_id,
                seq=seq,
                day=day_of(NOON),
                kind=kind,
                host=chance.choice(HOSTS),
                service=service,
                object_id=chance.randrange(1, 9),
                state=chance.choice(STATES[bool(service)]),
                state_type=chance.choice(["hard", "soft"]),
                output=chance.choice(TEXTS) if kind != Kind.ACKNOWLEDGEMENT else "",
                description=chance.choice(TEXTS) if kind != Kind.ACKNOWLEDGEMENT else "",
                title=chance.choice(TEXTS) if kind != Kind.ACKNOWLEDGEMENT else "",
                author=chance.choice(["ann", "bob"]),
                comment=chance.choice(TEXTS),
                markdown=chance.random() < 0.5,
                window_start=NOON,
                window_end=NOON + DAY,
                time=moment,
                recorded_at=NOON,
            )
        )
    return events


async def store(database: Database, events: list[Event]) -> None:
    def write(connection: Connection) -> None:
        if not database.is_sqlite:
            partitions.ensure(connection, day_of(NOON), day_of(NOON))
        bulk.insert(connection, tables.event, [event_row(each) for each in events])
        ours = update(tables.domain).where(tables.domain.c.id == events[0].domain_id)
        connection.execute(ours.values(next_seq=len(events) + 1, recorded_at=NOON))

    await database.write(write)


@pytest.fixture
async def copy(tmp_path: Path) -> AsyncIterator[Copy]:
    """Give an empty columnar copy."""
    async with open_copy(tmp_path) as opened:
        yield opened


async def ask(
    database: Database, query: str, copy: Copy | None = None, *, domain_id: str = "main", scope: str = ""
) -> dict[str, Any]:
    """Ask for the first time, as somebody of a domain, whose role has a scope."""
    archive = Archive(database, Counting(database, copy))
    return await ask_again(archive, query, domain_id=domain_id, scope=scope)


async def ask_again(
    archive: Archive, query: str, *, domain_id: str = "main", scope: str = ""
) -> dict[str, Any]:
    """Ask an archive that may know the list already."""
    permission = Permission.VIEWSOME if scope else Permission.VIEWALL
    caller = Caller(
        Principal(domain_id, "ann", role=Role("role-1", domain_id, "r", (permission,), scope, NOON))
    )
    worlds = Worlds(Configuring(archive._database, Authentication(archive._database)))
    (route,) = Events(archive, worlds).routes
    given = of_form(query.encode())
    document = await route.operations["GET"].handle(Request(caller, (), given, given, None, ""))
    # As a client gets it.
    shown: dict[str, Any] = json.loads(json.dumps(document))
    return shown


def written(query: str) -> str:
    """Write the order of the oracle's queries as clients do."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(name, _sortby(value) if name == "sortby" else value) for name, value in pairs])


def _sortby(value: str) -> str:
    column, order = value.split("-")
    return json.dumps([{"col": column, "order": order}])


async def test_every_query_is_answered_as_a_plain_walk_would(
    database: Database, scene: Scene, copy: Copy
) -> None:
    await new_source(database, "other", "elsewhere")
    events = {domain_id: made(domain_id, seed) for seed, domain_id in enumerate(("main", "other"))}
    await store(database, events["main"])
    await store(database, events["other"])
    copier = Copier(database, copy, Metrics())
    await copier.round(copy)
    assert copy.held("main") is not None
    scoped = [
        each for each in events["main"] if each.host in {"web-1", "WEB-1"} and each.service.lower() != "disk"
    ]
    for number, query in enumerate(QUERIES):
        for given in (None, copy)[number % 2 :]:
            found = await ask(database, written(query), given)
            assert found == oracle.answer(events["main"], query), query
    for number, query in enumerate(QUERIES[::3]):
        given = (None, copy)[number % 2]
        found = await ask(database, written(query), given, domain_id="other")
        assert found == oracle.answer(events["other"], query), query
        found = await ask(database, written(query), given, scope="host:WEB-1 -service:disk")
        wanted = oracle.answer(scoped, query)
        wanted["summary"]["maxeventid"] = str(MANY)
        assert found == wanted, query


async def test_a_domain_without_events_has_an_empty_page(
    database: Database, scene: Scene, copy: Copy
) -> None:
    for given in (None, copy):
        assert await ask(database, "page=3&saved_maxeventid=5", given) == {
            "list": [],
            "summary": {
                "entries": "0",
                "page": "1",
                "pages": "1",
                "total_entries": "0",
                "maxeventid": "0",
                "filtered_new_event_count": "0",
            },
        }


@pytest.mark.parametrize(("few", "quick"), [(0, 0), (0, 1_000_000), (20, 60), (2_000, 0)])
async def test_a_list_that_is_asked_for_again_is_counted_on(
    database: Database, scene: Scene, copy: Copy, monkeypatch: pytest.MonkeyPatch, few: int, quick: int
) -> None:
    for module in (surveying, counted):
        monkeypatch.setattr(module, "FEW", few)
    monkeypatch.setattr(surveying, "QUICK", quick)
    copier = Copier(database, copy, Metrics())
    archive = Archive(database, Counting(database, copy))
    queries = [
        "rows=7&page=2",
        "rows=0&saved_maxeventid=20",
        "rows=all&saved_maxeventid=45",
        "host=web-1&rows=5&saved_maxeventid=30",
        "host=web-1&sortby=time-asc&rows=5&page=3",
        "host=nobody&saved_maxeventid=1",
        "search=disk&rows=9&page=4",
        "sortby=hostname-asc&rows=9&page=2",
    ]
    # A name is looked up each time, and what it stands for can be remembered.
    assert (await ask_again(archive, "", scope="source:probe"))["summary"]["total_entries"] == "0"
    assert (await ask_again(archive, "", scope="source:nobody"))["summary"]["total_entries"] == "0"
    chance = Random(few)
    for number in range(4):
        for each in range(20):
            moment = NOON - chance.choice([0, 1, 3_600, 100_000, 10_000_000]) * SECOND
            host = chance.choice(["web-1", "db"])
            await scene.record(problem(f"disk-{number}-{each}", host=host, service="x", occurred_at=moment))
        if number in {0, 2}:
            await copier.round(copy)
        events = await scene.events()
        for query in queries:
            assert await ask_again(archive, written(query)) == oracle.answer(events, query), query
            named = await ask_again(archive, written(query), scope="source:probe")
            assert named == oracle.answer(events, query), query
    # After a restored backup, events of the same numbers are others.
    ours = tables.event.c.seq >= 41
    await database.write(
        lambda connection: connection.execute(
            update(tables.event).where(ours).values(recorded_at=NOON + 1, host="web-1", folded_host="web-1")
        )
    )
    await copier.round(copy)
    monkeypatch.setattr(copy, "held", lambda _: None)
    events = await scene.events()
    for query in queries:
        assert await ask_again(archive, written(query)) == oracle.answer(events, query), query
    monkeypatch.undo()
    # What is gone counts no more, though it was counted once.
    if database.is_sqlite:
        event = tables.event
        await database.write(lambda connection: connection.execute(event.delete().where(event.c.seq <= 30)))
        events = await scene.events()
        for query in queries:
            assert await ask_again(archive, written(query)) == oracle.answer(events, query), query


async def test_what_is_not_copied_yet_counts_too(database: Database, scene: Scene, copy: Copy) -> None:
    copier = Copier(database, copy, Metrics())
    for round_ in range(3):
        await scene.record(*(problem(f"disk-{round_}-{number}") for number in range(30)))
        if round_ < 2:
            await copier.round(copy)
    held = copy.held("main")
    assert held is not None
    assert held.last_seq == 60
    found = await ask(database, "rows=10&page=2&saved_maxeventid=55", copy)
    assert found == oracle.answer(await scene.events(), "rows=10&page=2&saved_maxeventid=55")
    assert found["summary"]["filtered_new_event_count"] == "35"


WRITERS = 8
BATCHES = 12


async def test_a_poller_sees_every_event_once_while_others_record(
    database: Database, store_url: str, scene: Scene, copy: Copy
) -> None:
    # On PostgreSQL half of the writers are on another node.
    elsewhere = database if database.is_sqlite else open_database(store_url)
    copier = Copier(database, copy, Metrics())
    seen: list[int] = []
    marker = 0

    async def write(number: int) -> None:
        node = database if number % 2 else elsewhere
        for batch in range(BATCHES):
            signals = [problem(f"{number}-{batch}-{each}") for each in range(1 + (number + batch) % 3)]
            await node.write(
                lambda connection, said=signals: scene.ledger.write(  # type: ignore[misc]
                    connection, [submission(scene.source, *said)]
                )
            )

    async def poll() -> None:
        nonlocal marker
        found = await ask(database, f"rows=all&saved_maxeventid={marker}", copy)
        new = [int(item["eventid"]) for item in found["list"] if int(item["eventid"]) > marker]
        assert len(new) == int(found["summary"]["filtered_new_event_count"])
        seen.extend(new)
        marker = int(found["summary"]["maxeventid"])

    writing = asyncio.gather(*map(write, range(WRITERS)))
    while not writing.done():
        await poll()
        await copier.round(copy)
    await writing
    await poll()
    if elsewhere is not database:
        await elsewhere.close()
    events = await scene.events()
    assert len(events) == sum(1 + (n + b) % 3 for n in range(WRITERS) for b in range(BATCHES))
    assert sorted(seen) == [each.seq for each in events]
