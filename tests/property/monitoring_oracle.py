"""Opsview's state machine told once more in the plainest way: the rows that a list of steps must give.

It follows Opsview's documentation and shares nothing with the server. Where that leaves a point open, it
assumes:

 1. The row of a service's recovery from a hard problem keeps the attempt at which the problem stood; from a
    soft one it has the count reached with this check. A host is up at attempt 1, whatever it was before.
 2. A first result UP of a host gives a row, as a first OK of a service does.
 3. An object without a result stands at ok or up, hard, attempt 1; a host without a result counts as UP.
 4. What is well is so hard, at attempt 1, as soon as the row of its recovery is written, though that row may
    be soft. Rows of acknowledgements and downtimes show it so.
 5. "Host not UP" means the host's present state, soft or hard. A service that is already soft goes hard with
    its next failure then, at attempt 1 like any other (`C s1`, host down, `C h1`).
 6. A hard problem keeps its attempt, whatever it was, also when the host is UP again: no retries follow.
 7. A host's DOWN while it has parents and none of them is UP (soft or hard) is taken as UNREACHABLE;
    UNREACHABLE is taken as said. A parent's change gives its children no row; their next result does.
 8. A host's change gives its services no rows, only their own results do. A host never goes hard early.
 9. Any change of state clears an acknowledgement that is not sticky, also one soft failure for another; from
    soft to hard in one state does not. A recovery, soft or hard, clears every one.
10. An acknowledgement of an object that is ok or up is refused, without a row. A second one of the same
    problem has a row of its own and replaces the first, stickiness included. A host's leaves its services.
11. A step first brings its own time: what is due by then comes before it. At one moment ends come before
    starts, entries in the order of their putting; within one, the host, then its services as configured.
12. A downtime put after its start starts at once, and its row has the time of the putting. Rows that time
    brings have the scheduled moment, even when a step reaches it late. A window that is over is an error.
13. Cancelling ends or removes all that the same putting made. After the end it does nothing.
14. The clock never runs back; a result has the time of its arrival.
15. A volatile service gives a row for the same failure again only while it is hard. Hosts are never volatile.
16. Flapping and the ends of acknowledgements give no rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from tests.property.monitoring_steps import (
    AcknowledgementPut,
    AcknowledgementRemoved,
    DowntimeCancelled,
    DowntimePut,
    Result,
    Row,
    StateType,
    Step,
    World,
)

SERVICE_STATES = ("ok", "warning", "critical", "unknown")
HOST_STATES = ("up", "down", "unreachable")

STATE, ACKNOWLEDGED, DOWNTIME_START, DOWNTIME_END = range(4)


@dataclass(eq=False)
class Monitored:
    """A host (service '') or a service as it stands."""

    host: str
    service: str
    max_attempts: int
    volatile: bool = False
    parents: tuple["Monitored", ...] = ()
    state: str = field(init=False)
    state_type: StateType = "hard"
    attempt: int = 1
    checked: bool = False
    acknowledgement: Literal["", "normal", "sticky"] = ""

    def __post_init__(self) -> None:
        self.state = self.fine

    @property
    def states(self) -> tuple[str, ...]:
        """The states that a result may name; the first is the good one."""
        return SERVICE_STATES if self.service else HOST_STATES

    @property
    def fine(self) -> str:
        """The state without a problem."""
        return self.states[0]

    def take(self, state: str, host_is_up: bool) -> list[tuple[StateType, int]]:
        """Take a result, and answer the type and the attempt of the row that it gives, if any."""
        first, before = not self.checked, self.state
        self.checked = True
        self.state = state
        if state == self.fine or (state != before and self.acknowledgement == "normal"):
            self.acknowledgement = ""
        if state == self.fine:
            row = self._recovery(before)
            self.state_type, self.attempt = "hard", 1
            return [row] if first or before != self.fine else []
        return self._fail(before, host_is_up)

    def _recovery(self, before: str) -> tuple[StateType, int]:
        if before == self.fine or not self.service:
            return "hard", 1
        if self.state_type == "soft":
            return "soft", self.attempt + 1
        return "hard", self.attempt

    def _fail(self, before: str, host_is_up: bool) -> list[tuple[StateType, int]]:
        if before != self.fine and self.state_type == "hard":
            return [("hard", self.attempt)] if self.state != before or self.volatile else []
        if not host_is_up:
            self.state_type, self.attempt = "hard", 1
        else:
            self.attempt = 1 if before == self.fine else self.attempt + 1
            self.state_type = "soft" if self.attempt < self.max_attempts else "hard"
        return [(self.state_type, self.attempt)]

    def row(self, eventtype: int, time: int) -> Row:
        """The object as a row shows it."""
        return Row(eventtype, self.host, self.service, self.state, self.state_type, self.attempt, time)


@dataclass(eq=False)
class Entry:
    """A downtime of one object."""

    downtime: str
    thing: Monitored
    start: int
    end: int
    running: bool = False


class Monitoring:
    """A world that takes steps, one after another, and says which rows each of them gives."""

    def __init__(self, world: World) -> None:
        self.now = 0
        self.things: dict[tuple[str, str], Monitored] = {}
        self.entries: list[Entry] = []
        for host in world.hosts:
            self.things[host.name, ""] = Monitored(host.name, "", host.max_attempts)
        for host in world.hosts:
            self.things[host.name, ""].parents = tuple(self.things[name, ""] for name in host.parents)
        for service in world.services:
            self.things[service.host, service.name] = Monitored(
                service.host, service.name, service.max_attempts, service.volatile
            )

    def acknowledged(self) -> dict[tuple[str, str], str]:
        """The objects whose problem stands acknowledged, by host and service: 'normal' or 'sticky'."""
        return {key: thing.acknowledgement for key, thing in self.things.items() if thing.acknowledgement}

    def take(self, step: Step) -> list[Row]:
        """Take one step and answer its rows, in their order.

        Raises:
            KeyError: there is no such object.
            ValueError: the step lies before another one, or cannot be: a foreign state, an empty window.
        """
        if step.at < self.now:
            raise ValueError(f"the clock runs back from {self.now} to {step.at}")
        self.now = step.at
        return self._reach() + self._do(step)

    def _do(self, step: Step) -> list[Row]:
        match step:
            case Result(host=host, service=service, state=state):
                return self._check(self.things[host, service], state)
            case AcknowledgementPut(host=host, service=service, sticky=sticky):
                return self._acknowledge(self.things[host, service], sticky)
            case AcknowledgementRemoved(host=host, service=service):
                self.things[host, service].acknowledgement = ""
            case DowntimePut():
                return self._put(step)
            case DowntimeCancelled(name=name):
                return self._cancel(name)
        return []

    def _check(self, thing: Monitored, state: str) -> list[Row]:
        if state not in thing.states:
            raise ValueError(f"{thing.host}/{thing.service} cannot be {state}")
        if state == "down" and thing.parents and all(parent.state != "up" for parent in thing.parents):
            state = "unreachable"
        host_is_up = not thing.service or self.things[thing.host, ""].state == "up"
        return [
            Row(STATE, thing.host, thing.service, thing.state, state_type, attempt, self.now)
            for state_type, attempt in thing.take(state, host_is_up)
        ]

    def _acknowledge(self, thing: Monitored, sticky: bool) -> list[Row]:
        if thing.state == thing.fine:
            return []
        thing.acknowledgement = "sticky" if sticky else "normal"
        return [thing.row(ACKNOWLEDGED, self.now)]

    def _put(self, put: DowntimePut) -> list[Row]:
        if put.end <= max(put.start, self.now):
            raise ValueError(f"the window of {put.name} is empty or over")
        covered = [self.things[put.host, put.service]]
        if not put.service:
            covered += [thing for thing in self.things.values() if thing.host == put.host and thing.service]
        self.entries += [Entry(put.name, thing, max(put.start, self.now), put.end) for thing in covered]
        return self._reach()

    def _cancel(self, name: str) -> list[Row]:
        rows = [
            entry.thing.row(DOWNTIME_END, self.now)
            for entry in self.entries
            if entry.downtime == name and entry.running
        ]
        self.entries = [entry for entry in self.entries if entry.downtime != name]
        return rows

    def _reach(self) -> list[Row]:
        rows: list[Row] = []
        moments = {moment for entry in self.entries for moment in (entry.start, entry.end)}
        for moment in sorted(moment for moment in moments if moment <= self.now):
            rows += [entry.thing.row(DOWNTIME_END, moment) for entry in self.entries if entry.end == moment]
            self.entries = [entry for entry in self.entries if entry.end != moment]
            for entry in self.entries:
                if entry.start == moment and not entry.running:
                    entry.running = True
                    rows.append(entry.thing.row(DOWNTIME_START, moment))
        return rows


def rows(world: World, steps: Iterable[Step]) -> list[Row]:
    """All rows of a world that takes these steps, in their order."""
    monitoring = Monitoring(world)
    return [row for step in steps for row in monitoring.take(step)]
