import re

import pytest

from tocsin.model.identifiers import alert_id, event_id, random_id, seq_of


@pytest.mark.parametrize(
    ("seq", "digits"), [(1, "000000000001"), (255, "0000000000ff"), (2**48 - 1, "ffffffffffff")]
)
def test_ids_of_events_and_alerts_are_read_back(seq: int, digits: str) -> None:
    assert event_id(seq) == f"event-{digits}"
    assert alert_id(seq) == f"alert-{digits}"
    assert seq_of(event_id(seq), "event") == seq
    assert seq_of(alert_id(seq), "alert") == seq


def test_no_alert_has_no_id() -> None:
    assert alert_id(0) == ""


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "event-",
        "alert-000000000001",
        "event-00000000001",
        "event-0000000000001",
        "event-00000000000G",
        "event-0000000000FF",
        "event-000000000001\n",
        " event-000000000001",
        "event_000000000001",
        "000000000001",
        "event-" + "\N{ARABIC-INDIC DIGIT ONE}" * 12,
    ],
)
def test_what_is_no_id_of_an_event_gives_no_number(identifier: str) -> None:
    assert seq_of(identifier, "event") is None


def test_random_ids_are_twelve_digits_that_nobody_has() -> None:
    made = {random_id("source") for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch("source-[0-9a-f]{12}", each) for each in made)
