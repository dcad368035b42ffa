"""Event.list: which events, in which order, which of them, and what is shown of each."""

from collections.abc import Mapping, Sequence
from typing import Any

from tocsin.dialects.cloudforet.caller import Caller
from tocsin.dialects.cloudforet.chosen import chosen
from tocsin.dialects.cloudforet.conditions import asked_for, sorted_as, unresolved
from tocsin.dialects.cloudforet.dates import moment
from tocsin.dialects.cloudforet.document import MINIMAL, is_field
from tocsin.dialects.cloudforet.errors import db_query, invalid
from tocsin.dialects.cloudforet.event_info import RawData, event_info
from tocsin.dialects.cloudforet.keys import Keys
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.hub.archive import Archive, Kept
from tocsin.hub.errors import TooMany
from tocsin.hub.hub import clock
from tocsin.query.tree import conjunction

_USUAL_ORDER = "created_at"


class EventList:
    """Lists events.

    Args:
        archive: where they stand.
        most: how many may be asked for at once; None for any number.
    """

    def __init__(self, archive: Archive, most: int | None) -> None:
        self._archive = archive
        self._most = most

    async def answer(self, request: Plain, caller: Caller) -> Plain:
        """Answer an EventQuery.

        Raises:
            CloudforetError: the query cannot be answered, or asks for too many events at once.
        """
        query: Mapping[str, Any] = request.get("query", {})
        raw = RawData()
        keys = Keys(caller.domain_id, raw)
        tree = conjunction([caller.sees, asked_for(query, request, keys, moment(clock()))])
        order = sorted_as(query.get("sort", {}), keys)
        only = _only(query, keys)
        shows_raw = not only or any(path.partition(".")[0] == "raw_data" for path in only)

        def show(kept: Kept) -> Plain:
            shown = raw.of(kept.payload, kept.event.payload_index) if shows_raw else {}
            return chosen(event_info(kept.event, shown), only)

        skip, limit = _page(query)
        try:
            page = await self._archive.page(
                caller.domain_id,
                tree,
                show,
                order=order,
                skip=skip,
                limit=limit,
                most=self._most,
                with_payloads=shows_raw,
            )
        except TooMany as failure:
            raise invalid("query.page", str(failure)) from None
        return {"results": page.items, "total_count": page.total}


def _page(query: Mapping[str, Any]) -> tuple[int, int | None]:
    """Give how many rows come before the page, and how many it has; None for all."""
    page = query.get("page", {})
    if query.get("count_only"):
        return 0, 0
    limit = page.get("limit", 0)
    return (max(page.get("start", 1), 1) - 1, limit) if limit else (0, None)


def _only(query: Mapping[str, Any], keys: Keys) -> Sequence[str]:
    """Give the paths that are shown; nothing for all. What is sorted by is shown too.

    Raises:
        CloudforetError: there is no such field.
    """
    if query.get("minimal"):
        return MINIMAL
    only: list[str] = query.get("only", [])
    for path in only:
        if not is_field(path):
            raise db_query(unresolved(path, keys))
    if not only:
        return only
    sort = query.get("sort", {})
    by = [sort["key"]] if sort.get("key") else [each.get("key", "") for each in sort.get("keys", [])]
    return [*only, *filter(is_field, by or [_USUAL_ORDER])]
