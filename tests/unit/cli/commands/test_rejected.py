import pytest

from tests.unit.cli.command_line import Run
from tests.unit.client.fake_tocsin import FakeTocsin, problem

ITEM = {
    "id": "rejected-1",
    "source_id": "source-1",
    "payload_id": "rejected-1",
    "index": 0,
    "reason": "title: is missing",
    "format": "native",
    "rejected_at": "2026-01-01T12:00:00.000000Z",
}
SHOWN = ITEM | {"payload": {"format": "native", "body": "the body"}}


@pytest.mark.parametrize("words", [(), ("list", "--source", "till")])
def test_they_are_listed(run: Run, tocsin: FakeTocsin, words: tuple[str, ...]) -> None:
    tocsin.answer("GET", "/rejected", {"items": [ITEM], "next": None})
    assert run("rejected", *words).lines == [ITEM]
    assert tocsin.last.parameters == {"limit": "50"} | ({"source": "till"} if words else {})


def test_one_is_shown_with_its_request(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/rejected/rejected-1", SHOWN)
    assert run("rejected", "show", "rejected-1").lines == [SHOWN]
    tocsin.answer("GET", "/rejected/rejected-1", SHOWN)
    table = run("rejected", "show", "rejected-1", "-o", "table").out
    assert "title: is missing" in table
    assert "the body" in table


def test_a_replay_shows_the_receipts(run: Run, tocsin: FakeTocsin) -> None:
    receipt = {"index": 0, "outcome": "opened"}
    tocsin.answer("POST", "/rejected/rejected-1/replay", {"receipts": [receipt]})
    assert run("rejected", "replay", "rejected-1").lines == [receipt]


def test_all_of_a_source_is_replayed_a_request_at_a_time(run: Run, tocsin: FakeTocsin) -> None:
    items = [
        ITEM | {"id": "rejected-4", "payload_id": "rejected-4"},
        ITEM | {"id": "rejected-3", "payload_id": "rejected-2"},
        ITEM | {"id": "rejected-2", "payload_id": "rejected-2"},
    ]
    tocsin.answer("GET", "/rejected", {"items": items, "next": None})
    receipts = [{"index": number, "outcome": "opened"} for number in range(2)]
    tocsin.answer("POST", "/rejected/rejected-3/replay", {"receipts": receipts})
    tocsin.answer("POST", "/rejected/rejected-4/replay", problem(422, "title is missing", "not_replayed"))
    ran = run("rejected", "replay", "--source", "till")
    assert (ran.code, ran.lines) == (1, receipts)
    assert ran.err == "tocsin: rejected-4: title is missing\n"


@pytest.mark.parametrize("words", [(), ("rejected-1", "--source", "till")])
def test_what_is_to_be_replayed_must_be_said(run: Run, tocsin: FakeTocsin, words: tuple[str, ...]) -> None:
    assert run("rejected", "replay", *words).code == 2
    assert tocsin.seen == []


def test_one_is_deleted(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("DELETE", "/rejected/rejected-1", {})
    assert run("rejected", "delete", "rejected-1").out == ""
