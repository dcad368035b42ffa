"""The outbox: deliveries are claimed with a lease, and settled with what came of them.

Of the deliveries of one key to one target only the oldest that waits can be claimed, so they go out in their
order, one by one. One that is due behind another is put off when it is met, so that a long lane is walked
once and not at every look; it is due again when the one before it is done. A target's row is the lock of its
queue: of several nodes one at a time claims or settles.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, select, update

from tocsin.model.alert import Alert
from tocsin.model.delivery import Attempt, Delivery, DeliveryState
from tocsin.model.event import MICROSECONDS_PER_SECOND, Event
from tocsin.model.target import Target
from tocsin.store import bulk, configuration, keyed, lanes, reading, tables
from tocsin.store.lanes import Lane, lane_of
from tocsin.store.rows import ALERT_COLUMNS, alert_of, delivery_of, delivery_row

_PUT_OFF: Final = 600 * MICROSECONDS_PER_SECOND
"""What waits behind another is looked at that seldom, should nothing make it due again."""
_LOOKED_AT: Final = 500
"""How many due deliveries of a target a statement looks at. The first looks at no more than can be sent."""
_LOOKS: Final = 10
"""How many such statements a claim makes, so that intake goes on meanwhile."""
_DELIVERY: Final = tuple(column.name for column in tables.delivery.columns)
OVERTAKEN: Final = "a newer state of the same key was sent instead"

Identity: TypeAlias = tuple[str, int, str, int]


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
    connection: Connection, target: Target, *, node: str, now: int, until: int, places: int, since: int
) -> tuple[list[Claimed], bool]:
    """Take deliveries that are due to a target: of each key the oldest, or the newest where that is enough.

    Args:
        connection: within a transaction.
        target: to which.
        node: who takes them.
        now: microseconds UTC.
        until: when others may take them, should this node not have settled them, microseconds UTC.
        places: how many at most.
        since: the oldest day that something may wait from.

    Returns:
        What was taken; and whether that is all, which is not known while another transaction is at the queue.
    """
    if not _lock(connection, {target.id}, wait=False):
        return [], False
    claimed: list[Delivery] = []
    is_all = False
    limit = places
    for _ in range(_LOOKS):
        due = lanes.due_to(connection, target.id, now=now, since=since, limit=limit)
        blocked = [each for each, is_behind in due if is_behind]
        ready = [each for each, is_behind in due if not is_behind]
        if target.options.latest_only:
            ready, changed = _latest(connection, [*ready, *blocked], now, since)
        else:
            changed = [replace(each, due_at=now + _PUT_OFF) for each in blocked]
        taken = [
            replace(each, leased_by=node, leased_until=until, due_at=until)
            for each in ready[: places - len(claimed)]
        ]
        _write(connection, [*changed, *taken])
        claimed += taken
        is_all = len(due) < limit and len(taken) == len(ready)
        if is_all or len(claimed) == places:
            break
        limit = _LOOKED_AT
    return _with_facts(connection, claimed), is_all


def lease_new(
    connection: Connection,
    new: list[Delivery],
    places: Mapping[str, int],
    *,
    node: str,
    now: int,
    until: Mapping[str, int],
    since: int,
) -> list[Delivery]:
    """Lease deliveries that are about to be written to the node that writes them, which sends them at once.

    What is not alone in its lane has to wait for the others, as ever: it stays free, to be claimed.

    Args:
        connection: the transaction that is to write them.
        new: which, none of them written yet.
        places: how many may be sent now to each target, by its id; none where it is missing.
        node: who writes them.
        now: microseconds UTC.
        until: when others may take them, by the target's id, microseconds UTC.
        since: the oldest day that something may wait from.

    Returns:
        All of them, in their order.
    """
    in_lane = Counter(map(lane_of, new))
    left = dict(places)
    chosen: dict[Lane, Delivery] = {}
    for each in new:
        if left.get(each.target_id) and each.due_at <= now and in_lane[lane_of(each)] == 1:
            left[each.target_id] -= 1
            chosen[lane_of(each)] = each
    if not chosen:
        return new
    free = _lock(connection, {each.target_id for each in chosen.values()}, wait=False)
    held = {lane_of(each) for each in lanes.first_in(connection, chosen, since)}
    return [
        replace(each, leased_by=node, leased_until=until[each.target_id], due_at=until[each.target_id])
        if each is chosen.get(lane_of(each)) and each.target_id in free and lane_of(each) not in held
        else each
        for each in new
    ]


def _latest(
    connection: Connection, due: list[Delivery], now: int, since: int
) -> tuple[list[Delivery], list[Delivery]]:
    """Of each lane that has something due find the newest, and settle what waits behind it.

    Returns:
        What can be sent now, and what changes.
    """
    by_lane: dict[Lane, list[Delivery]] = {}
    for each in lanes.waiting_in(connection, map(lane_of, due), since):
        by_lane.setdefault(lane_of(each), []).append(each)
    ready: list[Delivery] = []
    changed: list[Delivery] = []
    for *older, newest in by_lane.values():
        changed += [
            replace(
                each,
                state=DeliveryState.OVERTAKEN,
                reason=OVERTAKEN,
                done_at=now,
                leased_by="",
                leased_until=0,
            )
            for each in older
            if each.leased_until <= now
        ]
        if newest.leased_until > now:
            continue
        if any(each.leased_until > now for each in older):
            changed.append(replace(newest, due_at=now + _PUT_OFF))
        elif newest.due_at <= now or not newest.reason:
            ready.append(newest)
    return ready, changed


def _lock(connection: Connection, target_ids: set[str], *, wait: bool) -> set[str]:
    """Take the queues of some targets, in the order of their ids; give those that were taken.

    Args:
        connection: within a transaction.
        target_ids: which; one that does not exist any more is left out.
        wait: wait for other nodes; else leave out what they have.
    """
    if connection.dialect.name == "sqlite":  # whoever writes there is alone
        return {row[0] for row in keyed.find(connection, _QUEUES, [(each,) for each in target_ids])}
    columns = tables.target.c
    statement = select(columns.id).where(columns.id.in_(sorted(target_ids))).order_by(columns.id)
    return set(connection.execute(statement.with_for_update(skip_locked=not wait)).scalars())


def _write(connection: Connection, found: list[Delivery]) -> None:
    bulk.upsert(connection, tables.delivery, [delivery_row(each) for each in found])


def _with_facts(connection: Connection, found: list[Delivery]) -> list[Claimed]:
    if not found:
        return []
    events = sorted({(each.domain_id, each.seq, each.day) for each in found})
    told = {event.seq: event for event in reading.events_of(connection, events)}
    alerts = sorted({(each.domain_id, each.alert_seq) for each in found if each.alert_seq})
    latest = {alert.seq: alert for alert in map(alert_of, keyed.find(connection, _ALERTS, alerts))}
    return [Claimed(each, told.get(each.seq), latest.get(each.alert_seq)) for each in found]


def settle(
    connection: Connection, settled: list[Settled], now: int, since: int, *, wait: bool = True
) -> tuple[set[str], set[str]]:
    """Write what came of deliveries, where this node held them to the end; what waited for them is due.

    Args:
        connection: within a transaction.
        settled: each delivery once.
        now: microseconds UTC.
        since: the oldest day that something may wait from.
        wait: wait for other nodes that are at the same queues; else leave out what goes to those.

    Returns:
        The ids of the targets to which something is due now that was not before; and of those left out.
    """
    if not settled:
        return set(), set()
    found = {each.delivery.target_id for each in settled}
    locked = _lock(connection, found, wait=wait)
    left_out = set() if wait else found - locked
    settled = [each for each in settled if each.delivery.target_id not in left_out]
    rows = map(delivery_of, keyed.find(connection, _BY_IDENTITY, [_identity(s.delivery) for s in settled]))
    held = {
        _identity(each): each.leased_until if each.state is DeliveryState.PENDING else None for each in rows
    }
    kept = [each for each in settled if held.get(_identity(each.delivery)) == each.leased_until]
    _write(connection, [each.delivery for each in kept])
    # An attempt was made, whoever holds the delivery now; but not of one that retention has deleted.
    made = [s.attempt for s in settled if s.attempt is not None and _identity(s.delivery) in held]
    bulk.upsert(connection, tables.attempt, [_attempt_row(each) for each in made])
    done = {lane_of(s.delivery) for s in kept if s.delivery.state is not DeliveryState.PENDING}
    # What was tried before has a reason, and a time of its own.
    firsts = [
        replace(each, due_at=now)
        for each in lanes.first_in(connection, done, since)
        if each.due_at > now and not each.reason and each.leased_until <= now
    ]
    _write(connection, firsts)
    return {each.target_id for each in firsts}, left_out


def not_written(connection: Connection, found: list[Delivery]) -> list[Delivery]:
    """Give those deliveries of which no row stands yet.

    Args:
        connection: within a transaction.
        found: any, each once.
    """
    rows = map(delivery_of, keyed.find(connection, _BY_IDENTITY, [_identity(each) for each in found]))
    known = set(map(_identity, rows))
    return [each for each in found if _identity(each) not in known]


def give_up(connection: Connection, target_ids: set[str], reason: str, now: int) -> None:
    """Let all that waits for some targets be dead.

    Args:
        connection: within a transaction.
        target_ids: which.
        reason: why.
        now: microseconds UTC.
    """
    columns = tables.delivery.c
    # The queues first, as whoever claims and settles does.
    _lock(connection, target_ids, wait=True)
    connection.execute(
        update(tables.delivery)
        .where(tables.WAITING, columns.target_id.in_(target_ids))
        .values(state=DeliveryState.DEAD.value, reason=reason, done_at=now, leased_by="", leased_until=0)
    )


def free_leases(connection: Connection) -> None:
    """Let go of what a process that is gone held. Only where no other node can be at work: on SQLite."""
    columns = tables.delivery.c
    connection.execute(
        update(tables.delivery)
        .where(columns.state == DeliveryState.PENDING.value, columns.leased_until > 0)
        .values(leased_by="", leased_until=0, due_at=columns.created_at)
    )


def hurry(connection: Connection, target: Target, now: int, since: int) -> None:
    """Make what waits for another attempt on a target due at once: it answers again.

    Args:
        connection: within a transaction.
        target: which.
        now: microseconds UTC.
        since: the oldest day that something may wait from.
    """
    columns = tables.delivery.c
    connection.execute(
        update(tables.delivery)
        .where(
            columns.target_id == target.id,
            columns.domain_id == target.domain_id,
            columns.state == DeliveryState.PENDING.value,
            columns.due_at > now,
            columns.leased_until <= now,
            columns.reason != "",
            columns.day >= since,
        )
        .values(due_at=now)
    )


def oldest_pending(connection: Connection) -> int:
    """Give when the oldest delivery was made that still waits, microseconds UTC; 0 where none waits."""
    columns = tables.delivery.c
    oldest: list[int] = []
    for domain_id in connection.execute(select(tables.domain.c.id)).scalars().all():
        first = (
            select(columns.created_at)
            .with_hint(tables.delivery, "INDEXED BY ix_delivery_state", "sqlite")
            .where(columns.domain_id == domain_id, columns.state == DeliveryState.PENDING.value)
            .order_by(columns.seq)
            .limit(1)
        )
        oldest += connection.execute(first).scalars()
    return min(oldest, default=0)


def retry(connection: Connection, found: list[Delivery], now: int) -> None:
    """Make dead deliveries due again; they have their whole lifetime before them.

    Args:
        connection: within a transaction.
        found: which; those that are not dead, or whose target is gone, stay as they are.
        now: microseconds UTC.
    """
    configuration.hold(connection)
    known = _lock(connection, {each.target_id for each in found}, wait=True)
    rows = map(delivery_of, keyed.find(connection, _BY_IDENTITY, [_identity(each) for each in found]))
    dead = [each for each in rows if each.state is DeliveryState.DEAD and each.target_id in known]
    since = min(lanes.oldest_days(connection, known, now).values(), default=0)
    # A later one of the lane may be under way: then this one is due when that is done.
    busy: dict[Lane, int] = {}
    for each in lanes.waiting_in(connection, map(lane_of, dead), since):
        busy[lane_of(each)] = max(busy.get(lane_of(each), now), each.leased_until)
    again = [
        replace(
            each,
            state=DeliveryState.PENDING,
            created_at=now,
            due_at=busy.get(lane_of(each), now),
            reason="",
            done_at=0,
        )
        for each in dead
    ]
    _write(connection, again)
    lanes.reopen(connection, again, now)


def _identity(delivery: Delivery) -> Identity:
    return delivery.domain_id, delivery.seq, delivery.target_id, delivery.day


def _attempt_row(attempt: Attempt) -> tuple[Any, ...]:
    values = msgspec.structs.asdict(attempt)
    values["outcome"] = attempt.outcome.value
    return tuple(values[column.name] for column in tables.attempt.columns)


_QUEUES: Final = keyed.Lookup(tables.target, ("id",), "", ("text",), "found.id = k.a")
_ALERTS: Final = keyed.Lookup(
    tables.alert,
    tuple(column.name for column in ALERT_COLUMNS),
    "",
    ("text", "bigint"),
    "found.domain_id = k.a and found.seq = k.b",
)
_BY_IDENTITY: Final = keyed.Lookup(
    tables.delivery,
    _DELIVERY,
    "",
    ("text", "bigint", "text", "bigint"),
    "found.domain_id = k.a and found.seq = k.b and found.target_id = k.c and found.day = k.d",
    ends_with_day=True,
)
