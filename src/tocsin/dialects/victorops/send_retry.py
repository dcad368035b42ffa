"""When to try again, and after how long: decisions only, no waiting and no network."""

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from tocsin.dialects.outgoing import Answer, TransportError, check_seconds
from tocsin.dialects.retry_after import seconds_asked

# Two to the power of this, in seconds, is longer than any limit; beyond it floats overflow.
_MAX_DOUBLINGS = 60


class RetriableStatusError(Exception):
    """The endpoint could not take the message now, but may take it later.

    Attributes:
        answer: what it answered.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP status {answer.status}")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class RetryLimits:
    """How hard to try.

    Attributes:
        attempts: how often a message is sent at most, the first time included.
        wait_initial: seconds to wait after the first failure; doubled with each further one.
        wait_max: the longest wait in seconds, also if Retry-After asks for more.
        total_timeout: seconds after which no further attempt begins.
    """

    attempts: int
    wait_initial: float
    wait_max: float
    total_timeout: float

    def __post_init__(self) -> None:
        _check_count("attempts", self.attempts)
        for name in ("wait_initial", "wait_max", "total_timeout"):
            check_seconds(name, getattr(self, name))


def _check_count(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} must be a whole number of at least 1")


class RetryDecision:
    """Decides after each failed attempt of one message; made when its sending begins.

    Given to stamina as its backoff hook (`on`), which may return False (give up) or the seconds to wait.
    stamina counts the attempts.
    """

    def __init__(self, limits: RetryLimits) -> None:
        self._limits = limits
        self._deadline = time.monotonic() + limits.total_timeout
        self._failures = 0

    def attempt_timeout(self, timeout: float) -> float:
        """Shorten the timeout of an attempt to the time that is left, in seconds."""
        # Never zero: to a socket that means not to wait at all.
        return max(0.001, min(timeout, self._deadline - time.monotonic()))

    def __call__(self, failure: Exception) -> float | bool:
        """Say how many seconds to wait before the next attempt, or False if there shall be none."""
        self._failures += 1
        if isinstance(failure, TransportError):
            asked = None
        elif isinstance(failure, RetriableStatusError):
            asked = seconds_asked(failure.answer.retry_after, datetime.now(UTC))
        else:
            return False
        wait = wait_after(self._failures, asked, self._limits)
        return wait if time.monotonic() + wait < self._deadline else False


def raise_if_worth_a_retry(answer: Answer) -> None:
    """Sort the answers out that may be another one later.

    Raises:
        RetriableStatusError: the status is 408, 429 or 5xx.
    """
    if answer.status in {408, 429} or 500 <= answer.status < 600:
        raise RetriableStatusError(answer)


def wait_after(failures: int, asked: float | None, limits: RetryLimits) -> float:
    """Return the seconds to wait after so many failures, of which the last asked for `asked` seconds.

    The wait doubles with each failure. Up to half of it is taken off at random, so that many senders that
    failed at once do not come back at once; but it never ends before the time that was asked for.
    """
    doubled = min(limits.wait_max, limits.wait_initial * 2.0 ** min(failures - 1, _MAX_DOUBLINGS))
    jittered = random.uniform(doubled / 2, doubled)  # noqa: S311 - spreads senders, keeps no secret
    return jittered if asked is None else min(limits.wait_max, max(asked, jittered))
