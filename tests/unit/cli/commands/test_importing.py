"""`tocsin import nagios-log`: what files say is sent in the order of its times, what is wrong is told."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.command_line import Run
from tests.unit.client.fake_tocsin import FakeTocsin, Reply, problem

OLD = """\
[1600000000] CURRENT SERVICE STATE: web1;Disk;CRITICAL;HARD;3;full
[1600000010] EXTERNAL COMMAND: ACKNOWLEDGE_SVC_PROBLEM;web1;Disk;1;1;0;ann;on it
"""
NEW = """\
[1700000000] SERVICE ALERT: web1;Disk;OK;HARD;3;St\xf6rung behoben

[1700000001] SERVICE ALERT: web1;Disk;OK
[1700000002] LOG ROTATION: DAILY
"""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Write a log, and one before it that was compressed."""
    new, old = tmp_path / "nagios.log", tmp_path / "nagios-09-13-2020-00.log.gz"
    new.write_bytes(NEW.encode("latin-1"))
    old.write_bytes(gzip.compress(OLD.encode()))
    return [str(new), str(old)]


def sent(tocsin: FakeTocsin) -> list[tuple[Any, ...]]:
    items = [item for each in tocsin.seen for item in each.document]
    return [(item["kind"], item["state"], item.get("comment", item["output"])) for item in items]


def test_files_are_read_in_the_order_of_their_times_and_bad_lines_are_told(
    run: Run, tocsin: FakeTocsin, files: list[str]
) -> None:
    tocsin.answer("POST", "/history", {"recorded": 1, "known": 1})
    ran = run("import", "nagios-log", *files, "--source", "nagios")
    assert ran.document == {"lines": 6, "recorded": 1, "known": 1, "other": 3, "bad": 1}
    assert ran.code == 1
    assert f"{files[0]}:3: expected 4 fields between semicolons, and there are 1" in ran.err
    assert tocsin.last.parameters == {"source": "nagios"}
    # The state of what was acknowledged stands in the older file.
    assert sent(tocsin) == [
        ("acknowledgement", "critical", "on it"),
        ("recovery", "ok", "St\xf6rung behoben"),
    ]


def test_many_events_go_in_several_requests_and_again_where_the_server_cannot(
    run: Run, tocsin: FakeTocsin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.client.back_off.BackOff.seconds", lambda *_: 0.0)
    lines = [f"[{1_700_000_000 + number}] HOST ALERT: web1;UP;HARD;1;x\n" for number in range(2_001)]
    (file := tmp_path / "nagios.log").write_text("".join(lines))
    busy = problem(503, "too much waits", "unavailable")
    taken = [Reply({"recorded": count, "known": 0}) for count in (2_000, 1)]
    tocsin.answer("POST", "/history", busy, *taken)
    ran = run("import", "nagios-log", str(file))
    assert (ran.code, ran.document["recorded"]) == (0, 2_001)
    assert [len(each.document) for each in tocsin.seen] == [2_000, 2_000, 1]
    assert "too much waits; trying again in 0 s" in ran.err


def test_many_bad_lines_are_not_all_shown_and_all_counted(
    run: Run, tocsin: FakeTocsin, tmp_path: Path
) -> None:
    (file := tmp_path / "other.txt").write_text("no line of a log\n" * 103)
    ran = run("import", "nagios-log", str(file))
    assert (ran.code, ran.document["bad"], tocsin.seen) == (1, 103, [])
    assert len(ran.err.splitlines()) == 101
    assert "3 more lines" in ran.err


def test_a_file_that_cannot_be_read_is_named_before_anything_is_sent(
    run: Run, tocsin: FakeTocsin, files: list[str], tmp_path: Path
) -> None:
    (torn := tmp_path / "torn.gz").write_bytes(gzip.compress(OLD.encode())[:-12])
    for name, code, reason in (
        (str(tmp_path / "nothing"), 2, "No such file"),
        (str(tmp_path), 2, "Is a directory"),
        (str(torn), 1, "damaged"),
    ):
        ran = run("import", "nagios-log", name, *files)
        assert (ran.code, tocsin.seen) == (code, [])
        assert f"{name}: " in ran.err
        assert reason in ran.err
    assert run("import", "nagios-log").code == 2


def test_a_source_that_there_is_not_is_told(run: Run, tocsin: FakeTocsin, files: list[str]) -> None:
    tocsin.answer("POST", "/history", problem(404, "there is no source nagios", "not_found"))
    ran = run("import", "nagios-log", *files, "--source", "nagios")
    assert (ran.code, "there is no source nagios" in ran.err) == (1, True)


def test_a_line_is_known_by_itself_whatever_stands_before_it_and_in_whichever_file(
    run: Run, tocsin: FakeTocsin, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    repeated = "[1700000000] HOST ALERT: web1;DOWN;HARD;1;x\n"
    acknowledged = "[1700000010] EXTERNAL COMMAND: ACKNOWLEDGE_HOST_PROBLEM;web1;1;1;0;ann;on it\n"
    first.write_text(2 * repeated + acknowledged)
    second.write_text(acknowledged)
    tocsin.answer("POST", "/history", {"recorded": 0, "known": 0})

    def known_by(*names: Path) -> list[str]:
        seen = len(tocsin.seen)
        assert run("import", "nagios-log", *map(str, names)).code == 0
        return [item["labels"]["log_line"] for each in tocsin.seen[seen:] for item in each.document]

    one, other, last = known_by(first)
    assert (one[:-2], one[-2:], other[-2:]) == (other[:-2], "-1", "-2")
    assert known_by(second) == [last]
    assert known_by(second, first) == [one, other, last, last]
