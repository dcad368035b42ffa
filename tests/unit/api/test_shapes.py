"""How times and bodies are shown and read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.api.shapes import instant, moment, payload_item
from tocsin.model.submission import Payload

FIRST, LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


def test_a_time_that_never_was_is_null() -> None:
    assert (moment(0), instant(None)) == (None, 0)


@pytest.mark.parametrize(
    ("microseconds", "shown"),
    [
        (1, "1970-01-01T00:00:00.000001Z"),
        (1_767_268_800_000_000, "2026-01-01T12:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_a_time_is_shown_in_utc(microseconds: int, shown: str) -> None:
    assert moment(microseconds) == shown


@given(st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None), timezones=st.just(UTC)))
def test_what_is_shown_is_read_as_the_same(given_moment: datetime) -> None:
    microseconds = instant(given_moment)
    shown = moment(microseconds)
    assert (shown is None) is (microseconds == 0)
    assert shown is None or instant(datetime.fromisoformat(shown)) == microseconds


def test_a_time_without_an_offset_is_utc() -> None:
    local = datetime(2026, 1, 1, 13, tzinfo=timezone(timedelta(hours=1)))
    assert instant(local) == instant(datetime(2026, 1, 1, 12, tzinfo=UTC)) == 1_767_268_800_000_000
    assert instant(local.astimezone(UTC).replace(tzinfo=None)) == instant(local)


@pytest.mark.parametrize(
    ("body", "text", "in_base64"),
    [(b"", "", ""), (b"\xc3\xa4", "\xe4", ""), (b"\xff", "", "/w=="), (b"a\x00", "a\x00", "")],
)
def test_a_body_is_text_where_it_can_be(body: bytes, text: str, in_base64: str) -> None:
    item = payload_item(Payload("native", "text/plain", {"a": "b"}, body))
    assert (item.body, item.body_base64, item.size) == (text, in_base64, len(body))
    assert (item.format, item.content_type, item.context) == ("native", "text/plain", {"a": "b"})
