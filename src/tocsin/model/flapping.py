"""Flapping: a host or service changes its state so often that each change tells nothing.

As in Nagios: of the last 21 results the 20 changes between them are weighed, the newest the most.
"""

from typing import Final

_CHANGES: Final = 20
_MASK: Final = (1 << _CHANGES) - 1
_NEWEST: Final = 1.2
_OLDEST: Final = 0.8
_STEP: Final = (_NEWEST - _OLDEST) / (_CHANGES - 1)
_HIGH_PERCENT: Final = 20.0
_LOW_PERCENT: Final = 5.0


def noted(changes: int, *, is_changed: bool) -> int:
    """Give the changes with one result more: a bit for each result, the newest the lowest."""
    return (changes << 1 | is_changed) & _MASK


def percent(changes: int) -> float:
    """Give how much of its last results changed the state, weighed."""
    weights = (_NEWEST - place * _STEP for place in range(_CHANGES) if changes >> place & 1)
    return sum(weights) * 100 / _CHANGES


def is_flapping(changes: int, *, was_flapping: bool) -> bool:
    """Say whether an object flaps: it begins at 20 percent and ends below 5.

    Args:
        changes: its last ones.
        was_flapping: whether it did until now.
    """
    return percent(changes) >= (_LOW_PERCENT if was_flapping else _HIGH_PERCENT)
