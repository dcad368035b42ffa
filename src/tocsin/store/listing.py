"""Lists of events in any order, with how many there are: pages by their place, which no cursor leads to."""

from collections.abc import Sequence
from itertools import islice
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Connection, select

from tocsin.model.event import Event
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.order import SortKey
from tocsin.query.tree import All, Expression, one_of
from tocsin.store import search, tables
from tocsin.store.glimpse import Glimpse
from tocsin.store.question import Question
from tocsin.store.rows import EVENT_COLUMNS, event_of

Key: TypeAlias = tuple[int, int]
"""Number and day of an event."""

_KEY: Final = ("seq", "day")
_COLUMNS: Final = [tables.event.c[name] for name in _KEY]
_SEQ: Final = EVENT_FIELDS.by_name["seq"]


def find(
    connection: Connection,
    domain_id: str,
    tree: Expression,
    *,
    order: Sequence[SortKey] = (),
    skip: int = 0,
    limit: int | None = None,
    deadline: float | None = None,
) -> tuple[int, Sequence[Key]]:
    """Count the events that match, and find those of a page.

    Args:
        connection: within a read.
        domain_id: whose.
        tree: as it was parsed; sources and projects may stand by name.
        order: what to sort by, then by number in the direction of the last key; nothing for the newest first.
        skip: how many come before the page.
        limit: how many the page holds at most; None for all.
        deadline: when to give up, on the clock of `time.monotonic`, in seconds. It counts where the predicate
            decides; what the engine does has the limit of `Database.read`.

    Raises:
        TookTooLong: the deadline has passed.
    """
    question, rest = search.ask(connection, search.EVENTS, domain_id, tree)
    if isinstance(rest, All):
        total = search.count(connection, question)
        if limit == 0 or skip >= total:
            return total, []
    else:
        glimpse = Glimpse(tables.event, EVENT_FIELDS, rest, _KEY)
        keys = [_key(row) for row in search.decided(connection, question, glimpse, deadline)]
        total = len(keys)
        end = None if limit is None else skip + limit
        if not order or not keys[skip:end]:
            return total, keys[skip:end]
        terms = (one_of(_SEQ, (seq for seq, _ in keys)),)
        question = Question(question.table, question.compiler, domain_id, terms)
    if order:
        return total, _in_order(connection, question, order, skip, limit)
    return total, _newest(connection, question, skip, limit, deadline)


def read(connection: Connection, domain_id: str, keys: Sequence[Key]) -> list[Event]:
    """Read events by their keys, in that order."""
    columns = tables.event.c
    days = [day for _, day in keys]
    rows = connection.execute(
        select(*EVENT_COLUMNS).where(
            columns.domain_id == domain_id,
            columns.seq.in_([seq for seq, _ in keys]),
            columns.day.between(min(days), max(days)),
        )
    )
    found = {event.seq: event for event in map(event_of, rows)}
    return [found[seq] for seq, _ in keys]


def _newest(
    connection: Connection, question: Question, skip: int, limit: int | None, deadline: float | None
) -> list[Key]:
    end = None if limit is None else skip + limit
    rows = search.rows(connection, question, _COLUMNS, end, deadline)
    return [_key(row) for row in islice(rows, skip, None)]


def _in_order(
    connection: Connection, question: Question, order: Sequence[SortKey], skip: int, limit: int | None
) -> list[Key]:
    statement = search.matching(connection, question, _COLUMNS).order_by(
        *(_direction(question.compiler.sorted_by(key), key.is_descending, key.field.label) for key in order),
        _direction(tables.event.c.seq, order[-1].is_descending, ""),
    )
    rows = connection.execute(statement.offset(skip or None).limit(limit))
    return [_key(row) for row in rows]


def _direction(value: ColumnElement[Any], is_descending: bool, label: str) -> ColumnElement[Any]:
    directed = value.desc() if is_descending else value.asc()
    if not label:
        return directed
    return directed.nulls_last() if is_descending else directed.nulls_first()


def _key(row: Any) -> Key:
    return row[0], row[1]
