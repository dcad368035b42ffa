"""A delivery: one event for one target, with its attempts."""

from enum import StrEnum
from typing import Final

import msgspec

from tocsin.model.event import Event
from tocsin.model.identifiers import delivery_id
from tocsin.model.life_cycle import Change

ANSWER_LIMIT: Final = 1024
"""Characters of an answer's beginning that are kept."""


class DeliveryState(StrEnum):
    """Where a delivery stands.

    Attributes:
        PENDING: to be sent, or under way.
        DELIVERED: the target took it.
        DEAD: given up; the reason says why.
        OVERTAKEN: needless, since a newer one of its key was there before it was sent.
        UNSUITED: needless, since the target's protocol has no word for such an event.
    """

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    OVERTAKEN = "overtaken"
    UNSUITED = "unsuited"


class SentOutcome(StrEnum):
    """What came of one attempt.

    Attributes:
        ACCEPTED: the target took it.
        RETRY: it may take it later: no answer, 408, 429, 5xx.
        REFUSED: it will never take it.
        UNSUITED: nothing was sent: its protocol has no word for such an event.
    """

    ACCEPTED = "accepted"
    RETRY = "retry"
    REFUSED = "refused"
    UNSUITED = "unsuited"


class Delivery(msgspec.Struct, frozen=True):
    """One event for one target. Times are microseconds UTC.

    Attributes:
        seq: of the event.
        day: of the event.
        route_id: the route that chose the target; '' for a test or a retry by hand of what had none.
        project_id: with `key` the lane: deliveries of a lane go to a target one after the other.
        change: what the event did to its alert; NONE where it changed nothing.
        state: where it stands.
        due_at: when it is to be tried next.
        leased_by: the node that sends it now, '' for none.
        leased_until: when that node's hold on it ends by itself.
        attempts: how many were made.
        status: HTTP status of the last one, 0 where no answer came.
        reason: why the last one failed, or why it was given up; '' for none.
        done_at: when it left the state pending; 0 before.
    """

    domain_id: str
    seq: int
    target_id: str
    day: int
    route_id: str
    project_id: str
    key: str
    alert_seq: int
    change: Change
    state: DeliveryState
    created_at: int
    due_at: int
    leased_by: str = ""
    leased_until: int = 0
    attempts: int = 0
    status: int = 0
    reason: str = ""
    done_at: int = 0

    @property
    def id(self) -> str:
        """The id that the target sees: the same for every attempt."""
        return delivery_id(self.seq, self.target_id)


class Sent(msgspec.Struct, frozen=True):
    """What came of one attempt, as a sender saw it.

    Attributes:
        outcome: what it means for the delivery.
        status: HTTP status, 0 where no answer came.
        reason: why it was not accepted, in plain words without secrets; '' where it was.
        answer: the beginning of the answer's body, at most `ANSWER_LIMIT` characters.
        retry_after: seconds that the target asked to wait, None where it did not ask.
    """

    outcome: SentOutcome
    status: int = 0
    reason: str = ""
    answer: str = ""
    retry_after: float | None = None


class Attempt(msgspec.Struct, frozen=True):
    """One attempt as it is kept.

    Attributes:
        number: from 1.
        started_at: microseconds UTC.
        duration: microseconds.
    """

    domain_id: str
    seq: int
    target_id: str
    number: int
    day: int
    started_at: int
    duration: int
    status: int
    outcome: SentOutcome
    reason: str
    answer: str


def delivery_of(event: Event, target_id: str, route_id: str, change: Change, now: int) -> Delivery:
    """Make the delivery of an event to a target, due at once.

    Args:
        event: what is to be told.
        target_id: to whom.
        route_id: which route chose it, '' for none.
        change: what the event did to its alert.
        now: microseconds UTC.
    """
    return Delivery(
        event.domain_id,
        event.seq,
        target_id,
        event.day,
        route_id,
        event.project_id,
        event.key,
        event.alert_seq,
        change,
        DeliveryState.PENDING,
        created_at=now,
        due_at=now,
    )
