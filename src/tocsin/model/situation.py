"""The situation: what the ledger holds about the keys and objects that a batch names, as it moves along."""

from typing import TypeAlias

import msgspec

from tocsin.model.alert import Alert, AlertState
from tocsin.model.monitored import MonitoredObject
from tocsin.model.past import Known
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
        alerts: the open alert of each key, of several the newest; or its last resolved one where there is
            none and the source goes by its own clock.
        objects: by domain, host and service.
        policies: by domain; one that is missing has neither silences nor routes.
        earlier: the older open alerts of a key, the oldest first, where a source opened another beside them.
        hosts: by domain and number, the names of the hosts through which others are reached.
        merged: by keys whose alert was merged into one that is open, the number and the key of that.
        past: of each domain the facts of the past that stand there already, of those that are told again.
    """

    domains: dict[str, DomainState]
    alerts: dict[AlertKey, Alert]
    objects: dict[ObjectName, MonitoredObject]
    policies: dict[str, Policy] = {}
    earlier: dict[AlertKey, list[Alert]] = {}
    hosts: dict[tuple[str, int], ObjectName] = {}
    merged: dict[AlertKey, tuple[int, AlertKey]] = {}
    past: dict[str, set[Known]] = {}

    def alert(self, key: AlertKey, alert_seq: int) -> Alert | None:
        """Give the alert of a key that a signal is about, None where there is none.

        Args:
            key: the signal's.
            alert_seq: the alert that it is meant for, 0 for whichever is the newest.
        """
        if alert_seq:
            for each in self.earlier.get(key, ()):
                if each.seq == alert_seq:
                    return each
        own = self.alerts.get(key)
        if key in self.merged and (own is None or own.state is AlertState.RESOLVED):
            seq, home = self.merged[key]
            standing: list[Alert] = [*self.earlier.get(home, ()), self.alerts[home]]
            for each in standing:
                if each.seq == seq and each.state is not AlertState.RESOLVED:
                    return each
        return own

    def keep(self, key: AlertKey, alert: Alert) -> None:
        """Let an alert of a key stand as it was changed, or beside the others as it was opened."""
        if key in self.merged and self.merged[key][0] == alert.seq:
            key = self.merged[key][1]
        newest = self.alerts.get(key)
        if newest is None or (newest.seq == alert.seq and key not in self.earlier):
            self.alerts[key] = alert
            return
        standing = {each.seq: each for each in (*self.earlier.pop(key, ()), newest, alert)}
        unresolved = [each for each in standing.values() if each.state is not AlertState.RESOLVED]
        *older, self.alerts[key] = sorted(unresolved, key=_seq) or [alert]
        if older:
            self.earlier[key] = older


def _seq(alert: Alert) -> int:
    return alert.seq
