import pytest

from tests.unit.cli.command_line import Run
from tests.unit.client.fake_tocsin import FakeTocsin

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


def test_one_is_deleted(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("DELETE", "/rejected/rejected-1", {})
    assert run("rejected", "delete", "rejected-1").out == ""
