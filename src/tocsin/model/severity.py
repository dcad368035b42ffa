"""Severity: how bad a problem is, on one scale for every dialect."""

from enum import StrEnum
from typing import Final


class Severity(StrEnum):
    """The scale, from the worst to the least."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NONE = "none"
    NOT_AVAILABLE = "not_available"


SEVERITIES: Final[tuple[str, ...]] = tuple(severity.value for severity in Severity)
"""Every severity as text, the worst first."""

_RANK: Final[dict[str, int]] = {name: position for position, name in enumerate(SEVERITIES)}


def rank(severity: str) -> int:
    """Give the place of a severity on the scale: 0 is critical, 5 is not_available.

    Raises:
        KeyError: the text is no severity.
    """
    return _RANK[severity]


def is_worse(severity: str, than: str) -> bool:
    """Say whether the first severity is strictly worse than the second."""
    return _RANK[severity] < _RANK[than]
