"""`tocsin role`."""

from typing import Annotated, Any, Final
from urllib.parse import quote

from cyclopts import App, Parameter

from tocsin.cli.columns import ROLES
from tocsin.cli.failures import UsageError
from tocsin.cli.options import DEFAULT_SERVER, Output, Server
from tocsin.cli.output import print_items, print_one

app: Final = App(name="role", help="Roles: what users may do, and on what.")

RoleName = Annotated[str, Parameter(name="NAME", help="Name or id of the role.")]
Permissions = Annotated[
    tuple[str, ...],
    Parameter(name="--permission", help="What it allows, such as VIEWALL; may be given again."),
]


@app.command(name="list")
def list_roles(*, output: Output = None, server: Server = DEFAULT_SERVER) -> int:
    """List the roles, the oldest first."""
    with server.client() as client:
        return print_items(client.pages("/api/v1/roles"), ROLES, output)


@app.command
def create(
    name: str,
    /,
    *,
    permission: Permissions,
    scope: str = "",
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Make a role.

    Args:
        name: What to call it.
        scope: An expression that says on what the permissions hold that end in SOME.
    """
    document = {"name": name, "permissions": list(permission), "scope": scope}
    with server.client() as client:
        print_one(client.request("POST", "/api/v1/roles", document=document), output)


@app.command
def change(
    role: RoleName,
    /,
    *,
    name: str | None = None,
    permission: Permissions = (),
    scope: str | None = None,
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Change a role; it holds for its users at once.

    Args:
        name: What to call it.
        scope: Another scope; '' for none.
    """
    document: dict[str, Any] = {}
    if name is not None:
        document["name"] = name
    if permission:
        document["permissions"] = list(permission)
    if scope is not None:
        document["scope"] = scope
    if not document:
        raise UsageError("there is nothing to change: --name, --permission or --scope")
    with server.client() as client:
        print_one(client.request("PATCH", _path(role), document=document), output)


@app.command
def delete(role: RoleName, /, *, server: Server = DEFAULT_SERVER) -> None:
    """Delete a role that no user has."""
    with server.client() as client:
        client.request("DELETE", _path(role))


def _path(role: str) -> str:
    return f"/api/v1/roles/{quote(role, safe='')}"
