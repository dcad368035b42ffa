"""The lanes of the outbox: deliveries of one key to one target, which go out one after the other.

On PostgreSQL every lookup here names the days that it means, so that it plans for their partitions alone; and
it asks for the order of its index, so that a planner without statistics does not go through all that waits
for a target instead: both are the same to it, but only one has the order.
"""

from collections.abc import Iterable
from functools import cache
from typing import Final, TypeAlias

from sqlalchemy import Connection

from tocsin.model.delivery import Delivery
from tocsin.model.event import day_of
from tocsin.store import configuration, keyed, partitions, statements, tables
from tocsin.store.rows import delivery_of

Lane: TypeAlias = tuple[str, str, str, str]

_LANE: Final = ("domain_id", "target_id", "project_id", "key")
_WANTED: Final = ", ".join(f'found."{column.name}"' for column in tables.delivery.columns)
_OLDEST: Final = (
    "select t.id, (select days.day from unnest($2::bigint[]) with ordinality as days(day, place)"
    " cross join lateral (select 1 from delivery where delivery.target_id = t.id and delivery.day = days.day"
    " and delivery.state = 'pending' limit 1) as waiting order by days.place limit 1)"
    " from unnest($1::text[]) as t(id)"
)


def lane_of(delivery: Delivery) -> Lane:
    """Give the lane of a delivery."""
    return delivery.domain_id, delivery.target_id, delivery.project_id, delivery.key


def oldest_days(connection: Connection, target_ids: Iterable[str], now: int) -> dict[str, int]:
    """Give for each target a day before which nothing waits for it: yesterday, or an earlier one.

    Days count from 1970-01-01. What is recorded from now on is of later days; whoever lets something wait
    that was recorded earlier says so with `reopen`. On SQLite, which has no partitions, it is the first day.

    Args:
        connection: within a transaction.
        target_ids: which.
        now: microseconds UTC.
    """
    wanted = sorted(target_ids)
    if connection.dialect.name != "postgresql":
        return dict.fromkeys(wanted, 0)
    yesterday = day_of(now) - 1
    earlier = [day for day in partitions.days(connection) if day < yesterday]
    found = dict.fromkeys(wanted, yesterday)
    if wanted and earlier:
        rows = statements.run(connection, _OLDEST, (wanted, earlier))
        found |= {target_id: day for target_id, day in rows if day is not None}
    return found


def reopen(connection: Connection, deliveries: Iterable[Delivery], now: int) -> None:
    """Let every node look at the days of deliveries again that are to wait from now on.

    The caller holds the configuration (`configuration.hold`) from the start of the transaction.

    Args:
        connection: within a transaction.
        deliveries: what is to wait.
        now: microseconds UTC.
    """
    yesterday = day_of(now) - 1
    if connection.dialect.name == "postgresql" and any(each.day < yesterday for each in deliveries):
        configuration.changed(connection)


def due_to(
    connection: Connection, target_id: str, *, now: int, since: int, limit: int
) -> list[tuple[Delivery, bool]]:
    """Give deliveries that are due to a target, the longest due first, and whether each waits behind another.

    Args:
        connection: within a transaction.
        target_id: to which.
        now: microseconds UTC.
        since: the oldest day that is looked at.
        limit: how many at most.
    """
    values = (target_id, now, since, limit)
    rows = statements.run(connection, _due(connection.dialect.name), values)
    return [(delivery_of(row), bool(is_behind)) for *row, is_behind in rows]


def waiting_in(connection: Connection, lanes: Iterable[Lane], since: int) -> list[Delivery]:
    """Give all deliveries that wait or are under way in some lanes, in the order of `seq`.

    Args:
        connection: within a transaction.
        lanes: which.
        since: the oldest day that is looked at.
    """
    found = _find(connection, lanes, since, first=False)
    return sorted(found, key=lambda each: each.seq)


def first_in(connection: Connection, lanes: Iterable[Lane], since: int) -> list[Delivery]:
    """Give the oldest of each lane, of those that wait or are under way.

    Args:
        connection: within a transaction.
        lanes: which.
        since: the oldest day that is looked at.
    """
    return _find(connection, lanes, since, first=True)


def _find(connection: Connection, lanes: Iterable[Lane], since: int, *, first: bool) -> list[Delivery]:
    keys = sorted(set(lanes))
    if not keys:
        return []
    values = (*keyed.bound(connection, keys), since)
    rows = statements.run(connection, _in_lanes(connection.dialect.name, first), values)
    return list(map(delivery_of, rows))


@cache
def _due(engine: str) -> str:
    lane = " and ".join(f"other.{name} = found.{name}" for name in _LANE)
    if engine == "postgresql":
        behind = (
            f"(select 1 from delivery as other where {lane} and other.state = 'pending'"
            " and other.seq < found.seq and other.day >= $3 order by other.seq limit 1) is not null"
        )
        return (
            f"select {_WANTED}, {behind} as blocked from delivery as found where found.target_id = $1"
            " and found.state = 'pending' and found.due_at <= $2 and found.day >= $3"
            " order by found.due_at limit $4"
        )
    behind = (
        f"exists (select 1 from delivery as other indexed by ix_delivery_lane where {lane}"
        " and other.state = 'pending' and other.seq < found.seq)"
    )
    return (
        f"select {_WANTED}, {behind} as blocked from delivery as found indexed by ix_delivery_due"
        " where found.target_id = ?1 and found.state = 'pending' and found.due_at <= ?2 and found.day >= ?3"
        " order by found.due_at limit ?4"
    )


@cache
def _in_lanes(engine: str, first: bool) -> str:
    lane = " and ".join(f"found.{name} = k.{short}" for name, short in zip(_LANE, "abcd", strict=True))
    if engine == "postgresql":
        # Without its offset the inner query would be merged into the outer one, and its order be lost.
        return (
            f"select {_WANTED} from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as k(a, b, c, d)"
            f" cross join lateral (select * from delivery as found where {lane} and found.state = 'pending'"
            f" and found.day >= $5 order by found.seq {'limit 1' if first else 'offset 0'}) as found"
        )
    earlier = f"{lane.replace('found.', 'other.')} and other.state = 'pending' and other.seq < found.seq"
    alone = (
        f" and not exists (select 1 from delivery as other indexed by ix_delivery_lane where {earlier})"
        if first
        else ""
    )
    parts = ", ".join(f"value ->> {place} as {name}" for place, name in enumerate("abcd"))
    return (
        f"select {_WANTED} from (select {parts} from json_each(?1)) as k"
        f" cross join delivery as found indexed by ix_delivery_lane"
        f" where {lane} and found.state = 'pending' and found.day >= ?2{alone}"
    )
