"""A new domain with all that it needs for its first event: project, source, administrator, token."""

import secrets

import msgspec
from sqlalchemy import Connection

from tocsin.hub.hub import clock
from tocsin.hub.passwords import hash_password
from tocsin.model.account import Domain
from tocsin.model.audit import FIRST_START, Author
from tocsin.model.source import Source
from tocsin.store import accounts, audit, directory, locks, roles

ADMIN = "admin"


class NewDomain(msgspec.Struct, frozen=True):
    """A domain just made. Its secrets are known here and nowhere else.

    Attributes:
        admin: name of the administrator.
        password: of the administrator.
        token: of the administrator.
        source: the source that takes what comes without another.
    """

    domain: Domain
    admin: str
    password: str
    token: str
    source: Source


def create_domain(
    connection: Connection, author: Author, *, name: str, identifier: str, admin: str, password: str = ""
) -> NewDomain:
    """Make a domain.

    Args:
        connection: within a transaction.
        author: who makes it.
        name: what to call it.
        identifier: its id, '' to have one made.
        admin: name of its administrator.
        password: of the administrator, '' to have one made.

    Raises:
        Conflict: the id or the administrator's name is taken.
    """
    now = author.at
    password = password or secrets.token_urlsafe(12)
    domain = directory.create_domain(connection, name, now, identifier=identifier)
    project = directory.find_project(connection, domain.id, directory.DEFAULT)
    source = directory.create_source(
        connection,
        domain_id=domain.id,
        project_id=project.id,
        name=directory.FIRST_SOURCE,
        source_format="auto",
        now=now,
    )
    role = roles.create_first(connection, domain.id, now)
    account = accounts.create_account(
        connection, domain.id, admin, hash_password(password), now, role_id=role.id
    )
    held, token = accounts.create_token(connection, account, "first", now)
    for action, made in (("source.create", source), ("user.create", account), ("token.create", held)):
        audit.write(connection, author, action, after=made)
    return NewDomain(domain, admin, password, token, source)


def ensure_default(connection: Connection, password: str) -> NewDomain | None:
    """Make the domain `default` in an empty store. Gives None where a domain stands already."""
    locks.setting_up(connection)
    if directory.domains(connection):
        return None
    return create_domain(
        connection,
        Author("", FIRST_START, clock()),
        name=directory.DEFAULT,
        identifier=directory.DEFAULT,
        admin=ADMIN,
        password=password,
    )
