"""The fields of a line that Nagios writes or reads: what stands between semicolons."""

from typing import Final

from tocsin.dialects.complete import LINE_LIMIT, TEXT_LIMIT
from tocsin.model.event import MICROSECONDS_PER_SECOND
from tocsin.model.identity import NAME_LIMIT

_MOST_SECONDS: Final = 253_402_300_799
"""The last of the year 9999: no event is later."""


class BadLine(ValueError):
    """A line that is none of its file, or has not what its kind has. The text says what."""


def split(given: str, count: int) -> list[str]:
    """Split at semicolons. Only what people wrote can hold some itself, and that stands last.

    Args:
        given: the rest of a line.
        count: of its fields.

    Raises:
        BadLine: there are fewer.
    """
    fields = given.split(";", count - 1)
    if len(fields) < count:
        raise BadLine(f"expected {count} fields between semicolons, and there are {len(fields)}")
    return fields


def names(given: str, *, of_service: bool) -> tuple[tuple[str, str], str]:
    """Take the names from the front.

    Args:
        given: the rest of a line.
        of_service: it names a service after the host.

    Returns:
        The host and the service, '' for the host itself; and what follows.

    Raises:
        BadLine: one is missing, empty or too long.
    """
    host, *service, rest = split(given, 3 if of_service else 2)
    return (_name(host), _name(service[0]) if of_service else ""), rest


def object_names(given: str, *, of_service: bool) -> tuple[str, str]:
    """Give the names of a line that holds nothing else, as `names` does."""
    found, _ = names(f"{given};", of_service=of_service)
    return found


def text(given: str) -> str:
    r"""Give what people or checks wrote; `\n` stands for the end of a line."""
    return given.replace("\\n", "\n").strip()[:TEXT_LIMIT]


def author(given: str) -> str:
    """Give the name of a person."""
    return text(given)[:LINE_LIMIT]


def word(given: str, words: tuple[str, ...]) -> str:
    """Give one of some words, in lower case.

    Raises:
        BadLine: it is another.
    """
    if given.lower() not in words:
        raise BadLine(f"expected one of {', '.join(words).upper()}, not {given[:NAME_LIMIT]}")
    return given.lower()


def number(given: str, most: int, what: str = "a number") -> int:
    """Give a whole number from 0 on.

    Args:
        given: its digits.
        most: the largest that it can be.
        what: to call it where it is none.

    Raises:
        BadLine: it is none, or too large.
    """
    if not (given.isascii() and given.isdecimal() and len(given) < 13 and int(given) <= most):
        raise BadLine(f"expected {what}, not {given[:NAME_LIMIT]}")
    return int(given)


def time(given: str) -> int:
    """Give a time in microseconds UTC, from seconds since 1970; 0 for 0.

    Raises:
        BadLine: it is none.
    """
    return number(given, _MOST_SECONDS, "seconds since 1970") * MICROSECONDS_PER_SECOND


def stamp(given: str) -> int:
    """Give the time of a line in microseconds UTC, from seconds since 1970.

    Raises:
        BadLine: it is none.
    """
    at = time(given)
    if not at:
        raise BadLine("it has no time")
    return at


def _name(given: str) -> str:
    if not 0 < len(given) <= NAME_LIMIT:
        raise BadLine(f"expected the name of a host or service, of up to {NAME_LIMIT} letters")
    return given
