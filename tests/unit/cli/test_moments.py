import re
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.cli import moments
from tocsin.cli.failures import UsageError

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.cli.moments.now", lambda: int(NOW.timestamp()) * 1_000_000)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        ("7d", timedelta(days=7)),
        ("1w", timedelta(weeks=1)),
    ],
)
def test_a_span_counts_from_now(text: str, span: timedelta) -> None:
    assert datetime.fromisoformat(moments.ago("--since", text)) == NOW - span
    assert datetime.fromisoformat(moments.ahead("--until", text)) == NOW + span


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-12-31", "2025-12-31T00:00:00Z"),
        ("2025-12-31T08:30:00+01:00", "2025-12-31T07:30:00Z"),
        ("now", "2026-01-01T12:00:00Z"),
        ("-2h", "2026-01-01T10:00:00Z"),
        ("+2h", "2026-01-01T14:00:00Z"),
        ("1767268800", "2026-01-01T12:00:00Z"),
    ],
)
def test_what_expressions_take_is_taken_as_it_is(text: str, moment: str) -> None:
    assert moments.ago("--since", text) == moments.ahead("--until", text) == moment


@pytest.mark.parametrize("text", ["", "soon", "2 h", "2y", "2026-13-01"])
def test_what_is_no_time_is_told_with_its_option(text: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"--since {text}: expected a time")):
        moments.ago("--since", text)


def test_the_error_tells_the_short_form() -> None:
    with pytest.raises(UsageError, match=r"2026-11-22T08:30:00Z, 2h \(s, m, h, d, w\) or now"):
        moments.ahead("--until", "yesterday")


def test_now_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert abs(moments.now() - datetime.now(UTC).timestamp() * 1_000_000) < 60_000_000
