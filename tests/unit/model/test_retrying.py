"""What follows from an attempt, for its delivery and for its target."""

import pytest
from msgspec.structs import replace

from tests.unit.model.samples import NOON
from tocsin.model.delivery import Delivery, DeliveryState, Sent, SentOutcome
from tocsin.model.life_cycle import Change
from tocsin.model.retrying import HEALTHY, Health, RetryPlan, after_attempt, health_after, wait_after

SECOND = 1_000_000
PLAN = RetryPlan()
ACCEPTED = Sent(SentOutcome.ACCEPTED, 200)
BUSY = Sent(SentOutcome.RETRY, 503, "status 503")
REFUSED = Sent(SentOutcome.REFUSED, 400, "status 400")
UNSUITED = Sent(SentOutcome.UNSUITED, reason="no word for it")


def delivery(**fields: int) -> Delivery:
    held = Delivery(
        "default",
        7,
        "target-0000000000aa",
        20_000,
        "route-0000000000aa",
        "default",
        "cpu",
        7,
        Change.OPENED,
        DeliveryState.PENDING,
        created_at=NOON,
        due_at=NOON,
        leased_by="node",
        leased_until=NOON + 9,
    )
    return replace(held, **fields)


@pytest.mark.parametrize(
    ("sent", "state", "attempts"),
    [
        (ACCEPTED, DeliveryState.DELIVERED, 1),
        (REFUSED, DeliveryState.DEAD, 1),
        (UNSUITED, DeliveryState.UNSUITED, 0),
    ],
)
def test_what_is_final_is_done(sent: Sent, state: DeliveryState, attempts: int) -> None:
    after = after_attempt(delivery(), sent, NOON + 5, PLAN)
    assert (after.state, after.attempts, after.done_at) == (state, attempts, NOON + 5)
    assert (after.status, after.reason) == (sent.status, sent.reason)
    assert (after.leased_by, after.leased_until) == ("", 0)


def test_a_failure_that_may_pass_waits_twice_as_long_each_time() -> None:
    held = delivery()
    for longest in (1, 2, 4, 8):
        held = after_attempt(held, BUSY, NOON, PLAN)
        assert held.state is DeliveryState.PENDING
        assert longest * SECOND / 2 <= held.due_at - NOON <= longest * SECOND


def test_no_wait_is_longer_than_the_plan_says() -> None:
    assert 300 <= wait_after(1000, PLAN.first, PLAN.longest, None) <= 600


@pytest.mark.parametrize(("asked", "waited"), [(90.0, 90), (0.0, None), (1e9, 3600)])
def test_nothing_comes_back_before_it_was_asked_to(asked: float, waited: int | None) -> None:
    after = after_attempt(delivery(), replace(BUSY, retry_after=asked), NOON, PLAN)
    wait = (after.due_at - NOON) / SECOND
    assert wait == waited if waited else 0.5 <= wait <= 1


def test_after_a_day_it_is_given_up_with_the_last_reason() -> None:
    old = delivery(created_at=NOON - 24 * 3600 * SECOND, attempts=99)
    after = after_attempt(old, BUSY, NOON, PLAN)
    assert (after.state, after.done_at) == (DeliveryState.DEAD, NOON)
    assert after.reason == "given up after 100 attempts in 24 hours: status 503"


def test_a_target_that_does_well_takes_many_at_once() -> None:
    assert HEALTHY.places(16, under_way=3, now=NOON) == 13
    assert HEALTHY.places(16, under_way=16, now=NOON) == 0


def test_a_target_that_fails_takes_one_and_that_after_a_pause() -> None:
    health = health_after(HEALTHY, BUSY, NOON, PLAN)
    assert health.places(16, under_way=0, now=NOON) == 0
    assert health.places(16, under_way=0, now=health.closed_until) == 1
    assert health.places(16, under_way=1, now=health.closed_until) == 0


@pytest.mark.parametrize("sent", [ACCEPTED, REFUSED])
def test_any_answer_that_is_final_shows_that_it_does_well(sent: Sent) -> None:
    assert health_after(Health(9, NOON, NOON, told=True), sent, NOON, PLAN) == HEALTHY


def test_what_was_not_sent_says_nothing_of_the_target() -> None:
    failing = Health(9, NOON, NOON)
    assert health_after(failing, UNSUITED, NOON, PLAN) is failing


def test_it_is_told_after_it_failed_for_a_while() -> None:
    health = health_after(HEALTHY, BUSY, NOON, PLAN)
    assert not health.told
    assert not health_after(health, BUSY, NOON + 59 * SECOND, PLAN).told
    assert health_after(health, BUSY, NOON + 60 * SECOND, PLAN).told
