"""What whoever asks may see, or act on: what lies outside their role's scope is not there for them."""

from sqlalchemy import Connection

from tocsin.hub.hub import Hub
from tocsin.hub.sources import sources_seen
from tocsin.model.access import Action, Principal, scope_of
from tocsin.model.account import Project
from tocsin.model.alert import Alert
from tocsin.model.event import Event
from tocsin.model.source import Source
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS, Fields, FieldType
from tocsin.query.resolve import resolve_memberships
from tocsin.query.scope import can_hold, parse_scope
from tocsin.query.tree import All, Comparison, Expression, Operator, conjunction, leaves
from tocsin.store import directory, reading, search
from tocsin.store.errors import NotFound


def visible(principal: Principal, action: Action = Action.READ) -> Expression:
    """Give the tree of what someone may see, or act on: of events and of alerts. Join it to every search.

    Args:
        principal: whom the gate let in.
        action: to read, act or silence.
    """
    return parse_scope(scope_of(principal, action))


async def sought(
    hub: Hub,
    principal: Principal,
    tree: Expression,
    fields: Fields,
    *,
    action: Action = Action.READ,
    is_kept: bool = False,
) -> Expression:
    """Join what somebody asks for and what they may see, or act on.

    To groups, keywords and templates belongs for them what they see: a host is not found by a keyword that
    only such services of it have as they do not see.

    Args:
        hub: what knows the configuration.
        principal: who asks.
        tree: what they ask for.
        fields: with which it was parsed.
        action: to read, act or silence.
        is_kept: it is to hold too for services of which somebody hears only later.
    """
    scope = visible(principal, action)
    asked = (leaf for leaf in leaves(tree) if isinstance(leaf, Comparison))
    if isinstance(scope, All) or all(leaf.field.type is not FieldType.MEMBERSHIP for leaf in asked):
        return conjunction([tree, scope])
    world = await hub.worlds.seen(principal.domain_id, scope, for_sure=False)
    return conjunction([resolve_memberships(tree, fields, world, is_kept=is_kept), scope])


def find_event(connection: Connection, principal: Principal, seq: int) -> Event:
    """Give an event that someone may see.

    Raises:
        NotFound: the domain has none with that number, or they may not see it.
    """
    event = reading.event(connection, principal.domain_id, seq)
    scope = visible(principal)
    if not isinstance(scope, All):
        tree = conjunction([_numbered(EVENT_FIELDS, "id", seq), scope])
        if not search.events(connection, principal.domain_id, tree, limit=1):
            raise NotFound("there is no such event")
    return event


def find_alert(connection: Connection, principal: Principal, seq: int, action: Action = Action.READ) -> Alert:
    """Give an alert that someone may see, or act on.

    Raises:
        NotFound: the domain has none with that number, or it is outside what they may do that on.
    """
    alert = reading.alert(connection, principal.domain_id, seq)
    scope = visible(principal, action)
    if not isinstance(scope, All):
        tree = conjunction([_numbered(ALERT_FIELDS, "id", seq), scope])
        if not search.alerts(connection, principal.domain_id, tree, limit=1):
            raise NotFound("there is no such alert")
    return alert


def find_timeline(connection: Connection, principal: Principal, alert_seq: int, limit: int) -> list[Event]:
    """Give the events of an alert that someone may see, the newest first.

    Args:
        connection: within a read.
        principal: who asks.
        alert_seq: the alert.
        limit: how many at most.
    """
    tree = conjunction([_numbered(EVENT_FIELDS, "alert_id", alert_seq), visible(principal)])
    return search.events(connection, principal.domain_id, tree, limit=limit)


def visible_sources(connection: Connection, principal: Principal) -> list[Source]:
    """Give the sources of which someone may see something, the oldest first."""
    return sources_seen(connection, principal.domain_id, visible(principal))


def visible_projects(connection: Connection, principal: Principal) -> list[Project]:
    """Give the projects of which someone may see something, the oldest first."""
    is_seen = can_hold(search.resolved_events(connection, principal.domain_id, visible(principal)))
    return [
        project
        for project in directory.projects(connection, principal.domain_id)
        if is_seen({"project_id": project.id})
    ]


def _numbered(fields: Fields, name: str, seq: int) -> Expression:
    return Comparison(fields.by_name[name], Operator.EQUAL, seq)
