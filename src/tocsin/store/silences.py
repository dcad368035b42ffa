"""Silences, by domain. Each has a row that is due when it ends."""

from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, select, update

from tocsin.model.due import DueKind
from tocsin.model.identifiers import random_id
from tocsin.model.silence import Silence
from tocsin.store import dues, tables
from tocsin.store.configuration import changed
from tocsin.store.errors import Conflict, NotFound

SILENCE_LIMIT = 1_000
"""How many of a domain may be pending or active at a time: every event is held against each."""


class SilenceState(StrEnum):
    """Where a silence stands: it has not begun, it holds, or it has ended."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


def state_of(silence: Silence, now: int) -> SilenceState:
    """Say where a silence stands at a moment, microseconds UTC."""
    if silence.ends_at <= now:
        return SilenceState.EXPIRED
    return SilenceState.ACTIVE if silence.starts_at <= now else SilenceState.PENDING


def create_silence(
    connection: Connection,
    *,
    domain_id: str,
    expression: str,
    scope: str,
    starts_at: int,
    ends_at: int,
    author: str,
    comment: str,
    now: int,
) -> Silence:
    """Make a silence.

    Args:
        connection: within a transaction.
        domain_id: whose.
        expression: which events it matches.
        scope: on what its author can act, as an expression; '' for everything.
        starts_at: the first moment in it, microseconds UTC.
        ends_at: the first moment after it, microseconds UTC.
        author: who makes it.
        comment: why.
        now: microseconds UTC.

    Raises:
        Conflict: the domain has as many as it may.
    """
    columns = tables.silence.c
    counted = select(func.count()).where(columns.domain_id == domain_id, columns.ends_at > now)
    if connection.execute(counted).scalar_one() >= SILENCE_LIMIT:
        raise Conflict(f"{SILENCE_LIMIT} silences hold or wait already, which is as many as there may be")
    silence = Silence(
        random_id("silence"), domain_id, expression, scope, starts_at, ends_at, author, comment, now
    )
    connection.execute(insert(tables.silence).values(**msgspec.structs.asdict(silence)))
    _note_end(connection, silence)
    changed(connection)
    return silence


def silences(
    connection: Connection,
    domain_id: str,
    *,
    state: SilenceState | None,
    ends_before: int,
    scope: str,
    now: int,
    limit: int,
) -> list[Silence]:
    """Give silences of a domain: of those that hold or wait the next to end first, else the last to end.

    Args:
        connection: within a read.
        domain_id: whose.
        state: only those that stand so; None for all.
        ends_before: only those that end before, microseconds UTC; 0 for all.
        scope: only those whose authors can act on what it says and no more; '' for all.
        now: microseconds UTC.
        limit: how many at most.
    """
    columns = tables.silence.c
    wanted = [columns.domain_id == domain_id, *_standing(state, now)]
    if ends_before:
        wanted.append(columns.ends_at < ends_before)
    if scope:
        wanted.append(columns.scope == scope)
    is_ending = state in {SilenceState.ACTIVE, SilenceState.PENDING}
    order = columns.ends_at if is_ending else columns.ends_at.desc()
    rows = connection.execute(
        select(tables.silence).where(and_(*wanted)).order_by(order, columns.id).limit(limit)
    )
    return [_silence(row) for row in rows]


def find_silence(connection: Connection, domain_id: str, silence_id: str) -> Silence:
    """Find a silence of a domain.

    Raises:
        NotFound: the domain has none with that id.
    """
    columns = tables.silence.c
    row = connection.execute(
        select(tables.silence).where(columns.domain_id == domain_id, columns.id == silence_id)
    ).first()
    if row is None:
        raise NotFound(f"there is no silence {silence_id}")
    return _silence(row)


def active(connection: Connection, domain_id: str, now: int) -> dict[str, Silence]:
    """Give by their expressions the silences that hold now; of those with the same the last to end."""
    columns = tables.silence.c
    rows = connection.execute(
        select(tables.silence)
        .where(columns.domain_id == domain_id, *_standing(SilenceState.ACTIVE, now))
        .order_by(columns.ends_at)
    )
    return {silence.expression: silence for silence in map(_silence, rows)}


def end_silence(connection: Connection, silence: Silence, now: int) -> Silence:
    """End a silence before its time. What it held back is due at once.

    Raises:
        Conflict: it has ended already.
    """
    if silence.ends_at <= now:
        raise Conflict("the silence has ended already")
    ended = msgspec.structs.replace(silence, starts_at=min(silence.starts_at, now), ends_at=now)
    columns = tables.silence.c
    connection.execute(
        update(tables.silence)
        .where(columns.domain_id == silence.domain_id, columns.id == silence.id)
        .values(starts_at=ended.starts_at, ends_at=ended.ends_at)
    )
    _note_end(connection, ended)
    changed(connection)
    return ended


def change_silence(connection: Connection, silence: Silence, now: int) -> None:
    """Write a silence's end and its comment.

    Args:
        connection: within a transaction.
        silence: as it is to be.
        now: microseconds UTC.

    Raises:
        Conflict: it has ended already.
    """
    columns = tables.silence.c
    written = connection.execute(
        update(tables.silence)
        .where(columns.domain_id == silence.domain_id, columns.id == silence.id, columns.ends_at > now)
        .values(ends_at=silence.ends_at, comment=silence.comment)
    )
    if not written.rowcount:
        raise Conflict("the silence has ended already")
    _note_end(connection, silence)
    changed(connection)


def drop_silences(connection: Connection, ended_before: int) -> None:
    """Delete silences that ended before a moment, microseconds UTC."""
    connection.execute(delete(tables.silence).where(tables.silence.c.ends_at < ended_before))


def _standing(state: SilenceState | None, now: int) -> list[ColumnElement[bool]]:
    columns = tables.silence.c
    match state:
        case None:
            return []
        case SilenceState.EXPIRED:
            return [columns.ends_at <= now]
        case SilenceState.ACTIVE:
            return [columns.ends_at > now, columns.starts_at <= now]
        case SilenceState.PENDING:
            return [columns.ends_at > now, columns.starts_at > now]


def _note_end(connection: Connection, silence: Silence) -> None:
    dues.note(connection, silence.domain_id, DueKind.SILENCE, [(silence.id, silence.ends_at)])


def _silence(row: Row[Any]) -> Silence:
    return Silence(**row._mapping)
