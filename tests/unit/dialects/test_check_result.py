"""The signal that is made of a check result."""

import pytest

from tocsin.dialects.check_result import check_result
from tocsin.dialects.complete import TEXT_LIMIT
from tocsin.model.severity import Severity
from tocsin.model.signal import Signal

LONG = "x" * TEXT_LIMIT


def made(printed: str, performance: str = "") -> Signal:
    return check_result("web1", "disk", "critical", printed, at=7, tool="probe", performance=performance)


def test_it_says_what_was_found_where_and_when() -> None:
    signal = made("full")
    assert (signal.key, signal.title, signal.severity) == (
        "web1/disk",
        "web1/disk is critical",
        Severity.CRITICAL,
    )
    assert (signal.host, signal.service, signal.state) == ("web1", "disk", "critical")
    assert (signal.occurred_at, signal.source_tool) == (7, "probe")


@pytest.mark.parametrize(
    ("printed", "performance", "output", "measured"),
    [
        ("full", "", "full", ""),
        (" full | used=99% ", "", "full", "used=99%"),
        ("full", " used=99%", "full", "used=99%"),
        # What is handed in beside it is the same once more.
        ("full|used=99", "used=99%", "full", "used=99%"),
        ("full| ", "", "full", ""),
        (f"{LONG}y|{LONG}z", "", LONG, LONG),
        ("", f"{LONG}z", "", LONG),
    ],
)
def test_performance_data_is_kept_apart(printed: str, performance: str, output: str, measured: str) -> None:
    signal = made(printed, performance)
    assert (signal.output, signal.labels.get("perfdata", "")) == (output, measured)
    assert signal.labels.keys() <= {"perfdata"}
    assert ("perfdata" in signal.labels) == bool(measured)
