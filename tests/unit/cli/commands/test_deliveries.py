from typing import Any

import pytest

from tests.unit.cli.command_line import Run
from tests.unit.client.fake_tocsin import FakeTocsin, Reply

ID = "delivery-000000000001-00000000000a"


def delivery(**fields: Any) -> dict[str, Any]:
    return {
        "id": ID,
        "state": "dead",
        "event_id": "event-000000000001",
        "target": "pager",
        "key": "db1/disk",
        "change": "opened",
        "attempts": 2,
        "status": 503,
        "reason": "HTTP status 503",
        "created_at": "2026-01-01T12:00:00.000000Z",
        "done_at": None,
    } | fields


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ((), {}),
        (("list", "--dead"), {"state": "dead"}),
        (("list", "--state", "pending", "--target", "pager"), {"state": "pending", "target": "pager"}),
        (("list", "--alert", "alert-1", "--event", "event-1"), {"alert": "alert-1", "event": "event-1"}),
    ],
)
def test_they_are_listed_and_narrowed(
    run: Run, tocsin: FakeTocsin, words: tuple[str, ...], asked: dict[str, str]
) -> None:
    tocsin.answer("GET", "/deliveries", {"items": [delivery()], "next": None})
    assert run("deliveries", *words).lines == [delivery()]
    assert tocsin.last.parameters == {"limit": "50", **asked}


def test_a_person_reads_what_failed_and_why(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/deliveries", {"items": [delivery()], "next": None})
    table = run("deliveries", "list", "-o", "table").out
    for part in ("dead", "pager", "opened", "db1/disk", "HTTP status 503", ID):
        assert part in table


def test_none_is_a_failure(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/deliveries", {"items": [], "next": None})
    assert run("deliveries", "list", "--dead").code == 1


def test_one_is_shown_with_its_attempts(run: Run, tocsin: FakeTocsin) -> None:
    attempt = {"number": 1, "outcome": "retry", "status": 503, "milliseconds": 12.5, "answer": "come later"}
    tocsin.answer("GET", f"/deliveries/{ID}", delivery(log=[attempt]))
    assert run("deliveries", "show", ID).document == delivery(log=[attempt])
    said = run("deliveries", "show", ID, "-o", "table").out
    assert "attempts" in said
    assert "come later" in said
    tocsin.answer("GET", f"/deliveries/{ID}", delivery(log=[]))
    assert "come later" not in run("deliveries", "show", ID, "-o", "table").out


def test_one_is_tried_again(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", f"/deliveries/{ID}/retry", Reply(delivery(state="pending"), 202))
    assert run("deliveries", "retry", ID).document["state"] == "pending"


def test_all_dead_ones_of_a_target_are_tried_again(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/deliveries/retry", Reply({"retried": 3}, 202))
    assert run("deliveries", "retry", "--dead", "--target", "pager").document == {"retried": 3}
    assert tocsin.last.document == {"target": "pager"}


@pytest.mark.parametrize(
    "words",
    [(), ("--dead",), ("--target", "pager"), (ID, "--dead", "--target", "pager"), (ID, "--target", "p")],
)
def test_it_says_which_to_try_again(run: Run, tocsin: FakeTocsin, words: tuple[str, ...]) -> None:
    assert run("deliveries", "retry", *words).code == 2
    assert tocsin.seen == []
