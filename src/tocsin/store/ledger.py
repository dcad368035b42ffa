"""The ledger: the one transaction that writes payloads, events, alerts, objects and deliveries.

It takes the rows of the batch's domains first, in the order of their ids. That lock makes "find the open
alert or open one" free of races, and lets the events of a domain become visible in the order of `seq`.
"""

from collections import Counter
from collections.abc import Callable
from itertools import groupby, islice
from typing import Any, Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from tocsin.model.delivery import Delivery
from tocsin.model.entries import Entries
from tocsin.model.event import MICROSECONDS_PER_SECOND
from tocsin.model.identifiers import random_id
from tocsin.model.naming import Named
from tocsin.model.receipt import Receipt
from tocsin.model.recording import record
from tocsin.model.submission import Submission
from tocsin.store import audit, bulk, gaps, partitions, rejected, situation, tables
from tocsin.store.outbox import Claimed
from tocsin.store.payloads import payload_columns
from tocsin.store.policies import Policies
from tocsin.store.repetitions import Repetitions
from tocsin.store.rows import alert_row, delivery_row, event_row, object_row

Along = Callable[[Connection, list[Delivery]], list[Delivery]]
"""Gives deliveries that are about to be written, with those leased that are sent as soon as they are."""
_REJECTED_OF_A_REQUEST: Final = 100
"""How many refused items of one request are kept: enough to see what is wrong with it."""
_SEEN_EVERY: Final = 5 * MICROSECONDS_PER_SECOND
"""How exactly it is known when a source last sent something."""


class Written(msgspec.Struct):
    """What a transaction of the ledger came to.

    Attributes:
        receipts: of each submission, in the order of the indexes of its items.
        domains: the domains that have new events.
        deliveries: how many are to be sent.
        targets: the ids of the targets to which some of them wait to be claimed.
        taken: those that this node holds already.
    """

    receipts: list[list[Receipt]] = []
    domains: set[str] = set()
    deliveries: int = 0
    targets: set[str] = set()
    taken: list[Claimed] = []


class Ledger:
    """Writes batches.

    Args:
        object_limit: how many discovered objects a domain may have.
        clock: gives microseconds UTC.
    """

    def __init__(self, object_limit: int, clock: Callable[[], int]) -> None:
        self._object_limit = object_limit
        self._clock = clock
        self._partitioned: set[int] = set()
        self._policies = Policies()
        self._seen: dict[str, int] = {}

    def write(
        self, connection: Connection, submissions: list[Submission], along: Along | None = None
    ) -> Written:
        """Record submissions, in order, within the connection's transaction.

        Args:
            connection: a transaction of `Database.write`.
            submissions: what the requests brought.
            along: writes along, and leases what is sent at once; None where all deliveries are to be claimed.
        """
        now = self._clock()
        batch, found = situation.load(connection, submissions, self._policies, now)
        repetitions = Repetitions(connection, submissions)
        new = [each for each in batch if repetitions.is_new(each[0])]
        entries = record(new, found, now, self._object_limit)
        self._ensure_partitions(connection, entries)
        bulk.insert(connection, tables.payload, _payload_rows(entries))
        bulk.insert(connection, tables.event, [event_row(event) for event in entries.events])
        bulk.upsert(connection, tables.alert, [alert_row(alert) for alert in entries.alerts.values()])
        bulk.upsert(
            connection, tables.monitored_object, [object_row(each) for each in entries.objects.values()]
        )
        bulk.upsert(connection, tables.handling, [msgspec.structs.astuple(each) for each in entries.handling])
        deliveries = entries.deliveries
        # What is sent at once tells how its alert stands, which is not at hand where it was not touched.
        if along is not None and all(
            not each.alert_seq or _alert(each) in entries.alerts for each in deliveries
        ):
            deliveries = along(connection, deliveries)
        bulk.insert(connection, tables.delivery, [delivery_row(each) for each in deliveries])
        bulk.upsert(connection, tables.due, [msgspec.structs.astuple(each) for each in entries.due.values()])
        bulk.upsert(connection, tables.activity, self._note_activity(submissions, now))
        bulk.insert(connection, tables.rejected, _rejected_rows(entries))
        _end_replays(connection, new)
        gaps.add_differences(connection, _differences(new, entries))
        bulk.upsert(
            connection,
            tables.domain,
            [msgspec.structs.astuple(domain) for domain in found.domains.values()],
            situation.DOMAIN_COUNTERS,
        )
        return Written(
            repetitions.keep(entries.receipts, now),
            {event.domain_id for event in entries.events},
            len(deliveries),
            {each.target_id for each in deliveries if not each.leased_by},
            _taken(entries, [each for each in deliveries if each.leased_by]),
        )

    def _note_activity(self, submissions: list[Submission], now: int) -> list[tuple[str, str, int]]:
        """Give the rows of the sources that sent something and were not noted lately."""
        seen = {
            submission.source.id: (submission.source.domain_id, submission.source.id, now)
            for submission in submissions
            if now - self._seen.get(submission.source.id, 0) >= _SEEN_EVERY and _is_its_own(submission)
        }
        self._seen |= dict.fromkeys(seen, now)
        return list(seen.values())

    def _ensure_partitions(self, connection: Connection, entries: Entries) -> None:
        missing = {event.day for event in entries.events} - self._partitioned
        for day in missing:
            partitions.ensure(connection, day, day)
        self._partitioned |= missing

    def forget(self) -> None:
        """Look again at what is remembered of the store, after a transaction that did not commit."""
        self._partitioned.clear()
        self._policies.forget()
        self._seen.clear()


