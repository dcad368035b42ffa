"""How fast a source may send, where its options limit that."""

import math
import time
from collections.abc import Callable

from tocsin.hub.errors import RateExceeded
from tocsin.model.source import Source


class Rates:
    """A token bucket for each source that has a limit: a second's worth may come at once.

    Args:
        monotonic: gives seconds, never back.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, source: Source, signals: int) -> None:
        """Take signals from a source's allowance. A request of more than a second's worth drains it longer.

        Args:
            source: who sends.
            signals: how many.

        Raises:
            RateExceeded: the allowance is used up.
        """
        rate = source.options.rate_limit
        if not rate:
            return
        now = self._monotonic()
        left, since = self._buckets.get(source.id, (float(rate), now))
        left = min(float(rate), left + (now - since) * rate)
        if left <= 0:
            self._buckets[source.id] = (left, now)
            raise RateExceeded(max(1, math.ceil(-left / rate)))
        self._buckets[source.id] = (left - signals, now)
