"""`/api/v1/objects`: the hosts and services, and how they stand."""

from collections.abc import Sequence
from typing import Final

import msgspec
from litestar import Controller, get

from tocsin.api.given import Asker, TheHub
from tocsin.api.search import PAGE, Cursor, Limit, Page, Query, understand
from tocsin.api.shapes import moment
from tocsin.api.visible import visible
from tocsin.hub.hub import Hub
from tocsin.model.access import Action, Principal
from tocsin.model.monitored import MonitoredObject, hosts_of, is_unhandled
from tocsin.model.world.world import World
from tocsin.query.cursor import decode_cursor, encode_cursor
from tocsin.query.fields import OBJECT_FIELDS
from tocsin.query.predicate import compile_predicate
from tocsin.query.resolve import resolve
from tocsin.query.tree import Expression

_READ: Final = {"action": Action.READ}


class ObjectItem(msgspec.Struct):
    """A host, or a service of one, and how it stands."""

    id: int
    host: str
    service: str
    group: str
    state: str
    state_type: str
    output: str
    attempt: int
    max_attempts: int
    since: str | None
    checked_at: str | None
    unhandled: bool
    in_downtime: bool
    flapping: bool
    acknowledged_by: str
    acknowledged_comment: str


class Objects(Controller):
    """Hosts and services: what is monitored, as it stands now."""

    path = "/api/v1/objects"
    tags = ["objects"]

    @get(opt=_READ)
    async def search(
        self, hub: TheHub, principal: Asker, q: Query = "", limit: Limit = PAGE, cursor: Cursor = ""
    ) -> Page[ObjectItem]:
        """Search hosts and services, by name: each host before its services."""
        tree = understand(q, OBJECT_FIELDS)
        after = decode_cursor(cursor, (str, str)) if cursor else None
        objects = await hub.objects.within(principal.domain_id, visible(principal))
        world = await hub.worlds.seen(principal.domain_id, visible(principal))
        found = matching(tree, objects, world)
        if after is not None:
            found = [each for each in found if (each.host, each.service) > after]
        shown, hosts = found[:limit], hosts_of(objects)
        items = [_item(each, world.path(world.group_of(each.id)), hosts.get(each.host)) for each in shown]
        following = encode_cursor([shown[-1].host, shown[-1].service]) if len(found) > limit else None
        return Page(items, following)


def matching(tree: Expression, objects: Sequence[MonitoredObject], world: World) -> list[MonitoredObject]:
    """Give those hosts and services that an expression matches, by name.

    Args:
        tree: over the fields of hosts and services.
        objects: to choose from.
        world: what is configured of them.
    """
    matches = compile_predicate(resolve(tree, OBJECT_FIELDS, {}, world), OBJECT_FIELDS)
    return sorted(filter(matches, objects), key=lambda each: (each.host, each.service))


async def chosen(
    hub: Hub, principal: Principal, expression: str, action: Action
) -> tuple[list[MonitoredObject], list[MonitoredObject]]:
    """Give those hosts and services that an expression matches, and all on which somebody may do something.

    Raises:
        QueryError: it is no expression.
    """
    tree = understand(expression, OBJECT_FIELDS)
    scope = visible(principal, action)
    within = await hub.objects.within(principal.domain_id, scope)
    return matching(tree, within, await hub.worlds.seen(principal.domain_id, scope)), within


def _item(present: MonitoredObject, group: str, host: MonitoredObject | None) -> ObjectItem:
    return ObjectItem(
        present.id,
        present.host,
        present.service,
        group,
        present.state,
        present.state_type,
        present.output,
        present.attempt or 1,
        present.max_attempts or 1,
        moment(present.state_since),
        moment(present.checked_at),
        is_unhandled(present, host),
        bool(present.downtime_id),
        present.flapping,
        present.acknowledged_by,
        present.acknowledged_comment,
    )
