"""Search: the records that an expression asks for, newest first, and how many there are.

SQL narrows as far as the engine is exact; where something is left, the predicate decides on the streamed
rows. Both ways give the same records, in the order of `seq` from the newest.
"""

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from itertools import chain, filterfalse, islice
from typing import Any, Final, Generic, TypeVar

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Row, Select, Table, func, select

from tocsin.model.alert import Alert
from tocsin.model.audit import Entry
from tocsin.model.event import Event
from tocsin.model.mark import NO_MARKS, Marks
from tocsin.model.world.world import World
from tocsin.query.fields import ALERT_FIELDS, AUDIT_FIELDS, EVENT_FIELDS, Fields, FieldType
from tocsin.query.marked import recorded, visible
from tocsin.query.resolve import resolve
from tocsin.query.split import split
from tocsin.query.tree import All, And, Comparison, Expression, conjunction, leaves
from tocsin.store import marks, reading, search_postgresql, search_sqlite, tables
from tocsin.store.compile import Compiler, is_deep
from tocsin.store.errors import TookTooLong
from tocsin.store.glimpse import Glimpse
from tocsin.store.payloads import Payloads
from tocsin.store.question import Question, Stretch
from tocsin.store.rows import ALERT_COLUMNS, AUDIT_COLUMNS, EVENT_COLUMNS, alert_of, entry_of, event_of
from tocsin.store.world import world

T = TypeVar("T")

AT_ONCE: Final = 1_000
"""So many rows are fetched at once: each way to the engine gives up Python's lock."""


class Records(msgspec.Struct, Generic[T], frozen=True):
    """One kind of record: where its rows stand and how they are read, through the marks of their domain."""

    table: Table
    columns: tuple[Column[Any], ...]
    fields: Fields
    read: Callable[[Row[Any], Marks], T]


EVENTS: Final = Records[Event](
    tables.event, EVENT_COLUMNS, EVENT_FIELDS, lambda row, marks: marks.shown(event_of(row))
)
ALERTS: Final = Records[Alert](tables.alert, ALERT_COLUMNS, ALERT_FIELDS, lambda row, _: alert_of(row))

_AUDIT: Final = Records[Entry](tables.audit, AUDIT_COLUMNS, AUDIT_FIELDS, lambda row, _: entry_of(row))


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
    return _find(connection, EVENTS, domain_id, tree, limit, before, deadline)


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
    return _find(connection, ALERTS, domain_id, tree, limit, before, deadline)


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
    return _count(connection, EVENTS, domain_id, tree, deadline)


def count_alerts(
    connection: Connection, domain_id: str, tree: Expression, *, deadline: float | None = None
) -> int:
    """Count the alerts that `alerts` would find. Parameters and errors are those of `count_events`."""
    return _count(connection, ALERTS, domain_id, tree, deadline)


def resolved_events(
    connection: Connection, domain_id: str, tree: Expression, *, is_kept: bool = True
) -> Expression:
    """Put ids and numbers in the place of names, for a predicate over events.

    Whoever keeps it does so for as long as the version of the configuration stays, which moves with every
    change of the directory and of what is monitored.

    Args:
        connection: within a read.
        domain_id: whose.
        tree: as it was parsed.
        is_kept: it is to hold too for what is recorded later; else it is for a question asked now.
    """
    return _resolved(connection, EVENT_FIELDS, domain_id, tree, is_kept=is_kept)


def _find(
    connection: Connection,
    records: Records[T],
    domain_id: str,
    tree: Expression,
    limit: int,
    before: int,
    deadline: float | None,
) -> list[T]:
    question, rest = ask(connection, records, domain_id, tree, before)
    if not isinstance(rest, All):
        glimpse = Glimpse(records.table, records.fields, rest, _key(records.table), marks=question.marks)
        keys = list(islice(decided(connection, question, glimpse, deadline), limit))
        return _fetch(connection, records, question, glimpse, keys)
    found = rows(connection, question, records.columns, limit, deadline)
    return [records.read(row, question.marks) for row in found]


