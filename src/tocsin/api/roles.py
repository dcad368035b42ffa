"""`/api/v1/roles`: what users may do, and on what."""

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from sqlalchemy import Connection

from tocsin.api.given import Asker, TheHub
from tocsin.api.listing import Listing
from tocsin.api.principal import author
from tocsin.api.problems import bad_input
from tocsin.api.revisions import IfMatch, IfNoneMatch, answer, demand
from tocsin.api.shapes import moment
from tocsin.api.sources import CONFIGURE, Name
from tocsin.hub.hub import clock
from tocsin.model.identifiers import random_id
from tocsin.model.role import LIMITED, Permission, Role
from tocsin.query.errors import QueryError
from tocsin.query.scope import parse_scope
from tocsin.store import audit, configuration, roles


class NewRole(msgspec.Struct, forbid_unknown_fields=True):
    """A role to make."""

    name: Name
    permissions: list[Permission]
    scope: str = ""


class RoleChange(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of a role; what is left out stays."""

    name: Name | None = None
    permissions: list[Permission] | None = None
    scope: str | None = None


class RoleItem(msgspec.Struct):
    """A role as it is listed."""

    id: str
    name: str
    permissions: list[Permission]
    scope: str
    created_at: str | None


class Roles(Controller):
    """Roles: what users may do, and on what."""

    path = "/api/v1/roles"
    tags = ["roles"]

    @get(opt=CONFIGURE)
    async def listing(self, hub: TheHub, principal: Asker) -> Listing[RoleItem]:
        """List the roles, the oldest first."""
        found = await hub.database.read(lambda connection: roles.roles(connection, principal.domain_id))
        return Listing([_item(role) for role in found])

    @post(opt=CONFIGURE)
    async def create(self, data: JSONBody[NewRole], hub: TheHub, principal: Asker) -> Response[RoleItem]:
        """Make a role."""
        role = Role(
            random_id("role"),
            principal.domain_id,
            data.name,
            _in_order(data.permissions),
            data.scope,
            clock(),
        )
        _check(role)

        def make(connection: Connection) -> None:
            roles.create_role(connection, role)
            audit.write(connection, author(principal), "role.create", after=role)

        await hub.database.write(make)
        await hub.authentication.refresh()
        return answer(role, _item(role), status=201)

    @get("/{name_or_id:str}", opt=CONFIGURE)
    async def one(
        self, name_or_id: FromPath[str], hub: TheHub, principal: Asker, if_none_match: IfNoneMatch = ""
    ) -> Response[RoleItem]:
        """Show a role."""
        role = await hub.database.read(
            lambda connection: roles.find_role(connection, principal.domain_id, name_or_id)
        )
        return answer(role, _item(role), if_none_match)

    @patch("/{name_or_id:str}", opt=CONFIGURE)
    async def change(
        self,
        name_or_id: FromPath[str],
        data: JSONBody[RoleChange],
        hub: TheHub,
        principal: Asker,
        if_match: IfMatch = "",
    ) -> Response[RoleItem]:
        """Rename a role, or change its permissions or scope. It holds for its users at once."""

        def write(connection: Connection) -> Role:
            configuration.hold(connection)
            role = roles.find_role(connection, principal.domain_id, name_or_id)
            demand(role, if_match)
            changed = msgspec.structs.replace(
                role,
                name=role.name if data.name is None else data.name,
                permissions=role.permissions if data.permissions is None else _in_order(data.permissions),
                scope=role.scope if data.scope is None else data.scope,
            )
            _check(changed)
            roles.change_role(connection, changed)
            audit.write(connection, author(principal), "role.change", before=role, after=changed)
            return changed

        role = await hub.database.write(write)
        await hub.authentication.refresh()
        return answer(role, _item(role))

    @delete("/{name_or_id:str}", opt=CONFIGURE)
    async def remove(
        self, name_or_id: FromPath[str], hub: TheHub, principal: Asker, if_match: IfMatch = ""
    ) -> None:
        """Delete a role that no user has."""

        def write(connection: Connection) -> None:
            configuration.hold(connection)
            role = roles.find_role(connection, principal.domain_id, name_or_id)
            demand(role, if_match)
            roles.delete_role(connection, role)
            audit.write(connection, author(principal), "role.delete", before=role)

        await hub.database.write(write)
        await hub.authentication.refresh()


def _in_order(permissions: list[Permission]) -> tuple[Permission, ...]:
    return tuple(each for each in Permission if each in permissions)


def _check(role: Role) -> None:
    """Refuse a scope that is none, one that nothing needs, and none where one is needed.

    Raises:
        ProblemDetailsException: says what is wrong with it.
    """
    try:
        parse_scope(role.scope)
    except QueryError as fault:
        raise bad_input("scope", str(fault)) from None
    limited = [each for each in role.permissions if each in LIMITED]
    if limited and not role.scope.strip():
        raise bad_input("scope", f"expected an expression: {limited[0]} holds within a scope")
    if role.scope and not limited:
        raise bad_input("scope", f"expected none: it limits only {', '.join(sorted(LIMITED))}")


def _item(role: Role) -> RoleItem:
    return RoleItem(role.id, role.name, list(role.permissions), role.scope, moment(role.created_at))
