"""The steps of housekeeping on a store: retention, bounds, partitions, statistics.

Each is one short transaction.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    func,
    or_,
    select,
    text,
    tuple_,
    update,
)

from tocsin.model.alert import AlertState
from tocsin.model.event import MICROSECONDS_PER_DAY
from tocsin.store import partitions, tables

STEP_ROWS: Final = 2_000
REJECTED_BYTES: Final = 256 * 1024 * 1024
"""Enough to see what a sender does wrong; whoever may send must not fill the disk with what is refused."""
_YOUNG_ROWS: Final = 100_000
_GROWTH: Final = 2.0
_STATISTICS: Final = (
    "event",
    "payload",
    "alert",
    "object",
    "source",
    "token",
    "domain",
    "rejected",
    "delivery",
    "attempt",
)

T = TypeVar("T")
Identity: TypeAlias = tuple[str, int]


class Statistics:
    """Knows when the planner's statistics are too old: while a store is young, and after it has grown.

    Without them PostgreSQL's ledger is five to ten times slower on a fresh store, and SQLite's planner takes
    the primary key where an index would do.
    """

    def __init__(self) -> None:
        self._rows = -1

    def refresh(self, connection: Connection) -> None:
        """Measure the tables again if they have changed enough since the last time."""
        rows = int(connection.execute(select(func.sum(tables.domain.c.next_seq))).scalar() or 0)
        if rows <= self._rows * (_GROWTH if rows > _YOUNG_ROWS else 1.1):
            return
        self._rows = rows
        if connection.dialect.name == "postgresql":
            for table in _STATISTICS:
                connection.execute(text(f'analyze "{table}"'))
        else:
            connection.execute(text("pragma analysis_limit = 1000"))
            connection.execute(text("analyze"))


def make_partitions(connection: Connection, first_day: int, last_day: int) -> None:
    """Make the partitions of some days ahead, where the engine has partitions."""
    partitions.ensure(connection, first_day, last_day)


def drop_events(connection: Connection, oldest_day: int) -> int:
    """Delete a few events, payloads and deliveries of days before one. PostgreSQL drops whole days.

    Returns:
        How many rows or partitions went; 0 when there is no more to do.
    """
    if connection.dialect.name == "postgresql":
        old = [day for day in partitions.days(connection) if day < oldest_day]
        for day in old[:1]:
            partitions.drop(connection, day)
        return len(old[:1])
    gone = 0
    for table in (tables.attempt, tables.delivery, tables.event, tables.payload):
        for domain_id in _domains(connection):
            # Days never run back within a domain, so the oldest rows are the first by number.
            first = (
                select(table.c.seq, table.c.day)
                .where(table.c.domain_id == domain_id)
                .order_by(table.c.seq)
                .limit(STEP_ROWS)
            )
            old_seqs = [seq for seq, day in connection.execute(first) if day < oldest_day]
            if old_seqs:
                connection.execute(
                    delete(table).where(table.c.domain_id == domain_id, table.c.seq <= old_seqs[-1])
                )
            gone += len(old_seqs)
    return gone


def old_alerts(connection: Connection, oldest_day: int) -> list[Identity]:
    """Find a few alerts that were resolved before a day, those that were opened first before the others.

    It is for after `drop_events` has come to its end. An alert was opened on no later day than it was
    resolved, so those that go are older than the oldest event, and the others need not be looked at.
    """
    columns = tables.alert.c
    resolved_before = oldest_day * MICROSECONDS_PER_DAY
    found: list[Identity] = []
    for domain_id in _domains(connection):
        old = select(columns.seq).where(
            columns.domain_id == domain_id,
            columns.state == AlertState.RESOLVED.value,
            columns.resolved_at < resolved_before,
        )
        if (first := _first_event(connection, domain_id)) is not None:
            old = old.where(columns.seq < first)
        seqs = connection.execute(_by_state(old).order_by(columns.seq).limit(STEP_ROWS - len(found)))
        found += [(domain_id, seq) for seq in seqs.scalars()]
    return found


def drop_alerts(connection: Connection, found: list[Identity]) -> None:
    """Delete what `old_alerts` found, with what people wrote on it and what became of it."""
    columns = tables.alert.c
    connection.execute(delete(tables.alert).where(tuple_(columns.domain_id, columns.seq).in_(found)))
    for table in (tables.handling, tables.mark, tables.note):
        connection.execute(delete(table).where(tuple_(table.c.domain_id, table.c.alert_seq).in_(found)))


def old_objects(connection: Connection, oldest_day: int) -> list[Identity]:
    """Find a few discovered objects that sent nothing since a day and have no open alert.

    A host stays as long as one of its services has one.
    """
    columns = tables.monitored_object.c
    found: list[Identity] = []
    for domain_id in _domains(connection):
        if not _any(connection, domain_id, _is_silent(oldest_day)):
            continue
        old = select(columns.id).where(columns.domain_id == domain_id, _is_old(domain_id, oldest_day))
        ids = connection.execute(old.limit(STEP_ROWS - len(found))).scalars()
        found += [(domain_id, object_id) for object_id in ids]
    return found


def drop_objects(connection: Connection, found: list[Identity], oldest_day: int) -> None:
    """Delete what `old_objects` found, where it is still so under the lock of its domain."""
    columns = tables.monitored_object.c
    for domain_id in sorted({owner for owner, _ in found}):
        own = tables.domain.c.id == domain_id
        connection.execute(select(tables.domain.c.id).where(own).with_for_update())
        ids = [object_id for owner, object_id in found if owner == domain_id]
        gone = connection.execute(
            delete(tables.monitored_object).where(
                columns.domain_id == domain_id, columns.id.in_(ids), _is_old(domain_id, oldest_day)
            )
        ).rowcount
        connection.execute(
            update(tables.domain).where(own).values(discovered=tables.domain.c.discovered - gone)
        )


def drop_former_objects(connection: Connection, oldest_day: int) -> None:
    """Delete what was taken out of the configuration before a day and has no open alert.

    Args:
        connection: within a transaction.
        oldest_day: days since 1970, UTC; events before it are deleted too.
    """
    columns = tables.monitored_object.c
    is_former = and_(columns.gone_at > 0, columns.gone_at < oldest_day * MICROSECONDS_PER_DAY)
    for domain_id in _domains(connection):
        if not _any(connection, domain_id, is_former):
            continue
        in_use = _of_open(domain_id, tables.alert.c.object_id)
        connection.execute(
            delete(tables.monitored_object).where(
                columns.domain_id == domain_id, is_former, columns.id.not_in(in_use)
            )
        )


def drop_rejected(connection: Connection, count: int, size: int = REJECTED_BYTES) -> None:
    """Delete all but the newest rejected signals. The signals of one request go together.

    Args:
        connection: within a transaction.
        count: how many signals stay.
        size: bytes, before compression, that the bodies of those which stay may have together.
    """
    columns = tables.rejected.c
    newest_first = (columns.rejected_at.desc(), columns.payload_id, columns.payload_index)
    # Never the bodies themselves: together they may be larger than the memory.
    running = func.sum(columns.size).over(order_by=newest_first, rows=(None, 0))
    newest = (
        select(columns.payload_id, running.label("total")).order_by(*newest_first).limit(count).subquery()
    )
    kept = select(newest.c.payload_id).where(newest.c.total <= size)
    connection.execute(delete(tables.rejected).where(columns.payload_id.not_in(kept)))


def drop_activity(connection: Connection) -> None:
    """Forget when sources were heard of that are deleted."""
    known = select(tables.source.c.id)
    connection.execute(delete(tables.activity).where(tables.activity.c.source_id.not_in(known)))


def _domains(connection: Connection) -> Sequence[str]:
    return connection.execute(select(tables.domain.c.id)).scalars().all()


def _first_event(connection: Connection, domain_id: str) -> int | None:
    columns = tables.event.c
    first = select(columns.seq).where(columns.domain_id == domain_id).order_by(columns.seq).limit(1)
    return connection.execute(first).scalar()


def _any(connection: Connection, domain_id: str, condition: ColumnElement[bool]) -> bool:
    """Say whether there is an object to look at: mostly there is none, and no alert has to be read."""
    columns = tables.monitored_object.c
    found = select(columns.id).where(columns.domain_id == domain_id, condition).limit(1)
    return connection.execute(found).first() is not None


def _is_silent(oldest_day: int) -> ColumnElement[bool]:
    columns = tables.monitored_object.c
    return and_(columns.discovered == 1, columns.seen_at < oldest_day * MICROSECONDS_PER_DAY)


def _is_old(domain_id: str, oldest_day: int) -> ColumnElement[bool]:
    columns, alerts = tables.monitored_object.c, tables.alert.c
    # Neither asks about the object at hand, so an engine finds each set once.
    return and_(
        _is_silent(oldest_day),
        columns.id.not_in(_of_open(domain_id, alerts.object_id)),
        or_(columns.service != "", columns.host.not_in(_of_open(domain_id, alerts.host))),
    )


def _of_open(domain_id: str, column: ColumnElement[T]) -> Select[T]:
    """Give a column of the alerts that are not resolved."""
    columns = tables.alert.c
    unresolved = columns.state.in_([AlertState.OPEN.value, AlertState.ACKNOWLEDGED.value])
    return _by_state(select(column).where(columns.domain_id == domain_id, unresolved))


def _by_state(alerts: Select[T]) -> Select[T]:
    # SQLite's planner would read all alerts there are.
    return alerts.with_hint(tables.alert, "INDEXED BY ix_alert_state", "sqlite")
