"""The situation: what the ledger holds about the keys and objects that a batch names, as it moves along."""

from typing import TypeAlias

import msgspec

from tocsin.model.alert import Alert
from tocsin.model.monitored import MonitoredObject
from tocsin.model.policy import Policy

AlertKey: TypeAlias = tuple[str, str, str]
ObjectName: TypeAlias = tuple[str, str, str]


class DomainState(msgspec.Struct):
    """The counters of a domain's row, taken under its lock.

    Attributes:
        next_seq: number of the next event.
        next_object: number of the next monitored object.
        discovered: how many objects stand there that nobody configured.
        recorded_at: when the last batch was recorded, microseconds UTC.
    """

    id: str
    next_seq: int
    next_object: int
    discovered: int
    recorded_at: int


class Situation(msgspec.Struct):
    """What the ledger holds about the keys and objects that a batch names.

    Attributes:
        domains: by id.
        alerts: the open alert of each key, or its last resolved one where the source goes by its own clock.
        objects: by domain, host and service.
        policies: by domain; one that is missing has neither silences nor routes.
    """

    domains: dict[str, DomainState]
    alerts: dict[AlertKey, Alert]
    objects: dict[ObjectName, MonitoredObject]
    policies: dict[str, Policy] = {}
