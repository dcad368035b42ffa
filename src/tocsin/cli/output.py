"""How results are printed: tables for people, JSON, NDJSON and CSV for programs."""

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from tocsin.cli.columns import Column, Item
from tocsin.cli.failures import ExitCode
from tocsin.cli.options import Format
from tocsin.model.spreadsheet import cell


class Printer(Protocol):
    """Prints items one by one."""

    def add(self, item: Item) -> None:
        """Print an item, now or at the end."""

    def end(self) -> None:
        """Print what is still to be printed."""


def chosen(output: Format | None) -> Format:
    """Give the format: the one that was asked for, else a table on a terminal and ndjson in a pipe."""
    return output or ("table" if sys.stdout.isatty() else "ndjson")


def print_items(items: Iterable[Item], columns: Sequence[Column], output: Format | None) -> ExitCode:
    """Print a list as it comes; on a terminal, say so where it is empty.

    Returns:
        OK, or FAILED where the list is empty.
    """
    format_ = chosen(output)
    code = _print_all(items, _printer(columns, format_))
    if code != ExitCode.OK and format_ == "table" and sys.stdout.isatty():
        print("nothing found", file=sys.stderr)
    return code


def print_live(items: Iterable[Item], columns: Sequence[Column], output: Format | None) -> ExitCode:
    """Print a list that has no end, each item at once."""
    format_ = chosen(output)
    if format_ == "table":
        from tocsin.cli.table import Lines

        return _print_all(items, Lines(columns))
    return _print_all(_flushed(items), _printer(columns, format_))


def print_one(item: Mapping[str, object], output: Format | None) -> None:
    """Print one thing: in a table each field in a line of its own, those that are empty left out."""
    format_ = chosen(output)
    if format_ == "table":
        from tocsin.cli.table import print_fields

        print_fields(item)
    elif format_ == "csv":
        _print_all([dict(item)], _Csv())
    else:
        print(_json(item))


def _print_all(items: Iterable[Item], printer: Printer) -> ExitCode:
    code = ExitCode.FAILED
    try:
        for item in items:
            printer.add(item)
            code = ExitCode.OK
    except BaseException:
        # What has begun is ended; where nothing was printed, nothing is.
        if code == ExitCode.OK:
            printer.end()
        raise
    printer.end()
    return code


def _flushed(items: Iterable[Item]) -> Iterable[Item]:
    for item in items:
        yield item
        sys.stdout.flush()


def _printer(columns: Sequence[Column], format_: Format) -> Printer:
    if format_ == "table":
        from tocsin.cli.table import Table

        return Table(columns)
    if format_ == "json":
        return _JsonArray()
    return _JsonLines() if format_ == "ndjson" else _Csv()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


class _JsonLines:
    """A JSON object a line."""

    def add(self, item: Item) -> None:
        print(_json(item))

    def end(self) -> None:
        return None


class _JsonArray:
    """A JSON array, an item a line."""

    def __init__(self) -> None:
        self._lead = "[\n"

    def add(self, item: Item) -> None:
        sys.stdout.write(self._lead + _json(item))
        self._lead = ",\n"

    def end(self) -> None:
        print("[]" if self._lead == "[\n" else "\n]")


class _Csv:
    """A line a row behind one with the names of the fields (RFC 4180, with plain line ends)."""

    def __init__(self) -> None:
        self._writer: csv.DictWriter[str] | None = None

    def add(self, item: Item) -> None:
        if self._writer is None:
            self._writer = csv.DictWriter(sys.stdout, list(item), lineterminator="\n")
            self._writer.writeheader()
        self._writer.writerow({name: _csv_value(value) for name, value in item.items()})

    def end(self) -> None:
        return None


def _csv_value(value: object) -> object:
    if isinstance(value, bool | dict | list):
        return _json(value)
    return cell(value) if isinstance(value, str) else value
