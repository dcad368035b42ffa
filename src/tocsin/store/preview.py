"""What a filter matches of what is recorded already: the open alerts, and the events of the last time."""

import time
from collections.abc import Iterator
from itertools import islice
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from tocsin.model.alert import Alert, AlertState
from tocsin.model.event import Event
from tocsin.model.signal import Kind
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.predicate import compile_predicate
from tocsin.query.tree import Comparison, Expression, Operator, conjunction
from tocsin.store import marks, search, tables
from tocsin.store.errors import TookTooLong
from tocsin.store.rows import ALERT_COLUMNS, EVENT_COLUMNS, alert_of, event_of

_CHUNK: Final = 500
_PROBLEM_KINDS: Final = (Kind.PROBLEM.value, Kind.ERROR.value)


class Preview(msgspec.Struct, frozen=True):
    """What a filter matches: how much, and the newest of it.

    Attributes:
        alert_count: how many open alerts it matches, by the last problem of each.
        alerts: the newest of them.
        event_count: how many events of the last time it matches.
        events: the newest of them.
    """

    alert_count: int
    alerts: list[Alert]
    event_count: int
    events: list[Event]


def preview(
    connection: Connection, domain_id: str, tree: Expression, *, since: int, limit: int, deadline: float
) -> Preview:
    """Look at what a filter matches.

    Args:
        connection: within a read.
        domain_id: whose.
        tree: the filter; sources and projects may stand by name.
        since: from when on events count, microseconds UTC.
        limit: how many alerts, and how many events, are given at most.
        deadline: when to give up, on the clock of `time.monotonic`, in seconds.

    Raises:
        TookTooLong: the deadline has passed.
    """
    open_seqs = list(_open_alerts(connection, domain_id, tree, deadline))
    recorded = Comparison(EVENT_FIELDS.by_name["recorded"], Operator.GREATER_EQUAL, since)
    recent = conjunction([recorded, tree])
    return Preview(
        len(open_seqs),
        _alerts(connection, domain_id, open_seqs[:limit]),
        search.count_events(connection, domain_id, recent, deadline=deadline),
        search.events(connection, domain_id, recent, limit=limit, deadline=deadline),
    )


def _open_alerts(connection: Connection, domain_id: str, tree: Expression, deadline: float) -> Iterator[int]:
    """Give the numbers of open alerts whose last problem matches, the newest first.

    A silence is asked about events, and not every field of an event is one of its alert.
    """
    alerts, events = tables.alert.c, tables.event.c
    matches = compile_predicate(search.resolved_events(connection, domain_id, tree), EVENT_FIELDS)
    seen_through = marks.read(connection, domain_id)
    last_problem = (
        select(events.seq)
        .with_hint(tables.event, "INDEXED BY ix_event_alert", "sqlite")
        .where(events.domain_id == domain_id, events.alert_seq == alerts.seq, events.kind.in_(_PROBLEM_KINDS))
        .order_by(events.seq.desc())
        .limit(1)
        .correlate(tables.alert)
        .scalar_subquery()
    )
    is_open = alerts.state.in_([AlertState.OPEN.value, AlertState.ACKNOWLEDGED.value])
    found = connection.execute(select(last_problem).where(alerts.domain_id == domain_id, is_open)).scalars()
    problems = iter(sorted((seq for seq in found if seq is not None), reverse=True))
    while chunk := list(islice(problems, _CHUNK)):
        if time.monotonic() > deadline:
            raise TookTooLong("the preview took too long: narrow the expression")
        rows = connection.execute(
            select(*EVENT_COLUMNS)
            .where(events.domain_id == domain_id, events.seq.in_(chunk))
            .order_by(events.seq.desc())
        )
        seen = map(seen_through.shown, map(event_of, rows))
        yield from (event.alert_seq for event in seen if matches(event))


def _alerts(connection: Connection, domain_id: str, seqs: list[int]) -> list[Alert]:
    columns = tables.alert.c
    rows = connection.execute(
        select(*ALERT_COLUMNS).where(columns.domain_id == domain_id, columns.seq.in_(seqs))
    )
    found = {row.seq: alert_of(row) for row in rows}
    return [found[seq] for seq in seqs]
