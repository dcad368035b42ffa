from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.dialects.outgoing import Answer, TransportError
from tocsin.dialects.retry_after import seconds_asked
from tocsin.dialects.victorops.send_retry import (
    RetriableStatusError,
    RetryDecision,
    RetryLimits,
    raise_if_worth_a_retry,
    wait_after,
)

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
LIMITS = RetryLimits(attempts=5, wait_initial=1.0, wait_max=60.0, total_timeout=1000.0)
SECONDS = st.floats(0.001, 1e6)


def busy(retry_after: str = "") -> RetriableStatusError:
    return RetriableStatusError(Answer(503, retry_after, b""))


@given(st.integers(100, 599))
def test_only_408_429_and_5xx_are_worth_a_retry(status: int) -> None:
    answer = Answer(status, "", b"")
    if status in {408, 429} or status >= 500:
        with pytest.raises(RetriableStatusError, match=f"^HTTP status {status}$") as caught:
            raise_if_worth_a_retry(answer)
        assert caught.value.answer is answer
    else:
        raise_if_worth_a_retry(answer)


@given(st.integers(1, 10**9), SECONDS, SECONDS)
def test_the_wait_doubles_up_to_its_limit_and_is_at_least_half_of_that(
    failures: int, initial: float, longest: float
) -> None:
    wait = wait_after(failures, None, RetryLimits(5, initial, longest, 1.0))
    doubled = min(longest, initial * 2.0 ** min(failures - 1, 100))
    assert doubled / 2 <= wait <= doubled


@given(st.integers(1, 20), st.floats(0, 1e9), SECONDS)
def test_the_wait_is_as_long_as_asked_up_to_its_limit(failures: int, asked: float, longest: float) -> None:
    wait = wait_after(failures, asked, RetryLimits(5, 0.001, longest, 1.0))
    assert min(asked, longest) <= wait <= longest


@given(st.integers(1, 20))
def test_asking_for_no_wait_does_not_shorten_it(failures: int) -> None:
    assert wait_after(failures, 0.0, LIMITS) >= min(60.0, 2.0 ** (failures - 1)) / 2


def test_waits_are_not_all_the_same() -> None:
    assert len({wait_after(1, None, LIMITS) for _ in range(20)}) > 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("Sunday, 22-Nov-26 12:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 13:00:30 +0100", 30.0),
        ("Sun, 22 Nov 2026 12:00:30 -0000", 30.0),
        ("Sun, 22 Nov 2026 11:59:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("\u0663", None),
        ("Sun, 32 Nov 2026 12:00:30 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert seconds_asked(header, NOW) == seconds


@given(st.integers(0, 10**9))
def test_retry_after_as_a_date_is_the_time_until_then(seconds: int) -> None:
    header = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert seconds_asked(header, NOW) == seconds


@given(st.text() | st.text("0123456789 :,-+", max_size=40))
def test_a_retry_after_of_any_text_is_a_wait_or_nothing(header: str) -> None:
    asked = seconds_asked(header, NOW)
    assert asked is None or asked >= 0


@pytest.mark.parametrize("failure", [TransportError("no answer"), busy()])
def test_what_may_pass_is_tried_again_after_longer_and_longer_waits(failure: Exception) -> None:
    decision = RetryDecision(LIMITS)
    waits = [decision(failure) for _ in range(4)]
    assert [0.5 * 2**n <= wait <= 2**n for n, wait in enumerate(waits)] == [True] * 4


def test_retry_after_sets_the_wait() -> None:
    assert RetryDecision(LIMITS)(busy("40")) == 40.0
    assert RetryDecision(LIMITS)(busy("3600")) == 60.0


def test_anything_else_is_not_tried_again() -> None:
    assert RetryDecision(LIMITS)(KeyError("a defect")) is False


def test_no_wait_reaches_beyond_the_total_time() -> None:
    decision = RetryDecision(RetryLimits(5, 1.0, 60.0, 20.0))
    assert decision(busy("30")) is False
    assert decision(busy("10")) == 10.0


def test_an_attempt_has_no_more_than_the_time_that_is_left() -> None:
    decision = RetryDecision(RetryLimits(5, 1.0, 60.0, 5.0))
    assert decision.attempt_timeout(2.0) == 2.0
    assert 4.0 < decision.attempt_timeout(10.0) <= 5.0


def test_an_attempt_that_begins_at_the_very_end_still_has_a_timeout() -> None:
    decision = RetryDecision(RetryLimits(5, 1.0, 60.0, 1e-9))
    assert decision.attempt_timeout(10.0) > 0


@pytest.mark.parametrize("value", [0, -1, 1.5, True, None, "3"])
def test_attempts_are_a_whole_number_from_one(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^attempts must be"):
        RetryLimits(value, 1.0, 60.0, 120.0)


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("wait_initial", lambda value: RetryLimits(5, value, 60.0, 120.0)),
        ("wait_max", lambda value: RetryLimits(5, 1.0, value, 120.0)),
        ("total_timeout", lambda value: RetryLimits(5, 1.0, 60.0, value)),
    ],
)
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), True, None, "3"])
def test_times_are_seconds_above_zero(name: str, limits: Callable[[Any], RetryLimits], value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be a number of seconds above 0$"):
        limits(value)
