"""Lines of nagios.log: what each says, and what is wrong with those that cannot be read."""

import pytest

from tocsin.dialects.complete import TEXT_LIMIT
from tocsin.dialects.nagios.command import Acknowledged, Planned
from tocsin.dialects.nagios.fields import BadLine
from tocsin.dialects.nagios.log import Checked, Downtime, Entry, read_line

AT = 1_700_000_000_000_000


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        (
            "SERVICE ALERT: web1;Disk: /;CRITICAL;SOFT;1;full; 98 % | used=98",
            Checked(AT, "web1", "Disk: /", "critical", "soft", 1, "full; 98 % | used=98", True),
        ),
        ("HOST ALERT: web1;DOWN;HARD;3;", Checked(AT, "web1", "", "down", "hard", 3, "", True)),
        (
            "CURRENT SERVICE STATE: web1;Load;OK;HARD;1;fine",
            Checked(AT, "web1", "Load", "ok", "hard", 1, "fine", False),
        ),
        (
            r"INITIAL HOST STATE: web1;UP;HARD;1;two\nlines",
            Checked(AT, "web1", "", "up", "hard", 1, "two\nlines", False),
        ),
        (
            "EXTERNAL COMMAND: ACKNOWLEDGE_SVC_PROBLEM;web1;Disk: /;2;1;0;ann;on it; soon",
            Acknowledged(AT, "web1", "Disk: /", "ann", "on it; soon", sticky=True),
        ),
        (
            "EXTERNAL COMMAND: ACKNOWLEDGE_HOST_PROBLEM;web1;1;1;1;ann;on it",
            Acknowledged(AT, "web1", "", "ann", "on it"),
        ),
        (
            "EXTERNAL COMMAND: SCHEDULE_SVC_DOWNTIME;web1;Load;5;9;1;0;0;ann;upgrade",
            Planned(AT, "web1", "Load", False, 5_000_000, 9_000_000, "ann", "upgrade"),
        ),
        (
            "EXTERNAL COMMAND: SCHEDULE_HOST_DOWNTIME;web1;5;9;1;0;0;ann;upgrade",
            Planned(AT, "web1", "", False, 5_000_000, 9_000_000, "ann", "upgrade"),
        ),
        (
            "EXTERNAL COMMAND: SCHEDULE_HOST_SVC_DOWNTIME;web1;5;9;1;0;0;ann;upgrade",
            Planned(AT, "web1", "", True, 5_000_000, 9_000_000, "ann", "upgrade"),
        ),
        (
            "SERVICE DOWNTIME ALERT: web1;Load;STARTED; Service has entered a period of scheduled downtime",
            Downtime(AT, "web1", "Load", True, "Service has entered a period of scheduled downtime"),
        ),
        ("HOST DOWNTIME ALERT: web1;STOPPED; over", Downtime(AT, "web1", "", False, "over")),
        ("HOST DOWNTIME ALERT: web1;CANCELLED; gone", Downtime(AT, "web1", "", False, "gone")),
        ("SERVICE NOTIFICATION: ann;web1;Load;CRITICAL;notify-by-email;high", None),
        ("PASSIVE SERVICE CHECK: web1;Load;2;high", None),
        ("EXTERNAL COMMAND: SCHEDULE_FORCED_SVC_CHECK;web1;Load;5", None),
        ("LOG ROTATION: DAILY", None),
        ("Nagios 4.4.6 starting... (PID=7)", None),
    ],
)
def test_a_line_says(line: str, entry: Entry | None) -> None:
    assert read_line(f"[1700000000] {line}") == entry


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("SERVICE ALERT: web1;Load;OK;HARD;1;x", "expected [SECONDS]"),
        ("[0] SERVICE ALERT: web1;Load;OK;HARD;1;x", "no time"),
        ("[x] SERVICE ALERT: web1;Load;OK;HARD;1;x", "expected [SECONDS]"),
        (f"[{'9' * 20}] LOG ROTATION: DAILY", "expected seconds since 1970, not 999"),
        ("[1] SERVICE ALERT: web1;Load;OK;HARD;1", "expected 4 fields between semicolons, and there are 3"),
        ("[1] SERVICE ALERT: web1", "expected 3 fields"),
        ("[1] SERVICE ALERT: web1;;OK;HARD;1;x", "expected the name"),
        (f"[1] HOST ALERT: {'x' * 256};UP;HARD;1;x", "expected the name"),
        (
            "[1] SERVICE ALERT: web1;Load;UP;HARD;1;x",
            "expected one of OK, WARNING, CRITICAL, UNKNOWN, not UP",
        ),
        ("[1] HOST ALERT: web1;OK;HARD;1;x", "expected one of UP, DOWN, UNREACHABLE, not OK"),
        ("[1] HOST ALERT: web1;UP;FIRM;1;x", "expected one of SOFT, HARD, not FIRM"),
        ("[1] HOST ALERT: web1;UP;HARD;-1;x", "expected a number, not -1"),
        ("[1] HOST ALERT: web1;UP;HARD;\N{ARABIC-INDIC DIGIT ONE};x", "expected a number"),
        ("[1] HOST ALERT: web1;UP;HARD;1;\x00", "NUL"),
        ("[1] HOST DOWNTIME ALERT: web1;PAUSED; x", "expected one of STARTED, STOPPED, CANCELLED"),
        ("[1] EXTERNAL COMMAND: ACKNOWLEDGE_HOST_PROBLEM;web1;1;1;1;ann", "expected 5 fields"),
        (
            "[1] EXTERNAL COMMAND: SCHEDULE_HOST_DOWNTIME;web1;x;9;1;0;0;ann;upgrade",
            "expected seconds since 1970, not x",
        ),
    ],
)
def test_a_bad_line_says_what_is_wrong(line: str, reason: str) -> None:
    with pytest.raises(BadLine) as caught:
        read_line(line)
    assert reason in str(caught.value)


def test_long_texts_are_cut() -> None:
    entry = read_line(f"[1] HOST ALERT: web1;UP;HARD;1;{'x' * (TEXT_LIMIT + 1)}")
    assert isinstance(entry, Checked)
    assert len(entry.output) == TEXT_LIMIT
