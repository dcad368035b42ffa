"""Moments as conditions write them: relative to now, or after ISO 8601."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_RELATIVE: Final = re.compile(r" ?(now(?:/[dwm])?) ?([+-]) ?([0-9]{1,9})([smhdw]) ?")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DATE: Final = re.compile(r"[0-9]{4}(-[0-9]{2})?")


def timediff(text: str, now: datetime) -> datetime:
    """Read a moment relative to now: `now`, `now/d` (start of the day; `/w` of the week, Monday; `/m` of the
    month), and a span after it or before it such as `now/d - 90m` (s, m, h, d, w).

    Args:
        text: at most one blank stands before the base, around the sign and at the end.
        now: UTC.

    Raises:
        ValueError: it is none, or lies outside the years 1 to 9999.
    """
    found = _RELATIVE.fullmatch(text)
    base = _base(text.strip(" ") if found is None else found[1], now)
    if found is None:
        return base
    try:
        span = timedelta(**{_UNITS[found[4]]: int(found[3])})
        return base + span if found[2] == "+" else base - span
    except OverflowError:
        raise ValueError("expected a moment between the years 1 and 9999") from None


def iso_8601(text: str) -> datetime:
    """Read a date or time after ISO 8601; without an offset it is UTC. It keeps no more than milliseconds.

    Raises:
        ValueError: it is none.
    """
    if _DATE.fullmatch(text):  # a year, or a month
        text = f"{text}-01-01" if len(text) == len("2026") else f"{text}-01"
    moment = datetime.fromisoformat(text)
    try:
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("expected a moment between the years 1 and 9999") from None
    return to_milliseconds(moment)


def to_milliseconds(moment: datetime) -> datetime:
    """Cut off what is shorter than a millisecond, which no stored time has."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _base(text: str, now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    match text:
        case "now":
            return now
        case "now/d":
            return midnight
        case "now/w":
            return midnight - timedelta(days=midnight.weekday())
        case "now/m":
            return midnight.replace(day=1)
        case _:
            raise ValueError("expected now, now/d, now/w or now/m, and a span such as - 2h")
