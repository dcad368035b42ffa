"""Routes: what goes where, by domain, in their order."""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from tocsin.model.identifiers import random_id
from tocsin.model.route import Route
from tocsin.store import tables
from tocsin.store.configuration import by_id_or_name, changed, taken
from tocsin.store.errors import Conflict, NotFound

ROUTE_LIMIT: Final = 200
"""How many a domain may have: every event that changes its alert is compared with each."""


def create_route(
    connection: Connection,
    *,
    domain_id: str,
    name: str,
    expression: str,
    targets: tuple[str, ...],
    every_event: bool,
    fallback: bool,
    enabled: bool = True,
    position: int | None = None,
    now: int,
) -> Route:
    """Make a route.

    Args:
        connection: within a transaction.
        domain_id: whose.
        name: what to call it.
        expression: which events it takes, '' for all.
        targets: the ids of the targets that they go to.
        every_event: whether it takes all that matches, not only what changed its alert.
        fallback: whether it takes what no other route takes.
        enabled: whether it takes anything.
        position: its place, the smallest first; None for the last. Of equal ones the oldest comes first.
        now: microseconds UTC.

    Raises:
        Conflict: the name is taken in the domain, or the domain has as many as it may.
    """
    before = routes(connection, domain_id)
    if len(before) >= ROUTE_LIMIT:
        raise Conflict(f"there are {ROUTE_LIMIT} routes already, which is as many as there may be")
    if position is None:
        position = before[-1].position + 1 if before else 1
    route = Route(
        random_id("route"),
        domain_id,
        name,
        position,
        expression,
        targets,
        every_event,
        fallback,
        enabled,
        now,
    )
    with taken(f"a route named {name} exists already"):
        connection.execute(insert(tables.route).values(**_values(route)))
    changed(connection)
    return route


def routes(connection: Connection, domain_id: str) -> list[Route]:
    """Give the routes of a domain, in their order."""
    columns = tables.route.c
    rows = connection.execute(
        select(tables.route)
        .where(columns.domain_id == domain_id)
        .order_by(columns.position, columns.created_at, columns.id)
    )
    return [_route(row) for row in rows]


def find_route(connection: Connection, domain_id: str, name_or_id: str) -> Route:
    """Find a route of a domain by its id, or else by its name.

    Raises:
        NotFound: the domain has none.
    """
    route = by_id_or_name(routes(connection, domain_id), name_or_id)
    if route is None:
        raise NotFound(f"there is no route {name_or_id}")
    return route


def change_route(connection: Connection, route: Route) -> None:
    """Write a route's name, place, expression, targets and state.

    Raises:
        Conflict: the name is taken in the domain.
    """
    with taken(f"a route named {route.name} exists already"):
        connection.execute(
            update(tables.route)
            .where(tables.route.c.domain_id == route.domain_id, tables.route.c.id == route.id)
            .values(**_values(route))
        )
    changed(connection)


def delete_route(connection: Connection, route: Route) -> None:
    """Delete a route. What it passed on already stays on its way."""
    connection.execute(
        delete(tables.route).where(tables.route.c.domain_id == route.domain_id, tables.route.c.id == route.id)
    )
    changed(connection)


def _route(row: Row[Any]) -> Route:
    return Route(
        row.id,
        row.domain_id,
        row.name,
        row.position,
        row.expression,
        msgspec.json.decode(row.targets, type=tuple[str, ...]),
        bool(row.every_event),
        bool(row.fallback),
        bool(row.enabled),
        row.created_at,
    )


def _values(route: Route) -> dict[str, Any]:
    return msgspec.structs.asdict(route) | {
        "targets": msgspec.json.encode(route.targets).decode(),
        "every_event": int(route.every_event),
        "fallback": int(route.fallback),
        "enabled": int(route.enabled),
    }
