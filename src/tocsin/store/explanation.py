"""Why an event would go where: the silences and routes that match it now, and those that just missed."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, select

from tocsin.model.event import Event
from tocsin.model.intake_rule import KEPT_BACK, NO_ORDERS, Orders, treat
from tocsin.model.life_cycle import ENDED_WITH_CHANGE, TRIGGERED_AGAIN, Change
from tocsin.model.policy import NOT_URGENT, Policy, choose
from tocsin.model.receipt import Outcome
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

_ALONE: Final = 10
"""So many routes are told of at most whose only term does not match."""
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
    """Say what the silences and routes that stand now make of an event.

    A problem counts as the first of its alert, unless it only repeats what was known.

    Args:
        connection: within a read.
        event: as it was recorded, or would be.
        now: microseconds UTC.
    """
    policy = read_policy(connection, event.domain_id, now)
    is_news = event.kind in _PROBLEMS and not is_repetition(connection, event)
    change = Change.OPENED if is_news else Change.NONE
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
            *_missed_routes(connection, event, known, taking, remark),
        ],
        remark,
    )


def is_repetition(connection: Connection, event: Event) -> bool:
    """Say whether a problem that joined its alert told nothing of it that was not known before.

    Args:
        connection: within a read.
        event: as it was recorded.
    """
    if event.kind not in _PROBLEMS or event.outcome is not Outcome.JOINED:
        return False
    if TRIGGERED_AGAIN in event.reason or ENDED_WITH_CHANGE in event.reason:
        return False
    columns = tables.event.c
    before = (
        select(columns.severity)
        .where(
            columns.domain_id == event.domain_id,
            columns.alert_seq == event.alert_seq,
            columns.seq < event.seq,
            columns.kind.in_([kind.value for kind in _PROBLEMS]),
        )
        .order_by(columns.seq.desc())
        .limit(1)
    )
    return connection.execute(before).scalar() == event.severity.value


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
        scope, held = _held(connection, event, row.scope), _held(connection, event, row.expression)
        if scope is None or held is None or scope.missing:
            continue  # it silences nothing beyond its scope, whatever its expression says
        if not held.missing and row.starts_at > now:
            yield NearMiss("silence", row.id, row.comment, BEGINS_LATER)
        elif len(held.missing) == 1 < held.terms:
            yield NearMiss("silence", row.id, row.comment, f"{held.missing[0]} does not match")


def _missed_routes(
    connection: Connection, event: Event, known: list[Route], taking: set[str], remark: str
) -> Iterator[NearMiss]:
    held_back = remark if remark in (NOT_URGENT, KEPT_BACK) else ""
    alone = 0
    for route in known:
        held = None if route.id in taking else _held(connection, event, route.expression)
        if held is None or len(held.missing) > 1:
            continue
        if not held.missing:
            enabled = held_back or (NOT_NEEDED if route.fallback else NO_CHANGE)
            yield NearMiss("route", route.id, route.name, enabled if route.enabled else DISABLED)
            continue
        # That a route's only term does not match is nothing special, unless nobody takes the event.
        alone += held.terms == 1
        if held.terms > 1 or (not taking and alone <= _ALONE):
            yield NearMiss("route", route.id, route.name, f"{held.missing[0]} does not match")


class _Held(NamedTuple):
    """How an expression holds of an event: which of its terms do not match, and how many it has."""

    missing: list[str]
    terms: int


def _held(connection: Connection, event: Event, expression: str) -> _Held | None:
    """Say how an expression holds; None for one that cannot be read."""
    try:
        tree = parse(expression, EVENT_FIELDS, 0)
    except QueryError:
        return None
    terms = tree.terms if isinstance(tree, And) else (tree,)
    return _Held([render(term) for term in terms if not _matches(connection, event, term)], len(terms))


def _matches(connection: Connection, event: Event, term: Expression) -> bool:
    if isinstance(term, All):
        return True
    resolved = search.resolved_events(connection, event.domain_id, term)
    return compile_predicate(resolved, EVENT_FIELDS)(event)
