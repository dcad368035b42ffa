"""The outbox: deliveries are claimed with a lease, and settled with what came of them.

Of the deliveries of one key to one target only the oldest that waits can be claimed, so they go out in their
order, one by one.
"""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select, text, tuple_, update

from tocsin.model.alert import Alert
from tocsin.model.delivery import Attempt, Delivery, DeliveryState, SentOutcome
from tocsin.model.event import Event
from tocsin.model.target import Target
from tocsin.store import bulk, tables
from tocsin.store.errors import NotFound
from tocsin.store.rows import ALERT_COLUMNS, EVENT_COLUMNS, alert_of, delivery_of, delivery_row, event_of

_LANE: Final = "other.domain_id = d.domain_id and other.target_id = d.target_id" + (
    " and other.project_id = d.project_id and other.key = d.key and other.state = 'pending'"
)
_COLUMNS: Final = ", ".join(f'd."{column.name}"' for column in tables.delivery.columns)
OVERTAKEN: Final = "a newer state of the same key was sent instead"


class Claimed(msgspec.Struct, frozen=True):
    """A delivery that this node holds, with what is to be sent.

    Attributes:
        delivery: which.
        event: what is told; None where retention has deleted it.
        alert: the latest state of its alert; None where it has none.
    """

    delivery: Delivery
    event: Event | None
    alert: Alert | None


class Settled(msgspec.Struct, frozen=True):
    """What came of a delivery that this node held: as it stands now, and the attempt, if one was made.

    Attributes:
        leased_until: of the lease under which it was sent; where that is gone, nothing is written.
    """

    delivery: Delivery
    attempt: Attempt | None
    leased_until: int


def claim(
    connection: Connection, target: Target, *, node: str, now: int, until: int, places: int
) -> list[Claimed]:
    """Take deliveries that are due to a target: of each key the oldest, or the newest where that is enough.

    Args:
        connection: within a transaction.
        target: to which.
        node: who takes them.
        now: microseconds UTC.
        until: when others may take them, should this node not have settled them, microseconds UTC.
        places: how many at most.
    """
    if target.options.latest_only:
        _overtake(connection, target, now)
    is_sqlite = connection.dialect.name == "sqlite"
    hint = "indexed by ix_delivery_due" if is_sqlite else ""
    lane_hint = "indexed by ix_delivery_lane" if is_sqlite else ""
    locking = "" if is_sqlite else "for update skip locked"
    rows = connection.execute(
        text(
            f"select {_COLUMNS} from delivery as d {hint}"
            " where d.target_id = :target_id and d.state = 'pending' and d.due_at <= :now"
            " and d.domain_id = :domain_id and d.leased_until <= :now and not exists ("
            f"select 1 from delivery as other {lane_hint} where {_LANE} and other.seq < d.seq)"
            f" order by d.due_at limit :places {locking}"
        ),
        {"target_id": target.id, "domain_id": target.domain_id, "now": now, "places": places},
    ).all()
    found = [msgspec.structs.replace(delivery_of(row), leased_by=node, leased_until=until) for row in rows]
    bulk.upsert(connection, tables.delivery, [delivery_row(each) for each in found])
    return _with_facts(connection, found)


def _overtake(connection: Connection, target: Target, now: int) -> None:
    """Settle what waits behind a newer one of its key, unless it is under way."""
    connection.execute(
        text(
            "update delivery as d set state = 'overtaken', done_at = :now, reason = :reason"
            " where d.target_id = :target_id and d.domain_id = :domain_id and d.state = 'pending'"
            " and d.leased_until <= :now"
            f" and exists (select 1 from delivery as other where {_LANE} and other.seq > d.seq)"
        ),
        {"target_id": target.id, "domain_id": target.domain_id, "now": now, "reason": OVERTAKEN},
    )


def _with_facts(connection: Connection, found: list[Delivery]) -> list[Claimed]:
    if not found:
        return []
    domain_id = found[0].domain_id
    events, alerts = tables.event.c, tables.alert.c
    seqs = sorted({each.seq for each in found})
    days = sorted({each.day for each in found})
    event_rows = connection.execute(
        select(*EVENT_COLUMNS).where(
            events.domain_id == domain_id, events.seq.in_(seqs), events.day.in_(days)
        )
    )
    known_events = {row.seq: event_of(row) for row in event_rows}
    alert_seqs = sorted({each.alert_seq for each in found if each.alert_seq})
    alert_rows = connection.execute(
        select(*ALERT_COLUMNS).where(alerts.domain_id == domain_id, alerts.seq.in_(alert_seqs))
    )
    known_alerts = {row.seq: alert_of(row) for row in alert_rows}
    return [Claimed(each, known_events.get(each.seq), known_alerts.get(each.alert_seq)) for each in found]


