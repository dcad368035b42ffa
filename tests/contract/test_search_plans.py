"""How much work a search is in a domain of 100,000 events, with statistics and without them."""

import random
import re
from collections.abc import AsyncIterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, text

from tests.contract.scene import NOON, SECOND, problem, submission
from tests.contract.work import Work, measure
from tests.servers.postgresql import PostgreSQL
from tests.unit.query.records import alert, event
from tocsin.model.alert import AlertState
from tocsin.model.event import MICROSECONDS_PER_DAY, day_of
from tocsin.model.naming import name
from tocsin.model.severity import Severity
from tocsin.model.source import Source, SourceOptions
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.tree import one_of
from tocsin.store import bulk, directory, keeping, partitions, past, schema, search, tables
from tocsin.store.database import Database, open_database, sqlite_url
from tocsin.store.rows import alert_row, event_row

pytestmark = pytest.mark.anyio

DOMAIN = "main"
ROWS = 100_000
DAYS = 5
START = NOON - DAYS * MICROSECONDS_PER_DAY
PER_DAY = ROWS // DAYS
PAGE = 50
RARE = 49
FILL_SECONDS = 250.0
"""How long PostgreSQL may take to fill a store: no batch is as large."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
async def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Database]:
    """Fill a store of each engine once, and keep its statistics away."""
    with ExitStack() as lent:
        if request.param == "sqlite":
            url = sqlite_url(tmp_path_factory.mktemp("filled"))
        else:
            cluster: PostgreSQL = request.getfixturevalue("postgresql")
            url = lent.enter_context(cluster.database())
        database = open_database(url)
        await schema.migrate(database)
        await database.write(fill, seconds=FILL_SECONDS)
        yield database
        await database.close()


def fill(connection: Connection) -> None:
    chance = random.Random(1)
    first, last = day_of(START), day_of(NOON)
    partitions.ensure(connection, first, last)
    if connection.dialect.name == "postgresql":
        for table in ("alert", *(f"event_{day}" for day in range(first, last + 1))):
            connection.execute(text(f"alter table {table} set (autovacuum_enabled = false)"))
    directory.create_domain(connection, DOMAIN, NOON, identifier=DOMAIN)
    counters = {"next_seq": ROWS + 1, "recorded_at": recorded_at(ROWS)}
    connection.execute(tables.domain.update().values(**counters))
    bulk.insert(connection, tables.event, [event_as_row(seq, chance) for seq in range(1, ROWS + 1)])
    bulk.insert(connection, tables.alert, [alert_as_row(seq, chance) for seq in range(1, ROWS + 1, 5)])


def recorded_at(seq: int) -> int:
    return START + seq * (DAYS * MICROSECONDS_PER_DAY // ROWS)


def event_as_row(seq: int, chance: random.Random) -> tuple[Any, ...]:
    """Make an event, one of many that differ; a few hosts and one severity are rare, and long ago."""
    severities = [Severity.CRITICAL] * 5 + [Severity.ERROR] * 10 + [Severity.INFO] * 84 + [Severity.NONE]
    host = f"{chance.choice(['web', 'web', 'db'])}-{chance.randrange(100)}"
    severity = chance.choice(severities)
    if seq < ROWS // 2 and seq % 1000 == 0:
        host, severity = f"rare-{seq % 3}", Severity.WARNING
    return event_row(
        event(
            domain_id=DOMAIN,
            seq=seq,
            day=day_of(recorded_at(seq)),
            host=host,
            title=f"the disk of {host} is full",
            severity=severity,
            object_id=chance.randrange(1000),
            alert_seq=seq - seq % 97,
            time=recorded_at(seq) - chance.randrange(60) * SECOND,
            recorded_at=recorded_at(seq),
        )
    )


def alert_as_row(seq: int, chance: random.Random) -> tuple[Any, ...]:
    state = AlertState.OPEN if chance.random() < 0.01 else AlertState.RESOLVED
    return alert_row(alert(domain_id=DOMAIN, seq=seq, key=f"key-{seq}", state=state))


@pytest.fixture(scope="module", params=["before ANALYZE", "after ANALYZE"])
async def store(request: pytest.FixtureRequest, filled: Database) -> Database:
    """Give the filled store, first without statistics, then with them."""
    if request.param == "after ANALYZE":
        await filled.write(keeping.Statistics().refresh, seconds=FILL_SECONDS)
    return filled


class Case(msgspec.Struct):
    """A search.

    Attributes:
        q: the expression.
        index: the index that SQLite takes; '' for the primary key.
        found: how many are on the first page.
        steps: how many SQLite may take for it.
        rows: how many PostgreSQL may touch for it.
        guessed: the same without statistics, where its guess is bad.
    """

    q: str
    index: str
    found: int = PAGE
    steps: int = 5_000
    rows: int = 240
    guessed: int = 0


EVENTS = [
    Case("", ""),
    Case("seq=500", "", found=1),
    Case("seq<500", ""),
    Case("id=event-0000000001f4", "", found=1),
    Case("severity=critical", "ix_event_severity"),
    Case("severity=info", "ix_event_severity"),
    Case("severity=warning", "ix_event_severity", found=RARE),
    # PostgreSQL goes through the newest ones, one in seven of which is meant.
    Case("severity>=warning", "ix_event_severity", rows=800),
    Case("severity=warning OR severity=none", "ix_event_severity", rows=PER_DAY),
    Case("host:web-7", "ix_event_host"),
    Case("host:WEB-7", "ix_event_host"),
    Case("host=web-7", "ix_event_host", steps=20_000),
    Case("host:nowhere", "ix_event_host", found=0),
    # Many: they stand among the newest, which are looked at row by row.
    Case("host:web-*", "", steps=80_000, rows=PER_DAY),
    # Few, and long ago: the index leads there.
    Case("host:rare-*", "ix_event_host", found=RARE),
    Case("host:rare-* disk", "ix_event_host", found=RARE, steps=8_000),
    Case("severity>=warning host:rare-*", "ix_event_host", found=RARE, steps=8_000),
    Case("host:nowhere-*", "ix_event_host", found=0),
    Case("object_id=5", "ix_event_object"),
    Case("alert_id=alert-0000000003ca", "ix_event_alert"),
    Case("alert_id=alert-0000000003ca severity=critical", "ix_event_alert", found=6, guessed=6_000),
    Case("occurred>-2h", "ix_event_time", steps=50_000),
    Case("occurred>=2025-12-30T10:00Z occurred<2025-12-30T10:10Z", "ix_event_time", steps=8_000, rows=300),
    Case("occurred<2025-12-27T12:30Z", "ix_event_time", steps=20_000, rows=1_000, guessed=2 * ROWS),
]

ALERTS = [
    Case("", "", guessed=ROWS),
    Case("state=open", "ix_alert_state"),
    Case("state=open OR state=acknowledged", "ix_alert_state", rows=500),
    Case("state=acknowledged", "ix_alert_state", found=0),
    Case("state!=resolved", "ix_alert_state", rows=500),
    Case("id=alert-000000000065", "", found=1),
]


def check(database: Database, work: Work[Any], case: Case) -> None:
    if not database.is_sqlite:
        assert work.amount <= max(case.rows, case.guessed)
        return
    assert work.amount <= case.steps
    taken = set(re.findall(r"(?:event|alert) USING (?:COVERING )?(?:INDEX (\w+)|PRIMARY KEY)", work.plans))
    assert case.index in taken
    if case.index:
        assert not re.search(r"(?:event|alert) USING PRIMARY KEY \(domain_id=\?\)", work.plans)


@pytest.mark.parametrize("case", EVENTS, ids=lambda case: case.q)
async def test_events(store: Database, case: Case) -> None:
    tree = parse(case.q, EVENT_FIELDS, NOON)
    work = await measure(store, partial(search.events, domain_id=DOMAIN, tree=tree, limit=PAGE))
    assert len(work.answer) == case.found
    check(store, work, case)


@pytest.mark.parametrize("case", ALERTS, ids=lambda case: case.q)
async def test_alerts(store: Database, case: Case) -> None:
    tree = parse(case.q, ALERT_FIELDS, NOON)
    work = await measure(store, partial(search.alerts, domain_id=DOMAIN, tree=tree, limit=PAGE))
    assert len(work.answer) == case.found
    check(store, work, case)


async def test_the_timeline_of_an_alert(store: Database) -> None:
    tree = one_of(EVENT_FIELDS.by_name["alert_id"], [970])
    timeline = partial(search.events, domain_id=DOMAIN, tree=tree, limit=PAGE)
    work = await measure(store, timeline)
    assert [event.seq for event in work.answer] == list(range(1066, 1016, -1))
    check(store, work, Case("", "ix_event_alert"))
    work = await measure(store, partial(timeline, before=1017))
    assert [event.seq for event in work.answer] == list(range(1016, 969, -1))
    check(store, work, Case("", "ix_event_alert"))


@pytest.mark.parametrize(("first", "steps"), [(0, 80_000), (900, 200_000), (5_000, 20_000)])
async def test_a_large_set_of_objects(store: Database, first: int, steps: int) -> None:
    # Many, few, or none at all. PostgreSQL cannot know the last, and reads every row once.
    tree = one_of(EVENT_FIELDS.by_name["object_id"], range(first, first + 300))
    work = await measure(store, partial(search.events, domain_id=DOMAIN, tree=tree, limit=PAGE))
    assert {event.object_id for event in work.answer} <= set(range(first, first + 300))
    assert len(work.answer) == (PAGE if first < 1000 else 0)
    check(store, work, Case("", "" if first < 900 else "ix_event_object", steps=steps, rows=2 * ROWS))


async def test_a_regular_expression_stops_where_the_page_is_full(store: Database) -> None:
    tree = parse("host~^web-7$", EVENT_FIELDS, NOON)
    work = await measure(store, partial(search.events, domain_id=DOMAIN, tree=tree, limit=PAGE))
    assert len(work.answer) == PAGE
    # What PostgreSQL would read cannot be seen: it is asked for all, and asked for no more after a page.
    if store.is_sqlite:
        check(store, work, Case("", "", steps=200_000))


COUNTED = {
    "true": Case("", "", steps=100, rows=10),
    "severity = 'critical'": Case("severity=critical", "ix_event_severity", steps=20_000, rows=6_000),
    "host like 'rare-%'": Case("host:rare-*", "ix_event_host", steps=1_000),
    "host = 'web-7'": Case("host=web-7", "ix_event_host", steps=20_000, rows=1_000),
    "time > 1767261600000000": Case("occurred>-2h", "ix_event_time", steps=50_000, rows=2_000),
}


@pytest.mark.parametrize("where", COUNTED)
async def test_counting_events(store: Database, where: str) -> None:
    case = COUNTED[where]
    tree = parse(case.q, EVENT_FIELDS, NOON)
    work = await measure(store, partial(search.count_events, domain_id=DOMAIN, tree=tree))
    counted = text(f"select count(*) from event where {where}")
    assert work.answer == await store.read(lambda connection: connection.execute(counted).scalar())
    assert work.answer > 0
    check(store, work, case)


async def test_counting_alerts(store: Database) -> None:
    tree = parse("", ALERT_FIELDS, NOON)
    work = await measure(store, partial(search.count_alerts, domain_id=DOMAIN, tree=tree))
    assert work.answer == ROWS // 5
    check(store, work, Case("", "ix_alert_state", steps=4 * ROWS // 5, rows=ROWS // 5))


async def test_the_moments_of_which_the_past_is_told(store: Database) -> None:
    times = text("select distinct time from event order by time limit 500")
    known = list(await store.read(lambda connection: connection.execute(times).scalars()))
    source = Source("source-1", DOMAIN, "default", "probe", "auto", True, "", SourceOptions(), NOON)
    moments = [*known, *(moment + 1 for moment in known)]
    told = submission(source, *(problem("past", occurred_at=moment) for moment in moments))
    told.is_past = True
    work = await measure(store, partial(past.known, batch=[(told, name(told))]))
    assert {fact.time for fact in work.answer[DOMAIN]} == set(known)
    check(store, work, Case("", "ix_event_time", steps=25_000, rows=1_000))
