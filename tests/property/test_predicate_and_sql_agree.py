"""Whatever is asked of whatever records, SQL on either engine finds those that the predicate finds."""

from functools import partial
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from tests.property.vocabulary import make_alerts, make_events, trees
from tests.unit.query.records import NOW
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS, Fields
from tocsin.query.predicate import compile_predicate
from tocsin.query.tree import Expression
from tocsin.store import bulk, compile, glimpse, partitions, paths, search, search_sqlite, tables
from tocsin.store.database import Database
from tocsin.store.rows import alert_row, event_row

pytestmark = pytest.mark.anyio

RECORDS = 120
PAGE = 4

domain_ids = map("domain-{}".format, count())
seeds = st.integers(0, 2**32)


def some_trees(fields: Fields) -> st.SearchStrategy[list[Expression]]:
    return st.lists(trees(fields), min_size=30, max_size=40)


# A domain of its own for each example, in one store for all of them. The report names the tree that failed:
# to look for a shorter one would take minutes.
few_examples = settings(
    max_examples=6,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(params=["as it is", "small"])
def scale(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Try every way that a search can take, also those that are meant for more rows than a test has."""
    if request.param == "small":
        monkeypatch.setattr(search_sqlite, "NEWEST", 3)
        monkeypatch.setattr(search_sqlite, "FEW_ROWS", 2)
        monkeypatch.setattr(glimpse, "_MANY", 10)
        for module in (compile, paths):
            monkeypatch.setattr(module, "FEW", 1)


async def make_domain(database: Database, domain_id: str, last: Any, recorded_at: int) -> None:
    domain = {"id": domain_id, "next_seq": last.seq + 1, "recorded_at": recorded_at}
    await database.write(lambda connection: connection.execute(insert(tables.domain).values(**domain)))


@few_examples
@given(seed=seeds, asked=some_trees(EVENT_FIELDS))
async def test_events(database: Database, scale: None, seed: int, asked: list[Expression]) -> None:
    domain_id = next(domain_ids)
    stored = make_events(domain_id, seed, RECORDS)
    await make_domain(database, domain_id, stored[-1], stored[-1].recorded_at)

    def write(connection: Connection) -> None:
        for day in {event.day for event in stored}:
            partitions.ensure(connection, day, day)
        bulk.insert(connection, tables.event, [event_row(event) for event in stored])

    await database.write(write)
    find = partial(search.events, domain_id=domain_id)
    counted = partial(search.count_events, domain_id=domain_id)
    for tree in asked:
        await check(database, tree, compile_predicate(tree, EVENT_FIELDS), stored, find, counted)


@few_examples
@given(seed=seeds, asked=some_trees(ALERT_FIELDS))
async def test_alerts(database: Database, scale: None, seed: int, asked: list[Expression]) -> None:
    domain_id = next(domain_ids)
    stored = make_alerts(domain_id, seed, RECORDS)
    await make_domain(database, domain_id, stored[-1], NOW)
    await database.write(lambda c: bulk.insert(c, tables.alert, [alert_row(alert) for alert in stored]))
    find = partial(search.alerts, domain_id=domain_id)
    counted = partial(search.count_alerts, domain_id=domain_id)
    for tree in asked:
        await check(database, tree, compile_predicate(tree, ALERT_FIELDS), stored, find, counted)


async def check(
    database: Database, tree: Expression, matches: Any, stored: list[Any], find: Any, counted: Any
) -> None:
    wanted = [record for record in reversed(stored) if matches(record)]
    assert await database.read(partial(find, tree=tree, limit=RECORDS)) == wanted
    assert await database.read(partial(counted, tree=tree)) == len(wanted)
    middle = stored[RECORDS // 2].seq
    page = [record for record in wanted if record.seq < middle][:PAGE]
    assert await database.read(partial(find, tree=tree, limit=PAGE, before=middle)) == page
