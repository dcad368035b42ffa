"""A list of what is configured, as it is asked for: which things, in which order, and what of each."""

from collections.abc import Iterable
from typing import Final

from tocsin.dialects.opsview.config_search import asked_for, texts_at
from tocsin.dialects.opsview.errors import bad_parameter
from tocsin.dialects.opsview.event_page import ALL, read_number
from tocsin.dialects.opsview.parameters import Parameters
from tocsin.dialects.opsview.router import Document

_ROWS: Final = 50
_DIRECTIONS: Final = ("asc", "desc")
_DIGITS: Final = 19
"""What has as many is sorted as a text."""


def listed(things: Iterable[Document], given: Parameters) -> Document:
    """Give a page of things, and how many there are.

    Args:
        things: as they are shown, in their usual order.
        given: the parameters: s.MEMBER, json_filter, order, cols, rows and page.

    Raises:
        OpsviewError: one of them cannot be used.
    """
    found = list(filter(asked_for(given), things))
    for written in reversed(given.all("order")):
        if written.strip():
            _sort(found, written)
    rows = len(found) if given.last("rows").lower() == ALL else read_number(given, "rows")
    rows = _ROWS if rows is None else rows
    pages = -(-len(found) // rows) if rows else 0
    page = min(max(1, read_number(given, "page") or 1), max(1, pages))
    shown = found[(page - 1) * rows : page * rows]
    total = str(len(found))
    summary = {"rows": str(len(shown)), "allrows": total, "totalrows": total}
    return {
        "list": [_narrowed(each, given) for each in shown],
        "summary": summary | {"page": str(page), "totalpages": str(pages)},
    }


def _sort(things: list[Document], written: str) -> None:
    """Sort by what is written as MEMBER, MEMBER asc or MEMBER desc; what is equal stays in its order."""
    name, *direction = written.split()
    if len(direction) > 1 or (direction and direction[0].lower() not in _DIRECTIONS):
        raise bad_parameter("order", "expected a member, as name, or name desc")
    path = name.split(".")

    def place(thing: Document) -> list[tuple[bool, int, str]]:
        texts = texts_at(thing, path)
        are_numbers = [text.isascii() and text.isdecimal() and len(text) < _DIGITS for text in texts]
        return [
            (not is_number, int(text) if is_number else 0, text.casefold())
            for text, is_number in zip(texts, are_numbers, strict=True)
        ]

    things.sort(key=place, reverse=bool(direction) and direction[0].lower() == "desc")


def _narrowed(thing: Document, given: Parameters) -> Document:
    """Give of a thing what `cols` asks for, and always its id; a name with - before it is left out."""
    columns = {name.strip() for text in given.all("cols") for name in text.split(",") if name.strip()}
    left_out = {name.removeprefix("-") for name in columns if name.startswith("-")}
    wanted = columns - {f"-{name}" for name in left_out}
    return {
        name: value
        for name, value in thing.items()
        if name == "id" or (name not in left_out and (not wanted or name in wanted))
    }
