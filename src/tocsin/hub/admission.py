"""As which user somebody is let in whom an identity provider vouches for."""

from typing import Final

import msgspec
import structlog
from sqlalchemy import Connection

from tocsin.hub.errors import NotAdmitted
from tocsin.model.account import Account, Person
from tocsin.model.audit import Author
from tocsin.model.granting import Granting
from tocsin.store import accounts, audit, configuration, persons, roles
from tocsin.store.directory import DEFAULT
from tocsin.store.errors import Conflict, NotFound

_log: Final = structlog.get_logger("tocsin.sessions")


def admit(connection: Connection, person: Person, granting: Granting, author: Author) -> Account:
    """Find the user that a person is, link them at their first log-in, or make one.

    A user who was there before is linked only where an administrator wants it so: one without a password. One
    who is disabled is given as they are.

    Args:
        connection: within a transaction.
        person: who comes.
        granting: how they have a role.
        author: the person, for the audit log.

    Raises:
        NotAdmitted: there is no such user and none is made; or a user of that name is somebody else; or their
            groups give them no role.
    """
    # Before the domain's row, which entries of the audit log take: everybody takes them in that order.
    configuration.hold(connection)
    known = persons.find(connection, person)
    if known is not None:
        return known if known.disabled else _with_role(connection, known, person, granting, author)
    try:
        account = _named(connection, person, granting, author)
        if account.disabled:
            return account
        if not persons.is_free(connection, account):
            raise NotAdmitted("name_taken")
        account = _with_role(connection, account, person, granting, author)
        persons.link(connection, account, person)
    except Conflict:  # somebody of that name came at the same time
        raise NotAdmitted("name_taken") from None
    audit.write(connection, author, "user.link", before=account, after=account)
    return account


def _with_role(
    connection: Connection, account: Account, person: Person, granting: Granting, author: Author
) -> Account:
    """Give a user the role that their groups give them, where groups give any."""
    if not granting.by_group:
        return account
    wanted = granting.role_of(person.groups)
    if not wanted:
        raise NotAdmitted("no_role")
    try:
        role = roles.find_role(connection, account.domain_id, wanted)
        if role.id == account.role_id:
            return account
        changed = msgspec.structs.replace(account, role_id=role.id)
        accounts.change_account(connection, changed)
    except (NotFound, Conflict) as failure:  # there is no such role; or nobody else could administer it all
        _log.error("role_not_given", role=wanted, reason=str(failure))
        raise NotAdmitted("no_role") from None
    audit.write(connection, author, "user.change", before=account, after=changed)
    return changed


def _named(connection: Connection, person: Person, granting: Granting, author: Author) -> Account:
    try:
        return accounts.find_account(connection, person.name)
    except NotFound:
        wanted = granting.role_of(person.groups)
        if not wanted:
            raise NotAdmitted("no_role" if granting.by_group else "unknown_user") from None
    try:
        role = roles.find_role(connection, DEFAULT, wanted)
    except NotFound as failure:
        _log.error("no_role_for_new_users", reason=str(failure))
        raise NotAdmitted("unknown_user") from None
    account = accounts.create_account(connection, DEFAULT, person.name, "", author.at, role_id=role.id)
    audit.write(connection, author, "user.create", after=account)
    return account
