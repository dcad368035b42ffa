"""A slow, plain second telling of what a signal does: every look-up walks a list from end to end.

It shares no code with the model but the types that come in, so that a fault in one is not a fault in both.
"""

from dataclasses import dataclass, field

from tocsin.model.alert import AlertState
from tocsin.model.receipt import Outcome
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.model.source import Source

DAY = 24 * 60 * 60 * 1_000_000
FROM_WORST = (
    Severity.CRITICAL,
    Severity.ERROR,
    Severity.WARNING,
    Severity.INFO,
    Severity.NONE,
    Severity.NOT_AVAILABLE,
)

NO_ALERT = "no open alert"
NOT_ITS_ALERT = "meant for another alert"
NOT_ACKNOWLEDGED = "not acknowledged"
DOES_NOT_OPEN = "warnings do not open"
OLDER = "older"
AHEAD = "time ahead"
NAMELESS = "no key was named"
TOO_MANY = "too many objects"
TRIGGERED_AGAIN = "triggered again"


@dataclass
class Thing:
    """A monitored object: a host (service '') or a service."""

    domain: str
    host: str
    service: str
    state: str
    state_since: int
    discovered: bool
    seen_at: int


@dataclass
class Problem:
    """An alert."""

    domain: str
    project: str
    key: str
    source: str
    seq: int
    title: str
    host: str
    service: str
    rule: str
    labels: dict[str, str]
    severity: Severity
    opened_at: int
    changed_at: int
    last_seq: int
    last_at: int
    changed_time: int
    state: AlertState = AlertState.OPEN
    count: int = 1
    acknowledged_at: int = 0
    acknowledged_until: int = 0
    acknowledged_by: str = ""
    acknowledged_comment: str = ""
    resolved_at: int = 0
    resolved_by: str = ""


@dataclass
class Fact:
    """An event with its receipt; `seq` is 0 where there is no event, for the signal was rejected."""

    domain: str
    project: str
    source: str
    seq: int
    kind: Kind
    key: str
    title: str
    host: str
    service: str
    state: str
    stands_on: tuple[str, str]
    outcome: Outcome
    why: frozenset[str]
    alert: int
    recorded_at: int
    occurred_at: int
    time: int


