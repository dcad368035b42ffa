"""Times as Cloudforet knows them: milliseconds, UTC."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def moment(microseconds: int) -> datetime:
    """Give a time as Cloudforet stores it, which keeps no more than its milliseconds.

    Args:
        microseconds: UTC.
    """
    return _EPOCH + timedelta(milliseconds=microseconds // 1000)


def microseconds_of(moment: datetime) -> int:
    """Give a time, which knows its offset, as microseconds UTC."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def written(microseconds: int) -> str:
    """Write a time: `2026-01-31T08:00:00.000Z`; '' for 0, which is unknown.

    Args:
        microseconds: UTC.
    """
    return shown(moment(microseconds)) if microseconds else ""


def shown(time: datetime) -> str:
    """Write a time that `moment` gave."""
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"
