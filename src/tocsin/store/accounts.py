"""Users and their tokens."""

import secrets
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select

from tocsin.model.account import Account, Token
from tocsin.model.identifiers import random_id
from tocsin.store import tables
from tocsin.store.configuration import changed, taken
from tocsin.store.digest import digest
from tocsin.store.errors import NotFound

TOKEN_PREFIX: Final = "tocsin_"  # noqa: S105 - what secret scanners look for, no secret


def create_account(
    connection: Connection, domain_id: str, name: str, password_hash: str, now: int
) -> Account:
    """Make a user. The password comes hashed.

    Raises:
        Conflict: the name is taken, in whichever domain.
    """
    account = Account(random_id("user"), domain_id, name, now)
    with taken(f"a user named {name} exists already"):
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
    changed(connection)
    return token, secret


def tokens(connection: Connection, domain_id: str) -> list[Token]:
    """Give the tokens of a domain, the oldest first."""
    rows = connection.execute(
        select(tables.token).where(tables.token.c.domain_id == domain_id).order_by(tables.token.c.created_at)
    )
    return [token_of(row) for row in rows]


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
    changed(connection)


def token_of(row: Row[Any]) -> Token:
    """Read a token from its row."""
    return Token(*(row._mapping[field] for field in Token.__struct_fields__))
