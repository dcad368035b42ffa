"""What the demo tells: a day of an invented company, as the messages of its tools. Pure."""

import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import msgspec

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR

Document: TypeAlias = Mapping[str, Any]


class Message(msgspec.Struct, frozen=True):
    """One message of a tool.

    Attributes:
        at: when it was sent, seconds since 1970.
        source: name of the source that it came to.
        document: what it said.
    """

    at: float
    source: str
    document: Document


class Trouble(msgspec.Struct, frozen=True):
    """Something that goes wrong now and then.

    Attributes:
        source: who notices.
        host: where.
        service: on what.
        title: what is told.
        severity: how bad it is.
        minutes: how long it lasts, about.
    """

    source: str
    host: str
    service: str
    title: str
    severity: str
    minutes: int

    @property
    def key(self) -> str:
        """What its tool calls it."""
        return f"{self.host}/{self.service}"


TROUBLES: Final = (
    Trouble("alertmanager", "db1", "disk", "97 % of /var is used", "critical", 50),
    Trouble("alertmanager", "db2", "replication", "The replica is 140 s behind", "warning", 25),
    Trouble("alertmanager", "k8s-4", "kubelet", "Pods of checkout restart again and again", "critical", 35),
    Trouble("alertmanager", "queue1", "consumers", "12,000 messages wait in orders", "warning", 40),
    Trouble("alertmanager", "web2", "latency", "99 % of requests take more than 2 s", "critical", 15),
    Trouble("grafana", "db1", "memory", "93 % of memory is used", "warning", 45),
    Trouble("grafana", "cache1", "evictions", "The cache evicts 900 keys a second", "warning", 30),
    Trouble("grafana", "shop", "payments", "Payments fail more often than yesterday", "critical", 12),
    Trouble("zabbix", "fw1", "23151", "Temperature of fw1 is 71 °C", "warning", 60),
    Trouble("zabbix", "nas1", "23177", "A disk of the array is degraded", "critical", 240),
    Trouble("zabbix", "mail1", "23190", "The mail queue grows", "warning", 35),
    Trouble("backups", "db2", "nightly-backup", "The backup of db2 did not end in time", "error", 90),
    Trouble("backups", "files1", "nightly-backup", "The backup of files1 failed: no space", "error", 120),
    Trouble("backups", "shop", "certificate", "The certificate of shop expires in 12 days", "warning", 300),
)
FLAPPER: Final = Trouble("alertmanager", "web3", "http", "web3 does not answer", "critical", 3)
STORM: Final = tuple(
    Trouble("zabbix", f"rack7-{number:02}", "23011", f"rack7-{number:02} is unreachable", "critical", 20)
    for number in range(1, 49)
)
SOURCES: Final[Mapping[str, str]] = {
    "alertmanager": "victorops",
    "grafana": "victorops",
    "zabbix": "victorops",
    "backups": "native",
    "deploys": "native",
}
"""Name of each source, and its format."""

_PEOPLE: Final = ("maria", "jonas", "aiko")
_SAID: Final = ("on it", "looking", "known, the vendor is informed", "will be gone after the deploy")


