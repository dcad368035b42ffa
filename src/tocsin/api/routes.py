"""`/api/v1/routes`: what goes where, and what would."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from tocsin.api.changes import applied
from tocsin.api.configured import Configured
from tocsin.api.given import Asker, TheHub
from tocsin.api.idempotency import Repeatable
from tocsin.api.listing import Listing
from tocsin.api.problems import bad_input
from tocsin.api.revisions import IfMatch, IfNoneMatch
from tocsin.api.shapes import moment
from tocsin.api.sources import CONFIGURE, OVERSEE, Name
from tocsin.api.visible import find_event
from tocsin.dialects.native import parse as native
from tocsin.hub.hub import Hub, clock
from tocsin.model.access import Principal
from tocsin.model.event import Event
from tocsin.model.identifiers import seq_of
from tocsin.model.naming import name
from tocsin.model.recording import record
from tocsin.model.route import Route
from tocsin.model.situation import DomainState, Situation
from tocsin.model.submission import Payload, Submission
from tocsin.model.target import Target
from tocsin.query.filters import parse_filter
from tocsin.store import intake_rules, routes, targets
from tocsin.store.errors import NotFound
from tocsin.store.explanation import NearMiss, explain

TEST: Final = "test"
"""Stands in a path where the name of a route would."""
_MOST_TARGETS: Final = 50
_ROUTES: Final = Configured(
    "route", find=routes.find_route, write=routes.change_route, delete=routes.delete_route
)

Position = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
TargetNames = Annotated[list[Name], msgspec.Meta(max_length=_MOST_TARGETS)]


class NewRoute(msgspec.Struct, forbid_unknown_fields=True):
    """A route to make. It takes its place after all others unless it says another."""

    name: Name
    expression: str = ""
    targets: TargetNames = []
    every_event: bool = False
    fallback: bool = False
    enabled: bool = True
    position: Position | None = None


class RouteChange(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of a route; what is left out stays."""

    name: Name | UnsetType = UNSET
    expression: str | UnsetType = UNSET
    targets: TargetNames | UnsetType = UNSET
    every_event: bool | UnsetType = UNSET
    fallback: bool | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    position: Position | UnsetType = UNSET


class TargetName(msgspec.Struct):
    """A target that a route sends to."""

    id: str
    name: str


class RouteItem(msgspec.Struct):
    """A route as it is listed."""

    id: str
    name: str
    position: int
    expression: str
    targets: list[TargetName]
    every_event: bool
    fallback: bool
    enabled: bool
    created_at: str | None


class RouteTest(msgspec.Struct, forbid_unknown_fields=True):
    """An event to ask the routes about: one as it would be posted, or the id of one that was recorded."""

    event: dict[str, Any] | None = None
    event_id: str = ""


class RouteTestResult(msgspec.Struct):
    """What silences and routes would make of an event.

    Attributes:
        silences: the ids of those that match it now: nothing is passed on while there is one.
        routes: those that take it, in their order.
        near_misses: silences and routes that all but took it, and what was in the way.
        remark: what its receipt would say of its routing key.
    """

    silences: list[str]
    routes: list[RouteItem]
    near_misses: list[NearMiss]
    remark: str


