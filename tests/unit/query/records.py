"""Records to try expressions on."""

from typing import Any

from msgspec.structs import replace

from tocsin.model.alert import Alert, AlertState
from tocsin.model.event import Event, day_of
from tocsin.model.receipt import Outcome
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind

NOW = 1_795_336_200_000_000
"""2026-11-22T08:30:00Z."""

_EVENT = Event(
    domain_id="default",
    seq=42,
    day=day_of(NOW),
    project_id="project-aaaaaaaaaaaa",
    source_id="source-bbbbbbbbbbbb",
    kind=Kind.PROBLEM,
    key="db/main",
    title="Disk full on /var",
    description="98 % used",
    severity=Severity.CRITICAL,
    state="critical",
    state_type="hard",
    host="web-01",
    service="disk",
    object_id=7,
    rule="",
    resource_id="",
    resource_type="",
    resource_name="",
    provider="",
    account="",
    image_url="",
    links=[],
    labels={"region": "eu", "Größe": "XL"},
    source_tool="probe",
    author="",
    comment="",
    window_start=0,
    window_end=0,
    output="df: /var 98%",
    attempt=3,
    markdown=False,
    silenced_by="",
    alert_seq=40,
    outcome=Outcome.JOINED,
    reason="",
    payload_seq=42,
    payload_index=0,
    occurred_at=NOW,
    time=NOW,
    recorded_at=NOW,
)

_ALERT = Alert(
    domain_id="default",
    seq=40,
    project_id="project-aaaaaaaaaaaa",
    source_id="source-bbbbbbbbbbbb",
    object_id=7,
    key="db/main",
    title="Disk full on /var",
    severity=Severity.CRITICAL,
    state=AlertState.OPEN,
    host="web-01",
    service="disk",
    rule="",
    labels={"region": "eu"},
    count=5,
    last_seq=42,
    last_at=NOW,
    opened_at=NOW,
    changed_at=NOW,
    changed_time=NOW,
)


def event(**changes: Any) -> Event:
    """Make an event: a full disk on web-01, with what is to be different."""
    return replace(_EVENT, **changes)


def alert(**changes: Any) -> Alert:
    """Make the open alert of that full disk, with what is to be different."""
    return replace(_ALERT, **changes)
