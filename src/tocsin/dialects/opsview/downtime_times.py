"""When a downtime begins and ends, as its client wrote it."""

import re
from datetime import UTC, datetime
from typing import Final

from tocsin.dialects.opsview.errors import OpsviewError, bad_parameter
from tocsin.dialects.opsview.parameters import Parameters
from tocsin.dialects.opsview.times import read_time

_SECOND: Final = 1_000_000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
_UNITS: Final = {"w": 7 * 24 * _HOUR, "d": 24 * _HOUR, "h": _HOUR, "m": _MINUTE, "s": _SECOND}
_DURATION: Final = re.compile(
    r"\s*([0-9]{1,9})\s*(?:(w)(?:eeks?)?|(d)(?:ays?)?|(h)(?:(?:ou)?rs?)?|(m)(?:in(?:ute)?s?)?"
    r"|(s)(?:ec(?:ond)?s?)?)(?![a-z])"
)
_LONGEST: Final = 3660 * 24 * _HOUR


def read_window(given: Parameters, now: int) -> tuple[int, int]:
    """Read when a downtime begins and ends, microseconds UTC.

    Args:
        given: `starttime`, and `endtime` or `duration`; an end that begins with + is a duration.
        now: microseconds UTC.

    Raises:
        OpsviewError: one is missing or cannot be read, it begins more than an hour ago or more than ten years
            from now, or lasts less than a minute or more than ten years.
    """
    start = given.last("starttime").strip() or given.last("start_time").strip()
    end = given.last("endtime").strip() or given.last("end_time").strip()
    duration = given.last("duration").strip()
    if not start:
        raise bad_parameter("starttime", "the start is missing")
    starts_at = _moment("starttime", start, now)
    if starts_at < now - _HOUR:
        raise bad_parameter("starttime", "the start is more than an hour ago")
    if starts_at > now + _LONGEST:
        raise bad_parameter("starttime", "the start is more than ten years from now")
    if not end and not duration:
        raise bad_parameter("endtime", "the end is missing: give endtime or duration")
    if end.startswith("+"):
        end, duration = "", end[1:]
    ends_at = _moment("endtime", end, now) if end else starts_at + _length(duration)
    if ends_at == starts_at:
        raise bad_parameter("endtime", "the end is the start")
    if ends_at < starts_at:
        raise bad_parameter("endtime", "the end is before the start")
    if ends_at - starts_at < _MINUTE:
        raise bad_parameter("endtime", "a downtime lasts a minute at least")
    if ends_at - starts_at > _LONGEST:
        raise bad_parameter("endtime", "a downtime lasts ten years at most")
    return starts_at, ends_at


def _length(text: str) -> int:
    """Read `2h`, `1d 30m` or `45 minutes`."""
    length, place = 0, 0
    while found := _DURATION.match(text.lower(), place):
        length += int(found[1]) * _UNITS[found[found.lastindex or 1]]
        place = found.end()
    if not place or text[place:].strip():
        raise bad_parameter("duration", "expected a time as 2h, 1d or 30m")
    return length


def _moment(name: str, text: str, now: int) -> int:
    try:
        return read_time(name, text)
    except OpsviewError:
        import dateparser  # noqa: PLC0415 - takes long to load, and few write words

        zone = datetime.now().astimezone().tzinfo
        base = datetime.fromtimestamp(now / _SECOND, UTC).astimezone(zone).replace(tzinfo=None)
        found = dateparser.parse(
            text[:100],
            languages=["en"],
            settings={"RELATIVE_BASE": base, "PREFER_DATES_FROM": "future"},
        )
        try:
            if found is not None:
                return int(found.timestamp()) * _SECOND
        except (ValueError, OverflowError, OSError):  # no clock shows it
            pass
        raise bad_parameter(
            name, "expected a time as 2011-11-01 18:43, seconds since 1970, or words as tomorrow 2pm"
        ) from None