class Routes(Controller):
    """Routes: what goes where."""

    path = "/api/v1/routes"
    tags = ["routes"]

    @get(opt=OVERSEE)
    async def listing(self, hub: TheHub, principal: Asker) -> Listing[RouteItem]:
        """List the routes in their order."""

        def look(connection: Connection) -> list[RouteItem]:
            names = _names(connection, principal.domain_id)
            return [_item(route, names) for route in routes.routes(connection, principal.domain_id)]

        return Listing(await hub.database.read(look))

    @post(opt=CONFIGURE)
    async def create(
        self, data: JSONBody[NewRoute], hub: TheHub, principal: Asker, once: Repeatable
    ) -> Response[RouteItem]:
        """Make a route."""
        _check(data.name, data.expression)

        def make(connection: Connection) -> Route:
            return routes.create_route(
                connection,
                domain_id=principal.domain_id,
                name=data.name,
                expression=data.expression,
                targets=_ids(connection, principal.domain_id, data.targets),
                every_event=data.every_event,
                fallback=data.fallback,
                enabled=data.enabled,
                position=data.position,
                now=clock(),
            )

        return await _ROUTES.make(hub, principal, once, make, _shown)

    @get("/{name_or_id:str}", opt=OVERSEE)
    async def one(
        self, name_or_id: FromPath[str], hub: TheHub, principal: Asker, if_none_match: IfNoneMatch = ""
    ) -> Response[RouteItem]:
        """Show a route."""
        return await _ROUTES.show(hub, principal, name_or_id, _shown, if_none_match)

    @patch("/{name_or_id:str}", opt=CONFIGURE)
    async def change(
        self,
        name_or_id: FromPath[str],
        data: JSONBody[RouteChange],
        hub: TheHub,
        principal: Asker,
        if_match: IfMatch = "",
    ) -> Response[RouteItem]:
        """Rename a route, switch it on or off, move it, or change what it takes and where it sends."""

        def alter(connection: Connection, route: Route) -> Route:
            changed = applied(data, route)
            if data.targets is not UNSET:
                ids = _ids(connection, principal.domain_id, data.targets)
                changed = msgspec.structs.replace(changed, targets=ids)
            _check(changed.name, changed.expression)
            return changed

        return await _ROUTES.change(hub, principal, name_or_id, if_match, alter, _shown)

    @delete("/{name_or_id:str}", opt=CONFIGURE)
    async def remove(
        self, name_or_id: FromPath[str], hub: TheHub, principal: Asker, if_match: IfMatch = ""
    ) -> None:
        """Delete a route. What it passed on already stays on its way."""
        await _ROUTES.delete(hub, principal, name_or_id, if_match)

    @post(f"/{TEST}", status_code=200, opt=CONFIGURE)
    async def test(self, data: JSONBody[RouteTest], hub: TheHub, principal: Asker) -> RouteTestResult:
        """Ask which routes would take an event, the first of its alert, and which silences match it."""
        if (data.event is None) == (not data.event_id):
            raise bad_input("", "expected an event or an event_id")
        posted = None if data.event is None else _submission(hub, principal, data.event)

        def look(connection: Connection) -> RouteTestResult:
            event = (
                _named(connection, principal, data.event_id)
                if posted is None
                else _recorded(connection, posted)
            )
            found = explain(connection, event, clock())
            names = _names(connection, principal.domain_id)
            shown = [_item(route, names) for route in found.routes]
            return RouteTestResult(found.silences, shown, found.near_misses, found.remark)

        return await hub.database.read(look)


def _check(name: str, expression: str) -> None:
    """Refuse what could not work.

    Raises:
        QueryError: the expression is none, or none for a route; says where.
        ProblemDetailsException: the name is not for a route.
    """
    if name == TEST:
        raise bad_input(
            "name", f"expected another name: `{TEST}` stands in the address where routes are tried"
        )
    parse_filter(expression)


def _ids(connection: Connection, domain_id: str, names: list[str]) -> tuple[str, ...]:
    """Give the ids of targets that come by name or id, each once."""
    found: dict[str, Target] = {}
    for each in names:
        target = targets.find_target(connection, domain_id, each)
        found.setdefault(target.id, target)
    return tuple(found)


def _names(connection: Connection, domain_id: str) -> dict[str, str]:
    return {target.id: target.name for target in targets.targets(connection, domain_id)}


def _shown(connection: Connection, route: Route) -> RouteItem:
    return _item(route, _names(connection, route.domain_id))


def _item(route: Route, names: dict[str, str]) -> RouteItem:
    return RouteItem(
        route.id,
        route.name,
        route.position,
        route.expression,
        [TargetName(each, names.get(each, "")) for each in route.targets],
        route.every_event,
        route.fallback,
        route.enabled,
        moment(route.created_at),
    )


def _named(connection: Connection, principal: Principal, event_id: str) -> Event:
    seq = seq_of(event_id, "event")
    if seq is None:
        raise NotFound(f"there is no event {event_id}")
    return find_event(connection, principal, seq)


def _submission(hub: Hub, principal: Principal, document: dict[str, Any]) -> Submission:
    """Give what a source says with a posted event."""
    items = native.of_document([document])
    if items.refusals:
        raise bad_input("event", items.refusals[0].reason)
    authentication, domain_id = hub.authentication, principal.domain_id
    source_id = items.source_ids[0]
    source = (
        authentication.source_by_id(domain_id, source_id)
        if source_id
        else authentication.first_source(domain_id)
    )
    return Submission(source, Payload(native.FORMAT, "", {}, b""), items.signals)


def _recorded(connection: Connection, submission: Submission) -> Event:
    """Give an event as it would be recorded, the first of its alert. Nothing is written."""
    domain_id, project_id = submission.source.domain_id, submission.source.project_id
    rules = intake_rules.by_project(connection, domain_id).get(project_id, ())
    nothing_known = Situation({domain_id: DomainState(domain_id, 1, 1, 0, 0)}, {}, {})
    (event,) = record([(submission, name(submission, rules))], nothing_known, clock(), 1).events
    return event
