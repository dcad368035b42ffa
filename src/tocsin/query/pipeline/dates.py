"""Moments as the keys of groups: year, month or day, or a text in a format of MongoDB's $dateToString."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from tocsin.query.pipeline.errors import PipelineError
from tocsin.query.pipeline.values import MISSING, type_name

SECONDS: Final = "%Y-%m-%dT%H:%M:%SZ"
"""The format of moments inside of pushed objects."""

_PARTS: Final[dict[str, Callable[[datetime], int]]] = {
    "year": lambda moment: moment.year,
    "month": lambda moment: moment.month,
    "day": lambda moment: moment.day,
}
_LETTERS: Final[dict[str, Callable[[datetime], str]]] = {
    "%": lambda _: "%",
    "Y": lambda moment: f"{moment.year:04d}",
    "m": lambda moment: f"{moment.month:02d}",
    "d": lambda moment: f"{moment.day:02d}",
    "H": lambda moment: f"{moment.hour:02d}",
    "M": lambda moment: f"{moment.minute:02d}",
    "S": lambda moment: f"{moment.second:02d}",
    "L": lambda moment: f"{moment.microsecond // 1000:03d}",
    "j": lambda moment: f"{moment.timetuple().tm_yday:03d}",
    "w": lambda moment: str(moment.isoweekday() % 7 + 1),
    "u": lambda moment: str(moment.isoweekday()),
    "U": lambda moment: moment.strftime("%U"),
    "V": lambda moment: f"{moment.isocalendar().week:02d}",
    "G": lambda moment: f"{moment.isocalendar().year:04d}",
    "z": lambda _: "+0000",
    "Z": lambda _: "+0",
}
_SECOND: Final = 1_000_000
_DAY: Final = 86_400 * _SECOND
_UNITS: Final = {"H": 3_600 * _SECOND, "M": 60 * _SECOND, "S": _SECOND, "L": 1_000}
"""How long the letters stay the same, in microseconds; all others for a day at least."""
_TOKEN: Final = re.compile(r"%(.?)|[^%]+", re.DOTALL)


def date_writer(date_format: str) -> Callable[[Any], Any]:
    """Make the function that gives of a moment what a format asks for, in UTC.

    Args:
        date_format: year, month or day for a number; else a text with %Y %m %d %H %M %S %L (milliseconds)
            %j (day of the year) %w (day of the week, Sunday is 1) %u (Monday is 1) %U (week, from Sunday)
            %V (ISO week) %G (its year) %z %Z and %%.

    Returns:
        value -> number or text; None for null and for what is missing. Raises PipelineError for all else
        that is no moment.

    Raises:
        PipelineError: the format has another letter, or ends with %.
    """
    write = _PARTS.get(date_format) or _text_writer(date_format)

    def written(value: Any) -> Any:
        if isinstance(value, datetime):
            return write(value)
        if value is None or value is MISSING:
            return None
        raise PipelineError(f"can't convert from BSON type {type_name(value)} to Date")

    return written


def unit_of(date_format: str) -> int:
    """Give the stretch of time in which a format gives the same for every moment, in microseconds.

    Stretches are counted from 1970.

    Args:
        date_format: one that `date_writer` knows.
    """
    letters = () if date_format in _PARTS else (token[1] for token in _TOKEN.finditer(date_format))
    return min((_UNITS.get(letter, _DAY) for letter in letters), default=_DAY)


def _text_writer(date_format: str) -> Callable[[datetime], str]:
    parts = [_part(token) for token in _TOKEN.finditer(date_format)]
    return lambda moment: "".join(part if isinstance(part, str) else part(moment) for part in parts)


def _part(token: re.Match[str]) -> str | Callable[[datetime], str]:
    letter: str | None = token[1]
    if letter is None:
        return token[0]
    if not letter:
        raise PipelineError("Unmatched '%' at end of format string")
    if letter not in _LETTERS:
        raise PipelineError(f"Invalid format character '%{letter}' in format string")
    return _LETTERS[letter]
