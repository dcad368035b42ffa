"""A tally: the different events that match, as far as some attributes tell, each with how many there are.

An engine counts a million events into a few hundred rows, and a pipeline goes on from those.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, func, select

from tocsin.model.event import day_of, type_of
from tocsin.query.tree import All, Expression
from tocsin.store import search, tables
from tocsin.store.errors import TooManyGroups
from tocsin.store.progress import Progress

MOST: Final = 50_000
"""So many rows a tally has at most: what falls apart into more is quicker looked at event by event."""

_BEFORE_ALL_TIME: Final = 2**60
"""Microseconds, 36,000 years: no event is so long ago."""
_DOCUMENTS: Final = frozenset({"labels", "links"})

Groups: TypeAlias = Mapping[tuple[Any, ...], tuple[int, int]]
"""What was counted, by what is told apart: the number of the newest event of each, and how many there are."""

Tally: TypeAlias = Sequence[tuple[Any, int]]
"""Objects with the attributes, in the order of the newest event of each, with how many events it is."""


def tally(
    connection: Connection,
    domain_id: str,
    tree: Expression,
    units: Mapping[str, int],
    since: Progress | None = None,
) -> Groups | None:
    """Count the events that an expression asks for.

    Args:
        connection: within a read.
        domain_id: whose.
        tree: as it was parsed; sources and projects may stand by name.
        since: count only what came since the ledger was that far; None for all.
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
    columns = labelled(question.compiler.seen, units, connection.dialect.name)
    if since is None:
        matching = search.matching(connection, question, columns)
    else:
        matching = search.after(connection, question, since.last_seq, day_of(since.last_at), columns)
    return counted(connection, matching, units)


def columns_of(units: Mapping[str, int]) -> list[str] | None:
    """Give the columns that a tally reads; None where engines do not tell an attribute apart as it is."""
    names = [_stored(name) for name in units]
    if any(name not in tables.event.c or name in _DOCUMENTS for name in names):
        return None
    return [*names, "seq"]


def labelled(
    column_of: Callable[[str], ColumnElement[Any]], units: Mapping[str, int], engine: str
) -> list[ColumnElement[Any]]:
    """Give what a tally needs of each row.

    Args:
        column_of: gives a column of the events.
        units: those of `tally`.
        engine: sqlite, postgresql or duckdb.
    """
    wanted = []
    for name, unit in units.items():
        column = column_of(_stored(name))
        wanted.append((_stretch(column, unit, engine) if _has_stretches(name, unit) else column).label(name))
    return [*wanted, column_of("seq").label("newest")]


def counted(connection: Connection, matching: Select[Any], units: Mapping[str, int]) -> Groups:
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
    statement = select(*keys, func.max(rows.c.newest), func.count()).select_from(rows).group_by(*keys)
    found = connection.execute(statement.limit(MOST + 1)).all()
    if len(found) > MOST:
        raise _too_many()
    # Without a key there is a row even for no events.
    return {tuple(values): (newest, number) for *values, newest, number in found if number}


def joined(groups: Groups, news: Groups) -> Groups:
    """Add what came since to what was counted before.

    Raises:
        TooManyGroups: it would have too many rows.
    """
    if not news:
        return groups
    found = dict(groups)
    for values, (newest, number) in news.items():
        found[values] = newest, number + (found[values][1] if values in found else 0)
    if len(found) > MOST:
        raise _too_many()
    return found


def told(groups: Groups, units: Mapping[str, int]) -> Tally:
    """Tell what was counted as events have it.

    Args:
        groups: as they were counted.
        units: those of `tally`.
    """
    record = msgspec.defstruct("Record", list(units))
    readers = [(place, _reader(name, unit)) for place, (name, unit) in enumerate(units.items())]
    read = [(place, reader) for place, reader in readers if reader is not None]
    given = []
    for values, (_, number) in sorted(groups.items(), key=lambda each: each[1], reverse=True):
        shown = list(values)
        for place, reader in read:
            shown[place] = reader(shown[place])
        given.append((record(*shown), number))
    return given


def _too_many() -> TooManyGroups:
    return TooManyGroups(f"this makes more than {MOST} groups")


def _stored(name: str) -> str:
    return "kind" if name == "type" else name


def _has_stretches(name: str, unit: int) -> bool:
    return unit > 1 and isinstance(tables.event.c[_stored(name)].type, BigInteger)


def _stretch(column: ColumnElement[Any], unit: int, engine: str) -> ColumnElement[Any]:
    """Give the number of the stretch in which a moment lies; NULL for no moment.

    A quotient, and not the stretch's first moment: DuckDB groups by it in half the time.
    """
    # Engines round the quotient of a negative number up, so whole stretches are added before.
    positive = func.nullif(column, 0, type_=BigInteger) + _before_all_time(unit) * unit
    return func.divide(positive, unit) if engine == "duckdb" else positive // unit


def _before_all_time(unit: int) -> int:
    return _BEFORE_ALL_TIME // unit


def _reader(name: str, unit: int) -> Callable[[Any], Any] | None:
    """Give what makes of a value that was counted what an event has; None where it is the same."""
    if name == "type":
        return type_of
    if _has_stretches(name, unit):
        return lambda number: 0 if number is None else (number - _before_all_time(unit) + 1) * unit - 1
    return None
