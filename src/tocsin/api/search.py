"""What lists share: the expression, the page, the cursor."""

import time
from collections.abc import Callable, Sequence
from typing import Annotated, Final, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from tocsin.hub.hub import clock
from tocsin.query.cursor import decode_cursor, encode_cursor
from tocsin.query.fields import Fields
from tocsin.query.language import parse
from tocsin.query.tree import Expression

T = TypeVar("T")

PAGE: Final = 50
SEARCH_SECONDS: Final = 20.0

Query = Annotated[str, QueryParameter(name="q", description="An expression: `severity>=warning host:web-*`.")]
Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="How many items at most.")]
Cursor = Annotated[str, QueryParameter(description="`next` of the page before.")]


class Page(msgspec.Struct, Generic[T]):
    """A page of a list.

    Attributes:
        items: the newest first.
        next: the cursor of the next page, None on the last one.
    """

    items: Sequence[T]
    next: str | None


def understand(query: str, fields: Fields) -> Expression:
    """Read an expression, times in it counted from now.

    Raises:
        QueryError: it is none; says where.
    """
    return parse(query, fields, clock())


def before(cursor: str) -> int:
    """Give the number before which a page begins, 0 for the first page.

    Raises:
        CursorError: this is no cursor.
    """
    if not cursor:
        return 0
    (seq,) = decode_cursor(cursor, (int,))
    return int(seq)


def page_of(found: Sequence[T], limit: int, seq_of: Callable[[T], int]) -> tuple[Sequence[T], str | None]:
    """Cut a page from one item more than it holds, and give the cursor of the next.

    Args:
        found: up to `limit` + 1 items.
        limit: how many the page holds.
        seq_of: gives an item's number.
    """
    shown = found[:limit]
    return shown, encode_cursor([seq_of(shown[-1])]) if len(found) > limit else None


def deadline() -> float:
    """Give the moment, on the monotonic clock, at which a search must have ended."""
    return time.monotonic() + SEARCH_SECONDS
