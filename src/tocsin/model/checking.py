"""The state machine of check results: what one result does to a host or service, and whether it is an event.

It follows Nagios as Opsview runs it: a problem is soft until enough results in a row have found it, then
hard. Results that tell nothing new make no event, but the object remembers them.
"""

from typing import Final

import msgspec
from msgspec.structs import replace

from tocsin.model.flapping import is_flapping, noted
from tocsin.model.monitored import (
    DOWN,
    HARD,
    OK,
    SOFT,
    UNREACHABLE,
    UP,
    MonitoredObject,
    initial_state,
)
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal

SERVICE_STATES: Final = (OK, "warning", "critical", "unknown")
HOST_STATES: Final = (UP, DOWN, UNREACHABLE)
"""What a check can find."""
_SEVERITIES: Final = {
    OK: Severity.NONE,
    UP: Severity.NONE,
    "critical": Severity.CRITICAL,
    DOWN: Severity.CRITICAL,
}


class Surroundings(msgspec.Struct, frozen=True):
    """What counts for a result beside its own object.

    Attributes:
        is_host_up: the service's host is up; True for a host.
        are_parents_down: the host has parents, and none of them is up.
    """

    is_host_up: bool = True
    are_parents_down: bool = False


class Checked(msgspec.Struct, frozen=True):
    """What a result does.

    Attributes:
        object: as it stands afterwards.
        state: what the result found.
        state_type: of the event; a recovery from a soft problem is soft, though the object is hard after it.
        attempt: of the event.
        is_event: False where the result tells nothing new.
    """

    object: MonitoredObject
    state: str
    state_type: str
    attempt: int
    is_event: bool


def severity_of(state: str) -> Severity:
    """Give how bad it is that a check found a state."""
    return _SEVERITIES.get(state, Severity.WARNING)


def is_well(state: str) -> bool:
    """Say whether a state is none of a problem."""
    return state in {OK, UP}


def check(
    present: MonitoredObject, found: str, output: str, at: int, around: Surroundings, *, is_active: bool
) -> Checked:
    """Decide what a check result does.

    Args:
        present: its object.
        found: the state that the check found, one that the object can have.
        output: what the check said.
        at: when the result came, microseconds UTC.
        around: what counts beside the object.
        is_active: the monitoring ran the check itself: its host results are judged by the host's parents.
    """
    if found == DOWN and is_active and around.are_parents_down:
        found = UNREACHABLE
    is_new = not present.hard_state
    was_well = is_well(present.state)
    was_hard_problem = not was_well and present.state_type == HARD
    limit = present.max_attempts or 1
    if is_well(found):
        is_event = is_new or not was_well
        # A host that is up again is so at once, whatever it was before.
        was_soft = not was_well and present.state_type == SOFT and bool(present.service)
        state_type = SOFT if was_soft else HARD
        if was_soft:
            attempt = min(present.attempt + 1, limit)
        else:
            attempt = present.attempt if was_hard_problem and present.service else 1
    elif was_hard_problem:
        is_event = found != present.state or bool(present.volatile and present.service)
        state_type, attempt = HARD, present.attempt
    elif present.service and not around.is_host_up:
        # Nobody retries what cannot be reached.
        is_event, state_type, attempt = True, HARD, 1
    else:
        attempt = 1 if was_well else present.attempt + 1
        is_event, state_type = True, HARD if attempt >= limit else SOFT
    return Checked(
        _after(present, found, output, at, state_type, attempt), found, state_type, attempt, is_event
    )


def take_over(present: MonitoredObject, signal: Signal, at: int) -> Checked:
    """Decide what a check result does whose sender has decided itself whether it is soft or hard.

    Args:
        present: its object.
        signal: the check result, with its state, state_type and attempt.
        at: when the result came, microseconds UTC.
    """
    found, state_type, attempt = signal.state, signal.state_type, signal.attempt
    is_change = found != present.state
    if is_well(found):
        is_event = is_change or not present.hard_state
    elif state_type == SOFT:
        is_event = is_change or present.state_type != SOFT or attempt != present.attempt
    else:
        is_event = is_change or present.state_type != HARD or bool(present.volatile and present.service)
    return Checked(
        _after(present, found, signal.output, at, state_type, attempt), found, state_type, attempt, is_event
    )


def _after(
    present: MonitoredObject, found: str, output: str, at: int, state_type: str, attempt: int
) -> MonitoredObject:
    is_changed = found != present.state
    changes = noted(present.changes, is_changed=is_changed) if present.flap_detection else 0
    well = is_well(found)
    checked = replace(
        present,
        state=found,
        state_type=HARD if well else state_type,
        state_since=at if is_changed else present.state_since,
        seen_at=at,
        output=output,
        attempt=1 if well else attempt,
        hard_state=found
        if well or state_type == HARD
        else present.hard_state or initial_state(present.service),
        checked_at=at,
        changes=changes,
        flapping=is_flapping(changes, was_flapping=present.flapping),
    )
    return unacknowledged(checked) if is_changed and (well or not present.sticky) else checked


def told(signal: Signal, checked: Checked, *, soft_opens: bool) -> Signal:
    """Give the signal that a check result comes to: the problem or recovery that it is, once that is hard.

    Args:
        signal: the check result.
        checked: what it does to its object.
        soft_opens: problems are taken as such while they are soft.
    """
    kind = Kind.CHECK_RESULT
    if checked.state_type == HARD or soft_opens:
        kind = Kind.RECOVERY if is_well(checked.state) else Kind.PROBLEM
    return replace(
        signal,
        kind=kind,
        severity=severity_of(checked.state),
        state=checked.state,
        attempt=checked.attempt,
        markdown=signal.markdown or checked.object.markdown,
    )


def unacknowledged(present: MonitoredObject) -> MonitoredObject:
    """Give an object of which nobody has taken on the problem."""
    if not present.acknowledged_at:
        return present
    return replace(present, acknowledged_at=0, acknowledged_by="", acknowledged_comment="", sticky=False)
