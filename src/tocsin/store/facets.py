"""Facets: rows counted by each of some values alone, in one statement that goes through them once."""

from collections import Counter
from collections.abc import Sequence
from heapq import nsmallest
from time import monotonic
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, Subquery, func, select, tuple_
from sqlalchemy.types import NullType

from tocsin.query.fields import Field
from tocsin.query.tree import All, Expression
from tocsin.store import search
from tocsin.store.aggregation import HELD, Counts, Ranked, Ranking, writers
from tocsin.store.errors import TookTooLong, TooManyGroups


def facets(
    connection: Connection,
    records: search.Records[Any],
    domain_id: str,
    tree: Expression,
    *,
    fields: Sequence[Field],
    limit: int,
    deadline: float,
) -> list[Counts] | None:
    """Count the records that match, by each of some fields alone.

    Args:
        connection: within a read of the ledger.
        records: `EVENTS` or `ALERTS`.
        domain_id: whose.
        tree: as it was parsed; sources and projects may stand by name.
        fields: of these records, but no times.
        limit: how many values of each are shown, the most frequent.
        deadline: when to give up, on the clock of `time.monotonic`, in seconds.

    Returns:
        The counts by each field; what is not shown is in the total alone. None where the engine cannot say it
        exactly.

    Raises:
        TookTooLong: the deadline has passed.
        TooManyGroups: what must be kept to find the answer would be too large.
    """
    question, rest = search.ask(connection, records, domain_id, tree)
    values = [value for field in fields if (value := question.compiler.value(field)) is not None]
    if not isinstance(rest, All) or len(values) < len(fields):
        return None
    columns = [value.label(f"value_{place}") for place, value in enumerate(values)]
    matching = search.matching(connection, question, columns)
    if connection.dialect.name == "sqlite":
        rankings = _counted(connection, matching, len(columns), limit, deadline)
    else:
        found = matching.subquery()
        rankings = rank_each(connection, found, list(found.c), limit)
    write = writers(connection, fields, domain_id)
    return [ranking.counts([text], limit) for ranking, text in zip(rankings, write, strict=True)]


def _counted(
    connection: Connection, matching: Select[Any], number: int, limit: int, deadline: float
) -> list[Ranking]:
    """Count in Python: SQLite would go through the rows once for each value."""
    counters: list[Counter[Any]] = [Counter() for _ in range(number)]
    for rows in connection.execute(matching).partitions(search.AT_ONCE):
        for counter, values in zip(counters, zip(*rows, strict=True), strict=True):
            counter.update(values)
        if sum(map(len, counters)) > HELD:
            raise TooManyGroups(f"this makes more than {HELD} groups: narrow it, or take fewer keys")
        if monotonic() > deadline:
            raise TookTooLong("the facets took too long: narrow the search")
    return [_ranked(counter, limit) for counter in counters]


def _ranked(counter: Counter[Any], limit: int) -> Ranking:
    greatest = nsmallest(limit, counter.items(), key=lambda each: (-each[1], each[0]))
    lines = [Ranked(place, 0, (value,), number) for place, (value, number) in enumerate(greatest, 1)]
    return Ranking(counter.total(), len(counter), lines)


def rank_each(
    connection: Connection, found: Subquery, values: Sequence[ColumnElement[Any]], limit: int
) -> list[Ranking]:
    """Count rows by each value alone, the greatest groups first.

    Args:
        connection: to an engine that knows GROUPING SETS, as SQLite does not.
        found: the rows.
        values: of them.
        limit: how many groups of each are shown by themselves.

    Returns:
        A ranking for each value. Groups that are not shown have no line.
    """
    names = [f"value_{place}" for place in range(len(values))]
    rows = select(*map(ColumnElement.label, values, names)).select_from(found).subquery()
    keys = [rows.c[name] for name in names]
    sets = func.grouping_sets(*(tuple_(key) for key in keys))
    grouped = select(func.grouping(*keys).label("absent"), *keys, func.count().label("number")).group_by(sets)
    greatest = _greatest_by_copy if connection.dialect.name == "duckdb" else _greatest_by_windows
    shown = greatest(connection, grouped.subquery(), names, limit)
    # GROUPING has a bit for each key that a row is not grouped by, the highest for the first.
    every = 2 ** len(names) - 1
    absent = [every - 2**place for place in reversed(range(len(names)))]
    nothing = _Shown(0, 0, [])
    return [shown.get(each, nothing).ranking(place) for place, each in enumerate(absent)]


class _Shown(msgspec.Struct):
    """What is shown of the groups by one value: each as its number and what it has in every value."""

    total: int
    groups: int
    greatest: list[tuple[int, Sequence[Any]]]

    def ranking(self, value: int) -> Ranking:
        shown = enumerate(self.greatest, 1)
        lines = [Ranked(place, 0, (values[value],), number) for place, (number, values) in shown]
        return Ranking(self.total, self.groups, lines)


def _greatest_by_copy(
    connection: Connection, counted: Subquery, names: Sequence[str], limit: int
) -> dict[int, _Shown]:
    """Give the greatest groups, by GROUPING, without sorting all others as windows do."""
    absent, number = counted.c.absent, counted.c.number
    group = func.row(-number, *(counted.c[name] for name in names))
    greatest_of = func.min(group, limit, type_=NullType())
    least = select(absent, func.sum(number), func.count(), greatest_of).group_by(absent)
    return {
        each: _Shown(int(total), groups, [(-negative, values) for negative, *values in greatest])
        for each, total, groups, greatest in connection.execute(least)
    }


def _greatest_by_windows(
    connection: Connection, counted: Subquery, names: Sequence[str], limit: int
) -> dict[int, _Shown]:
    """Give the greatest groups, by GROUPING, on an engine whose MIN gives but one."""
    alike, number = counted.c.absent, counted.c.number
    values = [counted.c[name] for name in names]
    order = [number.desc(), *values]
    placed = select(
        alike,
        func.sum(number).over(partition_by=alike).label("total"),
        func.count().over(partition_by=alike).label("groups"),
        number,
        *values,
        func.row_number().over(partition_by=alike, order_by=order).label("place"),
    ).subquery()
    rows = select(placed).where(placed.c.place <= limit).order_by(placed.c.absent, placed.c.place)
    found: dict[int, _Shown] = {}
    for absent, total, groups, size, *each, _ in connection.execute(rows):
        found.setdefault(absent, _Shown(int(total), groups, [])).greatest.append((size, each))
    return found
