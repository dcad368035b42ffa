"""Reading single things of the ledger by their number, and the events in their order."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, select

from tocsin.model.alert import Alert
from tocsin.model.event import Event
from tocsin.model.submission import Payload
from tocsin.store import keyed, marks, tables
from tocsin.store.errors import NotFound
from tocsin.store.payloads import payload_of
from tocsin.store.rows import ALERT_COLUMNS, EVENT_COLUMNS, alert_of, event_of

_BY_KEY: Final = keyed.Lookup(
    tables.event,
    tuple(column.name for column in EVENT_COLUMNS),
    "",
    ("text", "bigint", "bigint"),
    "found.domain_id = k.a and found.seq = k.b and found.day = k.c",
    ends_with_day=True,
)
# Written out once: building it anew takes longer than running it, and every search asks for it.
_NEXT_SEQ: Final = select(tables.domain.c.next_seq).where(tables.domain.c.id == bindparam("whose"))


def last_seq(connection: Connection, domain_id: str) -> int:
    """Give the number of a domain's newest event, 0 where it has none."""
    return (connection.execute(_NEXT_SEQ, {"whose": domain_id}).scalar() or 1) - 1


def count_events(connection: Connection, domain_id: str) -> int:
    """Count a domain's events. Their numbers have no gap, and retention only takes the oldest."""
    columns = tables.event.c
    oldest = select(columns.seq).where(columns.domain_id == domain_id).order_by(columns.seq).limit(1)
    first = connection.execute(oldest).scalar()
    return last_seq(connection, domain_id) - first + 1 if first else 0


def events_after(connection: Connection, domain_id: str, seq: int, limit: int) -> list[Event]:
    """Give the events that come next after a number, in order, as they were recorded.

    Args:
        connection: within a read.
        domain_id: whose.
        seq: the number after which to begin.
        limit: how many at most.
    """
    columns = tables.event.c
    rows = connection.execute(
        select(*EVENT_COLUMNS)
        .where(columns.domain_id == domain_id, columns.seq > seq)
        .order_by(columns.seq)
        .limit(limit)
    )
    return [event_of(row) for row in rows]


def event(connection: Connection, domain_id: str, seq: int) -> Event:
    """Give the event with that number.

    Raises:
        NotFound: the domain has none, or its alert was deleted.
    """
    columns = tables.event.c
    row = connection.execute(
        select(*EVENT_COLUMNS).where(columns.domain_id == domain_id, columns.seq == seq)
    ).first()
    seen = marks.read(connection, domain_id).seen([event_of(row)] if row is not None else [])
    if not seen:
        raise NotFound("there is no such event")
    return seen[0]


def events_of(connection: Connection, keys: Sequence[tuple[str, int, int]]) -> list[Event]:
    """Give the events with some keys, in no order, as they were recorded.

    Args:
        connection: within a transaction.
        keys: domain, number and day of each.
    """
    return [event_of(row) for row in keyed.find(connection, _BY_KEY, keys)]


def alert(connection: Connection, domain_id: str, seq: int) -> Alert:
    """Give the alert that the event with that number opened.

    Raises:
        NotFound: the domain has none, or it was merged into another or deleted.
    """
    columns = tables.alert.c
    row = connection.execute(
        select(*ALERT_COLUMNS).where(columns.domain_id == domain_id, columns.seq == seq)
    ).first()
    if row is None or seq in marks.read(connection, domain_id).hidden:
        raise NotFound("there is no such alert")
    return alert_of(row)


def payload(connection: Connection, domain_id: str, payload_seq: int) -> Payload:
    """Give a request as it came.

    Raises:
        NotFound: the domain has none under that number.
    """
    columns = tables.payload.c
    row = connection.execute(
        select(tables.payload).where(columns.domain_id == domain_id, columns.seq == payload_seq)
    ).first()
    if row is None:
        raise NotFound("the payload is not kept any more")
    return payload_of(row)
