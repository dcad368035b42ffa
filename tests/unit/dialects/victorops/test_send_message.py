import json
import math
import time
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.dialects.victorops.send_message import MESSAGE_TYPES, Message, build_message

KEYS = [
    "message_type",
    "entity_id",
    "entity_display_name",
    "state_message",
    "state_start_time",
    "monitoring_tool",
]
TEXT_KEYS = ["entity_id", "entity_display_name", "state_message", "monitoring_tool"]
ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(9999, 12, 30))  # noqa: DTZ001


def message(message_type: Any = "INFO", **arguments: Any) -> Message:
    fields = dict.fromkeys(TEXT_KEYS, "") | {"timestamp": 0}
    return build_message(message_type, **{**fields, **arguments})


@given(
    st.sampled_from(MESSAGE_TYPES),
    st.fixed_dictionaries(dict.fromkeys(TEXT_KEYS, st.text())),
    st.integers(0, 2**62),
)
def test_a_message_has_exactly_the_six_keys_and_survives_json(
    message_type: str, texts: dict[str, str], seconds: int
) -> None:
    built = build_message(message_type, timestamp=seconds, **texts)
    assert list(built) == KEYS
    assert json.loads(json.dumps(built)) == {
        "message_type": message_type,
        "state_start_time": seconds,
        **texts,
    }


@given(st.data(), st.sampled_from(MESSAGE_TYPES))
def test_a_message_type_is_taken_in_any_letter_case_and_sent_in_upper_case(
    data: st.DataObject, message_type: str
) -> None:
    spelled = "".join(data.draw(st.sampled_from([letter, letter.lower()])) for letter in message_type)
    assert message(spelled)["message_type"] == message_type


@given(st.one_of(st.text(), st.none(), st.integers(), st.binary()))
def test_any_other_message_type_is_refused_and_the_five_are_named(value: object) -> None:
    if isinstance(value, str) and value.upper() in MESSAGE_TYPES:
        return
    with pytest.raises(ValueError, match="CRITICAL, WARNING, INFO, ACKNOWLEDGEMENT, RECOVERY"):
        message(value)


@pytest.mark.parametrize("value", ["OK", "ACKNOWLEDGMENT", "RESOLVED", "", " CRITICAL", "CRITICAL\n"])
def test_aliases_that_a_receiver_may_know_are_not_sent(value: str) -> None:
    with pytest.raises(ValueError, match="message_type must be one of"):
        message(value)


@pytest.mark.parametrize("key", TEXT_KEYS)
@pytest.mark.parametrize("value", [None, 7, b"text", ["text"], True])
def test_a_text_that_is_no_string_is_refused_by_name(key: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{key} must be a string, not {type(value).__name__}$"):
        message(**{key: value})


class Service(StrEnum):
    DATABASE = "database"


def test_a_string_of_an_enumeration_is_sent_as_its_value() -> None:
    assert type(message(entity_id=Service.DATABASE)["entity_id"]) is str
    assert message(entity_id=Service.DATABASE)["entity_id"] == "database"


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("disk \udcff full", "disk \ufffd full"),
        ("\ud83d", "\ufffd"),
        ("\ud83d\ude00", "\N{GRINNING FACE}"),
        ("\ufeffmarked", "\ufeffmarked"),
    ],
)
def test_what_has_no_utf8_form_is_replaced(text: str, sent: str) -> None:
    assert message(state_message=text)["state_message"] == sent


@given(st.text(st.characters(categories=["L", "Cs"])))
def test_every_text_can_be_written_as_utf8(text: str) -> None:
    sent = message(state_message=text)["state_message"]
    assert sent.encode().decode() == sent


def test_the_start_time_of_the_reference() -> None:
    assert message(timestamp=datetime(2021, 1, 1, tzinfo=UTC))["state_start_time"] == 1609459200


@given(TIMES, ZONES)
def test_a_time_with_a_zone_is_whole_seconds_since_1970(naive: datetime, zone: timezone) -> None:
    aware = naive.replace(tzinfo=zone)
    start = message(timestamp=aware)["state_start_time"]
    assert type(start) is int
    begun = datetime.fromtimestamp(start, UTC)
    assert timedelta(0) <= aware - begun < timedelta(seconds=1)


@given(TIMES)
def test_a_time_without_a_zone_is_utc(naive: datetime) -> None:
    assert message(timestamp=naive) == message(timestamp=naive.replace(tzinfo=UTC))


def test_the_zone_of_the_machine_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Kathmandu")
        time.tzset()
        start = message(timestamp=datetime(2021, 1, 1))["state_start_time"]  # noqa: DTZ001
    time.tzset()
    assert start == 1609459200


@given(st.floats(0, 1e12))
def test_parts_of_a_second_are_cut_off(seconds: float) -> None:
    start = message(timestamp=seconds)["state_start_time"]
    assert type(start) is int
    assert start <= seconds < start + 1


def test_without_a_time_it_is_now() -> None:
    before = int(time.time())
    start = message(timestamp=None)["state_start_time"]
    assert type(start) is int
    assert before <= start <= time.time()


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        -math.inf,
        -1,
        -0.5,
        True,
        False,
        "2021-01-01",
        "1609459200",
        Decimal(5),
        [],
        datetime(2021, 1, 1, tzinfo=UTC).date(),
        datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    ],
)
def test_what_is_no_time_since_1970_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"^timestamp must be"):
        message(timestamp=value)
