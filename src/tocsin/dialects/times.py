"""Times as senders write them: numbers since 1970, and dates with a zone."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

# No time in seconds is that late (it is the year 5138), and no time in milliseconds that early (1973).
_MILLISECONDS_FROM: Final = 100_000_000_000
_YEAR_10000: Final = 253_402_300_800
_NUMBER: Final = re.compile(r"[0-9]{1,18}(\.[0-9]{1,9})?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def read_time(value: object) -> int:
    """Read a time: seconds or milliseconds since 1970, as a number or text, or a date with time and zone.

    The protocol has whole seconds; Splunk sends milliseconds and SignalFx dates (RFC 3339).

    Returns:
        Microseconds UTC; 0 where it is no time.
    """
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_number(value)
    return 0


def _from_number(number: float) -> int:
    if number >= _MILLISECONDS_FROM:
        return int(number * 1000) if number < _YEAR_10000 * 1000 else 0
    return int(number * 1_000_000) if number > 0 else 0


def _from_text(text: str) -> int:
    found = _NUMBER.fullmatch(text)
    if found is not None:
        return _from_number(float(text) if found[1] else int(text))
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return 0
    return 0 if time.tzinfo is None else max(0, (time - _EPOCH) // _MICROSECOND)
