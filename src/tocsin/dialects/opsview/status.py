"""/rest/status: how hosts and services stand, and results of checks that were made elsewhere."""

from typing import Final

import msgspec

from tocsin.dialects.opsview.acknowledge import read_comment
from tocsin.dialects.opsview.errors import OpsviewError, bad_parameter
from tocsin.dialects.opsview.parameters import Parameters
from tocsin.dialects.opsview.results import Results, state_of, states_of
from tocsin.dialects.opsview.router import Document, Operation, Request, Route
from tocsin.dialects.opsview.selection import Selection, common_answer
from tocsin.dialects.opsview.status_groups import groups_listed
from tocsin.dialects.opsview.status_list import chosen_by_state, listed
from tocsin.dialects.opsview.status_viewport import viewports_listed
from tocsin.hub.objects import Objects
from tocsin.hub.worlds import Worlds
from tocsin.model.access import Action
from tocsin.model.monitored import hosts_of, is_unhandled

_NOTHING_CHOSEN: Final = "No objects chosen for set state"


class Status:
    """Answers what is asked of states.

    Args:
        objects: the hosts and services.
        worlds: what is configured of them.
        results: records results.
    """

    def __init__(self, objects: Objects, worlds: Worlds, results: Results) -> None:
        self._objects = objects
        self._worlds = worlds
        self._results = results

    @property
    def routes(self) -> tuple[Route, ...]:
        """Give what is answered."""
        return (
            Route("status", {"POST": Operation(self._set, Action.ACT)}),
            Route("status/service", {"GET": Operation(self._services, Action.READ)}),
            Route("status/host", {"GET": Operation(self._hosts, Action.READ)}),
            Route("status/hostgroup", {"GET": Operation(self._groups, Action.READ)}),
            Route("status/viewport/", {"GET": Operation(self._viewport, Action.READ)}),
            Route(
                "recheck",
                {
                    "GET": Operation(self._services, Action.READ),
                    "POST": Operation(self._recheck, Action.ACT),
                },
            ),
        )

    async def _services(self, request: Request) -> Document:
        return await self._listed(request, with_services=True)

    async def _hosts(self, request: Request) -> Document:
        return await self._listed(request, with_services=False)

    async def _listed(self, request: Request, *, with_services: bool) -> Document:
        given = request.parameters
        objects = await self._objects.within(request.caller.domain_id, request.caller.sees)
        world = await self._worlds.seen(request.caller.domain_id, request.caller.sees)
        chosen = chosen_by_state(Selection(given, world).matching(objects), objects, given)
        hosts = hosts_of(objects)
        all_hosts = not with_services or given.flag("includehosts")
        # Where a host is down nobody need look at its services, so none of them brings it.
        unhandled_hosts = with_services and given.flag("includeunhandledhosts")
        shown = [
            each
            for each in chosen
            if (
                with_services
                if each.service
                else all_hosts or (unhandled_hosts and is_unhandled(each, hosts.get(each.host)))
            )
        ]
        return listed(shown, objects, world, given)

    async def _viewport(self, request: Request) -> Document:
        match request.below:
            case ():
                given, caller = request.parameters, request.caller
                objects = await self._objects.within(caller.domain_id, caller.sees)
                world = await self._worlds.seen(caller.domain_id, caller.sees)
                matching = Selection(given, world).matching(objects)
                return viewports_listed(chosen_by_state(matching, objects, given), objects, world)
            case (keyword,):
                given = request.parameters.under(Parameters({"keyword": [keyword]}))
                return await self._listed(
                    msgspec.structs.replace(request, parameters=given), with_services=True
                )
        raise OpsviewError(404, "there is no such path")

    async def _groups(self, request: Request) -> Document:
        given, caller = request.parameters, request.caller
        objects = await self._objects.within(caller.domain_id, caller.sees)
        world = await self._worlds.seen(caller.domain_id, caller.sees)
        return groups_listed(Selection(given, world).matching(objects), objects, world, given)

    async def _set(self, request: Request) -> Document:
        given = request.parameters
        caller = request.caller
        within = await self._objects.within(caller.domain_id, caller.within(Action.ACT))
        world = await self._worlds.seen(caller.domain_id, caller.within(Action.ACT))
        chosen = Selection(given, world).acted_on(within)
        if not chosen:
            raise OpsviewError(400, _NOTHING_CHOSEN, "no host or service that you may act on matches")
        name = "new_state" if "new_state" in given else "state"
        states = states_of(chosen[0])
        found = state_of(given.last(name), states)
        if not found:
            raise bad_parameter(name, f"expected a number from 0 to {len(states) - 1}")
        comment = read_comment(given.last("comment"))
        await self._results.record(request, "status", chosen, found, comment)
        return common_answer(chosen)

    async def _recheck(self, request: Request) -> Document:
        caller = request.caller
        objects = await self._objects.within(caller.domain_id, caller.within(Action.ACT))
        world = await self._worlds.seen(caller.domain_id, caller.within(Action.ACT))
        selection = Selection(request.parameters, world)
        chosen = selection.acted_on(objects)
        if not chosen:
            raise OpsviewError(400, "No objects chosen for recheck", "no host or service matches")
        raise OpsviewError(
            400,
            "Errors setting recheck",
            f"{len(chosen)} of {len(hosts_of(objects)) if not selection.are_services else len(objects)}"
            " objects match, and results of all of them are sent to Tocsin: it runs no checks",
        )
