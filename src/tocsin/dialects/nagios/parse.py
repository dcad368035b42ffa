"""Lines that scripts write to the command file of Nagios -> signals. Each holds one external command.

[1700000000] PROCESS_SERVICE_CHECK_RESULT;web1;Disk;2;disk is full|used=98
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from tocsin.dialects.check_result import check_result
from tocsin.dialects.nagios import fields
from tocsin.dialects.nagios.command import (
    ACKNOWLEDGEMENTS,
    RELEASES,
    RESULTS,
    TOOL,
    Acknowledged,
    Released,
    Result,
)
from tocsin.dialects.nagios.fields import BadLine
from tocsin.dialects.parsed import ITEMS_LIMIT, Parsed
from tocsin.model.identity import NAME_LIMIT
from tocsin.model.monitored import key_of
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.model.submission import WHOLE, Refusal

FORMAT: Final = "nagios-command"

_LINE: Final = re.compile(r"(?:\[([^\]]*)\] *)?([A-Z][A-Z_]*)(?:;(.*))?", re.DOTALL)
_HIDDEN: Final = re.compile(r"\[[0-9]+\] *[A-Z]+(?:_[A-Z]+)+;")
"""Another command within the arguments of one: what stood between the lines was lost on the way."""
_JOINED: Final = "another command stands within it: send the ends of lines, too (curl: --data-binary, not -d)"
_COMMANDS: Final[Mapping[str, Callable[[int, str], Result | Acknowledged | Released]]] = MappingProxyType(
    {**RESULTS, **ACKNOWLEDGEMENTS, **RELEASES}
)


def read(body: bytes) -> Parsed:
    """Read a command from each line. A bad one is refused alone, and so is what cannot be read at all.

    Args:
        body: lines of UTF-8; those with nothing in them do not count.
    """
    try:
        lines = [(at, line.strip()) for at, line in enumerate(body.decode().split("\n"), 1) if line.strip()]
    except UnicodeDecodeError as fault:
        return _refused(f"the commands are not UTF-8 (byte {fault.start})")
    if not lines:
        return _refused("there is no command in it")
    if len(lines) > ITEMS_LIMIT:
        return _refused(f"it holds {len(lines)} commands: at most {ITEMS_LIMIT} are taken")
    parsed = Parsed(FORMAT, [], [], is_answered=True)
    for index, (at, line) in enumerate(lines):
        try:
            # As it is, for an acknowledgement that names no service is the host's.
            signal = _signal(line)
        except BadLine as fault:
            parsed.refusals.append(Refusal(index, f"line {at}: {fault}"))
        else:
            signal.index = index
            parsed.signals.append(signal)
    return parsed


def _refused(reason: str) -> Parsed:
    return Parsed(FORMAT, [], [Refusal(WHOLE, reason)], is_answered=True)


def _signal(line: str) -> Signal:
    if "\x00" in line:
        raise BadLine("it holds a NUL")
    found = _LINE.fullmatch(line)
    if found is None:
        raise BadLine("expected [SECONDS] and a command, its arguments between semicolons")
    time, name, arguments = found.groups("")
    if _HIDDEN.search(arguments):
        raise BadLine(f"{name[:NAME_LIMIT]}: {_JOINED}")
    read_arguments = _COMMANDS.get(name)
    if read_arguments is None:
        raise BadLine(_not_taken(name))
    try:
        # NRDP's senders leave the time out: it is then that of the arrival.
        said = read_arguments(fields.stamp(time) if found[1] is not None else 0, arguments)
    except BadLine as fault:
        raise BadLine(f"{name}: {fault}") from None
    if isinstance(said, Result):
        return check_result(said.host, said.service, said.state, said.output, at=said.at, tool=TOOL)
    return _handled(said)


def _not_taken(name: str) -> str:
    if "DOWNTIME" in name:
        return f"{name[:NAME_LIMIT]}: the key of a source plans no downtime, which takes a user's token"
    return f"{name[:NAME_LIMIT]} is no command that is taken here"


def _handled(said: Acknowledged | Released) -> Signal:
    key = key_of(said.host, said.service)
    signal = Signal(
        kind=Kind.ACKNOWLEDGEMENT_END,
        key=key,
        severity=Severity.NONE,
        title=f"{key}: acknowledgement taken back",
        host=said.host,
        service=said.service,
        occurred_at=said.at,
        source_tool=TOOL,
    )
    if isinstance(said, Acknowledged):
        signal.kind = Kind.ACKNOWLEDGEMENT
        signal.title = f"{key}: acknowledged"
        signal.author, signal.comment = said.author, said.comment
        signal.window_end = said.ends_at
        signal.sticky, signal.until_change = said.sticky, not said.sticky
    return signal