def _count(
    connection: Connection,
    records: Records[T],
    domain_id: str,
    tree: Expression,
    deadline: float | None,
) -> int:
    question, rest = ask(connection, records, domain_id, tree)
    if not isinstance(rest, All):
        glimpse = Glimpse(records.table, records.fields, rest, _key(records.table), marks=question.marks)
        return sum(1 for _ in decided(connection, question, glimpse, deadline))
    return count(connection, question)


def rows(
    connection: Connection,
    question: Question,
    columns: Sequence[Column[Any]],
    limit: int | None,
    deadline: float | None,
) -> Iterator[Row[Any]]:
    """Read columns of the rows that answer a question, the newest first.

    Args:
        connection: within a read.
        question: what is looked for.
        columns: what to select.
        limit: how many rows at most; None for all.
        deadline: when to give up, on the clock of `time.monotonic`, in seconds.

    Raises:
        TookTooLong: the deadline has passed.
    """
    left = limit
    for stretch in _stretches(connection, question):
        _check(deadline)
        found = connection.execute(stretch(columns, left))
        for row in chain.from_iterable(found.partitions(AT_ONCE)):
            yield row
            if left is not None:
                left -= 1
        if left == 0:
            return


def count(connection: Connection, question: Question) -> int:
    """Count the rows that answer a question."""
    if question.table is tables.event and not question.terms:
        return reading.count_events(connection, question.domain_id)
    return int(connection.execute(matching(connection, question, [func.count()])).scalar_one())


def matching(
    connection: Connection, question: Question, columns: Sequence[ColumnElement[Any]]
) -> Select[Any]:
    """Give the statement for columns, or aggregates, of all rows that answer a question.

    Args:
        connection: within a read.
        question: what is looked for.
        columns: what to select, in no order.
    """
    if connection.dialect.name == "sqlite":
        return search_sqlite.matching(connection, question, columns)
    return search_postgresql.matching(question, columns)


def after(
    connection: Connection, question: Question, seq: int, day: int, columns: Sequence[ColumnElement[Any]]
) -> Select[Any]:
    """Give the statement for columns of the answers that came after an event, in no order.

    Args:
        connection: within a read.
        question: what is looked for, among the events.
        seq: the number of that event.
        day: its day: those of later events are not smaller.
        columns: what to select.
    """
    bounds = question.bounds() & (question.table.c.seq > seq)
    if connection.dialect.name == "sqlite":
        return search_sqlite.within(question, bounds, columns)
    # The days spare PostgreSQL all older partitions.
    bounds &= tables.event.c.day >= day
    return select(*columns).where(bounds, question.condition())


def decided(
    connection: Connection, question: Question, glimpse: Glimpse, deadline: float | None
) -> Iterator[tuple[Any, ...]]:
    """Look at the rows that answer a question, and give those that match what it left open, the newest first.

    Args:
        connection: within a read.
        question: what the engine answers.
        glimpse: decides on the rest, and says what is given of each row.
        deadline: when to give up, on the clock of `time.monotonic`, in seconds.

    Raises:
        TookTooLong: the deadline has passed.
    """
    payloads = Payloads(connection, question.domain_id)
    for rows in _looked_at(connection, question, glimpse, deadline):
        yield from glimpse.matching(rows, payloads)


def parts_of_events(
    connection: Connection,
    domain_id: str,
    tree: Expression,
    attributes: Iterable[str],
    deadline: float | None = None,
) -> Generator[Any]:
    """Read some attributes of the events that an expression asks for, the newest first, one by one.

    Args:
        connection: within a read, as long as the events are read.
        domain_id: whose.
        tree: as it was parsed; sources and projects may stand by name.
        attributes: those of `Event` that are wanted; `payload` is the request that an event came with, None
            where that is not kept any more.
        deadline: when to give up, on the clock of `time.monotonic`, in seconds.

    Yields:
        Objects with these attributes.

    Raises:
        TookTooLong: the deadline has passed.
    """
    question, rest = ask(connection, EVENTS, domain_id, tree)
    glimpse = Glimpse(EVENTS.table, EVENTS.fields, rest, ["seq"], attributes, question.marks)
    payloads = Payloads(connection, domain_id)
    for rows in _looked_at(connection, question, glimpse, deadline):
        yield from glimpse.records(rows, payloads)


