"""A trial of a submission: what the ledger would decide about it now, without writing anything."""

import msgspec
from sqlalchemy import Connection

from tocsin.model.alert import Alert
from tocsin.model.delivery import Delivery
from tocsin.model.event import Event
from tocsin.model.receipt import Receipt
from tocsin.model.recording import record
from tocsin.model.submission import Submission
from tocsin.store import situation
from tocsin.store.policies import Policies


class Trial(msgspec.Struct):
    """What would become of one signal.

    Attributes:
        receipt: what its sender would be told.
        event: what would be recorded.
        alert: its alert as it would stand after the whole submission, None where it has none.
        opens: whether the submission itself opens that alert.
        deliveries: what would go to targets.
    """

    receipt: Receipt
    event: Event
    alert: Alert | None
    opens: bool
    deliveries: list[Delivery]


def attempt(connection: Connection, submission: Submission, now: int, object_limit: int) -> list[Trial]:
    """Decide about a submission as the ledger would, under its domain's lock.

    Args:
        connection: a transaction of `Database.write`, not yet used, which the caller rolls back.
        submission: what a request brought, without acts by hand: of those none is refused.
        now: microseconds UTC.
        object_limit: how many discovered objects a domain may have.

    Returns:
        One for each signal, in the order of their indexes.
    """
    batch, found = situation.load(connection, [submission], Policies(), now)
    first_seq = found.domains[submission.source.domain_id].next_seq
    entries = record(batch, found, now, object_limit)
    events = {event.seq: event for event in entries.events}
    alerts = {alert.seq: alert for alert in (*found.alerts.values(), *entries.alerts.values())}
    deliveries: dict[int, list[Delivery]] = {seq: [] for seq in events}
    for delivery in entries.deliveries:
        deliveries[delivery.seq].append(delivery)
    return [
        Trial(
            receipt,
            events[receipt.seq],
            alerts.get(receipt.alert_seq),
            receipt.alert_seq >= first_seq,
            deliveries[receipt.seq],
        )
        for receipt in entries.receipts[0]
    ]
