"""What a nagios.log says, line after line -> events of the past in the native shape.

Lines of acknowledgements and downtimes do not say the state of what they are about, and those of downtimes do
not say who asked for them and for how long: that is remembered from lines before.
"""

from typing import Any, NamedTuple, TypeAlias

from tocsin.dialects.nagios.command import TOOL, Acknowledged, Planned
from tocsin.dialects.nagios.log import Checked, Downtime, Entry
from tocsin.model.checking import is_well, severity_of
from tocsin.model.event import MICROSECONDS_PER_SECOND
from tocsin.model.monitored import DOWN, HARD, initial_state, key_of
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind

Item: TypeAlias = dict[str, Any]
_Name: TypeAlias = tuple[str, str]


class _State(NamedTuple):
    """How a host or service stood, and what its last check said."""

    state: str
    state_type: str = HARD
    output: str = ""


class History:
    """Remembers what lines said, and gives the event that each makes."""

    def __init__(self) -> None:
        self._states: dict[_Name, _State] = {}
        self._planned: dict[_Name, list[Planned]] = {}
        self._of_services: dict[str, list[Planned]] = {}
        self._begun: dict[_Name, list[Planned]] = {}
        self._running: dict[_Name, list[Planned]] = {}

    def tell(self, entry: Entry) -> Item | None:
        """Give the event of an entry, in the native shape; None where it makes none.

        Args:
            entry: of the next line; lines are told in the order of their times.
        """
        if isinstance(entry, Checked):
            return self._checked(entry)
        if isinstance(entry, Acknowledged):
            return self._acknowledged(entry)
        if isinstance(entry, Downtime):
            return self._downtime(entry)
        if entry.of_services:
            self._of_services[entry.host] = _later(self._of_services.get(entry.host, []), entry)
        else:
            name = (entry.host, entry.service)
            self._planned[name] = _later(self._planned.get(name, []), entry)
        return None

    def _checked(self, entry: Checked) -> Item | None:
        output, _, performance = entry.output.partition("|")
        state = _State(entry.state, entry.state_type, output.strip())
        self._states[entry.host, entry.service] = state
        if not entry.is_change:
            return None
        kind = Kind.CHECK_RESULT
        if entry.state_type == HARD:
            kind = Kind.RECOVERY if is_well(entry.state) else Kind.PROBLEM
        labels = {"perfdata": performance.strip()} if performance.strip() else {}
        item = _item(entry, kind, severity_of(entry.state), f" is {entry.state}", state)
        return item | {"attempt": entry.attempt, "labels": labels}

    def _acknowledged(self, entry: Acknowledged) -> Item | None:
        # Who acknowledges something has a problem, whether or not the log says which.
        unsaid = _State("unknown" if entry.service else DOWN)
        state = self._states.get((entry.host, entry.service), unsaid)
        if is_well(state.state):
            return None
        item = _item(entry, Kind.ACKNOWLEDGEMENT, Severity.NONE, ": acknowledged", state)
        return item | {"author": entry.author, "comment": entry.comment}

    def _downtime(self, entry: Downtime) -> Item:
        unsaid = _State(initial_state(entry.service))
        state = self._states.get((entry.host, entry.service), unsaid)
        if entry.is_start:
            plan = self._start(entry)
            item = _item(entry, Kind.DOWNTIME_START, Severity.NONE, ": a downtime begins", state)
        else:
            plan = self._end(entry)
            item = _item(entry, Kind.DOWNTIME_END, Severity.NONE, ": a downtime ends", state)
        if plan is None:
            return item | {"comment": entry.text}
        window = {
            "window_start": plan.starts_at // MICROSECONDS_PER_SECOND,
            "window_end": plan.ends_at // MICROSECONDS_PER_SECOND,
        }
        return item | {"author": plan.author, "comment": plan.comment} | window

    def _start(self, entry: Downtime) -> Planned | None:
        """Find the plan of a downtime that begins: of those that wait for it, the one that began last."""
        name = (entry.host, entry.service)
        shared = self._of_services.get(entry.host, []) if entry.service else []
        begun = self._begun.get(name, [])
        waiting = [
            plan
            for plan in (*self._planned.get(name, []), *shared)
            if plan.starts_at <= entry.at < plan.ends_at and plan not in begun
        ]
        if not waiting:
            return None
        plan = max(waiting, key=lambda each: each.starts_at)
        self._begun[name] = _later(begun, plan)
        self._running.setdefault(name, []).append(plan)
        return plan

    def _end(self, entry: Downtime) -> Planned | None:
        """Find the plan of a downtime that ends: of those that run, the one whose end is the nearest."""
        running = self._running.get((entry.host, entry.service), [])
        if not running:
            return None
        plan = min(running, key=lambda each: abs(each.ends_at - entry.at))
        running.remove(plan)
        return plan


def _item(
    entry: Checked | Acknowledged | Downtime, kind: Kind, severity: Severity, what: str, state: _State
) -> Item:
    key = key_of(entry.host, entry.service)
    return {
        "kind": kind.value,
        "key": key,
        "title": f"{key}{what}",
        "severity": severity.value,
        "host": entry.host,
        "service": entry.service,
        "state": state.state,
        "state_type": state.state_type,
        "output": state.output,
        "source_tool": TOOL,
        "occurred_at": entry.at // MICROSECONDS_PER_SECOND,
    }


def _later(plans: list[Planned], one: Planned) -> list[Planned]:
    """Put one more to some plans, without those that are over when it is asked for."""
    return [*(each for each in plans if each.ends_at > one.at), one]
