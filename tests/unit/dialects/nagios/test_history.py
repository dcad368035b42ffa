"""From lines to events: each with the state that its host or service had, downtimes with their author."""

from typing import Any

import pytest

from tocsin.dialects.nagios.history import History
from tocsin.dialects.nagios.log import read_line

BEGIN = 1_700_000_000
WINDOW = f"{BEGIN + 10};{BEGIN + 70};1;0;60;ann"


def told(*lines: str) -> list[dict[str, Any]]:
    """Give the events of lines, ten seconds apart."""
    history = History()
    entries = [read_line(f"[{BEGIN + 10 * number}] {line}") for number, line in enumerate(lines)]
    return [item for entry in entries if entry and (item := history.tell(entry))]


def said(items: list[dict[str, Any]], *members: str) -> list[tuple[Any, ...]]:
    return [tuple(each.get(member) for member in members) for each in items]


def test_an_alert_is_an_event_with_all_that_it_says() -> None:
    (item,) = told("SERVICE ALERT: web1;Disk;WARNING;HARD;3;nearly full | used=91")
    assert item == {
        "kind": "problem",
        "key": "web1/Disk",
        "title": "web1/Disk is warning",
        "severity": "warning",
        "host": "web1",
        "service": "Disk",
        "state": "warning",
        "state_type": "hard",
        "source_tool": "nagios",
        "occurred_at": BEGIN,
        "output": "nearly full",
        "attempt": 3,
        "labels": {"perfdata": "used=91"},
    }


@pytest.mark.parametrize(
    ("line", "kind", "severity"),
    [
        ("SERVICE ALERT: web1;Disk;CRITICAL;SOFT;1;x", "check_result", "critical"),
        ("SERVICE ALERT: web1;Disk;OK;SOFT;2;x", "check_result", "none"),
        ("SERVICE ALERT: web1;Disk;UNKNOWN;HARD;3;x", "problem", "warning"),
        ("SERVICE ALERT: web1;Disk;OK;HARD;3;x", "recovery", "none"),
        ("HOST ALERT: web1;UNREACHABLE;HARD;2;x", "problem", "warning"),
        ("HOST ALERT: web1;UP;HARD;1;x", "recovery", "none"),
    ],
)
def test_hard_states_are_problems_and_recoveries(line: str, kind: str, severity: str) -> None:
    assert said(told(line), "kind", "severity") == [(kind, severity)]


def test_states_that_are_only_said_make_no_event_and_are_remembered() -> None:
    acknowledge = "EXTERNAL COMMAND: ACKNOWLEDGE_SVC_PROBLEM;web1;Disk;1;1;0;ann;on it"
    assert told("CURRENT SERVICE STATE: web1;Disk;OK;HARD;1;x", acknowledge) == []
    found = told("INITIAL SERVICE STATE: web1;Disk;CRITICAL;SOFT;1;x", acknowledge)
    assert said(found, "kind", "state", "state_type", "output", "author", "comment", "title") == [
        ("acknowledgement", "critical", "soft", "x", "ann", "on it", "web1/Disk: acknowledged")
    ]
    # Without a word of its state, it had a problem.
    assert said(told(acknowledge), "state", "state_type") == [("unknown", "hard")]
    assert said(told(acknowledge.replace("SVC", "HOST").replace(";Disk", "")), "state") == [("down",)]


@pytest.mark.parametrize(
    ("plan", "begins", "ends"),
    [
        ("SCHEDULE_HOST_DOWNTIME;web1", "HOST DOWNTIME ALERT: web1", "STOPPED"),
        ("SCHEDULE_SVC_DOWNTIME;web1;Disk", "SERVICE DOWNTIME ALERT: web1;Disk", "STOPPED"),
        ("SCHEDULE_HOST_SVC_DOWNTIME;web1", "SERVICE DOWNTIME ALERT: web1;Disk", "CANCELLED"),
    ],
)
def test_a_downtime_is_told_with_who_asked_for_it_and_for_how_long(plan: str, begins: str, ends: str) -> None:
    found = told(f"EXTERNAL COMMAND: {plan};{WINDOW};upgrade", f"{begins};STARTED; x", f"{begins};{ends}; y")
    members = ("kind", "author", "comment", "window_start", "window_end")
    assert said(found, *members) == [
        ("downtime_start", "ann", "upgrade", BEGIN + 10, BEGIN + 70),
        ("downtime_end", "ann", "upgrade", BEGIN + 10, BEGIN + 70),
    ]
    assert found[0]["state"] == ("ok" if found[0]["service"] else "up")


def test_a_downtime_of_which_nothing_stands_before_is_told_as_the_log_says_it() -> None:
    lines = ("HOST DOWNTIME ALERT: web1;STARTED; it begins", "HOST DOWNTIME ALERT: web1;STOPPED; over")
    assert said(told(*lines), "kind", "author", "comment", "window_end") == [
        ("downtime_start", None, "it begins", None),
        ("downtime_end", None, "over", None),
    ]
    # The plan of another, or of another time, is not its own.
    other = f"EXTERNAL COMMAND: SCHEDULE_HOST_DOWNTIME;db1;{WINDOW};upgrade"
    early = "EXTERNAL COMMAND: SCHEDULE_HOST_DOWNTIME;web1;5;9;1;0;0;ann;upgrade"
    assert said(told(other, early, *lines), "author") == [(None,), (None,)]


def test_two_downtimes_of_one_service_each_have_their_own_author() -> None:
    plan = "EXTERNAL COMMAND: SCHEDULE_SVC_DOWNTIME;web1;Disk"
    alert = "SERVICE DOWNTIME ALERT: web1;Disk"
    found = told(
        f"{plan};{BEGIN + 20};{BEGIN + 90};1;0;0;ann;long",
        f"{plan};{BEGIN + 30};{BEGIN + 50};1;0;0;bob;short",
        f"{alert};STARTED; x",
        f"{alert};STARTED; x",
        f"{alert};STARTED; nobody's",
        f"{alert};STOPPED; x",
        f"{alert};STOPPED; x",
    )
    assert said(found, "kind", "author") == [
        ("downtime_start", "ann"),
        ("downtime_start", "bob"),
        ("downtime_start", None),
        ("downtime_end", "bob"),
        ("downtime_end", "ann"),
    ]
