"""The alert configurations of the projects."""

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from tocsin.model.account import Project
from tocsin.model.alert_config import AUTOMATIC, AlertConfig, NotificationUrgency, RecoveryMode
from tocsin.store import tables
from tocsin.store.configuration import changed, taken
from tocsin.store.errors import NotFound


def create_first(connection: Connection, project: Project) -> None:
    """Give a new project the configuration that it has until somebody changes it."""
    create(
        connection,
        AlertConfig(project.domain_id, project.id, *AUTOMATIC, "", project.created_at),
    )


def create(connection: Connection, config: AlertConfig) -> None:
    """Give a project a configuration.

    Raises:
        Conflict: it has one.
    """
    with taken(f"the project {config.project_id} has an alert configuration"):
        connection.execute(insert(tables.alert_config).values(**msgspec.structs.asdict(config)))
    changed(connection)


def every(connection: Connection) -> list[AlertConfig]:
    """Give the configurations of all projects of all domains."""
    return [_config(row) for row in connection.execute(select(tables.alert_config))]


def of_domain(connection: Connection, domain_id: str) -> list[AlertConfig]:
    """Give the configurations of a domain's projects, the oldest first."""
    columns = tables.alert_config.c
    rows = connection.execute(
        select(tables.alert_config)
        .where(columns.domain_id == domain_id)
        .order_by(columns.created_at, columns.project_id)
    )
    return [_config(row) for row in rows]


def find(connection: Connection, domain_id: str, project_id: str) -> AlertConfig:
    """Find the configuration of a project.

    Raises:
        NotFound: the domain has no such project, or it has none.
    """
    for config in of_domain(connection, domain_id):
        if config.project_id == project_id:
            return config
    raise NotFound(f"the project {project_id} has no alert configuration")


def exists(connection: Connection, domain_id: str, project_id: str) -> bool:
    """Say whether a project has a configuration."""
    return any(each.project_id == project_id for each in of_domain(connection, domain_id))


def change(connection: Connection, config: AlertConfig) -> None:
    """Write what a project's configuration says now."""
    columns = tables.alert_config.c
    connection.execute(
        update(tables.alert_config)
        .where(columns.domain_id == config.domain_id, columns.project_id == config.project_id)
        .values(**msgspec.structs.asdict(config))
    )
    changed(connection)


def remove(connection: Connection, config: AlertConfig) -> None:
    """Take a project's configuration away."""
    columns = tables.alert_config.c
    connection.execute(
        delete(tables.alert_config).where(
            columns.domain_id == config.domain_id, columns.project_id == config.project_id
        )
    )
    changed(connection)


def _config(row: Row[Any]) -> AlertConfig:
    return AlertConfig(
        row.domain_id,
        row.project_id,
        RecoveryMode(row.recovery_mode),
        NotificationUrgency(row.notification_urgency),
        row.escalation_policy_id,
        row.created_at,
    )
