"""Which page of the events, in which order: rows, page and sortby; and what the summary says of it."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tocsin.dialects.errors import BadPayload
from tocsin.dialects.opsview.bodies import read_json
from tocsin.dialects.opsview.errors import bad_parameter
from tocsin.dialects.opsview.parameters import Parameters
from tocsin.model.event import MICROSECONDS_PER_SECOND
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.order import SortKey

ROWS: Final = 50
MOST_ROWS: Final = 10_000
ALL: Final = "all"

_NUMBER: Final = re.compile("[0-9]{1,18}")
_ASCENDING: Final = "asc"
_DESCENDING: Final = "desc"
_COLUMNS: Final[Mapping[str, str]] = {
    "time": "occurred",
    "hostname": "host",
    "servicename": "service",
    "state": "state",
    "state_type": "state_type",
    "output": "output",
    "eventid": "seq",
    "objectid": "object_id",
}
"""What can be sorted by -> the field that holds it."""
_NEWEST_FIRST: Final = (SortKey(EVENT_FIELDS.by_name["occurred"], True, MICROSECONDS_PER_SECOND),)


class Page(msgspec.Struct, frozen=True):
    """A page that is asked for.

    Attributes:
        number: from 1.
        rows: how many it has at most: 0 for the summary alone; None for all events on one page.
        order: what to sort by, then by number in the direction of the last key.
    """

    number: int = 1
    rows: int | None = ROWS
    order: tuple[SortKey, ...] = _NEWEST_FIRST

    def pages(self, total: int) -> int:
        """Say how many pages there are, at least one."""
        return max(1, -(-total // self.rows)) if self.rows else 1

    def shown(self, total: int) -> int:
        """Say which page is shown: the last where they end before the one that is asked for."""
        return min(self.number, self.pages(total))

    def window(self, total: int) -> tuple[int, int]:
        """Say how many events come before the page, and how many it has at most."""
        if self.rows is None:
            return 0, total
        return (self.shown(total) - 1) * self.rows, self.rows


def read_page(given: Parameters) -> Page:
    """Read which page is asked for.

    Raises:
        OpsviewError: one of the parameters cannot be understood.
    """
    return Page(_page_number(given), _rows(given), _order(given))


def read_number(given: Parameters, name: str) -> int | None:
    """Read a whole number; None where it is not given.

    Raises:
        OpsviewError: it is none.
    """
    written = given.last(name).strip()
    if not written:
        return None
    if not _NUMBER.fullmatch(written):
        raise bad_parameter(name, "expected a whole number")
    return int(written)


def _page_number(given: Parameters) -> int:
    number = read_number(given, "page")
    if number == 0:
        raise bad_parameter("page", "the first page is 1")
    return number or 1


def _rows(given: Parameters) -> int | None:
    if given.last("rows").strip().lower() == ALL:
        return None
    rows = read_number(given, "rows")
    if rows is not None and rows > MOST_ROWS:
        raise bad_parameter("rows", f"expected at most {MOST_ROWS}, or {ALL}")
    return ROWS if rows is None else rows


def _order(given: Parameters) -> tuple[SortKey, ...]:
    written = given.last("sortby").strip()
    if not written:
        return _NEWEST_FIRST
    try:
        listed = read_json(written.encode())
    except BadPayload:
        raise bad_parameter("sortby", 'expected JSON as [{"col": "time", "order": "desc"}]') from None
    keys = listed if isinstance(listed, list) else [listed]
    return tuple(dict.fromkeys(map(_sort_key, keys))) or _NEWEST_FIRST


def _sort_key(listed: Any) -> SortKey:
    members = listed if isinstance(listed, dict) else {}
    column, order = members.get("col"), members.get("order", _ASCENDING)
    if not isinstance(column, str) or column not in _COLUMNS:
        raise bad_parameter("sortby", f'expected [{{"col": NAME}}] with one of {", ".join(_COLUMNS)}')
    if not isinstance(order, str) or order.lower() not in {_ASCENDING, _DESCENDING}:
        raise bad_parameter("sortby", f"expected the order {_ASCENDING} or {_DESCENDING}")
    unit = MICROSECONDS_PER_SECOND if column == "time" else 1
    return SortKey(EVENT_FIELDS.by_name[_COLUMNS[column]], order.lower() == _DESCENDING, unit)
