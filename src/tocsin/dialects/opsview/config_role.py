"""Roles as /rest/config/role shows them and takes them."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from tocsin.dialects.opsview.config_body import read_name
from tocsin.dialects.opsview.config_members import finder, many, read_members, show_members, switch
from tocsin.dialects.opsview.errors import OpsviewError, bad_parameter
from tocsin.dialects.opsview.role_access import RoleAccess, access_of, scope_of
from tocsin.dialects.opsview.router import Document
from tocsin.hub.staff import Members
from tocsin.model.identity import NAME_LIMIT
from tocsin.model.role import LIMITED, Permission, Role, in_order
from tocsin.model.world.documents import Kind
from tocsin.model.world.world import World
from tocsin.query.scope import unfit

_OTHERS: Final = frozenset(
    {
        *("NOTIFYSOME", "CONFIGUREHOSTS", "RELOADACCESS", "VIEWPORTACCESS", "RRDGRAPHS", "CONFIGUREVIEW"),
        *("CONFIGURESAVE", "PASSWORDSAVE", "CONFIGUREKEYWORDS", "REPORTADMIN", "REPORTUSER", "TESTCHANGE"),
        *("TESTALL", "TESTSOME", "CONFIGUREPROFILES", "CONFIGURENETFLOW", "CONFIGUREROLES"),
        *("CONFIGURECONTACTS", "CONFIGUREHOSTGROUPS", "NAGVIS", "CONFIGUREBSM", "CONFIGUREBSMCOMPONENT"),
        "BSM",
    }
)
"""What Opsview's roles can allow besides, and Tocsin's cannot. It allows nothing here."""
_ACCESS: Final = (
    many("access_hostgroups", "host_groups", Kind.HOST_GROUP),
    many("access_servicegroups", "service_groups", Kind.SERVICE_GROUP),
    many("access_keywords", "keywords", Kind.KEYWORD),
    switch("all_hostgroups", "all_host_groups"),
    switch("all_servicegroups", "all_service_groups"),
    switch("all_keywords", "all_keywords"),
)


def show_role(role: Role, world: World) -> Document:
    """Show what a role allows, and for what it is: by its scope, where Opsview's words cannot say it."""
    access = access_of(role.scope, world)
    if access is None:
        scope: Document = {"scope": role.scope}
    else:
        scope = show_members(_ACCESS, access, lambda kind, number: world.all(kind).get(number))
    return {
        "name": role.name,
        "accesses": [{"name": each.value} for each in role.permissions],
        **scope,
        "hostgroups": [],
    }


def put_role(
    members: Members, base: Role | None, given: Mapping[str, Any], world: World, *, new: bool
) -> Role:
    """Make a role, or change one: what is not given is as in what it is made from.

    Args:
        members: of the domain.
        base: the role that is changed, or copied; None where there is none.
        given: what a client wrote.
        world: what is configured.
        new: whether a role is to be made.

    Raises:
        OpsviewError: something in it cannot be used.
    """
    name = base.name if base is not None and not new and "name" not in given else read_name(given)
    if len(name) > NAME_LIMIT:
        raise bad_parameter("name", f"expected at most {NAME_LIMIT} letters")
    permissions = base.permissions if base is not None else ()
    if "accesses" in given:
        permissions = _permissions(given["accesses"])
    is_limited = not LIMITED.isdisjoint(permissions)
    role = Role("", "", name, permissions, _scope(base, given, world) if is_limited else "", 0)
    if fault := unfit(role):
        raise OpsviewError(400, f"this role cannot be: {fault}")
    if base is None or new:
        return members.new_role(role.name, role.permissions, role.scope)
    after = replace(base, name=role.name, permissions=role.permissions, scope=role.scope)
    members.change_role(base, after)
    return after


def _permissions(accesses: Any) -> tuple[Permission, ...]:
    if not isinstance(accesses, list):
        raise bad_parameter("accesses", 'Error when parsing data: expected [{"name": "..."}]')
    found: list[Permission] = []
    for each in accesses:
        name = each.get("name") if isinstance(each, Mapping) else None
        if not isinstance(name, str):
            raise bad_parameter("accesses", 'Error when parsing data: expected [{"name": "..."}]')
        if name in Permission.__members__:
            found.append(Permission(name))
        elif name not in _OTHERS:
            raise bad_parameter("accesses", f"there is no access called {name}")
    return in_order(found)


def _scope(base: Role | None, given: Mapping[str, Any], world: World) -> str:
    """Give the scope of a role: as it was, unless it is told to be for something else.

    What these words cannot say goes as soon as one of them is given.
    """
    present = RoleAccess() if base is None else access_of(base.scope, world)
    asked = read_members(_ACCESS, given, finder(world.named))
    wanted = _settled(replace(present or RoleAccess(), **asked))
    if base is not None and base.scope and (not asked or wanted == present):
        return base.scope
    return scope_of(wanted)


def _settled(access: RoleAccess) -> RoleAccess:
    """Name nothing where all are meant; each thing once, by number."""
    return replace(
        access,
        host_groups=() if access.all_host_groups else tuple(sorted(access.host_groups)),
        service_groups=() if access.all_service_groups else tuple(sorted(access.service_groups)),
        keywords=() if access.all_keywords else tuple(sorted(access.keywords)),
    )
