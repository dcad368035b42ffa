"""What became of every signal: of those that are recorded their events say it, the rejected have a table."""

import time
from collections.abc import Iterator
from heapq import merge
from itertools import islice
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from tocsin.model.event import Event, day_of
from tocsin.model.receipt import KeptReceipt, Outcome, Receipt
from tocsin.model.rejected import Rejected
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.predicate import compile_predicate
from tocsin.query.tree import Expression
from tocsin.store import directory, search
from tocsin.store.errors import TookTooLong
from tocsin.store.rejected import rejected

_PAGE: Final = 1_000
"""Rejected signals that are read at a time."""
_UNKNOWN: Final[dict[str, Any]] = dict.fromkeys(Event.__struct_fields__, "") | {
    "seq": 0,
    "object_id": 0,
    "links": [],
    "labels": {},
    "window_start": 0,
    "window_end": 0,
    "attempt": 0,
    "markdown": False,
    "alert_seq": 0,
    "payload_seq": 0,
    "occurred_at": 0,
}


class Place(NamedTuple):
    """How far a reader has come in either list; nought where they have not begun it.

    Attributes:
        seq: of the last event.
        rejected_at: when the last rejected signal was, microseconds UTC.
        rejected_id: its id.
    """

    seq: int = 0
    rejected_at: int = 0
    rejected_id: str = ""


def receipts(
    connection: Connection,
    domain_id: str,
    tree: Expression,
    *,
    limit: int,
    after: Place,
    with_rejected: bool,
    deadline: float,
) -> tuple[list[KeptReceipt], Place | None]:
    """Find receipts, the newest first.

    Of a rejected signal an expression knows the source, its project, outcome, reason and time; everything
    else of it is unknown, as '' is.

    Args:
        connection: within a read.
        domain_id: whose.
        tree: asks for events; sources and projects may stand by name.
        limit: how many at most.
        after: where the page before ended.
        with_rejected: whether those of rejected signals are among them.
        deadline: when to give up, on the clock of `time.monotonic`, in seconds.

    Returns:
        The receipts, and where the page ends; None where nothing comes behind it.

    Raises:
        TookTooLong: the deadline has passed.
    """
    events = search.events(connection, domain_id, tree, limit=limit + 1, before=after.seq, deadline=deadline)
    refused = _rejected(connection, domain_id, tree, after, deadline) if with_rejected else iter(())
    found = list(islice(merge(map(_of_event, events), refused, key=lambda each: -each.at), limit + 1))
    for each in found[:limit]:
        if each.rejected_id:
            after = after._replace(rejected_at=each.at, rejected_id=each.rejected_id)
        else:
            after = after._replace(seq=each.receipt.seq)
    return found[:limit], after if len(found) > limit else None


def _of_event(event: Event) -> KeptReceipt:
    return KeptReceipt(event.receipt, event.source_id, event.recorded_at)


def _rejected(
    connection: Connection, domain_id: str, tree: Expression, after: Place, deadline: float
) -> Iterator[KeptReceipt]:
    """Give the receipts of rejected signals that match, the newest first."""
    resolved = search.resolved_events(connection, domain_id, tree)
    matches = compile_predicate(resolved, EVENT_FIELDS)
    projects = {source.id: source.project_id for source in directory.sources(connection, domain_id)}
    before = (after.rejected_at, after.rejected_id) if after.rejected_id else None
    while page := rejected(connection, domain_id, limit=_PAGE, before=before):
        if time.monotonic() > deadline:
            raise TookTooLong("the search took too long: narrow it")
        for item in page:
            if matches(_as_event(item, projects.get(item.source_id, ""))):
                receipt = Receipt(item.index, Outcome.REJECTED, item.reason)
                yield KeptReceipt(receipt, item.source_id, item.rejected_at, item.id)
        before = (page[-1].rejected_at, page[-1].id)


def _as_event(item: Rejected, project_id: str) -> Event:
    """Give what can be asked of a rejected signal in the shape of an event."""
    known = {
        "domain_id": item.domain_id,
        "project_id": project_id,
        "source_id": item.source_id,
        "outcome": Outcome.REJECTED,
        "reason": item.reason,
        "payload_index": item.index,
        "day": day_of(item.rejected_at),
        "time": item.rejected_at,
        "recorded_at": item.rejected_at,
    }
    return Event(**_UNKNOWN | known)