def _looked_at(
    connection: Connection, question: Question, glimpse: Glimpse, deadline: float | None
) -> Iterator[Sequence[Row[Any]]]:
    for stretch in _stretches(connection, question):
        statement = stretch(glimpse.columns, None)
        with connection.execute(statement, execution_options={"yield_per": glimpse.at_once}) as result:
            for rows in result.partitions():
                _check(deadline)
                yield rows


def _fetch(
    connection: Connection,
    records: Records[T],
    question: Question,
    glimpse: Glimpse,
    keys: list[tuple[Any, ...]],
) -> list[T]:
    """Read the records with these keys, the newest first."""
    if not keys:
        return []
    columns = records.table.c
    wanted = [
        question.compiler.equals(column, list(dict.fromkeys(values)))
        for column, values in zip(glimpse.given, zip(*keys, strict=True), strict=True)
    ]
    statement = (
        select(*records.columns)
        .where(columns.domain_id == question.domain_id, *wanted)
        .order_by(columns.seq.desc())
    )
    return [records.read(row, question.marks) for row in connection.execute(statement)]


def _key(table: Table) -> list[str]:
    """Give the names of the columns by which a row is found again within its domain."""
    return [str(column.name) for column in table.primary_key if column.name != "domain_id"]


def _check(deadline: float | None) -> None:
    if deadline is not None and time.monotonic() > deadline:
        raise TookTooLong("the search took too long: narrow it")


def ask(
    connection: Connection, records: Records[T], domain_id: str, tree: Expression, before: int = 0
) -> tuple[Question, Expression]:
    """Give the question to the engine, and what is left to the predicate.

    Args:
        connection: within a read.
        records: which kind is asked for.
        domain_id: whose.
        tree: as it was parsed.
        before: only records with a smaller number; 0 for all.
    """
    resolved = _resolved(connection, records.fields, domain_id, tree)
    seen_through = NO_MARKS if records is _AUDIT else marks.read(connection, domain_id)
    seen = marks.seen() if seen_through and records is EVENTS else {}
    compiler = Compiler(records.table, records.fields, connection.dialect.name, seen)
    terms = _terms(resolved)
    narrowed, rest = split(conjunction(filterfalse(is_deep, terms)), compiler.is_exact)
    left = conjunction([rest, *filter(is_deep, terms)])
    if seen_through:
        # What is left is decided by what is seen.
        asked = recorded(narrowed, seen_through) if records is EVENTS else narrowed
        narrowed = conjunction([asked, visible(records.fields, seen_through)])
    question = Question(records.table, compiler, domain_id, _terms(narrowed), before, seen_through)
    return question, left


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


def _resolved(
    connection: Connection, fields: Fields, domain_id: str, tree: Expression, *, is_kept: bool = False
) -> Expression:
    """Resolve a tree by what of the directory, and of what is monitored, it asks for."""
    asked = {leaf.field for leaf in leaves(tree) if isinstance(leaf, Comparison)}
    names = {
        field.name: names_of(connection, field.name, domain_id)
        for field in asked
        if field.type is FieldType.REFERENCE
    }
    asks_for_members = any(field.type is FieldType.MEMBERSHIP for field in asked)
    known = world(connection, domain_id) if asks_for_members else World(domain_id, ())
    return resolve(tree, fields, names, known, is_kept=is_kept)


def names_of(connection: Connection, reference: str, domain_id: str) -> dict[str, str]:
    """Give the names of a domain's sources, or projects, by id.

    Args:
        connection: within a read.
        reference: the field: source or project.
        domain_id: whose.
    """
    table = tables.metadata.tables[reference]
    rows = connection.execute(select(table.c.id, table.c.name).where(table.c.domain_id == domain_id))
    return {row.id: row.name for row in rows}
