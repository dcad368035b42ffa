"""Whatever is asked of whatever records, SQL on either engine finds those that the predicate finds."""

from functools import partial
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Connection, insert

from tests.property.expressions import alerts, events, texts, trees
from tests.unit.query.records import NOW
from tocsin.model.alert import Alert
from tocsin.model.event import MICROSECONDS_PER_DAY, Event, day_of
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS, Fields
from tocsin.query.predicate import compile_predicate
from tocsin.query.tree import Expression
from tocsin.store import bulk, compile, partitions, paths, search, search_sqlite, tables
from tocsin.store.database import Database
from tocsin.store.rows import alert_row, event_row

pytestmark = pytest.mark.anyio

RECORDS = 30
TREES = 30

some = partial(st.lists, min_size=1)
domain_ids = map("domain-{}".format, count())
# A domain of its own for each example, in one store for all of them.
many_examples = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

whole_events = st.builds(
    replace,
    events(),
    **dict.fromkeys(("resource_id", "resource_type", "provider", "account", "image_url"), texts),
    **dict.fromkeys(("source_tool", "silenced_by", "project_id"), texts),
    state_type=st.sampled_from(["hard", "soft"]),
    recorded_at=st.sampled_from([1, NOW - MICROSECONDS_PER_DAY, NOW - 1, NOW, NOW + 1]),
)


@pytest.fixture(params=["as it is", "small"])
def scale(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Try every way that a search can take, also those that are meant for more rows than a test has."""
    if request.param == "small":
        monkeypatch.setattr(search_sqlite, "NEWEST", 3)
        monkeypatch.setattr(search_sqlite, "FEW_ROWS", 2)
        monkeypatch.setattr(search, "_CHUNK", 2)
        for module in (compile, paths):
            monkeypatch.setattr(module, "FEW", 1)


def as_recorded(domain_id: str, records: list[Event]) -> list[Event]:
    """Give events their numbers, in the order of their recording."""
    in_order = sorted(records, key=lambda event: event.recorded_at)
    return [
        replace(event, domain_id=domain_id, seq=seq, day=day_of(event.recorded_at))
        for seq, event in enumerate(in_order, start=1)
    ]


def expected(tree: Expression, fields: Fields, records: list[Any]) -> list[Any]:
    matches = compile_predicate(tree, fields)
    return [record for record in reversed(records) if matches(record)]


async def make_domain(database: Database, domain_id: str, records: int, recorded_at: int) -> None:
    domain = {"id": domain_id, "next_seq": records + 1, "recorded_at": recorded_at}
    await database.write(lambda connection: connection.execute(insert(tables.domain).values(**domain)))


@many_examples
@given(records=some(whole_events, max_size=RECORDS), asked=some(trees(EVENT_FIELDS), max_size=TREES))
async def test_events(database: Database, scale: None, records: list[Event], asked: list[Expression]) -> None:
    domain_id = next(domain_ids)
    stored = as_recorded(domain_id, records)
    await make_domain(database, domain_id, len(stored), stored[-1].recorded_at)

    def write(connection: Connection) -> None:
        for day in {event.day for event in stored}:
            partitions.ensure(connection, day, day)
        bulk.insert(connection, tables.event, [event_row(event) for event in stored])

    await database.write(write)
    for tree in asked:
        wanted = expected(tree, EVENT_FIELDS, stored)
        find = partial(search.events, domain_id=domain_id, tree=tree)
        assert await database.read(partial(find, limit=RECORDS)) == wanted
        assert await database.read(partial(search.count_events, domain_id=domain_id, tree=tree)) == len(
            wanted
        )
        first = await database.read(partial(find, limit=2))
        assert first == wanted[:2]
        if len(first) == 2:
            assert await database.read(partial(find, limit=3, before=first[-1].seq)) == wanted[2:5]


@many_examples
@given(records=some(alerts(), max_size=RECORDS), asked=some(trees(ALERT_FIELDS), max_size=TREES))
async def test_alerts(database: Database, scale: None, records: list[Alert], asked: list[Expression]) -> None:
    domain_id = next(domain_ids)
    stored = [replace(alert, domain_id=domain_id, seq=2 * place) for place, alert in enumerate(records, 1)]
    await make_domain(database, domain_id, 2 * len(stored), NOW)
    await database.write(lambda c: bulk.insert(c, tables.alert, [alert_row(alert) for alert in stored]))
    for tree in asked:
        wanted = expected(tree, ALERT_FIELDS, stored)
        find = partial(search.alerts, domain_id=domain_id, tree=tree)
        assert await database.read(partial(find, limit=RECORDS)) == wanted
        assert await database.read(partial(search.count_alerts, domain_id=domain_id, tree=tree)) == len(
            wanted
        )
        first = await database.read(partial(find, limit=2))
        assert first == wanted[:2]
        if len(first) == 2:
            assert await database.read(partial(find, limit=3, before=first[-1].seq)) == wanted[2:5]
