"""The directory: domains, projects, sources, users and tokens.

Every change moves the version in `configuration`, by which each node notices that what it keeps in memory
is old.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from tocsin.model.account import Account, Domain, Project, Token
from tocsin.model.identifiers import random_id
from tocsin.model.source import Source, SourceOptions
from tocsin.store import tables
from tocsin.store.errors import Conflict, NotFound

TOKEN_PREFIX: Final = "tocsin_"  # noqa: S105 - what secret scanners look for, no secret
DEFAULT: Final = "default"
FIRST_SOURCE: Final = "first"
_PROBE: Final = 0
_CONFIGURATION: Final = 1
"""The row that counts; the one of a probe is never seen by others."""
_VERSION: Final = select(tables.configuration.c.version).where(tables.configuration.c.id == _CONFIGURATION)
_OPTIONS: Final = frozenset(SourceOptions.__struct_fields__)


Item = TypeVar("Item", Domain, Project, Source)


class Snapshot(msgspec.Struct, frozen=True):
    """All that a node keeps in memory to know who is speaking.

    Attributes:
        version: of the configuration it was read at.
        sources: by the hash of their access key.
        tokens: by the hash of the token, with the account.
    """

    version: int
    sources: dict[str, Source]
    tokens: dict[str, tuple[Token, Account]]


def digest(secret: str) -> str:
    """Give the SHA-256 of a key or token, in hex: what is stored of a token and what both are found by."""
    return hashlib.sha256(secret.encode()).hexdigest()


def version(connection: Connection) -> int:
    """Give the version of the configuration."""
    return connection.execute(_VERSION).scalar() or 0


def probe(connection: Connection) -> None:
    """Write something that leaves nothing behind, to see whether the store takes writes.

    A row comes and goes: of an update to what stands there already, SQLite writes nothing.
    """
    connection.execute(insert(tables.configuration).values(id=_PROBE, version=0))
    connection.execute(delete(tables.configuration).where(tables.configuration.c.id == _PROBE))


def snapshot(connection: Connection) -> Snapshot:
    """Read all sources and tokens."""
    sources = {row.key_hash: _source(row) for row in connection.execute(select(tables.source))}
    rows = connection.execute(
        select(tables.token, tables.account.c.name.label("account_name")).join(
            tables.account, tables.account.c.id == tables.token.c.account_id
        )
    )
    tokens = {
        row.token_hash: (_token(row), Account(row.account_id, row.domain_id, row.account_name, 0))
        for row in rows
    }
    return Snapshot(version(connection), sources, tokens)


def create_domain(connection: Connection, name: str, now: int, *, identifier: str = "") -> Domain:
    """Make a domain with its project `default`.

    Args:
        connection: within a transaction.
        name: what to call it.
        now: microseconds UTC.
        identifier: the id to give it; '' to make one.

    Raises:
        Conflict: the id is taken.
    """
    domain = Domain(identifier or random_id("domain"), name, now)
    with _taken(f"a domain with the id {domain.id} exists already"):
        connection.execute(
            insert(tables.domain).values(id=domain.id, name=name, next_seq=1, next_object=1, created_at=now)
        )
    project_id = DEFAULT if domain.id == DEFAULT else ""
    create_project(connection, domain.id, DEFAULT, now, identifier=project_id)
    _changed(connection)
    return domain


def domains(connection: Connection) -> list[Domain]:
    """Give every domain, the oldest first."""
    columns = (tables.domain.c.id, tables.domain.c.name, tables.domain.c.created_at)
    return [Domain(*row) for row in connection.execute(select(*columns).order_by(tables.domain.c.created_at))]


def find_domain(connection: Connection, name_or_id: str) -> Domain:
    """Find a domain by its id, or else by its name.

    Raises:
        NotFound: there is none.
    """
    domain = _by_id_or_name(domains(connection), name_or_id)
    if domain is None:
        raise NotFound(f"there is no domain {name_or_id}")
    return domain


def create_project(
    connection: Connection, domain_id: str, name: str, now: int, *, identifier: str = ""
) -> Project:
    """Make a project in a domain.

    Raises:
        Conflict: the id is taken, or the name is taken in the domain.
    """
    project = Project(identifier or random_id("project"), domain_id, name, now)
    with _taken(f"a project named {name}, or with that id, exists already"):
        connection.execute(insert(tables.project).values(**msgspec.structs.asdict(project)))
    _changed(connection)
    return project


def projects(connection: Connection, domain_id: str) -> list[Project]:
    """Give the projects of a domain, the oldest first."""
    rows = connection.execute(
        select(tables.project)
        .where(tables.project.c.domain_id == domain_id)
        .order_by(tables.project.c.created_at, tables.project.c.id)
    )
    return [Project(**row._mapping) for row in rows]


def find_project(connection: Connection, domain_id: str, name_or_id: str) -> Project:
    """Find a project of a domain by its id, or else by its name.

    Raises:
        NotFound: the domain has none.
    """
    project = _by_id_or_name(projects(connection, domain_id), name_or_id)
    if project is None:
        raise NotFound(f"there is no project {name_or_id}")
    return project


def create_source(
    connection: Connection,
    *,
    domain_id: str,
    project_id: str,
    name: str,
    source_format: str,
    now: int,
    options: SourceOptions | None = None,
) -> Source:
    """Make a source with a new access key.

    Raises:
        Conflict: the name is taken in the domain.
    """
    source = Source(
        random_id("source"),
        domain_id,
        project_id,
        name,
        source_format,
        True,
        secrets.token_hex(16),
        options or SourceOptions(),
        now,
    )
    with _taken(f"a source named {name} exists already"):
        connection.execute(insert(tables.source).values(**_source_values(source)))
    _changed(connection)
    return source


def sources(connection: Connection, domain_id: str) -> list[Source]:
    """Give the sources of a domain, the oldest first."""
    rows = connection.execute(
        select(tables.source)
        .where(tables.source.c.domain_id == domain_id)
        .order_by(tables.source.c.created_at, tables.source.c.id)
    )
    return [_source(row) for row in rows]


def find_source(connection: Connection, domain_id: str, name_or_id: str) -> Source:
    """Find a source of a domain by its id, or else by its name.

    Raises:
        NotFound: the domain has none.
    """
    source = _by_id_or_name(sources(connection, domain_id), name_or_id)
    if source is None:
        raise NotFound(f"there is no source {name_or_id}")
    return source


def change_source(connection: Connection, source: Source) -> None:
    """Write a source's name, format, project, state and options.

    Raises:
        Conflict: the name is taken in the domain.
    """
    with _taken(f"a source named {source.name} exists already"):
        connection.execute(
            update(tables.source)
            .where(tables.source.c.domain_id == source.domain_id, tables.source.c.id == source.id)
            .values(**_source_values(source))
        )
    _changed(connection)


def delete_source(connection: Connection, source: Source) -> None:
    """Delete a source. Its events stay."""
    connection.execute(
        delete(tables.source).where(
            tables.source.c.domain_id == source.domain_id, tables.source.c.id == source.id
        )
    )
    _changed(connection)


def create_account(
    connection: Connection, domain_id: str, name: str, password_hash: str, now: int
) -> Account:
    """Make a user. The password comes hashed.

    Raises:
        Conflict: the name is taken, in whichever domain.
    """
    account = Account(random_id("user"), domain_id, name, now)
    with _taken(f"a user named {name} exists already"):
        connection.execute(
            insert(tables.account).values(**msgspec.structs.asdict(account), password_hash=password_hash)
        )
    return account


def accounts(connection: Connection, domain_id: str) -> list[Account]:
    """Give the users of a domain, the oldest first."""
    columns = [tables.account.c[field] for field in Account.__struct_fields__]
    rows = connection.execute(
        select(*columns).where(tables.account.c.domain_id == domain_id).order_by(tables.account.c.created_at)
    )
    return [Account(*row) for row in rows]


def find_account(connection: Connection, name: str) -> Account:
    """Find a user by name, in whichever domain.

    Raises:
        NotFound: there is none.
    """
    columns = [tables.account.c[field] for field in Account.__struct_fields__]
    row = connection.execute(select(*columns).where(tables.account.c.name == name)).first()
    if row is None:
        raise NotFound(f"there is no user {name}")
    return Account(*row)


def create_token(
    connection: Connection, account: Account, name: str, now: int, *, expires_at: int = 0
) -> tuple[Token, str]:
    """Make a token for a user.

    Args:
        connection: within a transaction.
        account: whose.
        name: what it is for.
        now: microseconds UTC.
        expires_at: when it ends, microseconds UTC; 0 for never.

    Returns:
        The token as it is listed, and its secret, which is not stored and cannot be shown again.
    """
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = Token(random_id("token"), account.domain_id, account.id, name, now, expires_at)
    connection.execute(
        insert(tables.token).values(**msgspec.structs.asdict(token), token_hash=digest(secret))
    )
    _changed(connection)
    return token, secret


def tokens(connection: Connection, domain_id: str) -> list[Token]:
    """Give the tokens of a domain, the oldest first."""
    rows = connection.execute(
        select(tables.token).where(tables.token.c.domain_id == domain_id).order_by(tables.token.c.created_at)
    )
    return [_token(row) for row in rows]


def delete_token(connection: Connection, domain_id: str, token_id: str) -> None:
    """Revoke a token.

    Raises:
        NotFound: the domain has none with that id.
    """
    deleted = connection.execute(
        delete(tables.token).where(tables.token.c.domain_id == domain_id, tables.token.c.id == token_id)
    )
    if not deleted.rowcount:
        raise NotFound(f"there is no token {token_id}")
    _changed(connection)


def _by_id_or_name(found: list[Item], name_or_id: str) -> Item | None:
    """Look at all ids before any name: a name that equals another's id must not hide it."""
    named = [each for each in found if each.name == name_or_id]
    return next((each for each in found if each.id == name_or_id), named[0] if named else None)


