"""Deliveries as people look at them: listed, counted, one with its attempts, and how each target does."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from tocsin.model.delivery import Attempt, Delivery, DeliveryState, SentOutcome
from tocsin.store import tables
from tocsin.store.errors import NotFound
from tocsin.store.rows import delivery_of
from tocsin.store.targets import told_to_fail

_LOOKED_AT: Final = 100
"""So many of a target's newest deliveries say how it does."""
GROUPED_BY: Final = ("state", "target_id", "route_id")
"""By what they can be counted."""


class Narrowed(msgspec.Struct, frozen=True):
    """Which deliveries are meant. What is empty or 0 narrows nothing.

    Attributes:
        state: those in that state.
        target_id: those to that target.
        route_id: those that this route chose.
        alert_seq: those of that alert's events.
        seq: those of that event.
        since: those of events recorded then or later, microseconds UTC.
        until: those of events recorded before, microseconds UTC.
    """

    state: str = ""
    target_id: str = ""
    route_id: str = ""
    alert_seq: int = 0
    seq: int = 0
    since: int = 0
    until: int = 0


class Standing(msgspec.Struct, frozen=True):
    """How a target does, by its newest deliveries. Times are microseconds UTC, 0 where there is none.

    Attributes:
        waiting: how many deliveries are to be sent to it.
        is_failing: it does not take what is sent to it, and an open alert of Tocsin's own says so.
        delivered_at: when it last took one.
        failed_at: when it last did not take one that is not delivered yet.
        status: the HTTP status of that attempt, 0 where no answer came.
        reason: why it was not taken.
    """

    target_id: str
    waiting: int
    is_failing: bool
    delivered_at: int = 0
    failed_at: int = 0
    status: int = 0
    reason: str = ""


def deliveries(
    connection: Connection,
    domain_id: str,
    narrowed: Narrowed,
    *,
    limit: int,
    before: tuple[int, str] | None = None,
) -> list[Delivery]:
    """List deliveries, those of the newest events first.

    Args:
        connection: within a read.
        domain_id: whose.
        narrowed: which.
        limit: how many at most.
        before: event's number and target's id of the last one of the page before; None for the first page.
    """
    columns = tables.delivery.c
    statement = select(tables.delivery).where(*_terms(connection, domain_id, narrowed))
    if before is not None:
        statement = statement.where(
            columns.seq <= before[0], (columns.seq < before[0]) | (columns.target_id > before[1])
        )
    if index := _index(narrowed):
        # Without statistics SQLite would take the primary key and walk the whole domain.
        statement = statement.with_hint(tables.delivery, f"INDEXED BY {index}", "sqlite")
    rows = connection.execute(statement.order_by(columns.seq.desc(), columns.target_id).limit(limit))
    return [delivery_of(row) for row in rows]


def counts(
    connection: Connection, domain_id: str, narrowed: Narrowed, by: Sequence[str]
) -> list[tuple[tuple[str, ...], int]]:
    """Count deliveries in groups, the greatest first.

    Args:
        connection: within a read.
        domain_id: whose.
        narrowed: which.
        by: some of `GROUPED_BY`; none for one count of all.

    Returns:
        What the deliveries of a group have in common, and how many they are.
    """
    groups = [tables.delivery.c[name] for name in by]
    many = func.count()
    statement = select(*groups, many).where(*_terms(connection, domain_id, narrowed))
    if index := _index(narrowed):
        statement = statement.with_hint(tables.delivery, f"INDEXED BY {index}", "sqlite")
    rows = connection.execute(statement.group_by(*groups).order_by(many.desc(), *groups))
    return [(tuple(row[:-1]), int(row[-1])) for row in rows]


def standings(connection: Connection, domain_id: str, target_ids: Sequence[str]) -> list[Standing]:
    """Say how targets do.

    Args:
        connection: within a read.
        domain_id: whose.
        target_ids: which.
    """
    failing = told_to_fail(connection, target_ids)
    pending = Narrowed(state=DeliveryState.PENDING)
    waiting = {key[0]: many for key, many in counts(connection, domain_id, pending, ["target_id"])}
    return [
        _standing(connection, domain_id, each, waiting.get(each, 0), is_failing=each in failing)
        for each in target_ids
    ]


