"""Whatever is counted in groups, each engine and Python give what counting the records themselves gives,
however much of them the columnar copy holds.
"""

from collections import Counter
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from tests.contract.copies import open_copy
from tests.property.vocabulary import make_alerts, make_events, trees
from tests.unit.query.records import NOW
from tocsin.hub.copier import Copier
from tocsin.hub.metrics import Metrics
from tocsin.model.event import Event
from tocsin.model.identifiers import alert_id
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS, Field, Fields
from tocsin.query.predicate import compile_predicate
from tocsin.query.tree import Expression
from tocsin.store import aggregation, bulk, partitions, tables
from tocsin.store.aggregation import Counts
from tocsin.store.columnar.copy import Copy
from tocsin.store.counting import Counting
from tocsin.store.database import Database
from tocsin.store.rows import alert_row, event_row

pytestmark = pytest.mark.anyio

RECORDS = 120
HOUR = 3_600_000_000
LIMIT = 3

domain_ids = map("counted-{}".format, count())
few_examples = settings(
    max_examples=4,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
EVENT_KEYS = ("severity", "kind", "type", "host", "service", "source_id", "alert_id", "attempt", "rule")
ALERT_KEYS = ("severity", "state", "host", "project_id", "count", "acknowledged_by", "id")


def asked(fields: Fields, keys: tuple[str, ...]) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    names = st.sampled_from((*keys, "labels.region", "labels.team", 'labels.with "quotes"'))
    by = st.lists(names, max_size=3, unique=True)
    return st.lists(st.tuples(trees(fields), by, st.sampled_from((0, 1, HOUR, 7 * HOUR))), min_size=20)


def text_of(record: Any, field: Field) -> str:
    if field.label:
        return str(record.labels.get(field.label, ""))
    value = getattr(record, field.attribute)
    if field.prefix:
        return alert_id(value)
    return str(value)


def counted(stored: list[Any], matches: Any, by: list[Field], bucket: int, time: str) -> Counts:
    """Count as plainly as can be."""
    found = [record for record in stored if matches(record)]
    group = {id(record): tuple(text_of(record, field) for field in by) for record in found}
    sizes = Counter(group.values())
    start = {id(each): getattr(each, time) // bucket * bucket if bucket else 0 for each in found}
    # Numbers are ordered as numbers, so which of two equal groups is shown is not asked here.
    return Counts(
        len(found),
        len(sizes),
        [
            aggregation.Count(moment, values, number)
            for (moment, values), number in Counter((start[id(r)], group[id(r)]) for r in found).items()
        ],
    )


def check(given_: Counts, wanted: Counts) -> None:
    assert (given_.total, given_.groups) == (wanted.total, wanted.groups)
    shown = {each.values for each in given_.counts} - {None}
    sizes: Counter[Any] = Counter()
    for each in wanted.counts:
        sizes[each.values] += each.count
    assert (
        sorted((sizes[values] for values in shown), reverse=True)
        == sorted(sizes.values(), reverse=True)[:LIMIT]
    )
    expected: Counter[Any] = Counter()
    for each in wanted.counts:
        expected[each.start, each.values if each.values in shown else None] += each.count
    assert {(each.start, each.values): each.count for each in given_.counts} == expected
    assert len(given_.counts) == len(expected)
    assert [each.start for each in given_.counts] == sorted(each.start for each in given_.counts)


def check_facet(given_: Counts, wanted: Counts) -> None:
    assert (given_.total, given_.groups) == (wanted.total, wanted.groups)
    sizes = {each.values: each.count for each in wanted.counts}
    # What is not shown may have a count of its own, without values.
    shown = {each.values: each.count for each in given_.counts if each.values is not None}
    assert shown == {values: sizes[values] for values in shown}
    assert sorted(shown.values()) == sorted(sorted(sizes.values(), reverse=True)[:LIMIT])


async def make_domain(database: Database, domain_id: str, last: Any, recorded_at: int) -> None:
    domain = {"id": domain_id, "next_seq": last.seq + 1, "recorded_at": recorded_at}
    await database.write(lambda connection: connection.execute(insert(tables.domain).values(**domain)))


async def compare(
    counting: Counting, records: Any, domain_id: str, stored: list[Any], asked: list[Any], time: str
) -> None:
    for tree, names, bucket in asked:
        by = [field for name in names if (field := records.fields.find(name))]
        given_ = await counting.aggregate(
            records, domain_id, tree, by=by, bucket=bucket, limit=LIMIT, deadline=monotonic() + 60
        )
        matches = compile_predicate(tree, records.fields)
        check(given_, counted(stored, matches, by, bucket, time))
        if not by:
            continue
        facets = await counting.facets(
            records, domain_id, tree, fields=by, limit=LIMIT, deadline=monotonic() + 60
        )
        for field, facet in zip(by, facets, strict=True):
            check_facet(facet, counted(stored, matches, [field], 0, time))


@pytest.fixture
async def copy(tmp_path: Path) -> AsyncIterator[Copy]:
    """Give an empty columnar copy."""
    async with open_copy(tmp_path) as opened:
        yield opened


async def record(database: Database, stored: list[Event]) -> None:
    def write(connection: Connection) -> None:
        for day in {event.day for event in stored}:
            partitions.ensure(connection, day, day)
        bulk.insert(connection, tables.event, [event_row(event) for event in stored])

    await database.write(write)


@few_examples
@given(seed=st.integers(0, 2**32), copied=st.integers(0, RECORDS), asked=asked(EVENT_FIELDS, EVENT_KEYS))
async def test_events(
    database: Database,
    copy: Copy,
    seed: int,
    copied: int,
    asked: list[tuple[Expression, list[str], int]],
) -> None:
    domain_id = next(domain_ids)
    stored = make_events(domain_id, seed, RECORDS)
    await make_domain(database, domain_id, stored[-1], stored[-1].recorded_at)
    await record(database, stored[:copied])
    await Copier(database, copy, Metrics()).round(copy)
    await record(database, stored[copied:])
    held = copy.held(domain_id)
    assert (held.last_seq if held else 0) == copied
    for counting in (Counting(database, copy), Counting(database, None)):
        await compare(counting, aggregation.EVENTS, domain_id, stored, asked, "time")


@few_examples
@given(seed=st.integers(0, 2**32), asked=asked(ALERT_FIELDS, ALERT_KEYS))
async def test_alerts(database: Database, seed: int, asked: list[tuple[Expression, list[str], int]]) -> None:
    domain_id = next(domain_ids)
    stored = make_alerts(domain_id, seed, RECORDS)
    await make_domain(database, domain_id, stored[-1], NOW)
    await database.write(lambda c: bulk.insert(c, tables.alert, [alert_row(alert) for alert in stored]))
    await compare(Counting(database, None), aggregation.ALERTS, domain_id, stored, asked, "opened_at")
