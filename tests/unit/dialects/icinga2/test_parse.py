"""Events of Icinga's stream, read."""

from typing import Any

import pytest

from tests.unit.dialects.icinga2.fake import checked
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.icinga2.parse import parse, recognises
from tocsin.model.signal import Kind

ACKNOWLEDGED = {
    "type": "AcknowledgementSet",
    "host": "web1",
    "service": "disk",
    "author": "anna",
    "comment": "on it",
    "acknowledgement_type": 2,
    "expiry": 1_795_721_999,
    "timestamp": 1_795_721_994.5,
}


def read(event: object) -> Any:
    (signal,) = parse(event, {}, {}).signals
    return signal


@pytest.mark.parametrize(
    ("service", "number", "reachable", "state"),
    [
        ("disk", 0, True, "ok"),
        ("disk", 1, True, "warning"),
        ("disk", 2, False, "critical"),
        ("disk", 3, True, "unknown"),
        ("", 0, True, "up"),
        ("", 1, True, "up"),
        ("", 2, True, "down"),
        ("", 3, True, "down"),
        ("", 2, False, "unreachable"),
    ],
)
def test_states(service: str, number: int, reachable: bool, state: str) -> None:
    event = checked("web1", service, number, hard=False, attempt=2)
    event["check_result"]["vars_after"]["reachable"] = reachable
    signal = read(event)
    assert (signal.kind, signal.state, signal.state_type, signal.attempt) == (
        Kind.CHECK_RESULT,
        state,
        "soft",
        2,
    )
    assert (signal.host, signal.service) == ("web1", service)
    assert recognises(event)


def test_performance_data_is_a_list_or_stands_in_what_was_printed() -> None:
    assert read(checked("web1", "disk", 2)).labels == {"perfdata": "load=1"}
    signal = read(checked("web1", "disk", 2, performance_data=["used=99%", 7, "free=1%"]))
    assert (signal.output, signal.labels) == ("state 2", {"perfdata": "used=99% free=1%"})


def test_an_acknowledgement_keeps_who_why_and_until_when() -> None:
    signal = read(ACKNOWLEDGED)
    assert (signal.kind, signal.author, signal.comment) == (Kind.ACKNOWLEDGEMENT, "anna", "on it")
    assert (signal.sticky, signal.until_change) == (True, False)
    assert (signal.window_end, signal.occurred_at) == (1_795_721_999_000_000, 1_795_721_994_500_000)
    signal = read(ACKNOWLEDGED | {"acknowledgement_type": 1, "expiry": 0})
    assert (signal.sticky, signal.until_change, signal.window_end) == (False, True, 0)
    of_host = {name: value for name, value in ACKNOWLEDGED.items() if name != "service"}
    assert (read(of_host).host, read(of_host).service) == ("web1", "")
    cleared = read(ACKNOWLEDGED | {"type": "AcknowledgementCleared"})
    assert (cleared.kind, cleared.until_change) == (Kind.ACKNOWLEDGEMENT_END, False)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"type": "Notification", "host": "web1"}, "nothing is made of Notification"),
        ({"host": "web1"}, "an event without one"),
        ({"type": "CheckResult", "host": "web1"}, "check_result must be a JSON object"),
        (checked("", "disk", 2), "host is missing"),
        (checked("w" * 256, "disk", 2), "at most 255"),
        (checked("web1", "disk", 4), "expected a number from 0 to 3"),
        (checked("web1", "disk", 2, attempt=-1), "expected a number from 0"),
        (checked("web1", "disk", 2, vars_after=None), "vars_after must be a JSON object"),
        (ACKNOWLEDGED | {"acknowledgement_type": "much"}, "expected a number from 0 to 2"),
        (7, "must be a JSON object"),
    ],
)
def test_what_cannot_be_read_says_why(event: object, reason: str) -> None:
    with pytest.raises(BadPayload, match=reason):
        parse(event, {}, {})


def test_of_several_a_bad_one_is_refused_alone() -> None:
    parsed = parse([checked("web1", "disk", 2), {"type": "Odd"}, checked("web1", "load", 0)], {}, {})
    assert [signal.index for signal in parsed.signals] == [0, 2]
    assert [refusal.index for refusal in parsed.refusals] == [1]
