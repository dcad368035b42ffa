from datetime import UTC, datetime

import pytest

from tests.unit.model.samples import DAY, NOON, recorded, said, submission
from tocsin.model.event import day_of, kinds_of, type_of
from tocsin.model.signal import Kind

TYPES = {
    "problem": "ALERT",
    "info": "ALERT",
    "recovery": "RECOVERY",
    "error": "ERROR",
    "acknowledgement": "",
    "acknowledgement_end": "",
    "downtime_start": "",
    "downtime_end": "",
    "check_result": "ALERT",
    "note": "",
}


def test_every_kind_has_its_place_in_the_table() -> None:
    assert {kind.value for kind in Kind} == TYPES.keys()


@pytest.mark.parametrize(("kind", "event_type"), TYPES.items())
def test_a_kind_gives_the_type_of_its_events(kind: str, event_type: str) -> None:
    assert type_of(kind) == event_type
    assert kind in kinds_of(event_type)
    (event,) = recorded(submission(said(Kind(kind)))).events
    assert event.type == event_type


def test_kinds_of_a_type_are_those_and_no_others() -> None:
    assert kinds_of("ALERT") == ("problem", "info", "check_result")
    assert kinds_of("RECOVERY") == ("recovery",)
    assert kinds_of("ERROR") == ("error",)
    assert len(kinds_of("")) == 5
    assert kinds_of("alert") == ()


def test_what_is_no_kind_has_no_type() -> None:
    assert type_of("PROBLEM") == ""


@pytest.mark.parametrize(
    ("moment", "day"),
    [(0, 0), (DAY - 1, 0), (DAY, 1), (NOON, 20_000), (20_001 * DAY - 1, 20_000), (-1, -1), (-DAY, -1)],
)
def test_a_moment_lies_in_its_day(moment: int, day: int) -> None:
    assert day_of(moment) == day


def test_days_are_counted_from_the_epoch() -> None:
    then = datetime(2024, 10, 4, 23, 59, 59, 999_999, tzinfo=UTC)
    assert day_of(round(then.timestamp() * 1_000_000)) == 20_000
