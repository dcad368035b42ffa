"""Downtimes, by domain. Each entry has a row that is due when it begins, then one for when it ends."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, func, select, tuple_, update

from tocsin.model.downtime import Downtime, Plan, entries
from tocsin.model.due import DueKind
from tocsin.model.monitored import MonitoredObject
from tocsin.store import bulk, dues, situation, tables
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
    dues.note(connection, domain_id, DueKind.DOWNTIME_START, [(each.id, begins_at) for each in made])
    # Later than its begin also where all of it is over already: what ends first would never end.
    ends_at = max(plan.ends_at, begins_at + 1)
    dues.note(connection, domain_id, DueKind.DOWNTIME_END, [(each.id, ends_at) for each in made])
    return made


def cancel(
    connection: Connection,
    domain_id: str,
    choose: Callable[[Sequence[Downtime]], Sequence[Downtime]],
    now: int,
) -> list[Downtime]:
    """Cancel entries that have not ended: those that run end now, the others never were.

    One whose end has come is none of them, although nobody may have told of it yet.

    Args:
        connection: within a transaction.
        domain_id: whose.
        choose: gives of the entries that wait or run those that are to go.
        now: microseconds UTC.

    Returns:
        The entries that were cancelled.
    """
    # What begins or ends at this moment does so before or after, as a whole.
    situation.lock_domains(connection, {domain_id})
    ending = _ending(connection, domain_id, now)
    found = list(choose([each for each in unended(connection, domain_id) if each.id not in ending]))
    running = [each for each in found if each.started_at]
    waiting = [each for each in found if not each.started_at]
    dues.note(connection, domain_id, DueKind.DOWNTIME_END, [(each.id, now) for each in running])
    _forget(connection, waiting)
    # Who tells of it again must be known to have told of it before.
    told = [msgspec.structs.replace(each, ended_at=now) for each in waiting if each.origin]
    bulk.insert(connection, tables.downtime, [msgspec.structs.astuple(each) for each in told])
    return found


def _ending(connection: Connection, domain_id: str, now: int) -> set[str]:
    """Give the ids of the entries whose end has come."""
    due = tables.due.c
    ended = select(due.subject).where(
        due.domain_id == domain_id, due.kind == DueKind.DOWNTIME_END.value, due.due_at <= now
    )
    return set(connection.execute(ended).scalars())


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
    found = select(tables.downtime).with_hint(tables.downtime, "INDEXED BY ix_downtime_object", "sqlite")
    rows = connection.execute(found.where(and_(*wanted)).order_by(_columns.starts_at, _columns.id))
    return [_downtime(row) for row in rows if ids is None or row.object_id in ids]


def origins(connection: Connection, domain_id: str, object_ids: Sequence[int]) -> set[str]:
    """Give the origins of the entries that some objects have, ended or not, as long as these are kept.

    Args:
        connection: within a read or a transaction.
        domain_id: whose.
        object_ids: of these objects.
    """
    found: set[str] = set()
    for start in range(0, len(object_ids), _AT_ONCE):
        part = object_ids[start : start + _AT_ONCE]
        wanted = (_columns.domain_id == domain_id, _columns.object_id.in_(part), tables.TOLD)
        told = select(_columns.origin).with_hint(tables.downtime, "INDEXED BY ix_downtime_told", "sqlite")
        found.update(connection.execute(told.where(*wanted)).scalars())
    return found


def by_id(connection: Connection, ids: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Downtime]:
    """Give entries by their domain and id."""
    if not ids:
        return {}
    rows = connection.execute(
        select(tables.downtime).where(tuple_(_columns.domain_id, _columns.id).in_(list(ids)))
    )
    return {(row.domain_id, row.id): _downtime(row) for row in rows}


def change(connection: Connection, domain_id: str, changed: Sequence[Downtime]) -> set[int]:
    """Write down what became of entries, and in which downtime their objects are now.

    Entries of objects that stand there no more are forgotten.

    Args:
        connection: within a transaction that holds the domain's lock.
        domain_id: whose.
        changed: entries that began or ended.

    Returns:
        The ids of the objects that stand there.
    """
    objects = tables.monitored_object.c
    of_entries = {each.object_id for each in changed}
    known = connection.execute(
        select(objects.id, objects.gone_at).where(objects.domain_id == domain_id, objects.id.in_(of_entries))
    ).all()
    standing = {row.id for row in known if not row.gone_at}
    _forget(connection, [each for each in changed if each.object_id not in standing])
    kept = [each for each in changed if each.object_id in standing]
    bulk.upsert(connection, tables.downtime, [msgspec.structs.astuple(each) for each in kept])
    # What is gone keeps its state: it may come back when the downtime is over.
    in_none = {row.id: "" for row in known}
    now_in = in_none | {each.object_id: each.id for each in _running(connection, domain_id, in_none)}
    if now_in:
        connection.execute(
            update(tables.monitored_object)
            .where(objects.domain_id == domain_id, objects.id == bindparam("of_object"))
            .values(downtime_id=bindparam("now_in")),
            [{"of_object": object_id, "now_in": entry_id} for object_id, entry_id in now_in.items()],
        )
    return standing


def _running(connection: Connection, domain_id: str, object_ids: Iterable[int]) -> list[Downtime]:
    """Give the entries of objects that run, by their begin."""
    found = [each for each in unended(connection, domain_id, list(object_ids)) if each.started_at]
    return sorted(found, key=lambda each: (each.started_at, each.id))


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


def _downtime(row: Row[Any]) -> Downtime:
    return Downtime(**row._mapping)
