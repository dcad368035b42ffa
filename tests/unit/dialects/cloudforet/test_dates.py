from datetime import UTC, datetime

import pytest

from tocsin.dialects.cloudforet.dates import moment, written

NEW_YEAR = 1_767_225_600_000_000


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [
        (0, ""),
        (NEW_YEAR, "2026-01-01T00:00:00.000Z"),
        (NEW_YEAR + 49_553_999, "2026-01-01T00:00:49.553Z"),
    ],
)
def test_a_time_is_written_with_three_digits(microseconds: int, text: str) -> None:
    assert written(microseconds) == text


def test_a_moment_keeps_whole_milliseconds() -> None:
    assert moment(NEW_YEAR + 1_999) == datetime(2026, 1, 1, 0, 0, 0, 1_000, tzinfo=UTC)
