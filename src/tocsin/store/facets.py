"""Facets: rows counted by each of some values alone, in one statement that goes through them once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, func, select, tuple_

from tocsin.store.aggregation import Ranked, Ranking


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
    counted = grouped.subquery()
    order = [counted.c.number.desc(), *(counted.c[name] for name in names)]
    alike = counted.c.absent
    placed = select(
        counted,
        func.row_number().over(partition_by=alike, order_by=order).label("place"),
        func.sum(counted.c.number).over(partition_by=alike).label("total"),
        func.count().over(partition_by=alike).label("groups"),
    ).subquery()
    shown = connection.execute(
        select(placed).where(placed.c.place <= limit).order_by(placed.c.absent, placed.c.place)
    ).all()
    by_absent: dict[int, list[Any]] = {}
    for row in shown:
        by_absent.setdefault(row.absent, []).append(row)
    # GROUPING has a bit for each key that a row is not grouped by, the highest for the first.
    every = 2 ** len(names) - 1
    absent = [every - 2**place for place in reversed(range(len(names)))]
    return [_ranking(by_absent.get(each, []), name) for each, name in zip(absent, names, strict=True)]


def _ranking(shown: Sequence[Any], name: str) -> Ranking:
    if not shown:
        return Ranking(0, 0, [])
    lines = [Ranked(row.place, 0, (getattr(row, name),), int(row.number)) for row in shown]
    return Ranking(int(shown[0].total), shown[0].groups, lines)
