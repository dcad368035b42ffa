"""How long to wait before the same is tried again: decisions only, no waiting and no network."""

import random
import time
from dataclasses import dataclass

from tocsin.client.errors import ClientError, Refused


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait after a failure.

    Attributes:
        first: seconds after the first failure; doubled with each further one.
        longest: the most seconds.
    """

    first: float = 0.5
    longest: float = 30.0

    def seconds(self, failures: int) -> float:
        """Give the wait after so many failures in a row, at least one."""
        doubled = min(self.longest, self.first * 2.0 ** min(failures - 1, 60))
        return random.uniform(doubled / 2, doubled)  # noqa: S311 - spreads clients, keeps no secret

    def seconds_after(self, failure: ClientError, failures: int) -> float:
        """Give the wait after a failure, the last of so many: never less than the server asks for."""
        return max(self.seconds(failures), failure.retry_after or 0.0)


class Patience:
    """Decides after each failed attempt of one request; made when the first one begins.

    Given to stamina as its backoff hook.

    Args:
        seconds: after which no further attempt begins.
        back_off: how long to wait between two.
    """

    def __init__(self, seconds: float, back_off: BackOff) -> None:
        self._deadline = time.monotonic() + seconds
        self._back_off = back_off
        self._failures = 0

    def __call__(self, failure: Exception) -> float | bool:
        """Give the seconds to wait before the next attempt, False if there shall be none."""
        if not isinstance(failure, ClientError) or not (failure.passing or _is_under_way(failure)):
            return False
        self._failures += 1
        wait = self._back_off.seconds_after(failure, self._failures)
        return wait if time.monotonic() + wait < self._deadline else False


def _is_under_way(failure: ClientError) -> bool:
    """Say whether an earlier attempt, with the same Idempotency-Key, is still being answered."""
    return isinstance(failure, Refused) and failure.problem.status == 409
