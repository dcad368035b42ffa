"""Times: seconds, milliseconds and dates, and all that is none."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.dialects.times import read_time

YEAR_10000 = 253_402_300_800
JSON_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@pytest.mark.parametrize(
    ("value", "microseconds"),
    [
        (1609459200, 1609459200_000000),
        (1609459200.25, 1609459200_250000),
        ("1609459200", 1609459200_000000),
        ("1609459200.123456", 1609459200_123456),
        (1, 1_000000),
        (99_999_999_999, 99_999_999_999_000000),
        (100_000_000_000, 100_000_000_000_000),
        (1537966271927, 1537966271_927000),
        ("1537966271927", 1537966271_927000),
        (1537966271927.5, 1537966271_927500),
        (YEAR_10000 * 1000 - 1, YEAR_10000 * 1_000_000 - 1000),
        ("2016-11-08T19:43:30Z", 1478634210_000000),
        ("2016-11-08T20:43:30.5+01:00", 1478634210_500000),
    ],
    ids=repr,
)
def test_a_time_is_read_to_the_microsecond(value: object, microseconds: int) -> None:
    assert read_time(value) == microseconds


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, False, [], {}, [1609459200], {"seconds": 1609459200}),
        *(0, -1, -1609459200, 0.0, YEAR_10000 * 1000, 10**30, 1e300, 1609459200_000000000),
        *("", " ", "now", "-5", "+1609459200", "1_609_459_200", "1e9", "NaN", "Infinity", "0x5f", "9" * 400),
        *("١٦٠٩٤٥٩٢٠٠", "2016-11-08", "2016-11-08T19:43:30", "1960-01-01T00:00:00Z", "2016-13-08T19:43:30Z"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_time_is_zero(value: object) -> None:
    assert read_time(value) == 0


@given(JSON_SCALARS)
def test_nothing_breaks_it_and_every_time_can_be_stored(value: object) -> None:
    assert 0 <= read_time(value) < YEAR_10000 * 1_000_000 + 86_400_000_000


@given(st.datetimes(min_value=datetime(1973, 3, 4), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_time_reads_the_same_in_every_spelling(time: datetime) -> None:
    seconds = (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    assert read_time(time.isoformat()) == seconds * 1_000_000 + time.microsecond
    if seconds < 100_000_000_000:
        assert read_time(seconds) == read_time(str(seconds)) == read_time(seconds * 1000)
