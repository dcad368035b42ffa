"""The escalation policies of the domains."""

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from tocsin.model.escalation_policy import DEFAULT_NAME, EscalationPolicy, FinishCondition
from tocsin.model.identifiers import random_id
from tocsin.store import tables
from tocsin.store.configuration import changed


def create_first(connection: Connection, domain_id: str, now: int) -> None:
    """Give a new domain the policy that holds until somebody makes another the default.

    Args:
        connection: within a transaction.
        domain_id: whose.
        now: microseconds UTC.
    """
    create(
        connection,
        EscalationPolicy(
            random_id("ep"), domain_id, DEFAULT_NAME, "", FinishCondition.ACKNOWLEDGED, True, {}, now
        ),
    )


def create(connection: Connection, policy: EscalationPolicy) -> None:
    """Make a policy."""
    connection.execute(insert(tables.escalation_policy).values(**_values(policy)))
    changed(connection)


def of_domain(connection: Connection, domain_id: str) -> list[EscalationPolicy]:
    """Give the policies of a domain, the oldest first."""
    columns = tables.escalation_policy.c
    rows = connection.execute(
        select(tables.escalation_policy)
        .where(columns.domain_id == domain_id)
        .order_by(columns.created_at, columns.id)
    )
    return [_policy(row) for row in rows]


def change(connection: Connection, policy: EscalationPolicy) -> None:
    """Write what a policy says now."""
    columns = tables.escalation_policy.c
    connection.execute(
        update(tables.escalation_policy)
        .where(columns.domain_id == policy.domain_id, columns.id == policy.id)
        .values(**_values(policy))
    )
    changed(connection)


def remove(connection: Connection, policy: EscalationPolicy) -> None:
    """Delete a policy."""
    columns = tables.escalation_policy.c
    connection.execute(
        delete(tables.escalation_policy).where(columns.domain_id == policy.domain_id, columns.id == policy.id)
    )
    changed(connection)


def _values(policy: EscalationPolicy) -> dict[str, Any]:
    return msgspec.structs.asdict(policy) | {
        "is_default": int(policy.is_default),
        "tags": msgspec.json.encode(policy.tags).decode(),
    }


def _policy(row: Row[Any]) -> EscalationPolicy:
    return EscalationPolicy(
        row.id,
        row.domain_id,
        row.name,
        row.project_id,
        FinishCondition(row.finish_condition),
        bool(row.is_default),
        msgspec.json.decode(row.tags),
        row.created_at,
    )
