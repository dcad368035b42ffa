"""Targets: the places to send to, by domain."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from tocsin.model.due import DueKind
from tocsin.model.identifiers import random_id
from tocsin.model.target import Target, TargetOptions
from tocsin.store import directory, dues, outbox, routes, tables
from tocsin.store.configuration import by_id_or_name, changed, taken
from tocsin.store.errors import Conflict, NotFound

TARGET_LIMIT: Final = 200
"""How many a domain may have: each has a queue of its own in every node."""
DELETED: Final = "the target was deleted"
_OPTIONS: Final = frozenset(TargetOptions.__struct_fields__)


def create_target(
    connection: Connection,
    *,
    domain_id: str,
    name: str,
    kind: str,
    url: str,
    secret: str,
    options: TargetOptions,
    enabled: bool = True,
    now: int,
) -> Target:
    """Make a target.

    Args:
        connection: within a transaction.
        domain_id: whose.
        name: what to call it.
        kind: the name of the sender that serves it.
        url: where to send to.
        secret: what messages are signed with, '' where they are not.
        options: how it is sent to.
        enabled: whether anything is sent to it.
        now: microseconds UTC.

    Raises:
        Conflict: the name is taken in the domain, or the domain has as many as it may.
    """
    counted = select(func.count()).select_from(tables.target).where(tables.target.c.domain_id == domain_id)
    if connection.execute(counted).scalar_one() >= TARGET_LIMIT:
        raise Conflict(f"there are {TARGET_LIMIT} targets already, which is as many as there may be")
    target = Target(random_id("target"), domain_id, name, kind, url, secret, options, enabled, now)
    with taken(f"a target named {name} exists already"):
        connection.execute(insert(tables.target).values(**_values(target)))
    changed(connection)
    return target


def targets(connection: Connection, domain_id: str) -> list[Target]:
    """Give the targets of a domain, the oldest first."""
    rows = connection.execute(
        select(tables.target)
        .where(tables.target.c.domain_id == domain_id)
        .order_by(tables.target.c.created_at, tables.target.c.id)
    )
    return [_target(row) for row in rows]


def all_targets(connection: Connection) -> list[Target]:
    """Give the targets of all domains, for the node that sends to them."""
    return [_target(row) for row in connection.execute(select(tables.target).order_by(tables.target.c.id))]


def trouble_key(target_id: str) -> str:
    """Give the key under which Tocsin says by itself that a target fails."""
    return f"target/{target_id}"


def told_to_fail(connection: Connection, target_ids: Sequence[str]) -> set[str]:
    """Give those targets of which an open alert says that they fail."""
    if not target_ids:
        return set()
    alerts, projects = tables.alert.c, tables.project.c
    ids = {trouble_key(each): each for each in target_ids}
    found = connection.execute(
        select(alerts.key)
        .join(tables.project, (projects.domain_id == alerts.domain_id) & (projects.id == alerts.project_id))
        .where(alerts.key.in_(list(ids)), alerts.resolved_at == 0, projects.name == directory.DEFAULT)
    )
    return {ids[key] for key in found.scalars()}


def find_target(connection: Connection, domain_id: str, name_or_id: str) -> Target:
    """Find a target of a domain by its id, or else by its name.

    Raises:
        NotFound: the domain has none.
    """
    target = by_id_or_name(targets(connection, domain_id), name_or_id)
    if target is None:
        raise NotFound(f"there is no target {name_or_id}")
    return target


def change_target(connection: Connection, target: Target) -> None:
    """Write a target's name, URL, secret, options and state.

    Raises:
        Conflict: the name is taken in the domain.
    """
    with taken(f"a target named {target.name} exists already"):
        connection.execute(
            update(tables.target)
            .where(tables.target.c.domain_id == target.domain_id, tables.target.c.id == target.id)
            .values(**_values(target))
        )
    changed(connection)


def delete_target(connection: Connection, target: Target, now: int) -> None:
    """Delete a target. What was to be sent to it is given up.

    Args:
        connection: within a transaction.
        target: which.
        now: microseconds UTC.

    Raises:
        Conflict: a route still sends to it.
    """
    senders = [
        route.name for route in routes.routes(connection, target.domain_id) if target.id in route.targets
    ]
    if senders:
        raise Conflict(f"the target {target.name} is still named by the routes {', '.join(senders)}")
    outbox.give_up(connection, {target.id}, DELETED, now)
    # What Tocsin said of it resolves.
    dues.note(connection, target.domain_id, DueKind.TARGET, [(target.id, now)])
    connection.execute(
        delete(tables.target).where(
            tables.target.c.domain_id == target.domain_id, tables.target.c.id == target.id
        )
    )
    changed(connection)


def without_target(connection: Connection, since: int) -> set[str]:
    """Find the ids of targets that are deleted and for which something waits all the same.

    It was recorded at the moment of the deletion.

    Args:
        connection: within a read.
        since: the oldest day, from 1970-01-01, that is looked at.
    """
    waiting = tables.delivery.c
    named = (
        select(waiting.target_id)
        .with_hint(tables.delivery, "INDEXED BY ix_delivery_due", "sqlite")
        .where(tables.WAITING, waiting.day >= since)
        .distinct()
    )
    return set(connection.execute(named).scalars()) - set(
        connection.execute(select(tables.target.c.id)).scalars()
    )


def _target(row: Row[Any]) -> Target:
    return Target(
        row.id,
        row.domain_id,
        row.name,
        row.kind,
        row.url,
        row.secret,
        _options(row.options),
        bool(row.enabled),
        row.created_at,
    )


def _options(stored: str) -> TargetOptions:
    """Read a target's options. What a newer Tocsin wrote beside them must not make the target unknown."""
    given = msgspec.json.decode(stored, type=dict[str, Any])
    return msgspec.convert({name: value for name, value in given.items() if name in _OPTIONS}, TargetOptions)


def _values(target: Target) -> dict[str, Any]:
    return msgspec.structs.asdict(target) | {
        "enabled": int(target.enabled),
        "options": msgspec.json.encode(target.options).decode(),
    }
