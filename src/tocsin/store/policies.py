"""The policies of the domains, as the ledger keeps them in memory: their silences and routes, compiled, which
projects resolve alerts by hand, and the intake rules of each.

Each batch compares the configuration's version with the one they were read at, within its transaction: what a
node changed holds for the next batch of every node.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy import Connection, Row, select

from tocsin.model.alert_config import NotificationUrgency, RecoveryMode
from tocsin.model.policy import ROUTING_KEY, Policy, RouteRule, SilenceRule
from tocsin.query.errors import QueryError
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.predicate import compile_predicate, value_test
from tocsin.query.sieve import Sieve
from tocsin.query.tree import And, Comparison, Expression, Or, conjunction
from tocsin.store import alert_configs, intake_rules, marks, search, tables

_log: Final = structlog.get_logger("tocsin.policies")


class Policies:
    """Gives each domain's policy."""

    def __init__(self) -> None:
        self._version = -1
        self._known: dict[str, Policy] = {}

    def of(
        self, connection: Connection, domain_ids: Iterable[str], version: int, now: int
    ) -> dict[str, Policy]:
        """Give the policies of some domains.

        Args:
            connection: the batch's transaction.
            domain_ids: whose.
            version: of the configuration, read in that transaction.
            now: microseconds UTC; silences that ended before are left out.
        """
        if version != self._version:
            self._known = {}
            self._version = version
        for domain_id in domain_ids:
            if domain_id not in self._known:
                self._known[domain_id] = read_policy(connection, domain_id, now)
        return {domain_id: self._known[domain_id] for domain_id in domain_ids}

    def forget(self) -> None:
        """Read them again, after a transaction that did not commit."""
        self._version = -1


def read_policy(connection: Connection, domain_id: str, now: int) -> Policy:
    """Read a domain's policy.

    Args:
        connection: within a transaction.
        domain_id: whose.
        now: microseconds UTC; silences that ended before are left out.
    """
    silences, routes, targets = tables.silence.c, tables.route.c, tables.target.c
    enabled = set(
        connection.execute(
            select(targets.id).where(targets.domain_id == domain_id, targets.enabled == 1)
        ).scalars()
    )
    rows = connection.execute(
        select(tables.route)
        .where(routes.domain_id == domain_id, routes.enabled == 1)
        .order_by(routes.position, routes.created_at, routes.id)
    ).all()
    configs = alert_configs.of_domain(connection, domain_id)
    routed = [(tree, _route(tree, row, enabled)) for row in rows for tree in [_tree(connection, row)]]
    quiet = [
        (tree, SilenceRule(row.id, row.starts_at, row.ends_at, compile_predicate(tree, EVENT_FIELDS)))
        for row in connection.execute(
            select(tables.silence)
            .where(silences.domain_id == domain_id, silences.ends_at > now)
            .order_by(silences.created_at, silences.id)
        )
        for tree in [_tree(connection, row, row.scope)]
    ]
    return Policy(
        tuple(rule for _, rule in quiet),
        tuple(rule for _, rule in routed),
        tuple(value_test(leaf) for row in rows for leaf in _names(row)),
        frozenset(each.project_id for each in configs if each.recovery_mode is RecoveryMode.MANUAL),
        frozenset(
            each.project_id for each in configs if each.notification_urgency is NotificationUrgency.HIGH_ONLY
        ),
        intake_rules.by_project(connection, domain_id),
        marks.merged_keys(connection, domain_id),
        frozenset(enabled),
        Sieve(quiet).candidates,
        Sieve(routed).candidates,
    )


def _tree(connection: Connection, row: Row[Any], *more: str) -> Expression:
    """Read the filter of a silence or route. One that cannot be read matches nothing, and the log says so."""
    try:
        trees = [_resolved(connection, row.domain_id, text) for text in (row.expression, *more)]
        return conjunction(trees)
    except QueryError as fault:
        _log.error("filter_unreadable", id=row.id, reason=str(fault))
        return Or(())


def _route(tree: Expression, row: Row[Any], enabled: set[str]) -> RouteRule:
    wanted = msgspec.json.decode(row.targets, type=tuple[str, ...])
    return RouteRule(
        row.id,
        compile_predicate(tree, EVENT_FIELDS),
        tuple(each for each in wanted if each in enabled),
        bool(row.every_event),
        bool(row.fallback),
    )


def _names(row: Row[Any]) -> list[Comparison]:
    """Give the comparisons of a route that ask for a routing key."""
    try:
        return list(_named(parse(row.expression, EVENT_FIELDS, 0)))
    except QueryError:
        return []


def _named(tree: Expression) -> Iterator[Comparison]:
    # What is negated names none.
    match tree:
        case And(terms) | Or(terms):
            for term in terms:
                yield from _named(term)
        case Comparison(field) if field.label == ROUTING_KEY:
            yield tree


def _resolved(connection: Connection, domain_id: str, text: str) -> Expression:
    return search.resolved_events(connection, domain_id, parse(text, EVENT_FIELDS, 0))
