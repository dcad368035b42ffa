"""What VictorOps is told of an event."""

import pytest
from msgspec.structs import replace

from tests.unit.model.samples import NOON, alert, recorded, said, submission
from tocsin.dialects.victorops.send_delivery import message_of, message_type_of
from tocsin.model.event import Event
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link


def event(kind: Kind = Kind.PROBLEM, severity: Severity = Severity.CRITICAL, **fields: object) -> Event:
    (made,) = recorded(submission(said(kind, severity=severity, title="Hot"))).events
    return replace(made, **fields)


@pytest.mark.parametrize(
    ("kind", "severity", "message_type"),
    [
        (Kind.PROBLEM, Severity.CRITICAL, "CRITICAL"),
        (Kind.PROBLEM, Severity.ERROR, "CRITICAL"),
        (Kind.PROBLEM, Severity.WARNING, "WARNING"),
        (Kind.PROBLEM, Severity.INFO, "INFO"),
        (Kind.PROBLEM, Severity.NONE, "INFO"),
        (Kind.PROBLEM, Severity.NOT_AVAILABLE, "INFO"),
        (Kind.ERROR, Severity.NOT_AVAILABLE, "CRITICAL"),
        (Kind.RECOVERY, Severity.NONE, "RECOVERY"),
        (Kind.ACKNOWLEDGEMENT, Severity.NONE, "ACKNOWLEDGEMENT"),
        (Kind.INFO, Severity.INFO, "INFO"),
        (Kind.NOTE, Severity.NONE, "INFO"),
        (Kind.DOWNTIME_START, Severity.NONE, ""),
        (Kind.DOWNTIME_END, Severity.NONE, ""),
        (Kind.ACKNOWLEDGEMENT_END, Severity.NONE, "WARNING"),
    ],
)
def test_message_types(kind: Kind, severity: Severity, message_type: str) -> None:
    assert message_type_of(event(kind, severity), alert(severity=Severity.WARNING)) == message_type


def test_a_soft_state_is_not_told() -> None:
    assert message_type_of(replace(event(), kind=Kind.CHECK_RESULT, state_type="soft"), None) == ""


def test_the_message_has_the_six_keys_and_the_labels_and_keeps_them_apart() -> None:
    told = event(
        labels={"color": "red", "message_type": "INFO", "routing_key": "dba"},
        description="95 degrees",
        links=[Link("http://runbook.example/")],
        source_tool="probe",
        host="web",
        occurred_at=NOON,
        time=NOON,
    )
    assert message_of(told, "CRITICAL") == {
        "message_type": "CRITICAL",
        "entity_id": "cpu",
        "entity_display_name": "Hot",
        "state_message": "95 degrees",
        "state_start_time": NOON // 1_000_000,
        "monitoring_tool": "probe",
        "color": "red",
        "host_name": "web",
        "alert_url": "http://runbook.example/",
    }


def test_an_acknowledgement_names_who_and_why() -> None:
    told = message_of(event(Kind.ACKNOWLEDGEMENT, author="ann", comment="on it"), "ACKNOWLEDGEMENT")
    assert (told["ack_author"], told["ack_msg"]) == ("ann", "on it")
