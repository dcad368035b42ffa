import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.cli.items import event
from tocsin.cli.columns import EVENTS
from tocsin.cli.failures import ExitCode
from tocsin.cli.options import Format
from tocsin.cli.output import chosen, print_items, print_live, print_one

Said = pytest.CaptureFixture[str]
FORMATS: tuple[Format, ...] = ("table", "json", "ndjson", "csv")
TWO = [event(2, title="Ä\n\x1b[31m"), event(1, severity="warning")]


def test_a_terminal_gets_a_table_and_a_pipe_ndjson(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(None) == "ndjson"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert chosen(None) == "table"
    assert chosen("csv") == "csv"


def test_a_terminal_is_told_that_there_is_nothing(monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    print_items([], EVENTS, "table")
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert print_items([], EVENTS, None) == ExitCode.FAILED
    assert capsys.readouterr() == ("", "nothing found\n")
    print_items([], EVENTS, "ndjson")
    print_items(TWO, EVENTS, None)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("output", ["ndjson", None])
def test_ndjson_is_an_object_a_line(capsys: Said, output: Format | None) -> None:
    assert print_items(TWO, EVENTS, output) == ExitCode.OK
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == TWO


@pytest.mark.parametrize("count", [0, 1, 2])
def test_json_is_an_array_with_an_item_a_line(capsys: Said, count: int) -> None:
    print_items(TWO[:count], EVENTS, "json")
    said = capsys.readouterr().out
    assert json.loads(said) == TWO[:count]
    assert len(said.splitlines()) == (count + 2 if count else 1)


def test_csv_has_the_names_of_all_fields_and_a_row_for_each_item(capsys: Said) -> None:
    print_items(TWO, EVENTS, "csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["seq"] for row in rows] == ["2", "1"]
    assert list(rows[0]) == list(TWO[0])
    assert rows[0]["title"] == "Ä\n\x1b[31m"
    assert (rows[0]["labels"], rows[0]["markdown"], rows[0]["occurred_at"]) == (
        '{"region": "eu"}',
        "false",
        "",
    )


def test_csv_holds_no_formula(capsys: Said) -> None:
    print_items([event(title="=1+1")], EVENTS, "csv")
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["title"] == "'=1+1"


def test_a_table_has_a_line_for_each_item_cut_to_the_width(
    capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    print_items([event(title="very " * 50)], EVENTS, "table")
    head, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["time", "severity", "kind", "host/service", "title", "id"]
    assert len(line) <= 90
    assert line.split()[-1] == "event-000000000001"
    assert "very very very ver…" in line


def test_a_table_in_a_pipe_is_not_cut(capsys: Said) -> None:
    title = "very " * 50 + "long"
    print_items([event(title=title)], EVENTS, "table")
    assert title in capsys.readouterr().out


@pytest.mark.parametrize("output", FORMATS)
def test_no_control_character_reaches_the_terminal(capsys: Said, output: Format) -> None:
    print_items(TWO, EVENTS, output)
    print_live(TWO, EVENTS, output)
    print_one(TWO[0], output)
    said = capsys.readouterr().out
    assert ("\x1b" in said) == (output == "csv")


def test_markup_in_a_text_stays_text(capsys: Said) -> None:
    print_items([event(title="[red]x[/red] :bell:")], EVENTS, "table")
    print_one(event(title="[red]x[/red] :bell:"), "table")
    assert capsys.readouterr().out.count("[red]x[/red] :bell:") == 2


@pytest.mark.parametrize("output", FORMATS)
def test_an_empty_list_is_a_failure(capsys: Said, output: Format) -> None:
    assert print_items([], EVENTS, output) == ExitCode.FAILED
    assert capsys.readouterr().out == ("[]\n" if output == "json" else "")


def test_long_tables_are_printed_in_pieces(capsys: Said) -> None:
    def items() -> Iterator[dict[str, Any]]:
        for number in range(1, 502):
            if number == 501:
                assert len(capsys.readouterr().out.splitlines()) == 501
            yield event(number)

    assert print_items(items(), EVENTS, "table") == ExitCode.OK
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize("output", FORMATS)
def test_what_is_live_is_printed_at_once(monkeypatch: pytest.MonkeyPatch, output: Format) -> None:
    stream = io.StringIO()
    flushed: list[int] = []
    monkeypatch.setattr(stream, "flush", lambda: flushed.append(len(stream.getvalue())))
    monkeypatch.setattr("sys.stdout", stream)

    def items() -> Iterator[dict[str, Any]]:
        yield event(1)
        assert "Disk full" in stream.getvalue()
        assert flushed[-1] == len(stream.getvalue())
        yield event(2)

    assert print_live(items(), EVENTS, output) == ExitCode.OK
    assert stream.getvalue().count("Disk full") == 2


def test_a_live_array_is_ended_at_ctrl_c(capsys: Said) -> None:
    def items() -> Iterator[dict[str, Any]]:
        yield event(1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        print_live(items(), EVENTS, "json")
    assert json.loads(capsys.readouterr().out) == [event(1)]


@pytest.mark.parametrize("output", FORMATS)
def test_what_fails_before_its_first_item_prints_nothing(capsys: Said, output: Format) -> None:
    def fail(_: int) -> dict[str, Any]:
        raise LookupError

    with pytest.raises(LookupError):
        print_items(map(fail, range(1)), EVENTS, output)
    assert capsys.readouterr().out == ""


def test_live_lines_stand_in_columns(capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    print_live([event(1), event(2, severity="warning", host="a")], EVENTS, "table")
    first, second = capsys.readouterr().out.splitlines()
    assert first.index("Disk full") == second.index("Disk full")
    assert first.index("event-") == second.index("event-")


@pytest.mark.parametrize("output", ["json", "ndjson"])
def test_one_thing_is_an_object_in_a_line(capsys: Said, output: Format) -> None:
    print_one({"token": "tö"}, output)
    assert capsys.readouterr().out == '{"token": "tö"}\n'


def test_one_thing_as_csv_is_a_head_and_a_row(capsys: Said) -> None:
    print_one({"id": "a", "urls": {"x": "y"}}, "csv")
    assert capsys.readouterr().out == 'id,urls\na,"{""x"": ""y""}"\n'


def test_one_thing_in_a_table_has_a_line_for_each_field_that_has_a_value(capsys: Said) -> None:
    item = {
        "id": "a",
        "none": None,
        "no": "",
        "labels": {"region": "eu"},
        "links": [1],
        "l": [],
        "text": "1\n2",
    }
    print_one(item, "table")
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "id             a",
        "labels.region  eu",
        "links          [1]",
        "text           1",
        " " * 15 + "2",
    ]
