"""A source, a signal's place, an alert: what the tests of the model start from."""

from collections.abc import Sequence
from typing import Any

from tocsin.model.alert import Alert, AlertState
from tocsin.model.entries import Entries
from tocsin.model.intake_rule import IntakeRule
from tocsin.model.life_cycle import Place
from tocsin.model.monitored import MonitoredObject
from tocsin.model.naming import name
from tocsin.model.recording import record
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.model.situation import DomainState, Situation
from tocsin.model.source import Source, SourceOptions
from tocsin.model.submission import Payload, Refusal, Submission

DAY = 86_400_000_000
NOON = 20_000 * DAY + DAY // 2
PAYLOAD = Payload("native", "application/json", {}, b"{}")


def source(name: str = "agent", **options: Any) -> Source:
    return Source(
        id="source-0000000000aa",
        domain_id="default",
        project_id="default",
        name=name,
        format="native",
        enabled=True,
        access_key="0" * 32,
        options=SourceOptions(**options),
        created_at=NOON,
    )


def problem(severity: Severity = Severity.CRITICAL, **fields: Any) -> Signal:
    return Signal(Kind.PROBLEM, "cpu", severity=severity, **fields)


def said(kind: Kind, **fields: Any) -> Signal:
    return Signal(kind, "cpu", **fields)


def place(seq: int = 2, recorded_at: int = NOON, time: int = 0) -> Place:
    return Place(
        domain_id="default",
        project_id="default",
        source_id="source-0000000000aa",
        seq=seq,
        recorded_at=recorded_at,
        time=time or recorded_at,
        object_id=7,
        host="web",
        service="cpu",
    )


def alert(**fields: Any) -> Alert:
    """An open alert of severity warning, opened by event 1 ten microseconds before noon."""
    before = NOON - 10
    given: dict[str, Any] = {
        "domain_id": "default",
        "seq": 1,
        "project_id": "default",
        "source_id": "source-0000000000aa",
        "object_id": 7,
        "key": "cpu",
        "title": "CPU is hot",
        "severity": Severity.WARNING,
        "state": AlertState.OPEN,
        "host": "web",
        "service": "cpu",
        "rule": "hot",
        "labels": {"team": "blue"},
        "count": 1,
        "last_seq": 1,
        "last_at": before,
        "opened_at": before,
        "changed_at": before,
        "changed_time": before,
    }
    return Alert(**given | fields)


def acknowledged(**fields: Any) -> Alert:
    """The same alert, acknowledged."""
    given: dict[str, Any] = {
        "state": AlertState.ACKNOWLEDGED,
        "acknowledged_at": NOON - 5,
        "acknowledged_until": NOON + DAY,
        "acknowledged_by": "ann",
        "acknowledged_comment": "on it",
    }
    return alert(**given | fields)


def submission(
    *signals: Signal, of: Source | None = None, refusals: list[Refusal] | None = None
) -> Submission:
    return Submission(of or source(), PAYLOAD, list(signals), refusals or [])


def empty_situation() -> Situation:
    return Situation({"default": DomainState("default", 1, 1, 0, 0)}, {}, {})


def situation(*objects: MonitoredObject, recorded_at: int = 0, discovered: int = 0) -> Situation:
    """What the ledger holds: some objects, and the open alert of cpu."""
    held = empty_situation()
    domain = held.domains["default"]
    domain.next_seq, domain.recorded_at, domain.discovered = 2, recorded_at, discovered
    domain.next_object = 10
    held.alerts["default", "default", "cpu"] = alert()
    held.objects = {("default", each.host, each.service): each for each in objects}
    return held


def known(number: int, host: str, service: str = "", **fields: Any) -> MonitoredObject:
    given: dict[str, Any] = {
        "domain_id": "default",
        "id": number,
        "host": host,
        "service": service,
        "state": "ok" if service else "up",
        "state_type": "hard",
        "state_since": NOON - DAY,
        "seen_at": NOON - 1,
        "discovered": True,
    }
    return MonitoredObject(**given | fields)


def recorded(
    *submissions: Submission,
    situation: Situation | None = None,
    now: int = NOON,
    object_limit: int = 100,
    rules: Sequence[IntakeRule] = (),
) -> Entries:
    batch = [(each, name(each, rules)) for each in submissions]
    return record(batch, situation or empty_situation(), now, object_limit)