def _taken(entries: Entries, leased: list[Delivery]) -> list[Claimed]:
    if not leased:
        return []
    events = {(event.domain_id, event.seq): event for event in entries.events}
    return [
        Claimed(each, events[each.domain_id, each.seq], entries.alerts.get(_alert(each))) for each in leased
    ]


def _alert(delivery: Delivery) -> tuple[str, int]:
    return delivery.domain_id, delivery.alert_seq


def _is_its_own(submission: Submission) -> bool:
    """Say whether a source said it now; not so what people, time or Tocsin itself say in its name."""
    is_now = bool(submission.source.id) and not submission.is_past
    return is_now and any(not signal.alert_seq for signal in submission.signals)


def _end_replays(connection: Connection, recorded: list[tuple[Submission, list[Named]]]) -> None:
    """Take what is recorded now out of the rejected."""
    for replay in dict.fromkeys(submission.replay for submission, _ in recorded):
        if replay is not None:
            rejected.delete_request(connection, replay.rejected)
            audit.write(connection, replay.author, "rejected.replay", before=replay.rejected)


def _differences(recorded: list[tuple[Submission, list[Named]]], entries: Entries) -> Counter[gaps.GapKey]:
    """Count the events that make up for gaps."""
    found: Counter[gaps.GapKey] = Counter()
    for (submission, _), receipts in zip(recorded, entries.receipts, strict=True):
        if submission.missed_since:
            source = submission.source
            key = (source.domain_id, source.id, submission.missed_since)
            found[key] += sum(receipt.seq > 0 for receipt in receipts)
    return found


def _payload_rows(entries: Entries) -> list[tuple[Any, ...]]:
    return [
        (domain_id, seq, day, source_id, *payload_columns(payload))
        for domain_id, seq, day, source_id, payload in entries.payloads
    ]


def _rejected_rows(entries: Entries) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    # The items of a request stand together; the first of them holds its body.
    for _, items in groupby(entries.rejected, key=lambda item: id(item.submission)):
        payload_id = ""
        for item in islice(items, _REJECTED_OF_A_REQUEST):
            source, payload = item.submission.source, item.submission.payload
            row_id = random_id("rejected")
            if payload_id:
                payload = replace(payload, body=b"")
            payload_id = payload_id or row_id
            *described, size, body = payload_columns(payload)
            rows.append(
                (
                    row_id,
                    source.domain_id,
                    source.id,
                    payload_id,
                    item.refusal.index,
                    item.refusal.reason,
                    *described,
                    item.rejected_at,
                    size,
                    body,
                )
            )
    return rows
