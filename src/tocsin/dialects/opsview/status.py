"""/rest/status: how hosts and services stand, and results of checks that were made elsewhere."""

from typing import Final

from tocsin.dialects.opsview.acknowledge import read_comment
from tocsin.dialects.opsview.errors import OpsviewError, bad_parameter
from tocsin.dialects.opsview.payload import payload_of
from tocsin.dialects.opsview.router import Document, Operation, Request, Route
from tocsin.dialects.opsview.selection import Selection, common_answer
from tocsin.dialects.opsview.status_groups import groups_listed
from tocsin.dialects.opsview.status_list import chosen_by_state, hosts_of, listed
from tocsin.hub.authentication import Authentication
from tocsin.hub.objects import Objects
from tocsin.hub.recorder import Recorder
from tocsin.hub.worlds import Worlds
from tocsin.model.access import Action
from tocsin.model.checking import HOST_STATES, SERVICE_STATES, severity_of
from tocsin.model.monitored import MonitoredObject, key_of
from tocsin.model.signal import Kind, Signal
from tocsin.model.submission import Submission

_NOTHING_CHOSEN: Final = "No objects chosen for set state"


class Status:
    """Answers what is asked of states.

    Args:
        objects: the hosts and services.
        worlds: what is configured of them.
        authentication: what knows sources.
        recorder: what records results.
    """

    def __init__(
        self, objects: Objects, worlds: Worlds, authentication: Authentication, recorder: Recorder
    ) -> None:
        self._objects = objects
        self._worlds = worlds
        self._authentication = authentication
        self._recorder = recorder

    @property
    def routes(self) -> tuple[Route, ...]:
        """Give what is answered."""
        return (
            Route("status", {"POST": Operation(self._set, Action.ACT)}),
            Route("status/service", {"GET": Operation(self._services, Action.READ)}),
            Route("status/host", {"GET": Operation(self._hosts, Action.READ)}),
            Route("status/hostgroup", {"GET": Operation(self._groups, Action.READ)}),
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
        matching = Selection(given, await self._worlds.of(request.caller.domain_id)).matching(objects)
        chosen = [each for each in matching if bool(each.service) == with_services]
        return listed(chosen_by_state(chosen, objects, given), objects, given)

    async def _groups(self, request: Request) -> Document:
        given, caller = request.parameters, request.caller
        objects = await self._objects.within(caller.domain_id, caller.sees)
        world = await self._worlds.of(caller.domain_id)
        return groups_listed(Selection(given, world).matching(objects), objects, world, given)

    async def _set(self, request: Request) -> Document:
        given = request.parameters
        selection = Selection(given, await self._worlds.of(request.caller.domain_id))
        within = await self._objects.within(request.caller.domain_id, request.caller.within(Action.ACT))
        chosen = selection.acted_on(within)
        if not chosen:
            raise OpsviewError(400, _NOTHING_CHOSEN, "no host or service that you may act on matches")
        name = "new_state" if "new_state" in given else "state"
        states = SERVICE_STATES if selection.are_services else HOST_STATES
        written = given.last(name).strip()
        found = next((state for number, state in enumerate(states) if written == str(number)), None)
        if found is None:
            raise bad_parameter(name, f"expected a number from 0 to {len(states) - 1}")
        comment = read_comment(given.last("comment"))
        source = self._authentication.first_source(request.caller.domain_id)
        if not source.enabled:
            raise OpsviewError(403, f"the source {source.name}, to which results belong, is disabled")
        signals = [
            _result(each, found, comment, request.caller.principal.name, index)
            for index, each in enumerate(chosen)
        ]
        await self._recorder.record(Submission(source, payload_of(request, "status"), signals))
        return common_answer(chosen)

    async def _recheck(self, request: Request) -> Document:
        objects = await self._objects.within(request.caller.domain_id, request.caller.within(Action.ACT))
        selection = Selection(request.parameters, await self._worlds.of(request.caller.domain_id))
        chosen = selection.acted_on(objects)
        if not chosen:
            raise OpsviewError(400, "No objects chosen for recheck", "no host or service matches")
        raise OpsviewError(
            400,
            "Errors setting recheck",
            f"{len(chosen)} of {len(hosts_of(objects)) if not selection.are_services else len(objects)}"
            " objects match, and results of all of them are sent to Tocsin: it runs no checks",
        )


def _result(present: MonitoredObject, found: str, comment: str, author: str, index: int) -> Signal:
    key = key_of(present.host, present.service)
    return Signal(
        kind=Kind.CHECK_RESULT,
        key=key,
        severity=severity_of(found),
        title=f"{key} is {found}",
        host=present.host,
        service=present.service,
        author=author,
        output=comment,
        state=found,
        source_tool="opsview",
        index=index,
    )
