"""/rest/runtime/service: the names of hosts and of their services, from one side or the other."""

from itertools import islice
from typing import Final

from tocsin.dialects.opsview.errors import bad_parameter
from tocsin.dialects.opsview.event_page import ALL, read_number
from tocsin.dialects.opsview.router import Document, Operation, Request, Route
from tocsin.dialects.opsview.selection import Selection
from tocsin.hub.objects import Objects
from tocsin.hub.worlds import Worlds
from tocsin.model.access import Action

_ROWS: Final = 50


class Runtime:
    """Answers what is asked of names.

    Args:
        objects: the hosts and services.
        worlds: what is configured of them.
    """

    def __init__(self, objects: Objects, worlds: Worlds) -> None:
        self._objects = objects
        self._worlds = worlds

    @property
    def routes(self) -> tuple[Route, ...]:
        """Give what is answered."""
        return (Route("runtime/service", {"GET": Operation(self._services, Action.READ)}),)

    async def _services(self, request: Request) -> Document:
        given = request.parameters
        by = given.last("group_by", "host")
        if by not in {"host", "service"}:
            raise bad_parameter("group_by", "expected host or service")
        objects = await self._objects.within(request.caller.domain_id, request.caller.sees)
        world = await self._worlds.seen(request.caller.domain_id, request.caller.sees)
        selection = Selection(given, world)
        pairs = [(each.host, each.service) for each in selection.matching(objects) if each.service]
        grouped: dict[str, list[str]] = {}
        for host, service in sorted(pairs if by == "host" else [(service, host) for host, service in pairs]):
            grouped.setdefault(host, []).append(service)
        if given.flag("distinct"):
            items: list[Document] = [{"name": name} for name in grouped]
        else:
            items = [{"name": name, "list": names} for name, names in grouped.items()]
        rows = len(items) if given.last("rows").lower() == ALL else read_number(given, "rows")
        rows = _ROWS if rows is None else rows
        page = max(1, read_number(given, "page") or 1)
        shown = list(islice(items, (page - 1) * rows, page * rows))
        return {
            "list": shown,
            "rows": str(len(shown)),
            "allrows": str(len(items)),
            "total": str(len(items)),
        }
