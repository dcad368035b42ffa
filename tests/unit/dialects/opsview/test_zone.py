import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest

from tocsin.dialects.opsview.zone import zone_name, zone_offset


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Let a test set TZ."""
    with monkeypatch.context() as within:
        yield within
    time.tzset()


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (":America/New_York", "America/New_York"),
        ("/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        ("UTC", "UTC"),
        ("CET-1CEST", "CET-1CEST"),
    ],
)
def test_the_zone_is_what_the_environment_says(
    environment: pytest.MonkeyPatch, given: str, name: str
) -> None:
    environment.setenv("TZ", given)
    assert zone_name() == name


def test_without_a_word_of_the_environment_it_is_the_systems(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("TZ", raising=False)
    assert zone_name()


def test_the_offset_is_in_seconds() -> None:
    west = timezone(-timedelta(hours=3, minutes=30))
    assert zone_offset(datetime(2011, 11, 1, tzinfo=west)) == -12_600
    assert zone_offset(datetime(2011, 11, 1)) == 0  # noqa: DTZ001 - one without a zone
