"""Roles: what the users of a domain may do."""

from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from tocsin.model.account import Account
from tocsin.model.identifiers import random_id
from tocsin.model.role import ADMINISTRATOR, FIRST_ROLES, Permission, Role
from tocsin.store import tables
from tocsin.store.configuration import by_id_or_name, changed, hold, taken
from tocsin.store.errors import Conflict, NotFound

_PERMISSIONS: Final = tuple[Permission, ...]


def create_first(connection: Connection, domain_id: str, now: int) -> Role:
    """Make the roles that every domain has, and give the administrator's."""
    made = {
        name: create_role(connection, Role(random_id("role"), domain_id, name, permissions, "", now))
        for name, permissions in FIRST_ROLES.items()
    }
    return made[ADMINISTRATOR]


def create_role(connection: Connection, role: Role) -> Role:
    """Write a new role.

    Raises:
        Conflict: the name is taken in the domain.
    """
    with taken(f"a role named {role.name} exists already"):
        connection.execute(insert(tables.role).values(**_values(role)))
    changed(connection)
    return role


def roles(connection: Connection, domain_id: str) -> list[Role]:
    """Give the roles of a domain, the oldest first."""
    columns = tables.role.c
    rows = connection.execute(
        select(tables.role).where(columns.domain_id == domain_id).order_by(columns.created_at, columns.name)
    )
    return [role_of(row) for row in rows]


def find_role(connection: Connection, domain_id: str, name_or_id: str) -> Role:
    """Find a role of a domain by its id, or else by its name.

    Raises:
        NotFound: the domain has none.
    """
    role = by_id_or_name(roles(connection, domain_id), name_or_id)
    if role is None:
        raise NotFound(f"there is no role {name_or_id}")
    return role


def change_role(connection: Connection, role: Role) -> None:
    """Write a role's name, permissions and scope.

    Raises:
        Conflict: the name is taken, or nobody could administer the domain any more.
    """
    columns = tables.role.c
    with taken(f"a role named {role.name} exists already"):
        connection.execute(
            update(tables.role)
            .where(columns.domain_id == role.domain_id, columns.id == role.id)
            .values(**_values(role))
        )
    require_administrator(connection, role.domain_id)
    changed(connection)


def delete_role(connection: Connection, role: Role) -> None:
    """Delete a role that no user has.

    Raises:
        Conflict: some have.
    """
    columns = tables.account.c
    having = select(columns.name).where(columns.domain_id == role.domain_id, columns.role_id == role.id)
    if names := connection.execute(having.order_by(columns.name).limit(3)).scalars().all():
        raise Conflict(f"the role {role.name} is that of {', '.join(names)}: give them another first")
    connection.execute(
        delete(tables.role).where(tables.role.c.domain_id == role.domain_id, tables.role.c.id == role.id)
    )
    changed(connection)


def require_administrator(connection: Connection, domain_id: str) -> None:
    """Refuse a change, made in this transaction, after which nobody could administer the domain.

    Raises:
        Conflict: no user that is not disabled has a role with ADMINACCESS.
    """
    # One such change at a time, or two administrators could demote each other.
    hold(connection)
    left = connection.execute(select(func.count()).where(*_administering(connection, domain_id))).scalar_one()
    if not left:
        raise Conflict("this would leave the domain without an administrator")


def require_other_password(connection: Connection, account: Account) -> None:
    """Refuse to take the password of the last administrator who can log in by one.

    Raises:
        Conflict: no other has a password, is not disabled and has a role with ADMINACCESS.
    """
    hold(connection)
    columns = tables.account.c
    administering = _administering(connection, account.domain_id)
    having = connection.execute(select(columns.id).where(*administering, columns.password_hash != ""))
    if list(having.scalars()) == [account.id]:
        raise Conflict("this would leave the domain without an administrator who can log in by a password")


def _administering(connection: Connection, domain_id: str) -> tuple[ColumnElement[bool], ...]:
    """Give the conditions that hold of the users who can administer a domain."""
    having = [role.id for role in roles(connection, domain_id) if Permission.ADMINACCESS in role.permissions]
    columns = tables.account.c
    return columns.domain_id == domain_id, columns.disabled == 0, columns.role_id.in_(having)


def role_of(row: Row[Any]) -> Role:
    """Read a role from its row."""
    return Role(
        row.id,
        row.domain_id,
        row.name,
        msgspec.json.decode(row.permissions, type=_PERMISSIONS),
        row.scope,
        row.created_at,
    )


def _values(role: Role) -> dict[str, Any]:
    return msgspec.structs.asdict(role) | {"permissions": msgspec.json.encode(role.permissions).decode()}
