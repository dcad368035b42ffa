"""What a view says of its page: whether the page can show that, and how much it shows now."""

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

from tocsin.api.counts import field_of
from tocsin.api.events import moment_of, within
from tocsin.api.problems import bad_input
from tocsin.api.search import understand
from tocsin.api.visible import sought
from tocsin.hub.hub import Hub
from tocsin.model.access import Principal
from tocsin.model.view import STATE_OF, Page, View
from tocsin.query.errors import QueryError
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS, Field, FieldType
from tocsin.query.language import parse
from tocsin.query.tree import Expression, conjunction
from tocsin.store.aggregation import ALERTS, EVENTS
from tocsin.store.errors import TookTooLong
from tocsin.store.search import Records

_USUAL_SINCE: Final = "-1d"
"""From when on the page of events looks where its address does not say."""
_SHOWN: Final[Mapping[str, str]] = {
    "open": "state!=resolved",
    "unacknowledged": "state=open",
    "acknowledged": "state=acknowledged",
    "resolved": "state=resolved",
    "all": "",
}
"""Which alerts the page of alerts can show; the first where its address does not say."""
_RECORDS: Final[Mapping[Page, Records[Any]]] = {Page.EVENTS: EVENTS, Page.ALERTS: ALERTS}
_NAMES: Final = {"since": "from", "until": "to"}
"""What members are called outside, where that is another name."""
_COLUMN: Final = re.compile(r"([^:]+)(?::[0-9]{1,4})?")
_MOST_COLUMNS: Final = 20
_OWN_COLUMNS: Final = frozenset({"time", "object"})
"""Columns that are no field of an event."""


def check(view: View) -> None:
    """Refuse a view that its page could not show.

    Raises:
        QueryError: the expression is none; says where.
        ProblemDetailsException: something else is wrong; names the member.
    """
    for member in itertools.chain.from_iterable(STATE_OF.values()):
        if member not in STATE_OF[view.page] and getattr(view, member):
            raise bad_input(_NAMES.get(member, member), f"the page of {view.page} has none")
    understand(view.expression, _RECORDS[view.page].fields)
    _check_times(view.since, view.until)
    if view.columns:
        _check_columns(view.columns.split(","))
    if view.group and not _is_age(view.page, view.group):
        field_of(_RECORDS[view.page].fields, "group", view.group)


async def count(hub: Hub, principal: Principal, view: View, deadline: float) -> int | None:
    """Count what a view shows somebody now: of what they may see.

    Args:
        hub: what counts.
        principal: who looks.
        view: one that they see.
        deadline: when to give up, on the clock of `time.monotonic`, in seconds.

    Returns:
        How many there are; None where that takes too long.
    """
    records = _RECORDS[view.page]
    try:
        tree = conjunction([understand(view.expression, records.fields), *_bounds(view)])
        seen = await sought(hub, principal, tree, records.fields)
        counts = await hub.counting.aggregate(
            records, principal.domain_id, seen, by=(), limit=1, deadline=deadline
        )
    except (TookTooLong, QueryError):  # it may have been saved with another version's language
        return None
    return counts.total


def _bounds(view: View) -> list[Expression]:
    if view.page is Page.EVENTS:
        return within(view.since or _USUAL_SINCE, view.until)
    return [parse(_SHOWN[view.show or "open"], ALERT_FIELDS, 0)]


def _check_times(since: str, until: str) -> None:
    start = moment_of("from", since or _USUAL_SINCE)
    if until and moment_of("to", until) <= start:
        raise bad_input("to", "is not later than from")


def _check_columns(columns: Sequence[str]) -> None:
    if len(columns) > _MOST_COLUMNS:
        raise bad_input("columns", f"has {len(columns)} columns; {_MOST_COLUMNS} are the most")
    for each in columns:
        found = _COLUMN.fullmatch(each)
        name = unquote(found[1]) if found else ""
        if name not in _OWN_COLUMNS and _field(name) is None:
            raise bad_input("columns", f"expected fields with their widths, `time:120,title:0`, not '{each}'")


def _is_age(page: Page, group: str) -> bool:
    """Say whether a page groups by a time: by how long ago it was."""
    field = ALERT_FIELDS.find(group)
    return page is Page.ALERTS and field is not None and field.type is FieldType.TIME


def _field(name: str) -> Field | None:
    return EVENT_FIELDS.find(name) if name.startswith("labels.") else EVENT_FIELDS.by_name.get(name)
