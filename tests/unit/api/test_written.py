"""How lists are written into files."""

import csv
import io
import json

import msgspec
import pytest

from tocsin.api.written import Format, Written


class Thing(msgspec.Struct):
    title: str
    count: int = 0
    open: bool = False
    at: str | None = None
    labels: dict[str, str] = {}


def whole(format_: Format, *parts: list[Thing]) -> str:
    """Write some parts as one file."""
    written = Written(format_, Thing)
    return (b"".join(map(written.part, parts)) + written.end()).decode()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("format_", ["json", "ndjson"])
def test_parts_make_one_document(format_: Format) -> None:
    text = whole(format_, [Thing("a"), Thing("\xe4\n")], [Thing("c", 3)], [])
    found = json.loads(text) if format_ == "json" else list(map(json.loads, text.splitlines()))
    assert [(each["title"], each["count"]) for each in found] == [("a", 0), ("\xe4\n", 0), ("c", 3)]
    assert text.endswith("\n")


@pytest.mark.parametrize(("format_", "text"), [("json", "[]\n"), ("ndjson", "")])
def test_nothing_is_a_whole_document_too(format_: Format, text: str) -> None:
    assert whole(format_, []) == text


def test_a_csv_of_nothing_has_its_head() -> None:
    assert whole("csv", []) == "title,count,open,at,labels\r\n"


def test_csv_has_one_head_and_any_text() -> None:
    text = whole("csv", [Thing('say "x", \xe4\r\nline')], [Thing("b", -5, True, "2026", {"a": "1"})])
    assert rows(text) == [
        {"title": 'say "x", \xe4\r\nline', "count": "0", "open": "false", "at": "", "labels": "{}"},
        {"title": "b", "count": "-5", "open": "true", "at": "2026", "labels": '{"a":"1"}'},
    ]


def test_a_spreadsheet_takes_no_text_for_a_formula() -> None:
    (row,) = rows(whole("csv", [Thing("=1+1")]))
    assert row["title"] == "'=1+1"
    assert json.loads(whole("ndjson", [Thing("=1+1")]))["title"] == "=1+1"
