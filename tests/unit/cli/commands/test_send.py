import json

import pytest

from tests.unit.cli.command_line import Run
from tests.unit.cli.items import receipt
from tests.unit.client.fake_tocsin import FakeTocsin, problem


def test_an_event_is_sent_and_its_receipt_printed(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/events", {"receipts": [receipt()]})
    ran = run("send", "db1/disk", "Disk full")
    assert (ran.code, ran.lines) == (0, [receipt()])
    assert tocsin.last.document == {"key": "db1/disk", "title": "Disk full"}


def test_all_that_an_option_says_is_sent(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/events", {"receipts": [receipt()]})
    words = "--kind recovery --severity warning --host db1 --service disk --label region=eu -l a=b=c"
    run("send", "k", "t", *words.split(), "--description", "more\nlines", "--source-id", "source-1")
    assert tocsin.last.document == {
        "key": "k",
        "title": "t",
        "kind": "recovery",
        "severity": "warning",
        "host": "db1",
        "service": "disk",
        "description": "more\nlines",
        "labels": {"region": "eu", "a": "b=c"},
        "source_id": "source-1",
    }


@pytest.mark.parametrize("words", [["send"], ["send", "-"]])
def test_lines_from_standard_input_are_sent_as_they_are(
    run: Run, tocsin: FakeTocsin, words: list[str]
) -> None:
    tocsin.answer("POST", "/events", {"receipts": [receipt(0), receipt(1, "joined")]})
    ran = run(*words, given=b'{"key":"a","title":"A"}\n{"key":"b","title":"B"}\n')
    assert ran.code == 0
    assert [(line["index"], line["outcome"]) for line in ran.lines] == [(0, "opened"), (1, "joined")]
    assert tocsin.last.headers["Content-Type"] == "application/x-ndjson"
    assert tocsin.last.body == b'{"key":"a","title":"A"}\n{"key":"b","title":"B"}'


def test_an_array_from_standard_input_is_sent_whole(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/events", {"receipts": [receipt(0), receipt(1)]})
    document = [{"key": "a", "title": "A"}, {"key": "b", "title": "B"}]
    assert run("send", given=json.dumps(document, indent=1).encode()).code == 0
    assert tocsin.last.headers["Content-Type"] == "application/json"
    assert tocsin.last.document == document


def test_indexes_count_over_all_requests(
    run: Run, tocsin: FakeTocsin, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each line comes in a piece of its own.
    monkeypatch.setattr("tocsin.cli.standard_input._PIECE_BYTES", 24)
    tocsin.answer("POST", "/events", {"receipts": [receipt(0)]})
    ran = run("send", given=b'{"key":"a","title":"A"}\n' * 3)
    assert [line["index"] for line in ran.lines] == [0, 1, 2]
    assert len(tocsin.seen) == 3


def test_one_that_is_rejected_is_exit_code_1(run: Run, tocsin: FakeTocsin) -> None:
    rejected = receipt(1, "rejected", reason="title is missing", id="", seq=0, alert_id="")
    tocsin.answer("POST", "/events", {"receipts": [receipt(0), rejected]})
    ran = run("send", given=b'{"key":"a","title":"A"}\n{"key":"b"}\n')
    assert ran.code == 1
    assert ran.lines[1]["reason"] == "title is missing"


def test_a_single_event_that_is_rejected_is_exit_code_1(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/events", {"receipts": [receipt(0, "rejected", reason="it broke the store")]})
    ran = run("send", "k", "t")
    assert (ran.code, ran.lines[0]["reason"]) == (1, "it broke the store")


def test_a_single_event_that_is_refused_is_told(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/events", problem(400, "key: expected a text of at most 512 characters"))
    ran = run("send", "k" * 600, "t")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "tocsin: key: expected a text of at most 512 characters\n"


def test_receipts_of_what_was_taken_are_printed_before_a_failure(
    run: Run, tocsin: FakeTocsin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.cli.standard_input._PIECE_BYTES", 24)
    tocsin.answer("POST", "/events", {"receipts": [receipt(0)]}, problem(503, "the queue is full"))
    ran = run("send", given=b'{"key":"a","title":"A"}\n' * 2)
    assert (ran.code, len(ran.lines), ran.err) == (1, 1, "tocsin: the queue is full\n")


def test_nothing_to_send_is_a_failure(run: Run, tocsin: FakeTocsin) -> None:
    ran = run("send", given=b"\n")
    assert (ran.code, ran.err) == (1, "tocsin: there was no event to send\n")
    assert tocsin.seen == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--titel", "t"], "there is no option --titel"),
        (["key"], "an event has a KEY and a TITLE"),
        (["", "title"], "an event has a KEY and a TITLE"),
        (["-", "--host", "db1"], "these options describe one event: give its KEY and TITLE too"),
        (["--victorops-url", "http://x"], "these options describe one event: give its KEY and TITLE too"),
        (["k", "t", "--label", "region"], "--label region: NAME=VALUE is expected"),
        (["k", "t", "--kind", "downtime_start"], "--kind"),
        (["k", "t", "--severity", "bad"], "--severity"),
    ],
)
def test_what_is_no_event_is_a_usage_error(
    run: Run, tocsin: FakeTocsin, words: list[str], message: str
) -> None:
    ran = run("send", *words)
    assert ran.code == 2
    assert message in ran.err
    assert tocsin.seen == []


def test_a_terminal_is_not_read_by_accident(
    run: Run, tocsin: FakeTocsin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.cli.commands.send.is_terminal", lambda: True)
    ran = run("send", given=b'{"key":"a","title":"A"}')
    assert ran.code == 2
    assert "KEY and TITLE are missing" in ran.err
    tocsin.answer("POST", "/events", {"receipts": [receipt()]})
    assert run("send", "-", given=b'{"key":"a","title":"A"}').code == 0
