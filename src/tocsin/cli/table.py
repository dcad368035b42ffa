"""Tables on a terminal. Colours follow NO_COLOR and whether there is a terminal, as rich does."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich import table as rich_table
from rich.console import Console
from rich.text import Text

from tocsin.cli.columns import Column, Item, plain, safe

CHUNK: Final = 500
"""Rows that are gathered before their widths are known and they are printed."""

_NO_EDGE: Final = 100_000


class Table:
    """A list with a line for each item, cut to the width of the terminal; in a pipe nothing is cut."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._items: list[Item] = []

    def add(self, item: Item) -> None:
        """Take an item; print the table where enough of them are there."""
        self._items.append(item)
        if len(self._items) == CHUNK:
            self.end()

    def end(self) -> None:
        """Print the items that are left."""
        if not self._items:
            return
        console = _console()
        shown = rich_table.Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=_has_edge(console))
        for column in self._columns:
            shown.add_column(column.header, ratio=column.share or None, no_wrap=True, overflow="ellipsis")
        for item in self._items:
            shown.add_row(*(_text(column, item) for column in self._columns))
        console.print(shown)
        self._items = []


class Lines:
    """A list that has no end: a line for each item at once, in columns of fixed widths."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._console = _console()

    def add(self, item: Item) -> None:
        """Print an item."""
        line = rich_table.Table.grid(padding=(0, 2, 0, 0), expand=_has_edge(self._console))
        for column in self._columns:
            line.add_column(
                width=column.width or None, ratio=column.share or None, no_wrap=True, overflow="ellipsis"
            )
        line.add_row(*(_text(column, item) for column in self._columns))
        self._console.print(line)
        sys.stdout.flush()

    def end(self) -> None:
        """Do nothing: all is printed."""


def print_fields(item: Mapping[str, object]) -> None:
    """Print one thing, a line for each field that has a value; fields of fields as `labels.region`."""
    shown = rich_table.Table.grid(padding=(0, 2, 0, 0))
    shown.add_column(style="bold", no_wrap=True)
    shown.add_column(overflow="fold")
    for name, value in _flat(item, ""):
        # Lines of a long text stay lines.
        shown.add_row(Text(safe(name)), Text("\n".join(safe(line) for line in value.split("\n"))))
    _console().print(shown)


def print_heading(title: str) -> None:
    """Print an empty line and a title."""
    _console().print(Text(f"\n{title}", style="bold underline"))


def _flat(item: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in item.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            if value:
                yield prefix + name, json.dumps(value, ensure_ascii=False)
        elif text := plain(value):
            yield prefix + name, text


def _text(column: Column, item: Item) -> Text:
    text, style = column.cell(item)
    return Text(text, style=style)


def _console() -> Console:
    has_edge = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(width=None if has_edge else _NO_EDGE, highlight=False)


def _has_edge(console: Console) -> bool:
    """Say whether columns share a width; otherwise each takes what its texts need."""
    return console.width < _NO_EDGE
