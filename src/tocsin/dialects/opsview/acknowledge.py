"""/rest/acknowledge: take on the problems of hosts and services, and give them back."""

import re
from collections.abc import Sequence
from typing import Final

from tocsin.dialects.opsview.errors import OpsviewError, bad_parameter
from tocsin.dialects.opsview.payload import payload_of
from tocsin.dialects.opsview.router import Document, Operation, Request, Route
from tocsin.dialects.opsview.selection import Selection, common_answer
from tocsin.dialects.opsview.status_list import listed
from tocsin.hub.objects import Act, Objects
from tocsin.hub.worlds import Worlds
from tocsin.model.access import Action
from tocsin.model.checking import is_well
from tocsin.model.monitored import MonitoredObject
from tocsin.model.signal import Kind

_LIMIT: Final = 20_480
_UNWANTED: Final = re.compile("[<>;\r\n]")
_NOTHING_CHOSEN: Final = "No objects chosen for acknowledgement"


def read_comment(text: str, name: str = "comment") -> str:
    """Give a comment as it is kept: without what Nagios takes for its own.

    Args:
        text: as it was given.
        name: of the parameter.

    Raises:
        OpsviewError: there is none, or it is too long.
    """
    comment = _UNWANTED.sub("", text).strip()
    if not comment:
        raise bad_parameter(name, "a text is needed")
    if len(comment) > _LIMIT:
        raise bad_parameter(name, f"at most {_LIMIT} characters")
    return comment


class Acknowledgements:
    """Answers what is asked of acknowledgements.

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
        return (
            Route(
                "acknowledge",
                {
                    "GET": Operation(self._list, Action.READ),
                    "POST": Operation(self._acknowledge, Action.ACT),
                    "DELETE": Operation(self._remove, Action.ACT),
                },
            ),
        )

    async def _list(self, request: Request) -> Document:
        objects = await self._objects.within(request.caller.domain_id, request.caller.sees)
        world = await self._worlds.seen(request.caller.domain_id, request.caller.sees)
        chosen = Selection(request.parameters, world).matching(objects)
        unhandled = [each for each in chosen if _is_unhandled(each)]
        return listed(unhandled, objects, world, request.parameters)

    async def _acknowledge(self, request: Request) -> Document:
        given = request.parameters
        act = Act(
            Kind.ACKNOWLEDGEMENT,
            request.caller.principal.name,
            read_comment(given.last("comment")),
            payload_of(request, "acknowledge"),
            sticky=given.flag("sticky"),
        )
        given.flag("notify")  # nobody is told by Opsview's own notifications: routes say who hears of it
        return await self._act(request, act)

    async def _remove(self, request: Request) -> Document:
        act = Act(
            Kind.ACKNOWLEDGEMENT_END,
            request.caller.principal.name,
            "",
            payload_of(request, "acknowledge"),
        )
        return await self._act(request, act)

    async def _act(self, request: Request, act: Act) -> Document:
        chosen = await self._choose(request)
        if not chosen:
            raise OpsviewError(400, _NOTHING_CHOSEN, "no host or service that you may act on matches")
        return common_answer(await self._objects.act(request.caller.domain_id, chosen, act))

    async def _choose(self, request: Request) -> Sequence[MonitoredObject]:
        caller = request.caller
        within = await self._objects.within(caller.domain_id, caller.within(Action.ACT))
        world = await self._worlds.seen(caller.domain_id, caller.within(Action.ACT))
        return Selection(request.parameters, world).acted_on(within)


def _is_unhandled(present: MonitoredObject) -> bool:
    return not (is_well(present.state) or present.acknowledged_at or present.downtime_id)
