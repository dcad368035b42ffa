"""Whatever is asked of whatever records, SQL on either engine finds those that the predicate finds."""

from functools import partial
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Connection

from tests.property.expressions import alerts, events, texts, trees
from tests.unit.query.records import NOW
from tocsin.model.alert import Alert
from tocsin.model.event import Event, day_of
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS, Fields
from tocsin.query.predicate import compile_predicate
from tocsin.query.tree import Expression
from tocsin.store import bulk, partitions, search, tables
from tocsin.store.database import Database
from tocsin.store.rows import alert_row, event_row

pytestmark = pytest.mark.anyio

TODAY = day_of(NOW)
PER_DAY = 10
RECORDS = 30
TREES = 30

some = partial(st.lists, min_size=1)
domain_ids = map("domain-{}".format, count())
# A domain of its own for each example, in one store for all of them.
many_examples = settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

whole_events = st.builds(
    replace,
    events(),
    **dict.fromkeys(("resource_id", "resource_type", "provider", "account", "image_url"), texts),
    **dict.fromkeys(("source_tool", "silenced_by", "project_id"), texts),
    state_type=st.sampled_from(["hard", "soft"]),
)


def placed(records: list[Any], **changes: Any) -> list[Any]:
    """Give records their numbers, from 1."""
    return [replace(record, seq=seq, **changes) for seq, record in enumerate(records, start=1)]


def expected(tree: Expression, fields: Fields, records: list[Any]) -> list[Any]:
    matches = compile_predicate(tree, fields)
    return [record for record in reversed(records) if matches(record)]


@many_examples
@given(records=some(whole_events, max_size=RECORDS), asked=some(trees(EVENT_FIELDS), max_size=TREES))
async def test_events(database: Database, records: list[Event], asked: list[Expression]) -> None:
    domain_id = next(domain_ids)
    stored = [
        replace(event, day=TODAY + event.seq // PER_DAY) for event in placed(records, domain_id=domain_id)
    ]

    def write(connection: Connection) -> None:
        partitions.ensure(connection, TODAY, TODAY + RECORDS // PER_DAY)
        bulk.insert(connection, tables.event, [event_row(event) for event in stored])

    await database.write(write)
    for tree in asked:
        wanted = expected(tree, EVENT_FIELDS, stored)
        found = await database.read(partial(search.events, domain_id=domain_id, tree=tree, limit=RECORDS))
        assert found == wanted
        assert await database.read(partial(search.count_events, domain_id=domain_id, tree=tree)) == len(
            wanted
        )


@many_examples
@given(records=some(alerts(), max_size=RECORDS), asked=some(trees(ALERT_FIELDS), max_size=TREES))
async def test_alerts(database: Database, records: list[Alert], asked: list[Expression]) -> None:
    domain_id = next(domain_ids)
    stored: list[Alert] = placed(records, domain_id=domain_id)
    await database.write(lambda c: bulk.insert(c, tables.alert, [alert_row(alert) for alert in stored]))
    for tree in asked:
        wanted = expected(tree, ALERT_FIELDS, stored)
        found = await database.read(partial(search.alerts, domain_id=domain_id, tree=tree, limit=RECORDS))
        assert found == wanted
        assert await database.read(partial(search.count_alerts, domain_id=domain_id, tree=tree)) == len(
            wanted
        )
