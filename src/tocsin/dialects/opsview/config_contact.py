"""Users as /rest/config/contact shows them and takes them. Passwords are taken, and never shown."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tocsin.dialects.opsview.config_body import called, read_name
from tocsin.dialects.opsview.errors import bad_parameter
from tocsin.dialects.opsview.router import Document
from tocsin.hub.staff import Members
from tocsin.model.account import Account
from tocsin.model.identity import NAME_LIMIT
from tocsin.model.role import Role

_LONGEST: Final = 1_024
"""Letters of a password."""


def show_contact(user: Account, role: Mapping[str, str] | None) -> Document:
    """Show a user.

    Args:
        user: whom.
        role: theirs, as a reference; None for none.
    """
    return {"name": user.name, "fullname": user.name, "realm": "local", "language": "", "role": role}


def read_password(given: Mapping[str, Any]) -> str:
    """Give the password that a client wrote for a user; '' for none.

    Raises:
        OpsviewError: it is no text, or empty, or too long. What it is, is not said.
    """
    if given.get("password") is None:
        return ""
    password = given["password"]
    if not isinstance(password, str) or not 0 < len(password) <= _LONGEST:
        raise bad_parameter("password", f"expected a text of 1 to {_LONGEST} letters")
    return password


def put_contact(
    members: Members, base: Account | None, given: Mapping[str, Any], password_hash: str, *, new: bool
) -> Account:
    """Make a user, or change one: what is not given is as in whom they are made from, but for the password.

    Args:
        members: of the domain.
        base: the user who is changed, or whose role another gets; None where there is none.
        given: what a client wrote.
        password_hash: of the password in it; '' for none.
        new: whether a user is to be made.

    Raises:
        OpsviewError: something in it cannot be used.
    """
    name = base.name if base is not None and not new and "name" not in given else read_name(given)
    if len(name) > NAME_LIMIT:
        raise bad_parameter("name", f"expected at most {NAME_LIMIT} letters")
    if base is None and "role" not in given:
        raise bad_parameter("role", 'expected {"name": "..."}')
    role_id = _role(members.roles(), given["role"]) if base is None or "role" in given else base.role_id
    if base is None or new:
        return members.new_user(name, role_id, password_hash)
    return members.change_user(base, name, role_id, password_hash)


def _role(roles: Sequence[Role], written: Any) -> str:
    name = written.get("name") if isinstance(written, Mapping) else written
    if not isinstance(name, str):
        raise bad_parameter("role", 'Error when parsing data: expected {"name": "..."}')
    if (role := called(roles, name)) is not None:
        return role.id
    raise bad_parameter("role", f"there is no role called {name}")
