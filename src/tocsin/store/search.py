"""Search: the records that an expression asks for, newest first, and how many there are.

SQL narrows as far as the engine is exact; where something is left, the predicate decides on the streamed
rows. Both ways give the same records, in the order of `seq` from the newest.
"""

import time
from collections.abc import Callable, Iterator
from itertools import filterfalse, islice
from typing import Any, Final, Generic, TypeVar

import msgspec
from sqlalchemy import Column, Connection, Row, Table, select

from tocsin.model.alert import Alert
from tocsin.model.audit import Entry
from tocsin.model.event import Event
from tocsin.query.fields import ALERT_FIELDS, AUDIT_FIELDS, EVENT_FIELDS, Fields, FieldType
from tocsin.query.resolve import Names, resolve
from tocsin.query.split import split
from tocsin.query.tree import All, And, Comparison, Expression, conjunction, leaves
from tocsin.store import reading, search_postgresql, search_sqlite, tables
from tocsin.store.compile import Compiler, is_deep
from tocsin.store.errors import TookTooLong
from tocsin.store.glimpse import Glimpse, RowKey
from tocsin.store.question import Question, Stretch
from tocsin.store.rows import ALERT_COLUMNS, AUDIT_COLUMNS, EVENT_COLUMNS, alert_of, entry_of, event_of

_CHUNK: Final = 1_000
"""Rows that the predicate decides on at a time: on PostgreSQL it works on the event loop."""

T = TypeVar("T")


class _Records(msgspec.Struct, Generic[T], frozen=True):
    """One kind of record: where its rows stand and how they are read."""

    table: Table
    columns: tuple[Column[Any], ...]
    fields: Fields
    read: Callable[[Row[Any]], T]


_EVENTS: Final = _Records[Event](tables.event, EVENT_COLUMNS, EVENT_FIELDS, event_of)
_ALERTS: Final = _Records[Alert](tables.alert, ALERT_COLUMNS, ALERT_FIELDS, alert_of)

_AUDIT: Final = _Records[Entry](tables.audit, AUDIT_COLUMNS, AUDIT_FIELDS, entry_of)


def events(
    connection: Connection,
    domain_id: str,
    tree: Expression,
    *,
    limit: int,
    before: int = 0,
    deadline: float | None = None,
) -> list[Event]:
    """Find events, the newest first.

    Args:
        connection: within a read.
        domain_id: whose.
        tree: as it was parsed; sources and projects may stand by name.
        limit: how many at most.
        before: only events with a smaller number; 0 for all. The number of a page's last event leads to the
            next page.
        deadline: when to give up, on the clock of `time.monotonic`, in seconds. It counts where the predicate
            decides; what the engine does has the limit of `Database.read`.

    Raises:
        TookTooLong: the deadline has passed.
    """
    return _find(connection, _EVENTS, domain_id, tree, limit, before, deadline)


def alerts(
    connection: Connection,
    domain_id: str,
    tree: Expression,
    *,
    limit: int,
    before: int = 0,
    deadline: float | None = None,
) -> list[Alert]:
    """Find alerts, those first that were opened last. Parameters and errors are those of `events`."""
    return _find(connection, _ALERTS, domain_id, tree, limit, before, deadline)


def audit(
    connection: Connection,
    domain_id: str,
    tree: Expression,
    *,
    limit: int,
    before: int = 0,
    deadline: float | None = None,
) -> list[Entry]:
    """Find entries of the audit log, the newest first. Parameters and errors are those of `events`."""
    return _find(connection, _AUDIT, domain_id, tree, limit, before, deadline)


def count_events(
    connection: Connection, domain_id: str, tree: Expression, *, deadline: float | None = None
) -> int:
    """Count the events that `events` would find.

    Args:
        connection: within a read.
        domain_id: whose.
        tree: as it was parsed; sources and projects may stand by name.
        deadline: when to give up, on the clock of `time.monotonic`, in seconds.

    Raises:
        TookTooLong: the deadline has passed.
    """
    return _count(connection, _EVENTS, domain_id, tree, deadline)


def count_alerts(
    connection: Connection, domain_id: str, tree: Expression, *, deadline: float | None = None
) -> int:
    """Count the alerts that `alerts` would find. Parameters and errors are those of `count_events`."""
    return _count(connection, _ALERTS, domain_id, tree, deadline)


def resolved_events(connection: Connection, domain_id: str, tree: Expression) -> Expression:
    """Put ids in the place of names of sources and projects, for a predicate over events."""
    return resolve(tree, EVENT_FIELDS, _names(connection, domain_id, tree))


