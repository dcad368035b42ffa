"""A line of nagios.log -> what it says. The same lines are written by Nagios, Icinga 1, Naemon and Opsview.

[1700000000] SERVICE ALERT: web1;Disk;CRITICAL;SOFT;1;disk is full
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from tocsin.dialects.nagios import fields
from tocsin.dialects.nagios.command import ACKNOWLEDGEMENTS, DOWNTIMES, Acknowledged, Planned
from tocsin.dialects.nagios.fields import BadLine
from tocsin.model.checking import HOST_STATES, SERVICE_STATES
from tocsin.model.monitored import HARD, SOFT

_LINE: Final = re.compile(r"\[([0-9]+)\] (.*)", re.DOTALL)
_MOST_ATTEMPTS: Final = 1_000_000
_STATE_TYPES: Final = (SOFT, HARD)


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
    at = fields.stamp(found[1])
    kind, colon, rest = found[2].partition(": ")
    read = _KINDS.get(kind) if colon else None
    return read(at, rest) if read is not None else None


def _checked(*, of_service: bool, is_change: bool) -> Callable[[int, str], Entry]:
    def read(at: int, rest: str) -> Entry:
        names, rest = fields.names(rest, of_service=of_service)
        state, state_type, attempt, output = fields.split(rest, 4)
        return Checked(
            at,
            *names,
            fields.word(state, SERVICE_STATES if of_service else HOST_STATES),
            fields.word(state_type, _STATE_TYPES),
            fields.number(attempt, _MOST_ATTEMPTS),
            fields.text(output),
            is_change,
        )

    return read


def _downtime(*, of_service: bool) -> Callable[[int, str], Entry]:
    def read(at: int, rest: str) -> Entry:
        names, rest = fields.names(rest, of_service=of_service)
        phase, text = fields.split(rest, 2)
        started = fields.word(phase, ("started", "stopped", "cancelled")) == "started"
        return Downtime(at, *names, started, fields.text(text))

    return read


_COMMANDS: Final[Mapping[str, Callable[[int, str], Entry]]] = MappingProxyType(
    {**ACKNOWLEDGEMENTS, **DOWNTIMES}
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