def _changed(connection: Connection) -> None:
    columns = tables.configuration.c
    bumped = update(tables.configuration).where(columns.id == _CONFIGURATION)
    if not connection.execute(bumped.values(version=columns.version + 1)).rowcount:
        connection.execute(insert(tables.configuration).values(id=_CONFIGURATION, version=1))


def _source(row: Row[Any]) -> Source:
    return Source(
        row.id,
        row.domain_id,
        row.project_id,
        row.name,
        row.format,
        bool(row.enabled),
        row.access_key,
        _options(row.options),
        row.created_at,
    )


def _options(stored: str) -> SourceOptions:
    """Read a source's options. What a newer Tocsin wrote beside them must not make the source unknown."""
    given = msgspec.json.decode(stored, type=dict[str, Any])
    known = {name: value for name, value in given.items() if name in _OPTIONS}
    return msgspec.convert(known, SourceOptions)


def _source_values(source: Source) -> dict[str, Any]:
    return msgspec.structs.asdict(source) | {
        "enabled": int(source.enabled),
        "options": msgspec.json.encode(source.options).decode(),
        "key_hash": digest(source.access_key),
    }


def _token(row: Row[Any]) -> Token:
    return Token(*(row._mapping[field] for field in Token.__struct_fields__))


@contextmanager
def _taken(message: str) -> Iterator[None]:
    try:
        yield
    except IntegrityError as failure:
        raise Conflict(message) from failure
