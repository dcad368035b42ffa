"""`/api/v1/roles`: what users may do, and on what."""

from typing import Final

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from tocsin.api.changes import applied
from tocsin.api.configured import Configured
from tocsin.api.given import Asker, TheHub
from tocsin.api.idempotency import Repeatable
from tocsin.api.listing import Listing
from tocsin.api.problems import bad_input
from tocsin.api.revisions import IfMatch, IfNoneMatch
from tocsin.api.shapes import moment
from tocsin.api.sources import CONFIGURE, GOVERN, Name
from tocsin.hub.hub import clock
from tocsin.model.identifiers import random_id
from tocsin.model.role import Permission, Role, in_order
from tocsin.query.scope import unfit
from tocsin.store import roles

_ROLES: Final = Configured("role", find=roles.find_role, write=roles.change_role, delete=roles.delete_role)


class NewRole(msgspec.Struct, forbid_unknown_fields=True):
    """A role to make."""

    name: Name
    permissions: list[Permission]
    scope: str = ""


class RoleChange(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of a role; what is left out stays."""

    name: Name | UnsetType = UNSET
    permissions: list[Permission] | UnsetType = UNSET
    scope: str | UnsetType = UNSET


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

        def look(connection: Connection) -> list[RoleItem]:
            return [_item(connection, role) for role in roles.roles(connection, principal.domain_id)]

        return Listing(await hub.database.read(look))

    @post(opt=GOVERN)
    async def create(
        self, data: JSONBody[NewRole], hub: TheHub, principal: Asker, once: Repeatable
    ) -> Response[RoleItem]:
        """Make a role."""
        permissions = in_order(data.permissions)
        role = Role(random_id("role"), principal.domain_id, data.name, permissions, data.scope, clock())
        _check(role)

        def make(connection: Connection) -> Role:
            return roles.create_role(connection, role)

        return await _ROLES.make(hub, principal, once, make, _item)

    @get("/{name_or_id:str}", opt=CONFIGURE)
    async def one(
        self, name_or_id: FromPath[str], hub: TheHub, principal: Asker, if_none_match: IfNoneMatch = ""
    ) -> Response[RoleItem]:
        """Show a role."""
        return await _ROLES.show(hub, principal, name_or_id, _item, if_none_match)

    @patch("/{name_or_id:str}", opt=GOVERN)
    async def change(
        self,
        name_or_id: FromPath[str],
        data: JSONBody[RoleChange],
        hub: TheHub,
        principal: Asker,
        if_match: IfMatch = "",
    ) -> Response[RoleItem]:
        """Rename a role, or change its permissions or scope. It holds for its users at once."""

        def alter(_: Connection, role: Role) -> Role:
            changed = applied(data, role)
            changed = msgspec.structs.replace(changed, permissions=in_order(changed.permissions))
            _check(changed)
            return changed

        return await _ROLES.change(hub, principal, name_or_id, if_match, alter, _item)

    @delete("/{name_or_id:str}", opt=GOVERN)
    async def remove(
        self, name_or_id: FromPath[str], hub: TheHub, principal: Asker, if_match: IfMatch = ""
    ) -> None:
        """Delete a role that no user has."""
        await _ROLES.delete(hub, principal, name_or_id, if_match)


def _check(role: Role) -> None:
    """Refuse a scope that is none, one that nothing needs, and none where one is needed.

    Raises:
        ProblemDetailsException: says what is wrong with it.
    """
    if fault := unfit(role):
        raise bad_input("scope", fault)


def _item(_: Connection, role: Role) -> RoleItem:
    return RoleItem(role.id, role.name, list(role.permissions), role.scope, moment(role.created_at))
