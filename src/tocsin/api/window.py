"""A time from a moment to another, as people give it."""

from datetime import datetime
from typing import Annotated, Final

import msgspec

from tocsin.api.problems import bad_input
from tocsin.api.shapes import instant
from tocsin.model.event import MICROSECONDS_PER_SECOND

_LONGEST: Final = 366 * 24 * 3600
Seconds = Annotated[int, msgspec.Meta(ge=1, le=_LONGEST)]


def read_window(
    starts_at: datetime | None, ends_at: datetime | None, duration: int | None, now: int
) -> tuple[int, int]:
    """Give start and end, microseconds UTC. What began before now begins now.

    Args:
        starts_at: its begin; None for now.
        ends_at: its end; None where the duration says it.
        duration: seconds that it lasts; None where the end says it.
        now: microseconds UTC.

    Raises:
        ProblemDetailsException: names the member that could not work, and why.
    """
    begins = max(instant(starts_at), now)
    return begins, read_end(begins, ends_at, duration, now)


def read_end(begins: int, ends_at: datetime | None, duration: int | None, now: int) -> int:
    """Give the end of what begins at a moment, microseconds UTC.

    Args:
        begins: microseconds UTC.
        ends_at: its end; None where the duration says it.
        duration: seconds that it lasts; None where the end says it.
        now: microseconds UTC.

    Raises:
        ProblemDetailsException: names the member that could not work, and why.
    """
    if (ends_at is None) == (duration is None):
        raise bad_input("ends_at", "expected either ends_at or duration, in seconds")
    if duration is not None:
        return begins + duration * MICROSECONDS_PER_SECOND
    ends = instant(ends_at)
    if ends <= now:
        raise bad_input("ends_at", "lies in the past")
    if ends <= begins:
        raise bad_input("ends_at", "lies before starts_at")
    return ends
