"""The intake rules of the projects, in their order."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from tocsin.model.intake_rule import Condition, Effect, IntakeRule, Requires
from tocsin.store import tables
from tocsin.store.configuration import changed
from tocsin.store.errors import Conflict

RULE_LIMIT: Final = 200
"""How many a project may have: every signal of its sources is compared with each."""


def of_domain(connection: Connection, domain_id: str) -> list[IntakeRule]:
    """Give the rules of a domain's projects, each project's in their order."""
    columns = tables.intake_rule.c
    rows = connection.execute(
        select(tables.intake_rule)
        .where(columns.domain_id == domain_id)
        .order_by(columns.project_id, columns.position, columns.id)
    )
    return [_rule(row) for row in rows]


def by_project(connection: Connection, domain_id: str) -> dict[str, tuple[IntakeRule, ...]]:
    """Give the rules of a domain by the project whose signals they look at, in their order."""
    found: dict[str, tuple[IntakeRule, ...]] = {}
    for rule in of_domain(connection, domain_id):
        found[rule.project_id] = (*found.get(rule.project_id, ()), rule)
    return found


def create(connection: Connection, rule: IntakeRule) -> IntakeRule:
    """Make a rule, the last of its project.

    Raises:
        Conflict: the project has as many as it may.
    """
    before = by_project(connection, rule.domain_id).get(rule.project_id, ())
    if len(before) >= RULE_LIMIT:
        raise Conflict(f"the project has {RULE_LIMIT} rules already, which is as many as there may be")
    made = msgspec.structs.replace(rule, position=len(before) + 1)
    connection.execute(insert(tables.intake_rule).values(**_values(made)))
    changed(connection)
    return made


def change(connection: Connection, rule: IntakeRule) -> None:
    """Write what a rule says now."""
    columns = tables.intake_rule.c
    connection.execute(
        update(tables.intake_rule)
        .where(columns.domain_id == rule.domain_id, columns.id == rule.id)
        .values(**_values(rule))
    )
    changed(connection)


def remove(connection: Connection, rule: IntakeRule) -> None:
    """Delete a rule; those after it move up."""
    columns = tables.intake_rule.c
    connection.execute(
        delete(tables.intake_rule).where(columns.domain_id == rule.domain_id, columns.id == rule.id)
    )
    order(connection, by_project(connection, rule.domain_id).get(rule.project_id, ()))
    changed(connection)


def order(connection: Connection, rules: Iterable[IntakeRule]) -> None:
    """Give the rules of a project the places that they stand at."""
    for position, rule in enumerate(rules, 1):
        if rule.position != position:
            change(connection, msgspec.structs.replace(rule, position=position))


def _values(rule: IntakeRule) -> dict[str, Any]:
    return msgspec.structs.asdict(rule) | {
        "requires": rule.requires.value,
        "conditions": msgspec.json.encode(rule.conditions).decode(),
        "effect": msgspec.json.encode(rule.effect).decode(),
        "tags": msgspec.json.encode(rule.tags).decode(),
    }


def _rule(row: Row[Any]) -> IntakeRule:
    return IntakeRule(
        row.id,
        row.domain_id,
        row.project_id,
        row.name,
        row.position,
        msgspec.json.decode(row.conditions, type=tuple[Condition, ...]),
        Requires(row.requires),
        msgspec.json.decode(row.effect, type=Effect),
        msgspec.json.decode(row.tags),
        row.created_at,
    )
