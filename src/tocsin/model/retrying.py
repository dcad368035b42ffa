"""What follows from an attempt: for its delivery, and for the target it was made on. Pure."""

import random
from typing import Final

import msgspec

from tocsin.model.delivery import Delivery, DeliveryState, Sent, SentOutcome
from tocsin.model.event import MICROSECONDS_PER_SECOND

_MOST_DOUBLINGS: Final = 30
_LONGEST_ASKED_SECONDS: Final = 3600.0
"""Nobody may put a delivery off for longer at a time."""
_FINAL: Final = {
    SentOutcome.ACCEPTED: DeliveryState.DELIVERED,
    SentOutcome.REFUSED: DeliveryState.DEAD,
    SentOutcome.UNSUITED: DeliveryState.UNSUITED,
}


class RetryPlan(msgspec.Struct, frozen=True):
    """How hard to try. All in seconds.

    Attributes:
        first: the wait after the first failure; it doubles with each further one.
        longest: the longest wait.
        lifetime: how long a delivery is tried; after that it is dead.
        probe_longest: the longest pause between two attempts on a target that does not answer.
        trouble_after: how long a target fails before Tocsin says so itself.
    """

    first: float = 1.0
    longest: float = 600.0
    lifetime: float = 24 * 3600.0
    probe_longest: float = 30.0
    trouble_after: float = 60.0


def wait_after(failures: int, first: float, longest: float, asked: float | None) -> float:
    """Give the seconds to wait after so many failures, of which the last asked for `asked` seconds.

    Up to half is taken off at random, so that what failed together does not come back together; but nothing
    comes back before the time that was asked for.
    """
    doubled = min(longest, first * 2.0 ** min(failures - 1, _MOST_DOUBLINGS))
    jittered = random.uniform(doubled / 2, doubled)  # noqa: S311 - spreads attempts, keeps no secret
    return jittered if asked is None else max(min(asked, _LONGEST_ASKED_SECONDS), jittered)


def after_attempt(delivery: Delivery, sent: Sent, now: int, plan: RetryPlan) -> Delivery:
    """Give a delivery as it stands after an attempt.

    Args:
        delivery: before it.
        sent: what came of it.
        now: microseconds UTC.
        plan: how hard to try.
    """
    attempts = delivery.attempts + (sent.outcome is not SentOutcome.UNSUITED)
    tried = msgspec.structs.replace(
        delivery,
        attempts=attempts,
        status=sent.status,
        reason=sent.reason,
        leased_by="",
        leased_until=0,
    )
    if sent.outcome in _FINAL:
        return msgspec.structs.replace(tried, state=_FINAL[sent.outcome], done_at=now)
    wait = wait_after(attempts, plan.first, plan.longest, sent.retry_after)
    due_at = now + round(wait * MICROSECONDS_PER_SECOND)
    if due_at - delivery.created_at > plan.lifetime * MICROSECONDS_PER_SECOND:
        reason = f"given up after {attempts} attempts in {plan.lifetime / 3600:g} hours: {sent.reason}"
        return msgspec.structs.replace(tried, state=DeliveryState.DEAD, reason=reason, done_at=now)
    return msgspec.structs.replace(tried, due_at=due_at)


class Health(msgspec.Struct, frozen=True):
    """How a target does, on one node.

    Attributes:
        failures: attempts in a row that it did not answer as it should.
        failing_since: when the first of them ended, microseconds UTC; 0 where it does well.
        closed_until: nothing is sent before, microseconds UTC.
        told: Tocsin has said by itself that it fails.
    """

    failures: int = 0
    failing_since: int = 0
    closed_until: int = 0
    told: bool = False

    def places(self, at_once: int, under_way: int, now: int) -> int:
        """Give how many more deliveries may be sent now: one at a time to a target that fails.

        Args:
            at_once: how many may be under way together.
            under_way: how many are.
            now: microseconds UTC.
        """
        if now < self.closed_until:
            return 0
        return max(0, (1 if self.failures else at_once) - under_way)


HEALTHY: Final = Health()


def health_after(health: Health, sent: Sent, now: int, plan: RetryPlan) -> Health:
    """Give a target's health after an attempt. A refusal is an answer: the target does well.

    Args:
        health: before it.
        sent: what came of it.
        now: microseconds UTC.
        plan: how hard to try.
    """
    if sent.outcome is SentOutcome.UNSUITED:
        return health
    if sent.outcome is not SentOutcome.RETRY:
        return HEALTHY
    failures = health.failures + 1
    pause = wait_after(failures, plan.first, plan.probe_longest, sent.retry_after)
    since = health.failing_since or now
    told = health.told or now - since >= plan.trouble_after * MICROSECONDS_PER_SECOND
    return Health(failures, since, now + round(pause * MICROSECONDS_PER_SECOND), told)
