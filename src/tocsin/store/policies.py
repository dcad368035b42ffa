"""The policies of the domains, as the ledger keeps them in memory: their silences and routes, compiled, which
projects resolve alerts by hand, and the intake rules of each.

Each batch compares the configuration's version with the one they were read at, within its transaction: what a
node changed holds for the next batch of every node.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy import Connection, Row, select

from tocsin.model.alert_config import NotificationUrgency, RecoveryMode
from tocsin.model.policy import ROUTING_KEY, Filter, Policy, RouteRule, SilenceRule
from tocsin.query.errors import QueryError
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.predicate import compile_predicate, value_test
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
    )
    configs = alert_configs.of_domain(connection, domain_id)
    found = [_route(connection, row, enabled) for row in rows]
    return Policy(
        tuple(
            SilenceRule(row.id, row.starts_at, row.ends_at, event_filter(connection, row, row.scope))
            for row in connection.execute(
                select(tables.silence)
                .where(silences.domain_id == domain_id, silences.ends_at > now)
                .order_by(silences.created_at, silences.id)
            )
        ),
        tuple(rule for rule, _ in found),
        tuple(test for _, tests in found for test in tests),
        frozenset(each.project_id for each in configs if each.recovery_mode is RecoveryMode.MANUAL),
        frozenset(
            each.project_id for each in configs if each.notification_urgency is NotificationUrgency.HIGH_ONLY
        ),
        intake_rules.by_project(connection, domain_id),
        marks.merged_keys(connection, domain_id),
        frozenset(enabled),
    )


def event_filter(connection: Connection, row: Row[Any], *more: str) -> Filter:
    """Make the filter of a silence or route. One that cannot be read matches nothing, and the log says so."""
    try:
        trees = [_resolved(connection, row.domain_id, text) for text in (row.expression, *more)]
        return compile_predicate(conjunction(trees), EVENT_FIELDS)
    except QueryError as fault:
        _log.error("filter_unreadable", id=row.id, reason=str(fault))
        return lambda _: False


def _route(
    connection: Connection, row: Row[Any], enabled: set[str]
) -> tuple[RouteRule, list[Callable[[str], bool]]]:
    wanted = msgspec.json.decode(row.targets, type=tuple[str, ...])
    rule = RouteRule(
        row.id,
        event_filter(connection, row),
        tuple(each for each in wanted if each in enabled),
        bool(row.every_event),
        bool(row.fallback),
    )
    try:
        named = _named(parse(row.expression, EVENT_FIELDS, 0))
    except QueryError:
        return rule, []
    return rule, [value_test(leaf) for leaf in named]


def _named(tree: Expression) -> Iterator[Comparison]:
    """Give the comparisons that ask for a routing key; what is negated names none."""
    match tree:
        case And(terms) | Or(terms):
            for term in terms:
                yield from _named(term)
        case Comparison(field) if field.label == ROUTING_KEY:
            yield tree


def _resolved(connection: Connection, domain_id: str, text: str) -> Expression:
    return search.resolved_events(connection, domain_id, parse(text, EVENT_FIELDS, 0))
