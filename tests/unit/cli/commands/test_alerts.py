from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.cli.command_line import Run
from tests.unit.cli.items import alert, event
from tests.unit.client.fake_tocsin import FakeTocsin, problem

PATH = "/alerts/alert-000000000001"


@pytest.mark.parametrize("words", [["alerts"], ["alerts", "list"]])
def test_alerts_are_listed(run: Run, tocsin: FakeTocsin, words: list[str]) -> None:
    tocsin.answer("GET", "/alerts", {"items": [alert()], "next": None})
    ran = run(*words, "state:open", "-host:db2", "--limit", "3")
    assert (ran.code, ran.lines) == (0, [alert()])
    assert tocsin.last.parameters == {"q": "state:open -host:db2", "limit": "3"}


def test_a_word_that_is_a_command_can_be_looked_for(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/alerts", {"items": [], "next": None})
    ran = run("alerts", "list", "show")
    assert (ran.code, ran.err) == (1, "")
    assert tocsin.last.parameters["q"] == "show"


@pytest.mark.parametrize(("word", "meant"), [("akc", "ack"), ("rsolve", "resolve"), ("unak", "unack")])
def test_a_command_that_is_spelled_wrong_is_told_where_nothing_is_found(
    run: Run, tocsin: FakeTocsin, word: str, meant: str
) -> None:
    tocsin.answer("GET", "/alerts", {"items": [], "next": None})
    ran = run("alerts", word, "alert-000000000001")
    assert ran.code == 1
    assert f"tocsin alerts {meant}" in ran.err


@pytest.mark.parametrize("words", [["state:resolved"], ["node", "severity:critical"], ["list", "akc"]])
def test_a_search_that_finds_nothing_is_no_command_that_was_spelled_wrong(
    run: Run, tocsin: FakeTocsin, words: list[str]
) -> None:
    tocsin.answer("GET", "/alerts", {"items": [], "next": None})
    assert run("alerts", *words).err == ""


def test_what_is_found_is_no_command_that_was_spelled_wrong(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/alerts", {"items": [alert()], "next": None})
    assert run("alerts", "akc", "alert-000000000001").err == ""


def test_all_of_them_are_listed(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/alerts", {"items": [alert()], "next": "c"}, {"items": [alert()], "next": None})
    assert len(run("alerts", "--all").lines) == 2


def test_an_alert_is_shown_with_its_events(run: Run, tocsin: FakeTocsin) -> None:
    whole = alert() | {"timeline": [event(2, kind="recovery"), event(1)]}
    tocsin.answer("GET", PATH, whole)
    assert run("alerts", "show", "alert-000000000001").document == whole
    ran = run("alerts", "show", "alert-000000000001", "--output", "table")
    lines = ran.out.splitlines()
    assert lines[0].split() == ["id", "alert-000000000001"]
    heading = lines.index("timeline")
    assert [line.split()[-1] for line in lines[heading + 2 :]] == ["event-000000000002", "event-000000000001"]


@pytest.mark.parametrize(
    ("words", "action", "document"),
    [
        (["ack"], "acknowledge", {"comment": "", "until": None, "until_change": False}),
        (
            ["ack", "--comment", "mine", "--until-change"],
            "acknowledge",
            {"comment": "mine", "until": None, "until_change": True},
        ),
        (["unack", "--comment", "later"], "unacknowledge", {"comment": "later"}),
        (["resolve"], "resolve", {"comment": ""}),
    ],
)
def test_what_is_done_by_hand_is_sent(
    run: Run, tocsin: FakeTocsin, words: list[str], action: str, document: dict[str, object]
) -> None:
    tocsin.answer("POST", f"{PATH}/{action}", alert(state="changed"))
    ran = run("alerts", words[0], "alert-000000000001", *words[1:])
    assert ran.document["state"] == "changed"
    assert tocsin.last.document == document


def test_an_acknowledgement_can_end(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", f"{PATH}/acknowledge", alert())
    run("alerts", "ack", "alert-000000000001", "--until", "2h")
    until = datetime.fromisoformat(tocsin.last.document["until"])
    assert abs(until - datetime.now(UTC) - timedelta(hours=2)) < timedelta(minutes=1)


def test_a_note_is_written(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", f"{PATH}/note", alert())
    assert run("alerts", "note", "alert-000000000001", "still on it").code == 0
    assert tocsin.last.document == {"comment": "still on it"}
    assert run("alerts", "note", "alert-000000000001").code == 2


def test_what_cannot_be_done_now_is_a_failure(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", f"{PATH}/resolve", problem(409, "the alert is resolved", "conflict"))
    ran = run("alerts", "resolve", "alert-000000000001")
    assert (ran.code, ran.err) == (1, "tocsin: the alert is resolved\n")


BULK = {"ack": "acknowledge", "unack": "unacknowledge", "resolve": "resolve", "note": "note"}


@pytest.mark.parametrize("command", BULK)
def test_many_alerts_are_acted_on(run: Run, tocsin: FakeTocsin, command: str) -> None:
    tocsin.answer("POST", "/alerts/bulk", {"matched": 3, "done": 3, "missed": []})
    words = ["seen"] if command == "note" else ["--comment", "seen"]
    ran = run("alerts", command, *words, "--query", "-host:db1", "--expect", "3")
    assert (ran.code, ran.document) == (0, {"matched": 3, "done": 3, "missed": []})
    sent = {"q": "-host:db1", "action": BULK[command], "expected": 3, "comment": "seen"}
    assert tocsin.last.document.items() >= sent.items()


@pytest.mark.parametrize("command", BULK)
def test_without_an_expectation_many_are_counted_only(run: Run, tocsin: FakeTocsin, command: str) -> None:
    tocsin.answer("POST", "/alerts/bulk", {"matched": 12, "done": 0, "missed": []})
    ran = run("alerts", command, *(["seen"] if command == "note" else []), "--query", "host:db1")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "tocsin: 12 alerts match, and nothing was done: repeat it with --expect 12\n"
    assert tocsin.last.document["expected"] is None


def test_many_of_which_some_were_missed_are_a_failure(run: Run, tocsin: FakeTocsin) -> None:
    missed = [{"alert_id": "alert-000000000001", "reason": "the alert is not acknowledged"}]
    tocsin.answer("POST", "/alerts/bulk", {"matched": 2, "done": 1, "missed": missed})
    ran = run("alerts", "unack", "--query", "host:db1", "--expect", "2")
    assert (ran.code, ran.document["missed"]) == (1, missed)


@pytest.mark.parametrize(
    "words",
    [
        ["ack"],
        ["resolve", "alert-000000000001", "--query", "host:db1"],
        ["unack", "alert-000000000001", "--expect", "1"],
        ["resolve", "--query", "host:db1", "--expect", "-1"],
        ["note", "--query", "host:db1", "--expect", "1"],
        ["note", "alert-000000000001", "seen", "--query", "host:db1"],
    ],
)
def test_one_alert_or_many_must_be_named(run: Run, tocsin: FakeTocsin, words: list[str]) -> None:
    ran = run("alerts", *words)
    assert (ran.code, tocsin.seen) == (2, [])
    assert ran.err.startswith("tocsin: ")
