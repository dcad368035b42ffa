"""OpsCruise: the text is short YAML without references."""

import pytest

from tocsin.dialects.errors import BadPayload
from tocsin.dialects.opscruise.parse import parse


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "text is missing"),
        ("a: [", "text is no YAML"),
        ("[" * 5000, "text is nested more than 16 deep"),
        ("- a", "text must be a YAML object"),
        ("Summary: x", "text.Ticket ID is missing"),
        ("a: &a [1]\nTicket ID: *a", "text: references (*) are not taken"),
        ("x" * 20_000, "text is longer than 16384 characters"),
        ("Ticket ID: [1]", "text.Ticket ID is missing"),
    ],
)
def test_a_fault_says_where(text: str, reason: str) -> None:
    with pytest.raises(BadPayload) as caught:
        parse({"text": text}, {}, {})
    assert str(caught.value) == reason


def test_what_no_store_takes_is_left_out() -> None:
    text = 'Ticket ID: "a\\0b"\nSummary: "c\\ud800d"'
    (signal,) = parse({"text": text}, {}, {}).signals
    assert (signal.key, signal.title) == ("ab", "c?d")
