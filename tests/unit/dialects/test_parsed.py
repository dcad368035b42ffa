"""What stands for a payload that its format does not understand."""

import re

import pytest

from tocsin.dialects.document import Document
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.parsed import ITEMS_LIMIT, TITLE_LIMIT, each, not_understood, one
from tocsin.model.signal import Kind, Signal
from tocsin.model.submission import Refusal


def test_it_is_a_critical_error_with_a_key_of_its_own() -> None:
    first, second = not_understood("no title"), not_understood("no title")
    assert (first.kind, first.severity, first.key_made) == ("error", "critical", True)
    assert first.title == "payload not understood: no title"
    assert re.fullmatch(r"error-[0-9a-f]{12}", first.key)
    assert first.key != second.key


def test_a_long_reason_is_cut() -> None:
    assert len(not_understood("x" * 5000).title) == TITLE_LIMIT


def read(item: Document) -> Signal:
    return Signal(Kind.PROBLEM, item.need("key"))


def test_each_item_is_a_signal_and_a_bad_one_is_refused_alone() -> None:
    payload = Document({"alerts": [{"key": "a"}, {"key": ""}, 5, {"key": "b"}]})
    parsed = each("probe", payload, "alerts", read)
    assert [(signal.key, signal.index) for signal in parsed.signals] == [("a", 0), ("b", 3)]
    assert parsed.refusals == [
        Refusal(1, "alerts[1].key is missing"),
        Refusal(2, "alerts[2] must be a JSON object, not a number"),
    ]


@pytest.mark.parametrize(
    ("alerts", "reason"),
    [
        (None, "alerts must be an array, not null"),
        ([], "alerts is empty"),
        ([{}], "alerts[0].key is missing"),
        ([0] * (ITEMS_LIMIT + 1), f"alerts holds {ITEMS_LIMIT + 1} items: at most {ITEMS_LIMIT} are taken"),
    ],
)
def test_a_payload_without_an_item_is_refused(alerts: object, reason: str) -> None:
    with pytest.raises(BadPayload) as caught:
        each("probe", Document({"alerts": alerts}), "alerts", read)
    assert str(caught.value) == reason


def test_one_signal_is_completed() -> None:
    parsed = one("probe", Signal(Kind.PROBLEM, "k", host="db1"))
    assert (parsed.format, parsed.refusals) == ("probe", [])
    assert [(signal.title, signal.service) for signal in parsed.signals] == [("k", "k")]
