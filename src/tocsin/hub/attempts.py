"""How often somebody may try to log in: for each name and each address."""

import math
import time
from collections.abc import Callable
from typing import Final

from tocsin.hub.errors import RateExceeded

OF_A_NAME: Final = (10, 30.0)
OF_AN_ADDRESS: Final = (50, 6.0)
"""How many attempts may come at once, and after how many seconds each may come again."""
_MANY: Final = 10_000
"""So many names and addresses are kept before those are forgotten that may try as often as any."""


class Attempts:
    """Counts attempts that failed.

    Args:
        monotonic: gives seconds, never back.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._free_at: dict[tuple[str, str | None], float] = {}
        """When each has all its attempts again."""

    def take(self, name: str | None, address: str) -> None:
        """Take an attempt from both allowances; from that of the address alone where no name is known.

        Raises:
            RateExceeded: one of them is used up.
        """
        now = self._monotonic()
        if len(self._free_at) > _MANY:
            self._free_at = {key: at for key, at in self._free_at.items() if at > now}
        wanted = []
        for kind, value, (most, each) in (("name", name, OF_A_NAME), ("address", address, OF_AN_ADDRESS)):
            if value is None:
                continue
            free_at = max(self._free_at.get((kind, value), now), now) + each
            if free_at - now > most * each:
                wait = math.ceil(free_at - now - most * each)
                raise RateExceeded(wait, f"too many attempts to log in with this {kind}: wait {wait} seconds")
            wanted.append(((kind, value), free_at))
        self._free_at.update(wanted)

    def give_back(self, name: str | None, address: str) -> None:
        """Give an attempt back to what `take` took it from: it succeeded."""
        for key, (_, each) in ((("name", name), OF_A_NAME), (("address", address), OF_AN_ADDRESS)):
            if key in self._free_at:
                self._free_at[key] -= each
