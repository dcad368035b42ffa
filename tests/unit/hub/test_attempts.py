"""How often somebody may try to log in."""

from itertools import count

import pytest

from tocsin.hub.attempts import OF_A_NAME, OF_AN_ADDRESS, Attempts
from tocsin.hub.errors import RateExceeded


class Clock:
    """A clock that stands until a test moves it."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def attempts(clock: Clock) -> Attempts:
    return Attempts(clock)


def test_a_name_may_be_tried_some_times_and_then_now_and_again(attempts: Attempts, clock: Clock) -> None:
    most, each = OF_A_NAME
    for number in range(most):
        attempts.take("ann", f"10.0.0.{number}")
    with pytest.raises(RateExceeded, match="with this name: wait 30 seconds") as refused:
        attempts.take("ann", "10.0.1.1")
    assert refused.value.retry_after == each
    attempts.take("bob", "10.0.0.1")
    clock.now += each
    attempts.take("ann", "10.0.1.1")
    with pytest.raises(RateExceeded):
        attempts.take("ann", "10.0.1.1")


def test_an_address_may_try_some_names(attempts: Attempts) -> None:
    names = (f"user-{number}" for number in count())
    for _ in range(OF_AN_ADDRESS[0]):
        attempts.take(next(names), "10.0.0.1")
    with pytest.raises(RateExceeded, match="with this address: wait 6 seconds"):
        attempts.take(next(names), "10.0.0.1")
    attempts.take(next(names), "10.0.0.2")


def test_what_succeeds_does_not_count(attempts: Attempts) -> None:
    for _ in range(100):
        attempts.take("ann", "10.0.0.1")
        attempts.give_back("ann", "10.0.0.1")


def test_what_is_refused_takes_nothing_from_the_other(attempts: Attempts) -> None:
    for _ in range(OF_A_NAME[0]):
        attempts.take("ann", "10.0.0.1")
    for _ in range(100):
        with pytest.raises(RateExceeded):
            attempts.take("ann", "10.0.0.1")
    attempts.take("bob", "10.0.0.1")


def test_who_may_try_as_often_as_any_is_forgotten(attempts: Attempts, clock: Clock) -> None:
    for number in range(6_000):
        attempts.take(f"user-{number}", f"address-{number}")
    clock.now += 60
    attempts.take("ann", "10.0.0.1")
    assert len(attempts._free_at) == 2