def _find(
    connection: Connection,
    records: _Records[T],
    domain_id: str,
    tree: Expression,
    limit: int,
    before: int,
    deadline: float | None,
) -> list[T]:
    question, rest = _ask(connection, records, domain_id, tree, before)
    if not isinstance(rest, All):
        glimpse = Glimpse(records.table, records.fields, rest)
        keys = list(islice(_decided(connection, question, glimpse, deadline), limit))
        return _fetch(connection, records, question, glimpse, keys)
    found: list[T] = []
    for stretch in _stretches(connection, question):
        _check(deadline)
        rows = connection.execute(stretch(records.columns, limit - len(found)))
        found += map(records.read, rows)
        if len(found) == limit:
            break
    return found


def _count(
    connection: Connection,
    records: _Records[T],
    domain_id: str,
    tree: Expression,
    deadline: float | None,
) -> int:
    question, rest = _ask(connection, records, domain_id, tree, 0)
    if not isinstance(rest, All):
        glimpse = Glimpse(records.table, records.fields, rest)
        return sum(1 for _ in _decided(connection, question, glimpse, deadline))
    if records is _EVENTS and not question.terms:
        return reading.count_events(connection, domain_id)
    is_sqlite = connection.dialect.name == "sqlite"
    counting = (
        search_sqlite.counting(connection, question) if is_sqlite else search_postgresql.counting(question)
    )
    return connection.execute(counting).scalar_one()


def _decided(
    connection: Connection, question: Question, glimpse: Glimpse, deadline: float | None
) -> Iterator[RowKey]:
    """Give the keys of the rows that answer the question and match what it left open, the newest first."""
    for stretch in _stretches(connection, question):
        statement = stretch(glimpse.columns, None)
        with connection.execute(statement, execution_options={"yield_per": _CHUNK}) as result:
            for rows in result.partitions():
                _check(deadline)
                yield from glimpse.matching(rows)


def _fetch(
    connection: Connection, records: _Records[T], question: Question, glimpse: Glimpse, keys: list[RowKey]
) -> list[T]:
    """Read the records with these keys, the newest first."""
    if not keys:
        return []
    columns = records.table.c
    wanted = [
        question.compiler.equals(column, list(dict.fromkeys(values)))
        for column, values in zip(glimpse.keys, zip(*keys, strict=True), strict=True)
    ]
    statement = (
        select(*records.columns)
        .where(columns.domain_id == question.domain_id, *wanted)
        .order_by(columns.seq.desc())
    )
    return [records.read(row) for row in connection.execute(statement)]


def _check(deadline: float | None) -> None:
    if deadline is not None and time.monotonic() > deadline:
        raise TookTooLong("the search took too long: narrow it")


def _ask(
    connection: Connection, records: _Records[T], domain_id: str, tree: Expression, before: int
) -> tuple[Question, Expression]:
    """Give the question to the engine, and what is left to the predicate."""
    resolved = resolve(tree, records.fields, _names(connection, domain_id, tree))
    compiler = Compiler(records.table, records.fields, connection.dialect.name)
    terms = _terms(resolved)
    narrowed, rest = split(conjunction(filterfalse(is_deep, terms)), compiler.is_exact)
    left = conjunction([rest, *filter(is_deep, terms)])
    return Question(records.table, compiler, domain_id, _terms(narrowed), before), left


def _terms(tree: Expression) -> tuple[Expression, ...]:
    """Give the terms that a tree joins by AND."""
    match tree:
        case All():
            return ()
        case And(terms):
            return terms
        case _:
            return (tree,)


def _stretches(connection: Connection, question: Question) -> Iterator[Stretch]:
    if connection.dialect.name == "sqlite":
        return search_sqlite.stretches(connection, question)
    return search_postgresql.stretches(connection, question)


def _names(connection: Connection, domain_id: str, tree: Expression) -> Names:
    """Read the names that a tree's sources and projects may be written by; none where it asks for none."""
    asked = {
        leaf.field.name
        for leaf in leaves(tree)
        if isinstance(leaf, Comparison) and leaf.field.type is FieldType.REFERENCE
    }
    return {name: _directory(connection, tables.metadata.tables[name], domain_id) for name in asked}


def _directory(connection: Connection, table: Table, domain_id: str) -> dict[str, str]:
    rows = connection.execute(select(table.c.id, table.c.name).where(table.c.domain_id == domain_id))
    return {row.id: row.name for row in rows}
