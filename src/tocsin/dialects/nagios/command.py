"""An external command of Nagios: its name and its arguments -> what it says.

PROCESS_SERVICE_CHECK_RESULT;web1;Disk;2;disk is full|used=98

After https://assets.nagios.com/downloads/nagioscore/docs/externalcmds/; the names with _EXPIRE are those of
Icinga 1. A log holds the same commands, as they were given.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias, TypeVar

from tocsin.dialects.nagios import fields
from tocsin.model.checking import HOST_STATES, SERVICE_STATES

TOOL: Final = "nagios"
_STICKY: Final = "2"


class Result(NamedTuple):
    """What a check found that somebody else ran, of a host (service '') or service."""

    at: int
    host: str
    service: str
    state: str
    output: str


class Acknowledged(NamedTuple):
    """Somebody took on the problem of a host or service.

    Attributes:
        sticky: until it is over, in place of until it changes.
        ends_at: when that ends, microseconds UTC; 0 for never.
    """

    at: int
    host: str
    service: str
    author: str
    comment: str
    sticky: bool = False
    ends_at: int = 0


class Released(NamedTuple):
    """The acknowledgement of a host's or service's problem was taken back."""

    at: int
    host: str
    service: str


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


_Said = TypeVar("_Said")
_Reader: TypeAlias = Callable[[int, str], _Said]
"""The time of a command in microseconds UTC, and its arguments -> what it says. Raises BadLine."""


def _result(*, of_service: bool) -> _Reader[Result]:
    def read(at: int, rest: str) -> Result:
        names, rest = fields.names(rest, of_service=of_service)
        code, output = fields.split(rest, 2)
        states = SERVICE_STATES if of_service else HOST_STATES
        found = fields.number(code, len(states) - 1, f"a number from 0 to {len(states) - 1}")
        return Result(at, *names, states[found], fields.text(output))

    return read


def _acknowledged(*, of_service: bool, expires: bool = False) -> _Reader[Acknowledged]:
    def read(at: int, rest: str) -> Acknowledged:
        names, rest = fields.names(rest, of_service=of_service)
        sticky, _notify, _persistent, *end, author, comment = fields.split(rest, 6 if expires else 5)
        return Acknowledged(
            at,
            *names,
            fields.author(author),
            fields.text(comment),
            sticky == _STICKY,
            fields.time(end[0]) if expires else 0,
        )

    return read


def _released(*, of_service: bool) -> _Reader[Released]:
    def read(at: int, rest: str) -> Released:
        return Released(at, *fields.object_names(rest, of_service=of_service))

    return read


def _planned(*, of_service: bool, of_services: bool = False) -> _Reader[Planned]:
    def read(at: int, rest: str) -> Planned:
        names, rest = fields.names(rest, of_service=of_service)
        start, end, _fixed, _trigger, _duration, author, comment = fields.split(rest, 7)
        return Planned(
            at,
            *names,
            of_services,
            fields.time(start),
            fields.time(end),
            fields.author(author),
            fields.text(comment),
        )

    return read


RESULTS: Final[Mapping[str, _Reader[Result]]] = MappingProxyType(
    {
        "PROCESS_SERVICE_CHECK_RESULT": _result(of_service=True),
        "PROCESS_HOST_CHECK_RESULT": _result(of_service=False),
    }
)
"""By name: what reads the arguments of commands that hand in a check result. Likewise the others."""
ACKNOWLEDGEMENTS: Final[Mapping[str, _Reader[Acknowledged]]] = MappingProxyType(
    {
        "ACKNOWLEDGE_SVC_PROBLEM": _acknowledged(of_service=True),
        "ACKNOWLEDGE_HOST_PROBLEM": _acknowledged(of_service=False),
        "ACKNOWLEDGE_SVC_PROBLEM_EXPIRE": _acknowledged(of_service=True, expires=True),
        "ACKNOWLEDGE_HOST_PROBLEM_EXPIRE": _acknowledged(of_service=False, expires=True),
    }
)
RELEASES: Final[Mapping[str, _Reader[Released]]] = MappingProxyType(
    {
        "REMOVE_SVC_ACKNOWLEDGEMENT": _released(of_service=True),
        "REMOVE_HOST_ACKNOWLEDGEMENT": _released(of_service=False),
    }
)
DOWNTIMES: Final[Mapping[str, _Reader[Planned]]] = MappingProxyType(
    {
        "SCHEDULE_SVC_DOWNTIME": _planned(of_service=True),
        "SCHEDULE_HOST_DOWNTIME": _planned(of_service=False),
        "SCHEDULE_HOST_SVC_DOWNTIME": _planned(of_service=False, of_services=True),
    }
)
