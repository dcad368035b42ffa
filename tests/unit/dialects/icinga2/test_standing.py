"""What is made up for after a gap, and what of the stream was told already."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.unit.dialects.icinga2.fake import checked, result, standing
from tests.unit.model.samples import NOON, known
from tocsin.dialects.icinga2.standing import Standing, Watch, events_of, standing_of
from tocsin.model.monitored import MonitoredObject

SECONDS = NOON / 1_000_000
CRITICAL = replace(known(1, "web1", service="disk"), state="critical", hard_state="critical")
ACKNOWLEDGED = replace(CRITICAL, acknowledged_at=NOON)


def watching(*read: Standing) -> Watch:
    watch = Watch()
    for each in read:
        watch.note(each)
    return watch


def differences(
    present: MonitoredObject | None, state: int, missed_since: int = 0, **attributes: Any
) -> list[str]:
    stands = standing_of(standing("web1", "disk", result(state), **attributes))
    return [event["type"] for event in events_of(stands, present, missed_since)]


@pytest.mark.parametrize(
    ("present", "state", "acknowledgement", "changed", "more"),
    [
        (None, 2, 0, 0, []),
        (None, 2, 1, 10, ["AcknowledgementSet"]),
        (CRITICAL, 2, 1, 10, ["AcknowledgementSet"]),
        (ACKNOWLEDGED, 2, 1, 10, []),
        # That state is another: what was acknowledged here ended with it.
        (ACKNOWLEDGED, 1, 1, 10, ["AcknowledgementSet"]),
        # Taken back there later than acknowledged here; not taken back there at all.
        (ACKNOWLEDGED, 2, 0, SECONDS + 10, ["AcknowledgementCleared"]),
        (ACKNOWLEDGED, 2, 0, SECONDS - 10, []),
        # The result itself ends it.
        (ACKNOWLEDGED, 0, 0, SECONDS + 10, []),
    ],
)
def test_acknowledgements_are_made_up_for(
    present: MonitoredObject | None, state: int, acknowledgement: int, changed: float, more: list[str]
) -> None:
    attributes: dict[str, Any] = {
        "acknowledgement": acknowledgement,
        "acknowledgement_last_change": changed,
    }
    assert differences(present, state, **attributes) == ["CheckResult", *more]


@pytest.mark.parametrize(
    ("present", "state", "before", "more"),
    [
        # Told before the gap, and taken back here.
        (CRITICAL, 2, 120, []),
        # Set in the gap, or so shortly before that a clock may be wrong.
        (CRITICAL, 2, -5, ["AcknowledgementSet"]),
        (CRITICAL, 2, 5, ["AcknowledgementSet"]),
        # Of a problem that is new here.
        (None, 2, 120, ["AcknowledgementSet"]),
        (CRITICAL, 1, 120, ["AcknowledgementSet"]),
    ],
)
def test_what_was_told_before_a_gap_is_not_told_again(
    present: MonitoredObject | None, state: int, before: float, more: list[str]
) -> None:
    attributes: dict[str, Any] = {"acknowledgement": 1, "acknowledgement_last_change": SECONDS - before}
    assert differences(present, state, NOON, **attributes) == ["CheckResult", *more]


def test_of_what_was_never_checked_nothing_is_said() -> None:
    assert events_of(standing_of(standing("web1", "", None)), None) == []


def test_what_was_read_is_not_news() -> None:
    watch = watching(standing_of(standing("web1", "disk", result(2, ended=100.0))))
    assert not watch.is_news(checked("web1", "disk", 0, ended=99.0))
    assert watch.is_news(checked("web1", "disk", 0, ended=101.0))
    assert watch.is_news(checked("web1", "load", 0, ended=1.0))


def test_of_what_is_dropped_nothing_stays() -> None:
    watch = watching(
        standing_of(standing("web1", "disk", result(2))), standing_of(standing("web1", "", result(2)))
    )
    watch.keep({("web1", ""), ("db1", "")})
    assert watch.names == {("web1", "")}
    assert watch.knows("web1", None)
    assert not watch.knows("web1", "disk")
    assert watch.is_news(checked("web1", "disk", 0, ended=1.0))


def test_an_acknowledgement_that_was_read_is_not_news() -> None:
    attributes = {"acknowledgement": 1, "acknowledgement_last_change": 50.0}
    watch = watching(standing_of(standing("web1", "disk", result(2), **attributes)))
    event = {"type": "AcknowledgementSet", "host": "web1", "service": "disk", "state": 2, "timestamp": 50.1}
    assert not watch.is_news(event)
    assert watch.is_news(event | {"timestamp": 60.0})
    assert watch.is_news(event | {"type": "AcknowledgementCleared", "timestamp": 50.2})


def test_an_end_that_comes_with_another_state_is_left_to_that() -> None:
    watch = watching(
        standing_of(standing("web1", "disk", result(2))), standing_of(standing("web1", "", result(2)))
    )
    cleared = {"type": "AcknowledgementCleared", "host": "web1", "timestamp": 90.0}
    assert not watch.is_news(cleared | {"service": "disk", "state": 0})
    assert watch.is_news(cleared | {"service": "disk", "state": 2})
    assert not watch.is_news(cleared | {"state": 0})
    assert watch.is_news(cleared | {"state": 1})
