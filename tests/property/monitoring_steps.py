"""What can happen in a small monitored world, step by step, and the rows that come of it."""

from dataclasses import dataclass
from typing import Literal

StateType = Literal["soft", "hard"]


@dataclass(frozen=True)
class Host:
    """A host as it is configured, with the names of its parents."""

    name: str
    max_attempts: int = 2
    parents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Service:
    """A service as it is configured; a volatile one gives a row for every hard failure."""

    host: str
    name: str
    max_attempts: int = 3
    volatile: bool = False


@dataclass(frozen=True)
class World:
    """All that is monitored. Names of services are unique on their host."""

    hosts: tuple[Host, ...]
    services: tuple[Service, ...] = ()


@dataclass(frozen=True)
class Result:
    """A check of a host (service '') or of a service said this. All times are microseconds UTC."""

    at: int
    host: str
    service: str
    state: str
    output: str = ""


@dataclass(frozen=True)
class DowntimePut:
    """A fixed downtime for a service, or for a host (service '') and all its services. Its name is unique."""

    at: int
    name: str
    host: str
    service: str
    start: int
    end: int


@dataclass(frozen=True)
class DowntimeCancelled:
    """All that one putting of a downtime made is deleted, running or not."""

    at: int
    name: str


@dataclass(frozen=True)
class AcknowledgementPut:
    """Somebody acknowledges the problem of a host (service '') or of a service."""

    at: int
    host: str
    service: str
    sticky: bool


@dataclass(frozen=True)
class AcknowledgementRemoved:
    """Somebody takes an acknowledgement back."""

    at: int
    host: str
    service: str


@dataclass(frozen=True)
class Clock:
    """Nothing is sent, but this moment is reached."""

    at: int


Step = Result | DowntimePut | DowntimeCancelled | AcknowledgementPut | AcknowledgementRemoved | Clock


@dataclass(frozen=True)
class Row:
    """One row of the list of events: type 0 state, 1 acknowledgement, 2 downtime start, 3 downtime end."""

    eventtype: int
    host: str
    service: str
    state: str
    state_type: StateType
    attempt: int
    time: int
