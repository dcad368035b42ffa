"""`/api/v1/events/export` and `/api/v1/alerts/export`: the whole result of a search as a file.

It is read page by page, as the list is, and no page is read before the one ahead of it was taken: what is
held does not grow with the result. What breaks midway ends the connection without the end of the answer, so
that nobody takes a part for the whole.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Annotated, Any, Final, TypeVar

import msgspec
import structlog
from litestar import Controller, Request, get
from litestar.params import QueryParameter
from litestar.response import Stream

from tocsin.api.events import Since, Until, within
from tocsin.api.given import Asker, TheHub
from tocsin.api.search import Query, deadline, understand
from tocsin.api.shapes import AlertItem, EventItem, alert_item, event_item
from tocsin.api.standing import Standing, standing
from tocsin.api.visible import sought
from tocsin.api.written import MEDIA_TYPES, Format, Written
from tocsin.hub.errors import HubError
from tocsin.hub.hub import Hub
from tocsin.model.access import Action, Principal
from tocsin.model.alert import Alert
from tocsin.model.event import Event
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS
from tocsin.query.tree import Expression, conjunction
from tocsin.store import scanning, search
from tocsin.store.errors import StoreError

T = TypeVar("T", Event, Alert)

_PAGE: Final = 250
"""So many are written at once: others are answered in between."""
_log: Final = structlog.get_logger("tocsin.api")

FileFormat = Annotated[Format, QueryParameter(name="format", description="What kind of file.")]


class EventsExport(Controller):
    """Events as a file."""

    path = "/api/v1/events"
    tags = ["events"]

    @get("/export", opt={"action": Action.READ})
    async def export(
        self,
        request: Request[Any, Any, Any],
        hub: TheHub,
        principal: Asker,
        file_format: FileFormat,
        q: Query = "",
        since: Since = "",
        until: Until = "",
    ) -> Stream:
        """Export all events that match, the newest first, as a file."""
        tree = await sought(
            hub, principal, conjunction([understand(q, EVENT_FIELDS), *within(since, until)]), EVENT_FIELDS
        )
        find = _events(hub, principal, tree)
        return await _file("events", file_format, EventItem, find, event_item, standing(hub, request))


class AlertsExport(Controller):
    """Alerts as a file."""

    path = "/api/v1/alerts"
    tags = ["alerts"]

    @get("/export", opt={"action": Action.READ})
    async def export(
        self,
        request: Request[Any, Any, Any],
        hub: TheHub,
        principal: Asker,
        file_format: FileFormat,
        q: Query = "",
    ) -> Stream:
        """Export all alerts that match, the newest first, as a file."""
        tree = await sought(hub, principal, understand(q, ALERT_FIELDS), ALERT_FIELDS)
        find = _alerts(hub, principal, tree)
        return await _file("alerts", file_format, AlertItem, find, alert_item, standing(hub, request))


def _events(hub: Hub, principal: Principal, tree: Expression) -> Callable[[int], Awaitable[list[Event]]]:
    async def find(before: int) -> list[Event]:
        return await scanning.events(
            hub.database,
            hub.counting,
            principal.domain_id,
            tree,
            limit=_PAGE,
            before=before,
            deadline=deadline(),
        )

    return find


def _alerts(hub: Hub, principal: Principal, tree: Expression) -> Callable[[int], Awaitable[list[Alert]]]:
    async def find(before: int) -> list[Alert]:
        end = deadline()
        return await hub.database.read(
            lambda connection: search.alerts(
                connection, principal.domain_id, tree, limit=_PAGE, before=before, deadline=end
            )
        )

    return find


async def _file(
    name: str,
    file_format: Format,
    kind: type[msgspec.Struct],
    find: Callable[[int], Awaitable[list[T]]],
    item: Callable[[T], msgspec.Struct],
    still_allowed: Standing,
) -> Stream:
    """Answer with a file. What is wrong with the search is told before it begins.

    Args:
        name: what the file holds.
        file_format: what kind of file.
        kind: of the items in it.
        find: gives the records before a number, a page of them; 0 for the newest.
        item: shows a record.
        still_allowed: raises once they may not be shown any more.
    """
    first = await find(0)
    written = Written(file_format, kind)

    async def parts() -> AsyncIterator[bytes]:
        page: Sequence[T] = first
        number = 0
        try:
            yield written.part([item(each) for each in page])
            while len(page) == _PAGE:
                number += len(page)
                still_allowed()
                page = await find(page[-1].seq)
                yield written.part([item(each) for each in page])
            yield written.end()
        except (StoreError, HubError) as failure:
            _log.warning("export_broke_off", exported=number, reason=str(failure))
            raise

    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    disposition = f'attachment; filename="tocsin-{name}-{stamp}.{file_format}"'
    return Stream(parts(), media_type=MEDIA_TYPES[file_format], headers={"Content-Disposition": disposition})
