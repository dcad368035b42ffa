from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.unit.query.records import NOW
from tocsin.query.times import format_time, microseconds, parse_span, parse_time

SECOND = 1_000_000
MIDNIGHT = NOW - (8 * 3600 + 30 * 60) * SECOND


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", NOW),
        ("-45s", NOW - 45 * SECOND),
        ("-30m", NOW - 1800 * SECOND),
        ("-2h", NOW - 7200 * SECOND),
        ("-7d", NOW - 7 * 86_400 * SECOND),
        ("-1w", NOW - 7 * 86_400 * SECOND),
        ("+1h", NOW + 3600 * SECOND),
        ("2026-11-22", MIDNIGHT),
        ("2026-11-22T08:30:00Z", NOW),
        ("2026-11-22t08:30:00z", NOW),
        ("2026-11-22 08:30:00", NOW),
        ("2026-11-22T08:30", NOW),
        ("2026-11-22T10:30:00+02:00", NOW),
        ("2026-11-22T04:00:00-04:30", NOW),
        ("2026-11-22T08:30:00.25Z", NOW + 250_000),
        ("2026-11-22T08:30:00.123456789Z", NOW + 123_456),
        (str(NOW // SECOND), NOW),
        ("0", 0),
        ("-1", -SECOND),
        ("0001-01-01", -62_135_596_800 * SECOND),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_800 * SECOND - 1),
    ],
)
def test_a_moment_is_read(text: str, moment: int) -> None:
    assert parse_time(text, NOW) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2h",
        "-2y",
        "-h",
        "- 2h",
        "2026-11",
        "20261122T0830",
        "08:30",
        "2026-11-22T",
        "٣",
        "Now",
    ],
)
def test_what_is_no_moment_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected a time such as 2026-11-22, "):
        parse_time(text, NOW)


@pytest.mark.parametrize("text", ["2026-02-30", "2026-11-22T25:00", "2026-11-22T08:30:00+25:00"])
def test_the_calendar_counts(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected a time of the calendar: "):
        parse_time(text, NOW)


@pytest.mark.parametrize("text", ["-999999999w", "+999999999w", "253402300800", "0001-01-01T00:00+01:00"])
def test_no_moment_lies_outside_the_years_that_can_be_shown(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected a time between the years 1 and 9999$"):
        parse_time(text, NOW)


def test_a_moment_of_any_zone_is_counted_in_utc() -> None:
    assert microseconds(datetime(1970, 1, 2, tzinfo=UTC)) == 86_400 * SECOND
    assert microseconds(datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))) == 0


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOW, "2026-11-22T08:30:00Z"),
        (NOW + 1, "2026-11-22T08:30:00.000001Z"),
        (0, "1970-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_a_moment_is_written_so_that_it_is_read_back(moment: int, text: str) -> None:
    assert format_time(moment) == text
    assert parse_time(text, NOW) == moment


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("5m", 300), ("1h", 3600), ("1d", 86_400), ("2w", 1_209_600)]
)
def test_a_span(text: str, seconds: int) -> None:
    assert parse_span(text) == seconds * 1_000_000


@pytest.mark.parametrize("text", ["", "1", "h", "-1h", "0s", "1.5h", "999999999w", "1 h", "\u0661h"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(ValueError, match="expected a span of time"):
        parse_span(text)
