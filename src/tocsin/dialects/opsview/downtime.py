"""/rest/downtime: put hosts and services into downtime, see what is planned, and cancel it."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from tocsin.dialects.opsview.acknowledge import read_comment
from tocsin.dialects.opsview.caller import author_of
from tocsin.dialects.opsview.downtime_times import read_window
from tocsin.dialects.opsview.errors import OpsviewError, bad_parameter
from tocsin.dialects.opsview.event_page import ALL, read_number
from tocsin.dialects.opsview.parameters import Parameters
from tocsin.dialects.opsview.router import Document, Operation, Request, Route
from tocsin.dialects.opsview.selection import Selection, common_answer
from tocsin.dialects.opsview.times import read_time
from tocsin.dialects.opsview.zone import written
from tocsin.hub.downtimes import Downtimes as Entries
from tocsin.hub.hub import clock
from tocsin.hub.objects import Objects
from tocsin.hub.worlds import Worlds
from tocsin.model.access import Action
from tocsin.model.downtime import Downtime, Plan, with_same_submission
from tocsin.model.monitored import MonitoredObject, with_services

_NOTHING_CHOSEN: Final = "No objects chosen for downtime"
_ROWS: Final = 50
_TYPED: Final = ("svc.", "hst.")


class Downtimes:
    """Answers what is asked of downtimes.

    Args:
        objects: the hosts and services.
        worlds: what is configured of them.
        entries: their downtimes.
    """

    def __init__(self, objects: Objects, worlds: Worlds, entries: Entries) -> None:
        self._objects = objects
        self._worlds = worlds
        self._entries = entries

    @property
    def routes(self) -> tuple[Route, ...]:
        """Give what is answered."""
        return (
            Route(
                "downtime",
                {
                    "GET": Operation(self._list, Action.READ),
                    "POST": Operation(self._schedule, Action.SILENCE),
                    "DELETE": Operation(self._cancel, Action.SILENCE),
                },
            ),
        )

    async def _schedule(self, request: Request) -> Document:
        given = request.parameters
        # What reads words takes seconds to load.
        starts_at, ends_at = await asyncio.to_thread(read_window, given, clock())
        comment = read_comment(given.last("comment"))
        if prefix := given.last("comment_prefix").strip():
            comment = read_comment(f"{prefix}: {comment}")
        directly, within = await self._choose(request, given)
        chosen = with_services(directly, within)
        caller = request.caller
        plan = Plan(starts_at, ends_at, caller.principal.name, comment)
        await self._entries.schedule(caller.domain_id, plan, chosen, author_of(caller))
        return common_answer(chosen)

    async def _cancel(self, request: Request) -> Document:
        given = request.in_url
        directly, within = await self._choose(request, given)
        comment, starts_at = given.last("comment"), given.last("start_time")
        exactly = read_time("start_time", starts_at) // 1_000_000 if starts_at else None
        ids, may_end = ({each.id for each in objects} for objects in (directly, within))

        def choose(entries: Sequence[Downtime]) -> list[Downtime]:
            told = [
                entry
                for entry in entries
                if entry.object_id in may_end
                and (not comment or entry.comment == comment)
                and (exactly is None or entry.starts_at // 1_000_000 == exactly)
            ]
            return with_same_submission(told, ids)

        gone = await self._entries.cancel(request.caller.domain_id, choose, author_of(request.caller))
        of_objects = {each.object_id for each in gone}
        return common_answer([each for each in within if each.id in of_objects])

    async def _choose(
        self, request: Request, given: Parameters
    ) -> tuple[list[MonitoredObject], list[MonitoredObject]]:
        """Give what is selected, and all that the caller may act on."""
        caller = request.caller
        within = await self._objects.within(caller.domain_id, caller.within(Action.SILENCE))
        world = await self._worlds.seen(caller.domain_id, caller.within(Action.SILENCE))
        chosen = Selection(given, world).acted_on(within)
        if not chosen:
            raise OpsviewError(400, _NOTHING_CHOSEN, "no host or service that you may act on matches")
        return chosen, within

    async def _list(self, request: Request) -> Document:
        given = request.parameters
        for name in given:
            if name.startswith(_TYPED):
                raise bad_parameter(name, "downtimes are listed by host, service and hostgroup alone")
        seen = await self._objects.within(request.caller.domain_id, request.caller.sees)
        world = await self._worlds.seen(request.caller.domain_id, request.caller.sees)
        chosen = Selection(given, world).matching(seen)
        by_id = {each.id: each for each in chosen}
        entries = await self._entries.unended(request.caller.domain_id)
        shown = [each for each in entries if each.object_id in by_id]
        groups = [list(group) for _, group in groupby(sorted(shown, key=_group), key=_group)]
        return _page(groups, by_id, given)


def _group(entry: Downtime) -> tuple[int, int, str, str]:
    return entry.starts_at, entry.ends_at, entry.comment, entry.author


def _page(
    groups: Sequence[list[Downtime]], by_id: Mapping[int, MonitoredObject], given: Parameters
) -> dict[str, Any]:
    rows = _ROWS
    if given.last("rows").strip().lower() == ALL:
        rows = max(1, len(groups))
    elif (asked := read_number(given, "rows")) is not None:
        rows = asked
    pages = max(1, -(-len(groups) // rows)) if rows else 1
    page = min(max(1, read_number(given, "page") or 1), pages)
    shown = groups[(page - 1) * rows : page * rows]
    entries = [by_id[entry.object_id] for group in groups for entry in group]
    summary = {
        "rows": str(len(shown)),
        "totalrows": str(len(groups)),
        "allrows": str(len(groups)),
        "page": str(page),
        "totalpages": str(pages),
        "num_hosts": str(sum(not each.service for each in entries)),
        "num_services": str(sum(bool(each.service) for each in entries)),
    }
    if not rows:
        return {"summary": summary}
    return {"summary": summary, "list": [_item(group, by_id) for group in shown]}


def _item(group: Sequence[Downtime], by_id: Mapping[int, MonitoredObject]) -> dict[str, Any]:
    first = group[0]
    started = [entry.started_at for entry in group if entry.started_at]
    item: dict[str, Any] = {
        "started": str(int(bool(started))),
        "start_time": written(first.starts_at),
        "scheduled_end_time": written(first.ends_at),
        "comment": first.comment,
        "author": first.author,
        "objects": common_answer([by_id[entry.object_id] for entry in group])["list"],
    }
    if started:
        item["actual_start_time"] = written(min(started))
    return item
