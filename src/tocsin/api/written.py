"""How a list is written into a file: CSV, JSON or NDJSON, a part of it at a time."""

import csv
import io
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from tocsin.model.spreadsheet import cell

Format: TypeAlias = Literal["csv", "json", "ndjson"]
MEDIA_TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "ndjson": "application/x-ndjson",
}

_encoder: Final = msgspec.json.Encoder()


class Written:
    """Writes items of one kind.

    Args:
        format_: csv, json or ndjson.
        kind: of the items.
    """

    def __init__(self, format_: Format, kind: type[msgspec.Struct]) -> None:
        self._format = format_
        self._names = kind.__struct_fields__
        self._is_empty = True

    def part(self, items: Sequence[msgspec.Struct]) -> bytes:
        """Write the items that come next; behind what a file begins with, where they are the first."""
        is_first, self._is_empty = self._is_empty, self._is_empty and not items
        if self._format == "csv":
            return _csv([self._names] * is_first, items)
        if self._format == "ndjson":
            return _encoder.encode_lines(items)
        if not items:
            return b""
        lead = b"[\n" if is_first else b",\n"
        return lead + b",\n".join(map(_encoder.encode, items))

    def end(self) -> bytes:
        """Write what a file ends with, once all items are written."""
        if self._format != "json":
            return b""
        return b"[]\n" if self._is_empty else b"\n]\n"


def _csv(heads: Sequence[Sequence[str]], items: Sequence[msgspec.Struct]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows(heads)
    writer.writerows(map(_cell, msgspec.structs.astuple(item)) for item in items)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, str):
        return cell(value)
    if value is None or type(value) is int:
        return value
    return _encoder.encode(value).decode()