@dataclass
class Oracle:
    """All that was heard, in the order of its arrival.

    Attributes:
        most_objects: discovered objects that a domain takes.
    """

    most_objects: int
    facts: list[Fact] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    moments: list[tuple[str, int]] = field(default_factory=list)

    def look_at_clock(self, domain: str, now: int) -> int:
        """Give the time at which a request of a domain is recorded: now, or its last if that is later."""
        self.moments.append((domain, now))
        return max(moment for owner, moment in self.moments if owner == domain)

    def hear(self, source: Source, signal: Signal, now: int) -> Fact:
        """Take one signal.

        Args:
            source: where it came in.
            signal: what it says.
            now: the clock, microseconds UTC; it may run back.
        """
        earlier = [fact for fact in self.facts if fact.domain == source.domain_id]
        at = self.look_at_clock(source.domain_id, now)
        time = signal.occurred_at or at
        key, made = key_of(source, signal)
        fact = Fact(
            domain=source.domain_id,
            project=source.project_id,
            source=source.id,
            seq=max([0, *(fact.seq for fact in earlier)]) + 1,
            kind=signal.kind,
            key=key,
            title=signal.title,
            host=signal.host or source.name,
            service="" if made else signal.service if signal.host else key,
            state="",
            stands_on=("", ""),
            outcome=Outcome.RECORDED,
            why=frozenset(),
            alert=0,
            recorded_at=at,
            occurred_at=signal.occurred_at,
            time=time,
        )
        self.facts.append(fact)

        last = self._last_problem(fact)
        running = last if last is not None and last.state != AlertState.RESOLVED else None
        if signal.alert_seq and (running is None or running.seq != signal.alert_seq):
            fact.seq, fact.outcome, fact.why = 0, Outcome.REJECTED, frozenset({NOT_ITS_ALERT})
            return fact

        why = set(signal.remarks)
        if made:
            why.add(NAMELESS)
        if time > at + DAY:
            why.add(AHEAD)
        thing = self._footing(source, signal, fact, made)
        if thing is None:
            why.add(TOO_MANY)
            thing = self._own(source, at)
        fact.stands_on = (thing.host, thing.service)

        late = (
            source.options.source_time
            and not signal.alert_seq
            and signal.kind in (Kind.PROBLEM, Kind.ERROR, Kind.RECOVERY)
            and last is not None
            and time < last.changed_time
        )
        fact.state = self._move(thing, fact, signal, late)
        if late:
            assert last is not None
            fact.alert = last.seq
            why.add(OLDER)
        elif signal.kind in (Kind.PROBLEM, Kind.ERROR):
            if running is not None:
                why |= self._repeat(running, signal, fact)
            elif (
                signal.kind == Kind.ERROR
                or signal.severity != Severity.WARNING
                or source.options.warning_opens
            ):
                self._open(signal, fact)
            else:
                why.add(DOES_NOT_OPEN)
        elif running is None:
            if signal.kind not in (Kind.DOWNTIME_START, Kind.DOWNTIME_END):
                why.add(NO_ALERT)
        else:
            why |= self._answer(running, signal, fact)
        fact.why = frozenset(why)
        return fact

    def _last_problem(self, fact: Fact) -> Problem | None:
        """Find the open alert of a key, or else the one that was resolved last: both were opened last."""
        found = [
            problem
            for problem in self.problems
            if (problem.domain, problem.project, problem.key) == (fact.domain, fact.project, fact.key)
        ]
        return found[-1] if found else None

    def _open(self, signal: Signal, fact: Fact) -> None:
        fact.outcome, fact.alert = Outcome.OPENED, fact.seq
        self.problems.append(
            Problem(
                domain=fact.domain,
                project=fact.project,
                key=fact.key,
                source=fact.source,
                seq=fact.seq,
                title=signal.title,
                host=fact.host,
                service=fact.service,
                rule=signal.rule,
                labels=signal.labels,
                severity=signal.severity,
                opened_at=fact.recorded_at,
                changed_at=fact.recorded_at,
                last_seq=fact.seq,
                last_at=fact.recorded_at,
                changed_time=fact.time,
            )
        )

    def _repeat(self, problem: Problem, signal: Signal, fact: Fact) -> set[str]:
        """Count one more problem signal."""
        join(problem, fact, Outcome.JOINED)
        worse = FROM_WORST.index(signal.severity) < FROM_WORST.index(problem.severity)
        if signal.severity != problem.severity:
            problem.changed_at = fact.recorded_at
        problem.count += 1
        problem.severity = signal.severity
        problem.title = signal.title or problem.title
        problem.rule = signal.rule or problem.rule
        problem.labels = signal.labels or problem.labels
        problem.changed_time = fact.time
        if worse and problem.state == AlertState.ACKNOWLEDGED:
            release(problem)
            return {TRIGGERED_AGAIN}
        return set()

    def _answer(self, problem: Problem, signal: Signal, fact: Fact) -> set[str]:
        """Take what is said about an open alert and is no problem itself."""
        if signal.kind == Kind.RECOVERY:
            join(problem, fact, Outcome.RESOLVED)
            problem.state = AlertState.RESOLVED
            problem.resolved_at = problem.changed_at = fact.recorded_at
            problem.resolved_by = signal.author
            if not signal.alert_seq:
                problem.changed_time = fact.time
        elif signal.kind == Kind.ACKNOWLEDGEMENT:
            join(problem, fact, Outcome.ACKNOWLEDGED)
            problem.state = AlertState.ACKNOWLEDGED
            problem.acknowledged_at = problem.changed_at = fact.recorded_at
            problem.acknowledged_until = signal.window_end
            problem.acknowledged_by = signal.author
            problem.acknowledged_comment = signal.comment
        elif signal.kind == Kind.ACKNOWLEDGEMENT_END and problem.state != AlertState.ACKNOWLEDGED:
            fact.alert = problem.seq
            return {NOT_ACKNOWLEDGED}
        else:
            join(problem, fact, Outcome.JOINED)
            if signal.kind == Kind.ACKNOWLEDGEMENT_END:
                release(problem)
                problem.changed_at = fact.recorded_at
        return set()

    def _footing(self, source: Source, signal: Signal, fact: Fact, made: bool) -> Thing | None:
        """Find what a signal stands on; None where there is no room for what it names."""
        if signal.alert_seq:
            # What is meant for one alert stands where that alert stands, and makes nothing.
            opening = [
                each for each in self.facts if (each.domain, each.seq) == (fact.domain, signal.alert_seq)
            ]
            return self._known(fact.domain, *opening[0].stands_on)
        if made:
            # A signal whose key Tocsin made up belongs to the source's own object.
            return self._own(source, fact.recorded_at)
        return self._thing(source, fact)

    def _thing(self, source: Source, fact: Fact) -> Thing | None:
        """Find or discover the object that is named, and the host it is on; None where there is no room."""
        names = [(fact.host, ""), (fact.host, fact.service)]
        new = {name for name in names if self._known(fact.domain, *name) is None}
        counted = new - {(source.name, "")}
        discovered = [thing for thing in self.things if thing.domain == fact.domain and thing.discovered]
        if names[1] in new and counted and len(discovered) + len(counted) > self.most_objects:
            return None
        if names[1] in new:
            for host, service in sorted(new):
                state = "ok" if service else "up"
                is_discovered = (host, service) in counted
                at = fact.recorded_at
                self.things.append(Thing(fact.domain, host, service, state, at, is_discovered, at))
        return self._known(fact.domain, *names[1])

    def _own(self, source: Source, at: int) -> Thing:
        """Find or make the source's own object, for which there is always room."""
        own = self._known(source.domain_id, source.name, "")
        if own is None:
            own = Thing(source.domain_id, source.name, "", "up", at, discovered=False, seen_at=at)
            self.things.append(own)
        return own

    def _known(self, domain: str, host: str, service: str) -> Thing | None:
        for thing in self.things:
            if (thing.domain, thing.host, thing.service) == (domain, host, service):
                return thing
        return None

    def _move(self, thing: Thing, fact: Fact, signal: Signal, late: bool) -> str:
        """Give the state that the event shows, and give it to the object if it is the one that is named."""
        is_named = (thing.host, thing.service) == (fact.host, fact.service)
        present = thing.state if is_named else "ok" if fact.service else "up"
        state = None if late else state_said(signal, is_host=fact.service == "")
        if state is not None and is_named and state != present:
            thing.state, thing.state_since, thing.seen_at = state, fact.recorded_at, fact.recorded_at
        if signal.alert_seq and not is_named:
            return present if state is None else state
        for seen in (thing, self._known(thing.domain, thing.host, "")):
            if seen is not None and seen.seen_at // DAY != fact.recorded_at // DAY:
                seen.seen_at = fact.recorded_at
        return present if state is None else state


