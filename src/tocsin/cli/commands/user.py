"""`tocsin user`."""

import sys
from getpass import getpass
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import quote

from cyclopts import App, Parameter

from tocsin.cli.author import author
from tocsin.cli.columns import USERS
from tocsin.cli.failures import UsageError
from tocsin.cli.moments import now
from tocsin.cli.options import DEFAULT_SERVER, Output, Server
from tocsin.cli.output import print_items, print_one
from tocsin.cli.storage import DEFAULT_STORE, Store
from tocsin.query.times import format_time

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.model.account import Account

app: Final = App(name="user", help="Users: who may log in, and as what.")

UserName = Annotated[str, Parameter(name="NAME", help="Name or id of the user.")]


@app.command(name="list")
def list_users(*, output: Output = None, server: Server = DEFAULT_SERVER) -> int:
    """List the users, the oldest first."""
    with server.client() as client:
        return print_items(client.pages("/api/v1/users"), USERS, output)


@app.command
def create(
    name: str,
    /,
    *,
    domain: str = "default",
    role: str = "viewer",
    password: Annotated[bool, Parameter(negative="--no-password")] = True,
    password_stdin: bool = False,
    output: Output = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Make a user. The password is asked for on the terminal.

    Works on the store itself, also while a server runs on it.

    Args:
        name: What the user is called; no two users of a store have the same name.
        domain: Name or id of the domain that the user belongs to.
        role: Name or id of the role, which says what the user may do.
        password: Ask for the password, or give them none: they log in by the identity provider.
        password_stdin: Read the password from standard input, its first line.
    """
    from tocsin.hub.passwords import hash_password
    from tocsin.store import accounts, audit, directory, roles

    # Whoever has no store, or names a domain or role that it has not, is not asked for a password first.
    store.read(
        lambda connection: roles.find_role(connection, directory.find_domain(connection, domain).id, role)
    )
    hashed = hash_password(_password(password_stdin)) if password or password_stdin else ""

    def make(connection: "Connection") -> "Account":
        domain_id = directory.find_domain(connection, domain).id
        role_id = roles.find_role(connection, domain_id, role).id
        made = accounts.create_account(connection, domain_id, name, hashed, now(), role_id=role_id)
        audit.write(connection, author(), "user.create", after=made)
        return made

    print_one(_item(store.write(make)), output)


@app.command
def change(
    user: UserName,
    /,
    *,
    name: str | None = None,
    role: str | None = None,
    password: Annotated[bool | None, Parameter(negative="--no-password")] = None,
    password_stdin: bool = False,
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Rename a user, or give them another role or password.

    Another password ends their sessions; their tokens stay.

    Args:
        name: What to call them.
        role: Name or id of another role.
        password: Ask for another password on the terminal, or take theirs away: the next who comes by the
            identity provider under their name is them.
        password_stdin: Read another password from standard input, its first line.
    """
    document: dict[str, Any] = {}
    if name is not None:
        document["name"] = name
    if role is not None:
        document["role"] = role
    if password or password_stdin:
        document["password"] = _password(password_stdin)
    elif password is not None:
        document["password"] = None
    if not document:
        raise UsageError(
            "there is nothing to change: --name, --role, --password, --no-password or --password-stdin"
        )
    _change(server, output, user, document)


@app.command
def disable(user: UserName, /, *, output: Output = None, server: Server = DEFAULT_SERVER) -> None:
    """Log a user out, and refuse their password and tokens until they are enabled again."""
    _change(server, output, user, {"disabled": True})


@app.command
def enable(user: UserName, /, *, output: Output = None, server: Server = DEFAULT_SERVER) -> None:
    """Let a user in again."""
    _change(server, output, user, {"disabled": False})


@app.command
def delete(user: UserName, /, *, server: Server = DEFAULT_SERVER) -> None:
    """Delete a user with their tokens. What they did stays under their name."""
    with server.client() as client:
        client.request("DELETE", _path(user))


def _change(server: Server, output: Output, user: str, document: dict[str, Any]) -> None:
    with server.client() as client:
        print_one(client.request("PATCH", _path(user), document=document), output)


def _path(user: str) -> str:
    return f"/api/v1/users/{quote(user, safe='')}"


def _password(password_stdin: bool) -> str:
    return _read_password() if password_stdin else _ask_password()


def _read_password() -> str:
    try:
        password = sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        raise UsageError("the password on standard input is no UTF-8") from None
    if not password:
        raise UsageError("no password came on standard input")
    return password


def is_terminal() -> bool:
    """Say whether somebody can be asked."""
    return sys.stdin.isatty()


def _ask_password() -> str:
    if not is_terminal():
        raise UsageError("there is no terminal to ask for the password: give it with --password-stdin")
    try:
        password = getpass("Password: ")
        if not password:
            raise UsageError("the password is empty")
        if getpass("The same again: ") != password:
            raise UsageError("the two passwords are not the same")
    except EOFError:
        raise UsageError("no password was typed") from None
    return password


def _item(account: "Account") -> dict[str, str]:
    return {
        "id": account.id,
        "name": account.name,
        "domain_id": account.domain_id,
        "created_at": format_time(account.created_at),
    }
