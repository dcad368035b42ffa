"""A tally: the different events that match, as far as some attributes tell, each with how many there are.

An engine counts a million events into a few hundred rows, and a pipeline goes on from those.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, case, func, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from tocsin.model.event import type_of
from tocsin.query.tree import All, Expression
from tocsin.store import search, tables
from tocsin.store.errors import TooManyGroups

MOST: Final = 50_000
"""So many rows a tally has at most: what falls apart into more is quicker looked at event by event."""

_BEFORE_ALL_TIME: Final = 2**60
"""Microseconds, 36,000 years: no event is so long ago."""
_DOCUMENTS: Final = frozenset({"labels", "links"})

Tally: TypeAlias = Sequence[tuple[Any, int]]
"""Objects with the attributes, in the order of the newest event of each, with how many events it is."""


def tally(connection: Connection, domain_id: str, tree: Expression, units: Mapping[str, int]) -> Tally | None:
    """Count the events that an expression asks for.

    Args:
        connection: within a read.
        domain_id: whose.
        tree: as it was parsed; sources and projects may stand by name.
        units: the attributes that tell events apart, such as `columns_of` knows, and in which stretches of
            time a moment is enough, in microseconds counted from 1970; 1 for all that is told apart as it is.
            A stretch is given by its last microsecond; 0 is no moment, and stays.

    Returns:
        None where the engine cannot say it exactly.

    Raises:
        TooManyGroups: it would have too many rows.
    """
    question, rest = search.ask(connection, search.EVENTS, domain_id, tree)
    if not isinstance(rest, All):
        return None
    columns = labelled(question.table.c, units)
    return counted(connection, search.matching(connection, question, columns), units)


def columns_of(units: Mapping[str, int]) -> list[str] | None:
    """Give the columns that a tally reads; None where engines do not tell an attribute apart as it is."""
    names = [_stored(name) for name in units]
    if any(name not in tables.event.c or name in _DOCUMENTS for name in names):
        return None
    return [*names, "seq"]


def labelled(
    columns: ReadOnlyColumnCollection[str, Any], units: Mapping[str, int]
) -> list[ColumnElement[Any]]:
    """Give what a tally needs of each row.

    Args:
        columns: of the events.
        units: those of `tally`.
    """
    wanted = [_within(columns[_stored(name)], unit).label(name) for name, unit in units.items()]
    return [*wanted, columns["seq"].label("newest")]


def counted(connection: Connection, matching: Select[Any], units: Mapping[str, int]) -> Tally:
    """Count rows in the engine.

    Args:
        connection: within a read.
        matching: the rows, as `labelled` makes their columns.
        units: those of `tally`.

    Raises:
        TooManyGroups: it would have too many rows.
    """
    rows = matching.subquery()
    keys = [rows.c[name] for name in units]
    number, newest = func.count().label("number"), func.max(rows.c.newest)
    statement = select(*keys, number).select_from(rows).group_by(*keys).order_by(newest.desc())
    # Without a key there is a row even for no events.
    found = [row for row in connection.execute(statement.limit(MOST + 1)) if row.number]
    if len(found) > MOST:
        raise TooManyGroups(f"this makes more than {MOST} groups")
    record = msgspec.defstruct("Record", list(units))
    kind = list(units).index("type") if "type" in units else None
    given = []
    for *values, times in found:
        if kind is not None:
            values[kind] = type_of(values[kind])
        given.append((record(*values), times))
    return given


def _stored(name: str) -> str:
    return "kind" if name == "type" else name


def _within(column: ColumnElement[Any], unit: int) -> ColumnElement[Any]:
    if unit == 1 or not isinstance(column.type, BigInteger):
        return column
    # The remainder of a negative number is negative on every engine, so whole stretches are added before.
    past = (column + _BEFORE_ALL_TIME // unit * unit) % unit
    return case((column == 0, column), else_=column - past + (unit - 1))
