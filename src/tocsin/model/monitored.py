"""Monitored objects (hosts and services) and the state that a signal gives them."""

from collections.abc import Sequence
from typing import Final

import msgspec

from tocsin.model.severity import Severity
from tocsin.model.signal import Kind

HARD: Final = "hard"
SOFT: Final = "soft"
OK: Final = "ok"
UP: Final = "up"
DOWN: Final = "down"
UNREACHABLE: Final = "unreachable"
FLAPPING: Final = "flapping-"
"""What the name begins with under which an object's flapping keeps its events back."""

_HOST_STATES: Final = {OK: UP, "warning": DOWN, "critical": DOWN, "unknown": UNREACHABLE}


class MonitoredObject(msgspec.Struct, frozen=True, gc=False):
    """A host (service '') or a service, with its present state. Times are microseconds UTC, 0 for never.

    Attributes:
        id: number within the domain.
        discovered: True where nobody configured it: a signal named it.
        state_since: when it came into this state.
        seen_at: last signal, renewed once a day while the state stands.
        output: what its last check result said.
        attempt: how many results in a row found this problem, up to `max_attempts`.
        hard_state: the last state that was hard by its check results; '' before the first of them.
        checked_at: when its last check result came.
        changes: which of its last results changed the state: a bit for each, the newest the lowest.
        flapping: it changes so often that nobody is told.
        acknowledged_at: when somebody took on its present problem.
        sticky: the acknowledgement stays until the object is well again, not until its state changes.
        downtime_id: the downtime that runs on it, of several the one that began last; '' for none.
        group_id: the host group of the host; 0 for hosts that nobody configured.
        max_attempts: results that make a problem hard; 0 for 1.
        volatile: 0, or 1 or 2 where every result in a hard problem is an event.
        flap_detection: whether it can be found to flap.
        markdown: its output is to be read as Markdown.
        gone_at: when it was taken out of the configuration: it stands there no more, and its number waits for
            whoever is called so again; 0 for what stands there.
        parents: ids of the hosts through which a host is reached.
    """

    domain_id: str
    id: int
    host: str
    service: str
    state: str
    state_type: str
    state_since: int
    seen_at: int
    discovered: bool
    output: str = ""
    attempt: int = 0
    hard_state: str = ""
    checked_at: int = 0
    changes: int = 0
    flapping: bool = False
    acknowledged_at: int = 0
    acknowledged_by: str = ""
    acknowledged_comment: str = ""
    sticky: bool = False
    downtime_id: str = ""
    group_id: int = 0
    max_attempts: int = 0
    volatile: int = 0
    flap_detection: bool = False
    markdown: bool = False
    gone_at: int = 0
    parents: tuple[int, ...] = ()


def quieted_by(present: MonitoredObject) -> str:
    """Give what keeps an object's events from being passed on, as a silence does; '' for nothing."""
    return present.downtime_id or (flapping_id(present) if present.flapping else "")


def flapping_id(present: MonitoredObject) -> str:
    """Give the name under which an object's flapping keeps its events back."""
    return f"{FLAPPING}{present.id}"


def key_of(host: str, service: str) -> str:
    """Give the key of what is checked: of a host its name, of a service both names."""
    return f"{host}/{service}" if service else host


def initial_state(service: str) -> str:
    """Give the state of an object of which no signal said anything yet: ok, or up for a host."""
    return OK if service else UP


def state_after(kind: Kind, severity: Severity, service: str, present: str) -> str:
    """Give the state in which a signal leaves an object. Only check results know soft states.

    Args:
        kind: the signal's kind.
        severity: the signal's severity.
        service: the object's service, '' for a host.
        present: the object's state before the signal.
    """
    if kind is Kind.RECOVERY:
        state = OK
    elif kind is Kind.ERROR:
        state = "unknown"
    elif kind is not Kind.PROBLEM:
        return present
    elif severity is Severity.CRITICAL or severity is Severity.ERROR:
        state = "critical"
    elif severity is Severity.WARNING:
        state = "warning"
    else:
        state = "unknown"
    return state if service else _HOST_STATES[state]


def is_unhandled(present: MonitoredObject, host: MonitoredObject | None) -> bool:
    """Say whether somebody must look: at a host that is down, or a service in trouble on a host that is up.

    Args:
        present: the host or service.
        host: that of the service; None where it is not known.
    """
    if present.acknowledged_at or present.downtime_id:
        return False
    if not present.service:
        return present.state == DOWN
    return present.state != OK and (host is None or host.state == UP)


def hosts_of(objects: Sequence[MonitoredObject]) -> dict[str, MonitoredObject]:
    """Give the hosts among some objects, by name."""
    return {each.host: each for each in objects if not each.service}


def with_services(
    chosen: Sequence[MonitoredObject], objects: Sequence[MonitoredObject]
) -> list[MonitoredObject]:
    """Give what is chosen, with all services of the hosts in it.

    Args:
        chosen: hosts and services.
        objects: to choose from.
    """
    ids = {each.id for each in chosen}
    hosts = {each.host for each in chosen if not each.service}
    return [each for each in objects if each.id in ids or each.host in hosts]