def settle(connection: Connection, settled: list[Settled]) -> None:
    """Write what came of deliveries, where this node held them to the end.

    Args:
        connection: within a transaction.
        settled: each delivery once.
    """
    if not settled:
        return
    columns = tables.delivery.c
    identities = [(s.delivery.domain_id, s.delivery.seq, s.delivery.target_id) for s in settled]
    rows = connection.execute(
        select(columns.domain_id, columns.seq, columns.target_id, columns.leased_by, columns.leased_until)
        .where(tuple_(columns.domain_id, columns.seq, columns.target_id).in_(identities))
        .where(columns.day.in_(sorted({s.delivery.day for s in settled})))
        .with_for_update()
    )
    held = {(row[0], row[1], row[2]): row.leased_until for row in rows}
    kept = [
        each
        for each, identity in zip(settled, identities, strict=True)
        if held.get(identity) == each.leased_until
    ]
    bulk.upsert(connection, tables.delivery, [delivery_row(each.delivery) for each in kept])
    # An attempt was made, whoever holds the delivery now.
    made = [each.attempt for each in settled if each.attempt is not None]
    bulk.upsert(connection, tables.attempt, [_attempt_row(each) for each in made])


def free_leases(connection: Connection) -> None:
    """Let go of what a process that is gone held. Only where no other node can be at work: on SQLite."""
    columns = tables.delivery.c
    connection.execute(
        update(tables.delivery)
        .where(columns.state == DeliveryState.PENDING.value, columns.leased_until > 0)
        .values(leased_by="", leased_until=0)
    )


def hurry(connection: Connection, target: Target, now: int) -> None:
    """Make what waits for another attempt on a target due at once: it answers again."""
    columns = tables.delivery.c
    connection.execute(
        update(tables.delivery)
        .where(
            columns.target_id == target.id,
            columns.domain_id == target.domain_id,
            columns.state == DeliveryState.PENDING.value,
            columns.due_at > now,
        )
        .values(due_at=now)
    )


def oldest_pending(connection: Connection) -> int:
    """Give when the oldest delivery was made that still waits, microseconds UTC; 0 where none waits."""
    return (
        connection.execute(
            text("select min(created_at) from delivery as d where d.state = 'pending'")
        ).scalar()
        or 0
    )


def deliveries(
    connection: Connection,
    domain_id: str,
    *,
    state: str = "",
    target_id: str = "",
    alert_seq: int = 0,
    seq: int = 0,
    limit: int,
    before: tuple[int, str] | None = None,
) -> list[Delivery]:
    """List deliveries, those of the newest events first.

    Args:
        connection: within a read.
        domain_id: whose.
        state: only those in that state; '' for all.
        target_id: only those to that target; '' for all.
        alert_seq: only those of that alert's events; 0 for all.
        seq: only those of that event; 0 for all.
        limit: how many at most.
        before: event's number and target's id of the last one of the page before; None for the first page.
    """
    columns = tables.delivery.c
    statement = select(tables.delivery).where(columns.domain_id == domain_id)
    for column, wanted in (
        (columns.state, state),
        (columns.target_id, target_id),
        (columns.alert_seq, alert_seq),
        (columns.seq, seq),
    ):
        if wanted:
            statement = statement.where(column == wanted)
    if before is not None:
        statement = statement.where(
            (columns.seq < before[0]) | ((columns.seq == before[0]) & (columns.target_id > before[1]))
        )
    rows = connection.execute(statement.order_by(columns.seq.desc(), columns.target_id).limit(limit))
    return [delivery_of(row) for row in rows]


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


def attempts(connection: Connection, domain_id: str, seq: int, target_id: str) -> list[Attempt]:
    """Give the attempts of a delivery, in order."""
    columns = tables.attempt.c
    names = [columns[name] for name in Attempt.__struct_fields__]
    rows = connection.execute(
        select(*names)
        .where(columns.domain_id == domain_id, columns.seq == seq, columns.target_id == target_id)
        .order_by(columns.number)
    )
    return [_attempt_of(row) for row in rows]


def retry(connection: Connection, found: list[Delivery], now: int) -> None:
    """Make dead deliveries due again; they have their whole lifetime before them.

    Args:
        connection: within a transaction.
        found: which; those that are not dead stay as they are.
        now: microseconds UTC.
    """
    again = [
        msgspec.structs.replace(
            each, state=DeliveryState.PENDING, created_at=now, due_at=now, done_at=0, leased_until=0
        )
        for each in found
        if each.state is DeliveryState.DEAD
    ]
    bulk.upsert(connection, tables.delivery, [delivery_row(each) for each in again])


def _attempt_row(attempt: Attempt) -> tuple[Any, ...]:
    values = msgspec.structs.asdict(attempt)
    values["outcome"] = attempt.outcome.value
    return tuple(values[column.name] for column in tables.attempt.columns)


def _attempt_of(row: Any) -> Attempt:
    values = dict(row._mapping)
    values["outcome"] = SentOutcome(values["outcome"])
    return Attempt(**values)
