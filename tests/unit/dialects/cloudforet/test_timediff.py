"""Relative moments and ISO 8601, as conditions write them."""

from datetime import UTC, datetime

import pytest

from tocsin.dialects.cloudforet.timediff import iso_8601, timediff

NOW = datetime(2026, 11, 25, 19, 30, 15, 123_456, UTC)  # a Wednesday


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("now", "2026-11-25T19:30:15.123456"),
        ("   now  ", "2026-11-25T19:30:15.123456"),
        ("now/d", "2026-11-25"),
        ("now/w", "2026-11-23"),
        ("now/m", "2026-11-01"),
        ("now-90s", "2026-11-25T19:28:45.123456"),
        ("now - 90s", "2026-11-25T19:28:45.123456"),
        (" now -2h ", "2026-11-25T17:30:15.123456"),
        ("now+5m", "2026-11-25T19:35:15.123456"),
        ("now/d + 1d", "2026-11-26"),
        ("now/w - 1w", "2026-11-16"),
        ("now/m-1s", "2026-10-31T23:59:59"),
        ("now - 0d", "2026-11-25T19:30:15.123456"),
    ],
)
def test_a_span_counts_from_its_base(text: str, wanted: str) -> None:
    assert timediff(text, NOW) == at(wanted)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "yesterday", "NOW", "now/y", "now/h", "now - 1y", "now - 1M", "now - 1.5h", "now 1h"),
        *("now - 90 s", "now  - 1h", "now -  1h", "  now - 1h", "now - 1h  ", "now | 1h", "now - 1h - 1h"),
        *("now - 999999999w", "now + 9999999999s", "2026-11-25"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        timediff(text, NOW)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-11-25T19:30:15Z", "2026-11-25T19:30:15"),
        ("2026-11-25T19:30:15.987654Z", "2026-11-25T19:30:15.987"),
        ("2026-11-25T20:30:15+01:00", "2026-11-25T19:30:15"),
        ("2026-11-25T19:30:15", "2026-11-25T19:30:15"),
        ("2026-11-25", "2026-11-25"),
        ("20261125T193015Z", "2026-11-25T19:30:15"),
        ("2026-11", "2026-11-01"),
        ("2026", "2026-01-01"),
        ("0001-01-01", "0001-01-01"),
    ],
)
def test_dates_are_utc_in_milliseconds(text: str, wanted: str) -> None:
    assert iso_8601(text) == at(wanted)


@pytest.mark.parametrize(
    "text", ["", "now", "25.11.2026", "2026-13-01", "2026-02-30", "0001-01-01T00:00+01:00"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        iso_8601(text)
