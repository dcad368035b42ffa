"""Why an event would go where: the silences and routes that match it now, and those that just missed."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, select

from tocsin.model.event import Event
from tocsin.model.intake_rule import KEPT_BACK, NO_ORDERS, Orders, treat
from tocsin.model.life_cycle import Change
from tocsin.model.policy import NOT_URGENT, Policy, choose
from tocsin.model.route import Route
from tocsin.model.signal import Kind
from tocsin.query.errors import QueryError
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.predicate import compile_predicate
from tocsin.query.render import render
from tocsin.query.tree import All, And, Expression
from tocsin.store import directory, search, tables
from tocsin.store.errors import NotFound
from tocsin.store.policies import read_policy
from tocsin.store.routes import routes

_PROBLEMS: Final = frozenset({Kind.PROBLEM, Kind.ERROR})
DISABLED: Final = "it is disabled"
BEGINS_LATER: Final = "it begins later"
NOT_NEEDED: Final = "another route takes it"
NO_CHANGE: Final = "it takes only what changes its alert"


class NearMiss(msgspec.Struct, frozen=True):
    """A silence or route that all but took an event.

    Attributes:
        kind: silence or route.
        id: of the silence or route.
        name: of the route, the comment of the silence.
        why: what was in the way.
    """

    kind: str
    id: str
    name: str
    why: str


class Explanation(msgspec.Struct, frozen=True):
    """What silences and routes make of an event.

    Attributes:
        silences: the ids of those that match it now.
        routes: those that take it unless it is silenced, in their order.
        near_misses: what all but took it.
        remark: what its receipt would say of its way; '' for nothing.
    """

    silences: list[str]
    routes: list[Route]
    near_misses: list[NearMiss]
    remark: str


def explain(connection: Connection, event: Event, now: int) -> Explanation:
    """Say what the silences and routes that stand now make of an event, were it the first of its alert.

    Args:
        connection: within a read.
        event: as it was recorded, or would be.
        now: microseconds UTC.
    """
    policy = read_policy(connection, event.domain_id, now)
    change = Change.OPENED if event.kind in _PROBLEMS else Change.NONE
    orders = _orders(connection, policy, event)
    chosen, remark = choose(policy, event, change, None, orders.urgency)
    if orders.is_kept_back:
        chosen, remark = [], KEPT_BACK
    taking = {rule.id for rule in chosen}
    known = routes(connection, event.domain_id)
    return Explanation(
        [rule.id for rule in policy.silences if rule.starts_at <= now < rule.ends_at and rule.matches(event)],
        [route for route in known if route.id in taking],
        [
            *_missed_silences(connection, event, now),
            *_missed_routes(connection, event, [route for route in known if route.id not in taking], remark),
        ],
        remark,
    )


def _orders(connection: Connection, policy: Policy, event: Event) -> Orders:
    """Give what the intake rules of its source's project say of passing an event on."""
    if not policy.intake_rules or not event.source_id:
        return NO_ORDERS
    try:
        source = directory.find_source(connection, event.domain_id, event.source_id)
    except NotFound:
        return NO_ORDERS
    rules = policy.intake_rules.get(source.project_id, ())
    return treat(rules, event, source.id, source.project_id).orders


def _missed_silences(connection: Connection, event: Event, now: int) -> Iterator[NearMiss]:
    columns = tables.silence.c
    rows: list[Row[Any]] = list(
        connection.execute(
            select(tables.silence)
            .where(columns.domain_id == event.domain_id, columns.ends_at > now)
            .order_by(columns.created_at, columns.id)
        )
    )
    for row in rows:
        if _missing(connection, event, row.scope) != "":
            continue  # it silences nothing beyond its scope, whatever its expression says
        missing = _missing(connection, event, row.expression)
        if missing == "" and row.starts_at > now:
            missing = BEGINS_LATER
        if missing:
            yield NearMiss("silence", row.id, row.comment, missing)


def _missed_routes(
    connection: Connection, event: Event, passed_over: list[Route], remark: str
) -> Iterator[NearMiss]:
    held_back = remark if remark in (NOT_URGENT, KEPT_BACK) else ""
    for route in passed_over:
        missing = _missing(connection, event, route.expression)
        if missing == "":
            enabled = held_back or (NOT_NEEDED if route.fallback else NO_CHANGE)
            missing = enabled if route.enabled else DISABLED
        if missing:
            yield NearMiss("route", route.id, route.name, missing)


def _missing(connection: Connection, event: Event, expression: str) -> str | None:
    """Name the one of several terms that does not match; '' where all match, None for more than one."""
    try:
        tree = parse(expression, EVENT_FIELDS, 0)
    except QueryError:
        return None
    terms = tree.terms if isinstance(tree, And) else (tree,)
    missing = [term for term in terms if not _matches(connection, event, term)]
    if not missing:
        return ""
    return f"{render(missing[0])} does not match" if len(missing) == 1 < len(terms) else None


def _matches(connection: Connection, event: Event, term: Expression) -> bool:
    if isinstance(term, All):
        return True
    resolved = search.resolved_events(connection, event.domain_id, term)
    return compile_predicate(resolved, EVENT_FIELDS)(event)