class Story:
    """Tells a day, and then goes on.

    Args:
        seed: the same one tells the same.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - tells stories, keeps no secret
        self._open: set[Trouble] = set()

    def day(self, now: float) -> list[Message]:
        """Give the messages of the 24 hours before, in order.

        Args:
            now: seconds since 1970.
        """
        told = [*self._storm(now - 5 * HOUR), *self._flapping(now - 3 * HOUR)]
        for trouble in TROUBLES:
            told += self._life(trouble, now)
        for number, hours in enumerate((21.5, 9.2, 5.4, 1.7), start=417):
            told.append(_deploy(number, now - hours * HOUR))
        return sorted(told, key=lambda message: message.at)

    def following(self, now: float) -> Message:
        """Give what happens next: something begins, or ends."""
        trouble = self._random.choice(TROUBLES)
        kind = "recovery" if trouble in self._open else "problem"
        self._open ^= {trouble}
        return self._tell(trouble, kind, now)

    def _life(self, trouble: Trouble, now: float) -> Iterator[Message]:
        """Tell how one trouble comes and goes over the day."""
        at = now - DAY + self._random.uniform(0, 6) * HOUR
        while at < now:
            yield self._tell(trouble, "problem", at)
            end = at + trouble.minutes * 60 * self._random.uniform(0.5, 2)
            again = at + self._random.uniform(60, 400)
            if again < min(end, now):
                yield self._tell(trouble, "problem", again)
            seen = again + self._random.uniform(60, 600)
            if seen < min(end, now) and self._random.random() < 0.6:
                yield self._tell(trouble, "acknowledgement", seen)
            if end >= now:
                self._open.add(trouble)
                return
            yield self._tell(trouble, "recovery", end)
            at = end + self._random.uniform(2, 8) * HOUR

    def _storm(self, at: float) -> Iterator[Message]:
        """Tell how the switch of a rack fails: everything behind it is gone at once, and comes back."""
        for trouble in STORM:
            yield self._tell(trouble, "problem", at + self._random.uniform(0, 90))
            yield self._tell(trouble, "recovery", at + 22 * 60 + self._random.uniform(0, 200))

    def _flapping(self, at: float) -> Iterator[Message]:
        for turn in range(14):
            begin = at + turn * 600 + self._random.uniform(0, 120)
            yield self._tell(FLAPPER, "problem", begin)
            yield self._tell(FLAPPER, "recovery", begin + self._random.uniform(60, 240))

    def _tell(self, trouble: Trouble, kind: str, at: float) -> Message:
        said = (self._random.choice(_PEOPLE), self._random.choice(_SAID))
        return Message(at, trouble.source, _TOOLS[trouble.source](trouble, kind, at, said))


_TYPES: Final = {"recovery": "RECOVERY", "acknowledgement": "ACKNOWLEDGEMENT"}


def _alertmanager(trouble: Trouble, kind: str, at: float, said: tuple[str, str]) -> Document:
    firing = "RESOLVED" if kind == "recovery" else "FIRING:1"
    return {
        "message_type": _TYPES.get(kind, trouble.severity.upper()),
        "entity_id": trouble.key,
        "entity_display_name": trouble.title,
        "state_message": f"[{firing}] {trouble.title}\nLabels:\n - instance = {trouble.host}:9100\n",
        "monitoring_tool": "Alertmanager",
        "cluster": "eu-1",
        "host_name": trouble.host,
        "state_start_time": int(at),
        **_acknowledged(kind, said),
    }


def _grafana(trouble: Trouble, kind: str, at: float, said: tuple[str, str]) -> Document:
    state = "Resolved" if kind == "recovery" else "Firing"
    return {
        "message_type": _TYPES.get(kind, trouble.severity.upper()),
        "entity_id": trouble.key,
        "entity_display_name": trouble.title,
        "state_message": f"**{state}**\n\nLabels:\n - instance = {trouble.host}\n",
        "monitoring_tool": "Grafana v12.1.0",
        "alert_url": "https://grafana.example.org/alerting/list",
        "host_name": trouble.host,
        "timestamp": int(at),
        **_acknowledged(kind, said),
    }


def _zabbix(trouble: Trouble, kind: str, at: float, said: tuple[str, str]) -> Document:
    if kind == "acknowledgement":
        return {
            "message_type": "ACKNOWLEDGEMENT",
            "entity_id": trouble.key,
            "entity_display_name": trouble.title,
            "host_name": trouble.host,
            "state_start_time": int(at),
            **_acknowledged(kind, said),
        }
    return {
        "VO_ZABBIX_ALERT_TIME": int(at * 1000),
        "TRIGGER.ID": trouble.service,
        "TRIGGER.NAME": trouble.title,
        "TRIGGER.NSEVERITY": "4" if trouble.severity == "critical" else "2",
        "TRIGGER.STATUS": "OK" if kind == "recovery" else "PROBLEM",
        "TRIGGER.VALUE": "0" if kind == "recovery" else "1",
        "HOST.NAME": trouble.host,
        "HOST.HOST1": trouble.host,
        "HOST.NAME1": trouble.host,
        "EVENT.STATUS": "PROBLEM",
    }


def _native(trouble: Trouble, kind: str, at: float, said: tuple[str, str]) -> Document:
    author, comment = said if kind == "acknowledgement" else ("", "")
    return {
        "kind": kind,
        "key": trouble.key,
        "title": trouble.title,
        "severity": trouble.severity if kind == "problem" else "none",
        "host": trouble.host,
        "service": trouble.service,
        "source_tool": "backup.py",
        "author": author,
        "comment": comment,
        "occurred_at": at,
    }


def _deploy(number: int, at: float) -> Message:
    document = {
        "kind": "info",
        "key": "shop/deploy",
        "title": f"shop 2.{number} is live",
        "host": "shop",
        "service": "deploy",
        "source_tool": "pipeline",
        "version": f"2.{number}",
        "occurred_at": at,
    }
    return Message(at, "deploys", document)


def _acknowledged(kind: str, said: tuple[str, str]) -> Document:
    author, comment = said
    return {"ack_author": author, "ack_msg": comment} if kind == "acknowledgement" else {}


_TOOLS: Final[Mapping[str, Callable[[Trouble, str, float, tuple[str, str]], Document]]] = {
    "alertmanager": _alertmanager,
    "grafana": _grafana,
    "zabbix": _zabbix,
    "backups": _native,
}
