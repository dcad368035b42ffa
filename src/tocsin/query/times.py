"""A moment, as expressions write it: RFC 3339, relative to now, or seconds since 1970."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_MICROSECONDS: Final = {
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
}
_CENTURY: Final = 36_525 * _MICROSECONDS["d"]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RELATIVE: Final = re.compile(r"([+-][0-9]{1,9})([smhdw])")
_SPAN: Final = re.compile(r"([0-9]{1,9})([smhdw])")
_SECONDS: Final = re.compile(r"-?[0-9]{1,12}")
_RFC_3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?)?"
)
_EXPECTED: Final = "expected a time such as 2026-11-22, 2026-11-22T08:30:00Z, {} (s, m, h, d, w) or now"


def microseconds(moment: datetime) -> int:
    """Give the microseconds from 1970-01-01T00:00Z to an aware moment."""
    span = moment - _EPOCH
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


_FIRST: Final = microseconds(datetime.min.replace(tzinfo=UTC))
_LAST: Final = microseconds(datetime.max.replace(tzinfo=UTC))


def parse_time(text: str, now: int, *, relative_as: str = "-2h") -> int:
    """Read a moment; give microseconds UTC.

    A date alone is its midnight, a time without an offset is UTC. Digits past the microsecond are cut off.

    Args:
        text: a date or time after RFC 3339, `now`, a relative time (`-2h`, `+30m`), or seconds since 1970.
        now: what relative times count from, microseconds UTC.
        relative_as: a relative time as it is written there, for the error.

    Raises:
        ValueError: it is none of these, or outside the years 1 to 9999.
    """
    if text == "now":
        moment = now
    elif relative := _RELATIVE.fullmatch(text):
        moment = now + int(relative[1]) * _MICROSECONDS[relative[2]]
    elif _SECONDS.fullmatch(text):
        moment = int(text) * 1_000_000
    elif _RFC_3339.fullmatch(text):
        moment = _read_rfc_3339(text.upper())
    else:
        raise ValueError(_EXPECTED.format(relative_as))
    if not _FIRST <= moment <= _LAST:
        raise ValueError("expected a time between the years 1 and 9999")
    return moment


def parse_span(text: str) -> int:
    """Read a span of time such as `30s` or `1h` (s, m, h, d, w); give microseconds.

    Raises:
        ValueError: it is none, or as short as nothing, or longer than 100 years.
    """
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError("expected a span of time such as 30s, 5m, 1h or 1d (s, m, h, d, w)")
    span = int(found[1]) * _MICROSECONDS[found[2]]
    if not 0 < span <= _CENTURY:
        raise ValueError("expected a span of time from 1s to 100 years")
    return span


def _read_rfc_3339(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"expected a time of the calendar: {error}") from error
    return microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def format_time(moment: int) -> str:
    """Write microseconds UTC so that `parse_time` reads the same moment."""
    written = (_EPOCH + timedelta(microseconds=moment)).isoformat()
    return written.removesuffix("+00:00") + "Z"
