"""As which user somebody is let in whom an identity provider vouches for."""

from typing import Final

import structlog
from sqlalchemy import Connection

from tocsin.hub.errors import NotAdmitted
from tocsin.model.account import Account, Person
from tocsin.model.audit import Author
from tocsin.store import accounts, audit, persons, roles
from tocsin.store.directory import DEFAULT
from tocsin.store.errors import Conflict, NotFound

_log: Final = structlog.get_logger("tocsin.sessions")


def admit(connection: Connection, person: Person, new_role: str, author: Author) -> Account:
    """Find the user that a person is, link them at their first log-in, or make one.

    A user who was there before is linked only where an administrator wants it so: one without a password. One
    who is disabled is given as they are.

    Args:
        connection: within a transaction.
        person: who comes.
        new_role: of users who are made, in the domain `default`; '' to make none.
        author: the person, for the audit log.

    Raises:
        NotAdmitted: there is no such user and none is made; or a user of that name is somebody else.
    """
    known = persons.find(connection, person)
    if known is not None:
        return known
    try:
        account = _named(connection, person, new_role, author)
        if account.disabled:
            return account
        if not persons.is_free(connection, account):
            raise NotAdmitted("name_taken")
        persons.link(connection, account, person)
    except Conflict:  # somebody of that name came at the same time
        raise NotAdmitted("name_taken") from None
    audit.write(connection, author, "user.link", before=account, after=account)
    return account


def _named(connection: Connection, person: Person, new_role: str, author: Author) -> Account:
    try:
        return accounts.find_account(connection, person.name)
    except NotFound:
        if not new_role:
            raise NotAdmitted("unknown_user") from None
    try:
        role = roles.find_role(connection, DEFAULT, new_role)
    except NotFound as failure:
        _log.error("no_role_for_new_users", reason=str(failure))
        raise NotAdmitted("unknown_user") from None
    account = accounts.create_account(connection, DEFAULT, person.name, "", author.at, role_id=role.id)
    audit.write(connection, author, "user.create", after=account)
    return account
