"""Monitored objects (hosts and services) and the state that a signal gives them."""

from typing import Final

import msgspec

from tocsin.model.severity import Severity
from tocsin.model.signal import Kind

HARD: Final = "hard"
SOFT: Final = "soft"

_HOST_STATES: Final = {"ok": "up", "warning": "down", "critical": "down", "unknown": "unreachable"}


class MonitoredObject(msgspec.Struct, frozen=True, gc=False):
    """A host (service '') or a service, with its present state.

    Attributes:
        id: number within the domain.
        discovered: True where nobody configured it: a signal named it.
        state_since: when it came into this state, microseconds UTC.
        seen_at: last signal, microseconds UTC, renewed once a day while the state stands.
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


def initial_state(service: str) -> str:
    """Give the state of an object of which no signal said anything yet: ok, or up for a host."""
    return "ok" if service else "up"


def state_after(kind: Kind, severity: Severity, service: str, present: str) -> str:
    """Give the state in which a signal leaves an object. Only check results know soft states.

    Args:
        kind: the signal's kind.
        severity: the signal's severity.
        service: the object's service, '' for a host.
        present: the object's state before the signal.
    """
    if kind is Kind.RECOVERY:
        state = "ok"
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
