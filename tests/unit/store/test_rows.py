"""Rows: what the tables hold of the model's words, with the texts that are searched folded."""

import json

from tests.contract.scene import NOON
from tocsin.model.alert import Alert, AlertState
from tocsin.model.event import Event
from tocsin.model.monitored import MonitoredObject
from tocsin.model.receipt import Outcome
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link
from tocsin.store import tables
from tocsin.store.rows import alert_row, event_row, object_row

EVENT = Event(
    domain_id="Main",
    seq=7,
    day=20454,
    project_id="Project",
    source_id="Source",
    kind=Kind.PROBLEM,
    key="KEY ß",
    title="Title İ",
    description="Description",
    severity=Severity.CRITICAL,
    state="down",
    state_type="hard",
    host="Web-1",
    service="DISK",
    object_id=3,
    rule="Rule",
    resource_id="R-ID",
    resource_type="",
    resource_name="R Name",
    provider="AWS",
    account="",
    image_url="",
    links=[Link("https://A.example", "A", "link")],
    labels={"Région": "EU", "empty": ""},
    source_tool="Nagios",
    author="Ann",
    comment="",
    window_start=1,
    window_end=2,
    output="OUT",
    attempt=4,
    markdown=True,
    silenced_by="",
    alert_seq=7,
    outcome=Outcome.OPENED,
    reason="Why",
    payload_seq=7,
    payload_index=0,
    occurred_at=0,
    time=NOON,
    recorded_at=NOON,
)

ALERT = Alert(
    domain_id="main",
    seq=7,
    project_id="project",
    source_id="source",
    object_id=3,
    key="KEY",
    title="Straße",
    severity=Severity.WARNING,
    state=AlertState.ACKNOWLEDGED,
    host="Web-1",
    service="DISK",
    rule="Rule",
    labels={"Région": "EU"},
    count=2,
    last_seq=9,
    last_at=NOON,
    opened_at=NOON,
    changed_at=NOON,
    changed_time=NOON,
    acknowledged_by="Ann",
    assignee="Bob",
)


def test_an_event_fills_the_columns_of_its_table() -> None:
    row = dict(zip(tables.event.columns.keys(), event_row(EVENT), strict=True))
    assert {name: row[name] for name in ("domain_id", "seq", "key", "host", "markdown", "time")} == {
        "domain_id": "Main",
        "seq": 7,
        "key": "KEY ß",
        "host": "Web-1",
        "markdown": 1,
        "time": NOON,
    }
    assert json.loads(row["labels"]) == EVENT.labels
    assert json.loads(row["links"]) == [{"href": "https://A.example", "text": "A", "kind": "link"}]


def test_the_searchable_texts_of_an_event_are_folded() -> None:
    row = dict(zip(tables.event.columns.keys(), event_row(EVENT), strict=True))
    folded = {name: value for name, value in row.items() if name.startswith("folded_")}
    rest = json.loads(folded.pop("folded_rest"))
    assert folded == {
        "folded_key": "key ss",
        "folded_title": "title i\u0307",
        "folded_description": "description",
        "folded_host": "web-1",
        "folded_service": "disk",
        "folded_output": "out",
    }
    assert rest == {
        "rule": "rule",
        "resource.id": "r-id",
        "resource.name": "r name",
        "provider": "aws",
        "source_tool": "nagios",
        "author": "ann",
        "reason": "why",
        "labels.Région": "eu",
        "labels.empty": "",
    }


def test_rows_hold_plain_texts_and_numbers_alone() -> None:
    # The driver of SQLite binds those at once and looks for an adapter for everything else.
    monitored = MonitoredObject("main", 1, "web-1", "", "up", "hard", NOON, NOON, True)
    for row in (event_row(EVENT), alert_row(ALERT), object_row(monitored)):
        assert {type(value) for value in row} == {str, int}


def test_an_alert_fills_the_columns_of_its_table() -> None:
    row = dict(zip(tables.alert.columns.keys(), alert_row(ALERT), strict=True))
    assert (row["state"], row["severity"], row["count"]) == ("acknowledged", "warning", 2)
    assert (row["folded_key"], row["folded_title"], row["folded_host"]) == ("key", "strasse", "web-1")
    assert json.loads(row["folded_rest"]) == {
        "labels.Région": "eu",
        "rule": "rule",
        "acknowledged_by": "ann",
        "assignee": "bob",
    }
