"""Lists of events in any order: pages by their place, which no cursor leads to."""

from collections.abc import Sequence
from itertools import islice
from typing import Any, Final, TypeAlias

import msgspec
from sqlalchemy import ColumnElement, Connection

from tocsin.model.event import Event
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.order import SortKey
from tocsin.query.tree import All, Expression, one_of
from tocsin.store import marks, reading, search, tables
from tocsin.store.compile import Compiler
from tocsin.store.glimpse import Glimpse
from tocsin.store.question import Question

Key: TypeAlias = tuple[int, int]
"""Number and day of an event."""

_KEY: Final = ("seq", "day")
_COLUMNS: Final = [tables.event.c[name] for name in _KEY]
_SEQ: Final = EVENT_FIELDS.by_name["seq"]


class Found(msgspec.Struct, frozen=True):
    """A page of a list.

    Attributes:
        keys: of the events on it, in their order.
        total: how many events the list has; None where they are still to be counted.
        last_seq: the number of the newest event that there was.
    """

    keys: Sequence[Key]
    total: int | None
    last_seq: int


def find(
    connection: Connection,
    domain_id: str,
    tree: Expression,
    *,
    order: Sequence[SortKey] = (),
    skip: int = 0,
    limit: int | None = None,
    deadline: float | None = None,
) -> Found:
    """Find the events of a page, and count all that match where that takes nothing more.

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
    last_seq = reading.last_seq(connection, domain_id)
    question, rest = search.ask(connection, search.EVENTS, domain_id, tree)
    end = None if limit is None else skip + limit
    if not isinstance(rest, All):
        glimpse = Glimpse(tables.event, EVENT_FIELDS, rest, _KEY, marks=question.marks)
        keys = [_key(row) for row in search.decided(connection, question, glimpse, deadline)]
        if order and keys[skip:end]:
            terms = (one_of(_SEQ, (seq for seq, _ in keys)),)
            matched = Question(question.table, question.compiler, domain_id, terms)
            return Found(_in_order(connection, matched, order, skip, limit), len(keys), last_seq)
        return Found(keys[skip:end], len(keys), last_seq)
    if limit == 0:
        return Found([], None, last_seq)
    if order:
        page = _in_order(connection, question, order, skip, limit)
    else:
        rows = search.rows(connection, question, _COLUMNS, end, deadline)
        page = [_key(row) for row in islice(rows, skip, None)]
    is_last = limit is None or (len(page) < limit and (page or not skip))
    return Found(page, skip + len(page) if is_last else None, last_seq)


def read(connection: Connection, domain_id: str, keys: Sequence[Key]) -> list[Event]:
    """Read events by their keys, in that order. Those that are gone since they were found are left out."""
    found = reading.events_of(connection, [(domain_id, *key) for key in keys])
    by_number = {event.seq: event for event in marks.read(connection, domain_id).seen(found)}
    return [by_number[seq] for seq, _ in keys if seq in by_number]


def directions(
    compiler: Compiler, seq: ColumnElement[int], order: Sequence[SortKey]
) -> list[ColumnElement[Any]]:
    """Give what rows are sorted by: the keys of an order, then the number in the direction of the last.

    Args:
        compiler: for these rows.
        seq: their number.
        order: at least one key.
    """
    keys = [_direction(compiler.sorted_by(key), key.is_descending, key.field.label) for key in order]
    return [*keys, _direction(seq, order[-1].is_descending, "")]


def _in_order(
    connection: Connection, question: Question, order: Sequence[SortKey], skip: int, limit: int | None
) -> list[Key]:
    statement = search.matching(connection, question, _COLUMNS).order_by(
        *directions(question.compiler, tables.event.c.seq, order)
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
