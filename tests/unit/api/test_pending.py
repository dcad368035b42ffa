"""What a browser keeps of a log-in that is under way: only what was signed here is believed."""

import json
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.api.pending import SECONDS, Expired, Seal, begin

SEAL = Seal("s3cret")
NOW = 1_800_000_000_000_000
SECOND = 1_000_000


def test_what_was_closed_opens_until_its_time_is_over() -> None:
    begun = begin()
    text = SEAL.close(begun, NOW)
    assert Seal("s3cret").open(text, begun.state, NOW + (SECONDS - 1) * SECOND) == begun
    for seal, state, now in (
        (SEAL, begun.state, NOW + (SECONDS + 1) * SECOND),
        (SEAL, "another", NOW),
        (Seal("another"), begun.state, NOW),
    ):
        with pytest.raises(Expired):
            seal.open(text, state, now)


@pytest.mark.parametrize("page", ["/", "/events?q=host%3Adb*&from=-6h", "/alerts/alert-00000000000a", "/@x"])
def test_the_page_that_was_asked_for_is_kept(page: str) -> None:
    begun = begin(page)
    assert SEAL.open(SEAL.close(begun, NOW), begun.state, NOW).page == page


@pytest.mark.parametrize(
    "page",
    [
        *("", "events", "//evil.test/", "/\\evil.test", "https://evil.test/", "@evil.test", ".evil.test"),
        *("/\t/evil.test", "/x\r\nSet-Cookie: y", "/ü", "/a b", "/" + "x" * 1_501),
    ],
)
def test_what_is_no_page_of_this_site_is_not(page: str) -> None:
    assert begin(page).page == ""


@pytest.mark.parametrize(
    "header",
    ["xalgx", ["alg"], {"alg": "HS256", "crit": 5}, {"alg": ["HS256"]}, {"alg": "none"}, 5, None],
    ids=str,
)
def test_no_header_of_somebody_elses_is_read(header: object) -> None:
    begun = begin()
    head = urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    payload, _, signature = SEAL.close(begun, NOW).partition(".")
    for text in (f"{head}.{payload}.{signature}", f"{head}.{signature}", f"{head}.x.x", f"{head}."):
        with pytest.raises(Expired):
            SEAL.open(text, begun.state, NOW)


@given(st.text() | st.lists(st.text(), max_size=4).map(".".join))
def test_whatever_a_browser_shows_is_refused(text: str) -> None:
    with pytest.raises(Expired):
        SEAL.open(text, "state", NOW)
