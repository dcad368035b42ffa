"""`tocsin user`."""

import sys
from getpass import getpass
from typing import TYPE_CHECKING, Final

from cyclopts import App

from tocsin.cli.columns import USERS
from tocsin.cli.failures import UsageError
from tocsin.cli.moments import now
from tocsin.cli.options import Output
from tocsin.cli.output import print_items, print_one
from tocsin.cli.storage import DEFAULT_STORE, Store
from tocsin.query.times import format_time

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.model.account import Account

app: Final = App(name="user", help="Users of a domain. Works on the store, not on a server.")


@app.command(name="list")
def list_users(*, domain: str = "default", output: Output = None, store: Store = DEFAULT_STORE) -> int:
    """List the users of a domain, the oldest first.

    Args:
        domain: Name or id of the domain.
    """
    from tocsin.store import accounts, directory

    found = store.read(
        lambda connection: accounts.accounts(connection, directory.find_domain(connection, domain).id)
    )
    return print_items([_item(account) for account in found], USERS, output)


@app.command
def create(
    name: str,
    /,
    *,
    domain: str = "default",
    role: str = "viewer",
    password_stdin: bool = False,
    output: Output = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Make a user. The password is asked for on the terminal.

    Args:
        name: What the user is called; no two users of a store have the same name.
        domain: Name or id of the domain that the user belongs to.
        role: Name or id of the role, which says what the user may do.
        password_stdin: Read the password from standard input, its first line.
    """
    password = _read_password() if password_stdin else _ask_password()

    from tocsin.server.first_start import hash_password
    from tocsin.store import accounts, directory, roles

    hashed = hash_password(password)

    def make(connection: "Connection") -> "Account":
        domain_id = directory.find_domain(connection, domain).id
        role_id = roles.find_role(connection, domain_id, role).id
        return accounts.create_account(connection, domain_id, name, hashed, now(), role_id=role_id)

    print_one(_item(store.write(make)), output)


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
