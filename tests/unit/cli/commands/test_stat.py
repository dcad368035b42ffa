from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.cli.command_line import Run
from tests.unit.client.fake_tocsin import FakeTocsin

ANSWER = {
    "total": 42,
    "groups": 4,
    "items": [
        {"start": None, "values": {"severity": "critical", "host": "a"}, "count": 30},
        {"start": None, "values": {"severity": "warning", "host": ""}, "count": 11},
        {"start": None, "values": None, "count": 1},
    ],
}


def test_a_pipe_gets_flat_items(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events/count", ANSWER)
    ran = run("stat", "host:a", "-kind:info", "--by", "severity,host", "--limit", "2")
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines == [
        {"severity": "critical", "host": "a", "count": 30},
        {"severity": "warning", "host": "", "count": 11},
        {"severity": None, "host": None, "count": 1},
    ]
    asked = {"q": "host:a -kind:info", "by": "severity,host", "bucket": "", "limit": "2"}
    assert tocsin.last.parameters == asked


def test_csv(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events/count", ANSWER)
    ran = run("stat", "--by", "severity,host", "-o", "csv")
    assert ran.out == "severity,host,count\ncritical,a,30\nwarning,,11\n,,1\n"


def test_a_terminal_gets_bars_as_long_as_the_counts(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events/count", ANSWER)
    ran = run("stat", "--by", "severity,host", "-o", "table")
    bars = [line.count("\N{FULL BLOCK}") for line in ran.out.splitlines()]
    assert bars[-3:] == [30, 11, 1]
    assert "(the rest)" in ran.out.splitlines()[-1]


def test_by_time(run: Run, tocsin: FakeTocsin) -> None:
    start = "2026-01-02T12:00:00.000000Z"
    answer = {"total": 1, "groups": 1, "items": [{"start": start, "values": {}, "count": 1}]}
    tocsin.answer("GET", "/events/count", answer)
    ran = run("stat", "--by", "", "--bucket", "1h", "--since", "24h", "--until", "2026-01-03")
    assert ran.lines == [{"start": start, "count": 1}]
    since = datetime.fromisoformat(tocsin.last.parameters["from"])
    assert abs(datetime.now(UTC) - since - timedelta(hours=24)) < timedelta(minutes=1)
    assert (tocsin.last.parameters["to"], tocsin.last.parameters["bucket"]) == ("2026-01-03T00:00:00Z", "1h")


@pytest.mark.parametrize("output", ["table", "ndjson"])
def test_none_is_exit_code_1(run: Run, tocsin: FakeTocsin, output: str) -> None:
    tocsin.answer("GET", "/events/count", {"total": 0, "groups": 0, "items": []})
    assert run("stat", "host:nowhere", "-o", output).code == 1


@pytest.mark.parametrize("by", ["nosuch", "severity, nosuch", "severity,"])
def test_what_is_no_field_is_told(run: Run, tocsin: FakeTocsin, by: str) -> None:
    ran = run("stat", "--by", by)
    assert (ran.code, tocsin.seen) == (2, [])
    assert "is no field; a label is written labels.NAME" in ran.err


def test_a_label_is_no_unknown_field(run: Run, tocsin: FakeTocsin) -> None:
    answer = {"total": 1, "groups": 1, "items": [{"start": None, "values": {"labels.x": "a"}, "count": 1}]}
    tocsin.answer("GET", "/events/count", answer)
    assert run("stat", "--by", "labels.x").code == 0
