"""Downtimes, by domain. Each entry has a row that is due when it begins, then one for when it ends."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, select, tuple_, update

from tocsin.model.downtime import Downtime, Plan, entries
from tocsin.model.due import DueKind
from tocsin.model.monitored import MonitoredObject
from tocsin.store import bulk, situation, tables
from tocsin.store.errors import Conflict

_AT_ONCE: Final = 500
LIMIT: Final = 100_000
"""How many entries of a domain may wait or run at a time."""
_columns = tables.downtime.c


def schedule(
    connection: Connection, domain_id: str, plan: Plan, objects: Sequence[MonitoredObject], now: int
) -> list[Downtime]:
    """Put objects into a downtime. Where it was to begin before, it begins now.

    Args:
        connection: within a transaction.
        domain_id: whose.
        plan: when and why.
        objects: over what; each gets an entry of its own.
        now: microseconds UTC.

    Raises:
        Conflict: the domain has as many entries as it may.
    """
    situation.lock_domains(connection, {domain_id})
    standing = select(func.count()).where(_columns.domain_id == domain_id, _columns.ended_at == 0)
    if connection.execute(standing).scalar_one() + len(objects) > LIMIT:
        raise Conflict(f"more than {LIMIT} hosts and services would wait for a downtime or be in one")
    made = entries(plan, list(objects), secrets.token_hex(4)[:7], now)
    bulk.insert(connection, tables.downtime, [msgspec.structs.astuple(each) for each in made])
    begins_at = max(plan.starts_at, now)
    _note(connection, made, DueKind.DOWNTIME_START, begins_at)
    # Later than its begin also where all of it is over already: what ends first would never end.
    _note(connection, made, DueKind.DOWNTIME_END, max(plan.ends_at, begins_at + 1))
    return made


def cancel(
    connection: Connection,
    domain_id: str,
    wanted: Callable[[Downtime], bool],
    now: int,
    object_ids: Sequence[int] | None = None,
) -> list[Downtime]:
    """Cancel entries that have not ended: those that run end now, the others never were.

    Args:
        connection: within a transaction.
        domain_id: whose.
        wanted: says of an entry whether it is to go.
        now: microseconds UTC.
        object_ids: entries of these objects alone; None for all.

    Returns:
        The entries that were cancelled.
    """
    # What begins or ends at this moment does so before or after, as a whole.
    situation.lock_domains(connection, {domain_id})
    found = list(filter(wanted, unended(connection, domain_id, object_ids)))
    running = [each for each in found if each.started_at]
    waiting = [each for each in found if not each.started_at]
    _note(connection, running, DueKind.DOWNTIME_END, now)
    _forget(connection, waiting)
    return found


def unended(
    connection: Connection, domain_id: str, object_ids: Sequence[int] | None = None
) -> list[Downtime]:
    """Give the entries that wait or run, by their begin.

    Args:
        connection: within a read or a transaction.
        domain_id: whose.
        object_ids: of these objects alone; None for all.
    """
    wanted: list[ColumnElement[bool]] = [_columns.domain_id == domain_id, tables.NOT_ENDED]  # type: ignore[list-item]
    ids = None if object_ids is None else set(object_ids)
    if ids is not None and len(ids) <= _AT_ONCE:
        wanted.append(_columns.object_id.in_(ids))
    rows = connection.execute(
        select(tables.downtime).where(and_(*wanted)).order_by(_columns.starts_at, _columns.id)
    )
    return [_downtime(row) for row in rows if ids is None or row.object_id in ids]


def by_id(connection: Connection, ids: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Downtime]:
    """Give entries by their domain and id."""
    if not ids:
        return {}
    rows = connection.execute(
        select(tables.downtime).where(tuple_(_columns.domain_id, _columns.id).in_(list(ids)))
    )
    return {(row.domain_id, row.id): _downtime(row) for row in rows}


def begin(connection: Connection, entry: Downtime, at: int) -> bool:
    """Let an entry begin; say whether its object still stands there."""
    objects = tables.monitored_object
    found = connection.execute(
        update(objects)
        .where(objects.c.domain_id == entry.domain_id, objects.c.id == entry.object_id)
        .values(downtime_id=entry.id)
    ).rowcount
    if not found:
        _forget(connection, [entry])
        return False
    connection.execute(_row(entry).values(started_at=at))
    return True


def end(connection: Connection, entry: Downtime, at: int) -> bool:
    """Let an entry end, and say whether its object still stands there, now in another one or in none."""
    connection.execute(_row(entry).values(ended_at=at))
    other = connection.execute(
        select(_columns.id)
        .where(
            _columns.domain_id == entry.domain_id,
            _columns.object_id == entry.object_id,
            tables.NOT_ENDED,
            _columns.started_at > 0,
        )
        .order_by(_columns.started_at.desc(), _columns.id.desc())
        .limit(1)
    ).scalar()
    objects = tables.monitored_object
    return bool(
        connection.execute(
            update(objects)
            .where(objects.c.domain_id == entry.domain_id, objects.c.id == entry.object_id)
            .values(downtime_id=other or "")
        ).rowcount
    )


def drop_ended(connection: Connection, ended_before: int) -> None:
    """Delete entries that ended before a moment, microseconds UTC."""
    connection.execute(delete(tables.downtime).where(_columns.ended_at > 0, _columns.ended_at < ended_before))


def _forget(connection: Connection, waiting: Sequence[Downtime]) -> None:
    due = tables.due.c
    for start in range(0, len(waiting), _AT_ONCE):
        part = waiting[start : start + _AT_ONCE]
        ids, domain_id = [each.id for each in part], part[0].domain_id
        connection.execute(
            delete(tables.downtime).where(_columns.domain_id == domain_id, _columns.id.in_(ids))
        )
        connection.execute(
            delete(tables.due).where(
                due.domain_id == domain_id,
                due.kind.in_([DueKind.DOWNTIME_START.value, DueKind.DOWNTIME_END.value]),
                due.subject.in_(ids),
            )
        )


def _note(connection: Connection, found: Sequence[Downtime], kind: DueKind, due_at: int) -> None:
    rows = [(each.domain_id, kind.value, each.id, due_at) for each in found]
    bulk.upsert(connection, tables.due, rows)


def _row(entry: Downtime) -> Any:
    return update(tables.downtime).where(_columns.domain_id == entry.domain_id, _columns.id == entry.id)


def _downtime(row: Row[Any]) -> Downtime:
    return Downtime(**row._mapping)