def join(problem: Problem, fact: Fact, outcome: Outcome) -> None:
    """Let an event belong to an alert."""
    fact.outcome, fact.alert = outcome, problem.seq
    problem.last_seq, problem.last_at = fact.seq, fact.recorded_at


def release(problem: Problem) -> None:
    """Take an acknowledgement back."""
    problem.state = AlertState.OPEN
    problem.acknowledged_at = problem.acknowledged_until = 0
    problem.acknowledged_by = problem.acknowledged_comment = ""


def key_of(source: Source, signal: Signal) -> tuple[str, bool]:
    """Give the key that a signal goes by, and whether Tocsin made it up.

    What is meant for one alert goes by that alert's key already.
    """
    names = () if signal.alert_seq else source.options.identity
    values = [
        signal.labels.get(name.removeprefix("labels."), "")
        if name.startswith("labels.")
        else str(getattr(signal, name))
        for name in names
    ]
    if any(values):
        return "/".join(values), signal.key_made and "key" in names
    return signal.key, signal.key_made


def state_said(signal: Signal, is_host: bool) -> str | None:
    """Give the state that a signal says of its object; None where it says nothing of it."""
    if signal.kind == Kind.RECOVERY:
        return "up" if is_host else "ok"
    if signal.kind == Kind.ERROR:
        return "unreachable" if is_host else "unknown"
    if signal.kind == Kind.PROBLEM:
        if signal.severity in (Severity.CRITICAL, Severity.ERROR):
            return "down" if is_host else "critical"
        if signal.severity == Severity.WARNING:
            return "down" if is_host else "warning"
        return "unreachable" if is_host else "unknown"
    return None
