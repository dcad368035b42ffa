"""/rest/event: events by page, with the figures by which clients notice new ones."""

from typing import Final

from tocsin.dialects.opsview.event_item import event_item
from tocsin.dialects.opsview.event_page import Page, read_number, read_page
from tocsin.dialects.opsview.event_query import asked_for
from tocsin.dialects.opsview.router import Document, Operation, Request, Route
from tocsin.hub.archive import Archive, Surveyed
from tocsin.hub.errors import TooMany
from tocsin.hub.worlds import Worlds
from tocsin.model.access import Action
from tocsin.query.tree import conjunction

MOST: Final = 50_000
"""So many events one answer lists at most, when all are asked for: it is made in memory."""


class Events:
    """Lists events.

    Args:
        archive: where they stand.
        worlds: what is configured in each domain.
    """

    def __init__(self, archive: Archive, worlds: Worlds) -> None:
        self._archive = archive
        self._worlds = worlds

    @property
    def routes(self) -> tuple[Route, ...]:
        """Give what is answered."""
        return (Route("event", {"GET": Operation(self._list, Action.READ)}),)

    async def _list(self, request: Request) -> Document:
        given, caller = request.parameters, request.caller
        page, saved = read_page(given), read_number(given, "saved_maxeventid")
        world = await self._worlds.seen(caller.domain_id, caller.sees, for_sure=False)
        columns = frozenset(given.all("cols"))
        tree = conjunction([caller.sees, asked_for(given, world)])

        def window(total: int) -> tuple[int, int]:
            skip, limit = page.window(total)
            if limit > MOST:
                raise TooMany(
                    f"rows: {total} events match, and one answer lists {MOST} at most: ask for pages"
                )
            return skip, limit

        found = await self._archive.survey(
            caller.domain_id,
            tree,
            lambda event: event_item(event, columns, world),
            order=page.order,
            window=window,
            after=saved or 0,
        )
        summary = _summary(page, found, saved)
        # Without rows there is no list, not an empty one.
        return {"summary": summary} if page.rows == 0 else {"list": found.items, "summary": summary}


def _summary(page: Page, found: Surveyed[dict[str, str]], saved: int | None) -> dict[str, str]:
    summary = {
        "entries": str(len(found.items)),
        "page": str(page.shown(found.total)),
        "pages": str(page.pages(found.total)),
        "total_entries": str(found.total),
        "maxeventid": str(found.last_seq),
    }
    if found.newest:
        summary["filtered_maxeventid"] = str(found.newest)
    if saved is not None:
        summary["filtered_new_event_count"] = str(found.newer)
    return summary
