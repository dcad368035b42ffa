from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.cli.command_line import Run
from tests.unit.cli.items import alert, event, silence
from tests.unit.client.fake_tocsin import FakeTocsin, Reply, problem

PATH = "/silences/silence-1"


def hours_from_now(written: str) -> float:
    return round((datetime.fromisoformat(written) - datetime.now(UTC)) / timedelta(hours=1), 1)


def test_silences_are_listed(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/silences", {"items": [silence()]})
    assert run("silence", "list", "--state", "pending", "--limit", "7").lines == [silence()]
    assert tocsin.last.parameters == {"state": "pending", "limit": "7"}
    table = run("silence", "list", "-o", "table").out.splitlines()
    assert table[1].split()[:2] == ["active", "host:web-*"]


def test_those_that_end_soon_are_the_active_ones(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/silences", {"items": []})
    assert run("silence", "list", "--expiring", "1h").code == 1
    assert tocsin.last.parameters["state"] == "active"
    assert hours_from_now(tocsin.last.parameters["ends_before"]) == 1


def test_a_silence_is_made_from_now_on(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/silences", Reply(silence(), 201))
    ran = run("silence", "create", "host:web-*", "-source:test", "--until", "2h", "--comment", "moving")
    assert ran.document == silence()
    document = tocsin.last.document
    assert hours_from_now(document.pop("ends_at")) == 2
    assert document == {"expression": "host:web-* -source:test", "starts_at": None, "comment": "moving"}


def test_a_silence_can_begin_later(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/silences", Reply(silence(), 201))
    run("silence", "create", "", "--from", "1h", "--until", "2h")
    assert tocsin.last.document["expression"] == ""
    assert hours_from_now(tocsin.last.document["starts_at"]) == 1


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("create", "--until", "2h"), "say what to silence"),
        (("preview",), "say what to silence"),
        (("create", "host:db1", "--until", "soon"), "--until soon"),
        (("create", "host:db1"), "until"),
        (("list", "--expiring", "soon"), "--expiring soon"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    run: Run, tocsin: FakeTocsin, words: tuple[str, ...], complaint: str
) -> None:
    ran = run("silence", *words)
    assert (ran.code, tocsin.seen) == (2, [])
    assert complaint in ran.err


def test_one_is_shown_and_ended(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", PATH, silence())
    assert run("silence", "show", "silence-1").document == silence()
    tocsin.answer("POST", f"{PATH}/expire", silence(state="expired"))
    assert run("silence", "expire", "silence-1").document["state"] == "expired"
    tocsin.answer("POST", f"{PATH}/expire", problem(409, "the silence has ended already", "conflict"))
    ran = run("silence", "expire", "silence-1")
    assert (ran.code, ran.err) == (1, "tocsin: the silence has ended already\n")


def test_a_filter_is_tried(run: Run, tocsin: FakeTocsin) -> None:
    found: dict[str, Any] = {
        "open_alerts": {"count": 1, "items": [alert()]},
        "events_of_24_hours": {"count": 0, "items": []},
    }
    tocsin.answer("POST", "/silences/preview", found)
    assert run("silence", "preview", "host:db1").document == found
    assert tocsin.last.document == {"expression": "host:db1"}
    found["events_of_24_hours"] = {"count": 12, "items": [event()]}
    tocsin.answer("POST", "/silences/preview", found)
    said = run("silence", "preview", "host:db1", "-o", "table").out
    for part in (
        "open alerts: 1",
        "events of the last 24 hours: 12",
        "alert-000000000001",
        "event-000000000001",
    ):
        assert part in said