def _standing(
    connection: Connection, domain_id: str, target_id: str, waiting: int, *, is_failing: bool
) -> Standing:
    newest = deliveries(connection, domain_id, Narrowed(target_id=target_id), limit=_LOOKED_AT)
    delivered_at = max((each.done_at for each in newest if each.state is DeliveryState.DELIVERED), default=0)
    unsent = {DeliveryState.PENDING, DeliveryState.DEAD}
    failed = next((each for each in newest if each.reason and each.attempts and each.state in unsent), None)
    standing = Standing(target_id, waiting, is_failing, delivered_at)
    if failed is None:
        return standing
    made = attempts(connection, failed)
    at = made[-1].started_at + made[-1].duration if made else failed.done_at
    return msgspec.structs.replace(standing, failed_at=at, status=failed.status, reason=failed.reason)


def delivery(connection: Connection, domain_id: str, seq: int, target_id: str) -> Delivery:
    """Give one delivery.

    Raises:
        NotFound: the domain has none of that event to that target.
    """
    columns = tables.delivery.c
    row = connection.execute(
        select(tables.delivery).where(
            columns.domain_id == domain_id, columns.seq == seq, columns.target_id == target_id
        )
    ).first()
    if row is None:
        raise NotFound("there is no such delivery")
    return delivery_of(row)


def attempts(connection: Connection, delivery: Delivery) -> list[Attempt]:
    """Give the attempts of a delivery, in order."""
    columns = tables.attempt.c
    names = [columns[name] for name in Attempt.__struct_fields__]
    rows = connection.execute(
        select(*names)
        .where(
            columns.domain_id == delivery.domain_id,
            columns.seq == delivery.seq,
            columns.target_id == delivery.target_id,
            # It spares PostgreSQL all other partitions.
            columns.day == delivery.day,
        )
        .order_by(columns.number)
    )
    return [_attempt_of(row) for row in rows]


def _terms(connection: Connection, domain_id: str, narrowed: Narrowed) -> list[ColumnElement[bool]]:
    columns = tables.delivery.c
    exact = {name: getattr(narrowed, name) for name in ("state", "target_id", "route_id", "alert_seq", "seq")}
    terms = [columns.domain_id == domain_id, *(columns[name] == is_ for name, is_ in exact.items() if is_)]
    if narrowed.since:
        terms.append(columns.seq >= _first_since(connection, domain_id, narrowed.since))
    if narrowed.until:
        terms.append(columns.seq < _first_since(connection, domain_id, narrowed.until))
    return terms


def _first_since(connection: Connection, domain_id: str, moment: int) -> int:
    """Give the number before which all events were recorded before a moment, and none from it on.

    Events are recorded in the order of their numbers, so that halving finds it; no index has their time.
    """
    columns = tables.event.c
    newest = select(func.max(columns.seq)).where(columns.domain_id == domain_id)
    low, high = 1, (connection.execute(newest).scalar() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        # What retention deleted leaves gaps.
        found = connection.execute(
            select(columns.seq, columns.recorded_at)
            .where(columns.domain_id == domain_id, columns.seq >= middle)
            .order_by(columns.seq)
            .limit(1)
        ).first()
        if found is None or found.recorded_at >= moment:
            high = middle
        else:
            low = found.seq + 1
    return low


def _index(narrowed: Narrowed) -> str:
    """Name the index that narrows most; '' where the primary key does."""
    if narrowed.seq:
        return ""
    if narrowed.alert_seq:
        return "ix_delivery_alert"
    if narrowed.target_id and narrowed.state in {"", DeliveryState.DELIVERED}:
        return "ix_delivery_target"
    return "ix_delivery_state" if narrowed.state else ""


def _attempt_of(row: Any) -> Attempt:
    values = dict(row._mapping)
    values["outcome"] = SentOutcome(values["outcome"])
    return Attempt(**values)
