"""A line of nagios.log -> what it says. The same lines are written by Nagios, Icinga 1, Naemon and Opsview.

[1700000000] SERVICE ALERT: web1;Disk;CRITICAL;SOFT;1;disk is full
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from tocsin.model.checking import HOST_STATES, SERVICE_STATES
from tocsin.model.event import MICROSECONDS_PER_SECOND
from tocsin.model.identity import NAME_LIMIT
from tocsin.model.monitored import HARD, SOFT

TEXT_LIMIT: Final = 20_480
"""Characters that are kept of an output or a comment."""
AUTHOR_LIMIT: Final = 1_024
"""Likewise of the name of a person."""

_LINE: Final = re.compile(r"\[([0-9]+)\] (.*)", re.DOTALL)
_MOST_ATTEMPTS: Final = 1_000_000
_MOST_SECONDS: Final = 253_402_300_799
"""The last of the year 9999: no event is later."""
_STATE_TYPES: Final = (SOFT, HARD)


class BadLine(ValueError):
    """A line that is none of a log, or has not what its kind has. The text says what."""


class Checked(NamedTuple):
    """The state of a host (service '') or service, soft or hard.

    Attributes:
        is_change: it changed, or was found once more; otherwise the log only says how it stands.
    """

    at: int
    host: str
    service: str
    state: str
    state_type: str
    attempt: int
    output: str
    is_change: bool


class Acknowledged(NamedTuple):
    """Somebody took on the problem of a host or service."""

    at: int
    host: str
    service: str
    author: str
    comment: str


class Planned(NamedTuple):
    """A downtime was asked for.

    Attributes:
        of_services: of all services of the host, in place of the host or the one service.
    """

    at: int
    host: str
    service: str
    of_services: bool
    starts_at: int
    ends_at: int
    author: str
    comment: str


class Downtime(NamedTuple):
    """A downtime began or ended.

    Attributes:
        is_start: it began.
        text: what the log says of it.
    """

    at: int
    host: str
    service: str
    is_start: bool
    text: str


Entry: TypeAlias = Checked | Acknowledged | Planned | Downtime


def read_line(line: str) -> Entry | None:
    """Read a line; None where it is of a kind that says nothing of what is told here.

    Args:
        line: without its end.

    Raises:
        BadLine: it is no line of a log, or not as its kind is.
    """
    found = _LINE.fullmatch(line)
    if found is None:
        raise BadLine("expected [SECONDS] and what happened then")
    if "\x00" in line:
        raise BadLine("it holds a NUL")
    at = _number(found[1], _MOST_SECONDS) * MICROSECONDS_PER_SECOND
    if not at:
        raise BadLine("it has no time")
    kind, colon, rest = found[2].partition(": ")
    read = _KINDS.get(kind) if colon else None
    return read(at, rest) if read is not None else None


def _fields(text: str, count: int) -> list[str]:
    """Split at semicolons. Only what people wrote can hold some itself, and that stands last."""
    fields = text.split(";", count - 1)
    if len(fields) < count:
        raise BadLine(f"expected {count} fields between semicolons, and there are {len(fields)}")
    return fields


def _name(text: str) -> str:
    if not 0 < len(text) <= NAME_LIMIT:
        raise BadLine(f"expected the name of a host or service, of up to {NAME_LIMIT} letters")
    return text


def _text(text: str) -> str:
    return text.replace("\\n", "\n").strip()[:TEXT_LIMIT]


def _word(text: str, words: tuple[str, ...]) -> str:
    if text.lower() not in words:
        raise BadLine(f"expected one of {', '.join(words).upper()}, not {text[:NAME_LIMIT]}")
    return text.lower()


def _number(text: str, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 13 and int(text) <= most):
        raise BadLine(f"expected a number, not {text[:NAME_LIMIT]}")
    return int(text)


def _checked(*, of_service: bool, is_change: bool) -> Callable[[int, str], Entry]:
    def read(at: int, rest: str) -> Entry:
        names, rest = _names(rest, of_service)
        state, state_type, attempt, output = _fields(rest, 4)
        return Checked(
            at,
            *names,
            _word(state, SERVICE_STATES if of_service else HOST_STATES),
            _word(state_type, _STATE_TYPES),
            _number(attempt, _MOST_ATTEMPTS),
            _text(output),
            is_change,
        )

    return read


def _names(text: str, of_service: bool) -> tuple[tuple[str, str], str]:
    """Take the names from the front; give them and what follows."""
    host, *service, rest = _fields(text, 3 if of_service else 2)
    return (_name(host), _name(service[0]) if of_service else ""), rest


def _downtime(*, of_service: bool) -> Callable[[int, str], Entry]:
    def read(at: int, rest: str) -> Entry:
        names, rest = _names(rest, of_service)
        phase, text = _fields(rest, 2)
        started = _word(phase, ("started", "stopped", "cancelled")) == "started"
        return Downtime(at, *names, started, _text(text))

    return read


def _acknowledged(*, of_service: bool) -> Callable[[int, str], Entry]:
    def read(at: int, rest: str) -> Entry:
        names, rest = _names(rest, of_service)
        _sticky, _notify, _persistent, author, comment = _fields(rest, 5)
        return Acknowledged(at, *names, _text(author)[:AUTHOR_LIMIT], _text(comment))

    return read


def _planned(*, of_service: bool, of_services: bool = False) -> Callable[[int, str], Entry]:
    def read(at: int, rest: str) -> Entry:
        names, rest = _names(rest, of_service)
        start, end, _fixed, _trigger, _duration, author, comment = _fields(rest, 7)
        starts_at, ends_at = (_number(each, _MOST_SECONDS) * MICROSECONDS_PER_SECOND for each in (start, end))
        return Planned(
            at, *names, of_services, starts_at, ends_at, _text(author)[:AUTHOR_LIMIT], _text(comment)
        )

    return read


_COMMANDS: Final[Mapping[str, Callable[[int, str], Entry]]] = MappingProxyType(
    {
        "ACKNOWLEDGE_SVC_PROBLEM": _acknowledged(of_service=True),
        "ACKNOWLEDGE_HOST_PROBLEM": _acknowledged(of_service=False),
        "SCHEDULE_SVC_DOWNTIME": _planned(of_service=True),
        "SCHEDULE_HOST_DOWNTIME": _planned(of_service=False),
        "SCHEDULE_HOST_SVC_DOWNTIME": _planned(of_service=False, of_services=True),
    }
)


def _command(at: int, rest: str) -> Entry | None:
    name, _, arguments = rest.partition(";")
    read = _COMMANDS.get(name)
    return None if read is None else read(at, arguments)


_KINDS: Final[Mapping[str, Callable[[int, str], Entry | None]]] = MappingProxyType(
    {
        "SERVICE ALERT": _checked(of_service=True, is_change=True),
        "HOST ALERT": _checked(of_service=False, is_change=True),
        "CURRENT SERVICE STATE": _checked(of_service=True, is_change=False),
        "CURRENT HOST STATE": _checked(of_service=False, is_change=False),
        "INITIAL SERVICE STATE": _checked(of_service=True, is_change=False),
        "INITIAL HOST STATE": _checked(of_service=False, is_change=False),
        "SERVICE DOWNTIME ALERT": _downtime(of_service=True),
        "HOST DOWNTIME ALERT": _downtime(of_service=False),
        "EXTERNAL COMMAND": _command,
    }
)
