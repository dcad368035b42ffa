"""/rest/detail: all that is known of one host or service, and a result for it."""

from collections.abc import Mapping
from typing import Any, Final

from tocsin.dialects.opsview.acknowledge import read_comment
from tocsin.dialects.opsview.errors import OpsviewError, bad_parameter
from tocsin.dialects.opsview.results import Results, state_of, states_of
from tocsin.dialects.opsview.router import Document, Operation, Request, Route
from tocsin.hub.hub import clock
from tocsin.hub.objects import Objects
from tocsin.hub.worlds import Worlds
from tocsin.model.access import Action
from tocsin.model.event import MICROSECONDS_PER_SECOND
from tocsin.model.monitored import HARD, MonitoredObject
from tocsin.model.world.documents import Host, Kind

_SET_STATE: Final = "set_state"
_OF_CHECKS: Final = (
    *("notifications", "active_checks", "passive_checks", "event_handler", "flap_detection", "recheck"),
)
"""What Opsview switches here for the checks that it runs itself."""
_PASSIVE: Final = 2


class Detail:
    """Answers what is asked of one host or service.

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
        operations = {"GET": Operation(self._show, Action.READ), "POST": Operation(self._set, Action.ACT)}
        return (Route("detail", operations),)

    async def _show(self, request: Request) -> Document:
        present = await self._find(request, Action.READ)
        world = await self._worlds.seen(request.caller.domain_id, request.caller.sees)
        of_host = next(iter(world.named(Kind.HOST, present.host)), None)
        return {"object": _shown(present, world.host(of_host.number if of_host else 0))}

    async def _set(self, request: Request) -> Document:
        present = await self._find(request, Action.ACT)
        given: Mapping[str, Any] = request.document if isinstance(request.document, dict) else {}
        for name in _OF_CHECKS:
            if name in given:
                raise bad_parameter(
                    name, "results are sent to Tocsin: it runs no checks that could be switched"
                )
        said = given.get(_SET_STATE)
        if not isinstance(said, dict):
            raise bad_parameter(_SET_STATE, 'expected {"result": NUMBER, "output": TEXT}')
        states = states_of(present)
        state = state_of(str(said.get("result", "")), states)
        if not state:
            raise bad_parameter(f"{_SET_STATE}.result", f"expected a number from 0 to {len(states) - 1}")
        output = said.get("output")
        if not isinstance(output, str):
            raise bad_parameter(f"{_SET_STATE}.output", "expected a text")
        said_then = read_comment(output, f"{_SET_STATE}.output")
        await self._results.record(request, "detail", [present], state, said_then)
        return {"success": "1"}

    async def _find(self, request: Request, action: Action) -> MonitoredObject:
        """Find the one that is named, among those on which the caller may do something."""
        given = request.in_url
        host, service = given.last("hostname").casefold(), given.last("servicename").casefold()
        if not host:
            raise bad_parameter("hostname", "a host is needed")
        for each in await self._objects.within(request.caller.domain_id, request.caller.within(action)):
            if (each.host.casefold(), each.service.casefold()) == (host, service):
                return each
        raise OpsviewError(404, "there is no such host or service")


def _shown(present: MonitoredObject, host: Host) -> dict[str, Any]:
    output, _, performance = present.output.partition("|")
    of_service = {"servicename": present.service} if present.service else {}
    return {
        "hostname": present.host,
        **of_service,
        "object_id": str(present.id),
        "alias": host.alias,
        "ip": host.address,
        "state": present.state.upper(),
        "state_type": int(present.state_type == HARD),
        "state_duration": max(0, clock() - present.state_since) // MICROSECONDS_PER_SECOND,
        "output": output.strip(),
        "perfdata": performance.strip(),
        "current_attempt": present.attempt or 1,
        "max_attempts": present.max_attempts or 1,
        "last_check": present.checked_at // MICROSECONDS_PER_SECOND,
        "last_state_change": present.state_since // MICROSECONDS_PER_SECOND,
        "monitored_by": "Tocsin",
        "check_type": _PASSIVE,
        "active_checks": 0,
        "acknowledged": int(bool(present.acknowledged_at)),
        "is_flapping": int(present.flapping),
        "in_downtime": int(bool(present.downtime_id)),
        "status_update_time": max(present.checked_at, present.seen_at) // MICROSECONDS_PER_SECOND,
    }
