"""Users and their tokens."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from tocsin.model.access import Action
from tocsin.model.account import SESSION_TIMES, TOKEN, Account, Token
from tocsin.model.identifiers import random_id
from tocsin.store import tables, views
from tocsin.store.configuration import changed, taken
from tocsin.store.digest import digest
from tocsin.store.errors import Conflict, NotFound
from tocsin.store.roles import require_administrator

MOST_TOKENS: Final = 1_000
"""How many tokens a user may have, and sessions of each kind. Every node knows all of them."""
TOKEN_PREFIX: Final = "tocsin_"  # noqa: S105 - what secret scanners look for, no secret
_STEPS: Final = 12
"""A session is made longer by no less than this part of its time: every node reads all keys again then."""
ACCOUNT_COLUMNS: Final = tuple(tables.account.c[field] for field in Account.__struct_fields__)


def create_account(
    connection: Connection,
    domain_id: str,
    name: str,
    password_hash: str,
    now: int,
    *,
    role_id: str,
    disabled: bool = False,
) -> Account:
    """Make a user.

    Args:
        connection: within a transaction.
        domain_id: where they belong.
        name: what they are called.
        password_hash: of their password; '' for none, with which nobody can log in.
        now: microseconds UTC.
        role_id: what they may do.
        disabled: they are there, and cannot do anything yet.

    Raises:
        Conflict: the name is taken, in whichever domain.
    """
    account = Account(random_id("user"), domain_id, name, now, role_id, disabled)
    with taken(f"a user named {name} exists already"):
        connection.execute(
            insert(tables.account).values(**_account_values(account), password_hash=password_hash)
        )
    changed(connection)
    return account


def accounts(connection: Connection, domain_id: str) -> list[Account]:
    """Give the users of a domain, the oldest first."""
    columns = tables.account.c
    rows = connection.execute(
        select(*ACCOUNT_COLUMNS)
        .where(columns.domain_id == domain_id)
        .order_by(columns.created_at, columns.id)
    )
    return [account_of(row) for row in rows]


def find_account(connection: Connection, name: str) -> Account:
    """Find a user by name, in whichever domain.

    Raises:
        NotFound: there is none.
    """
    row = connection.execute(select(*ACCOUNT_COLUMNS).where(tables.account.c.name == name)).first()
    if row is None:
        raise NotFound(f"there is no user {name}")
    return account_of(row)


def account_in(connection: Connection, domain_id: str, name_or_id: str) -> Account:
    """Find a user of a domain by their id, or else by their name.

    Raises:
        NotFound: the domain has none.
    """
    columns = tables.account.c
    for column in (columns.id, columns.name):
        row = connection.execute(
            select(*ACCOUNT_COLUMNS).where(columns.domain_id == domain_id, column == name_or_id)
        ).first()
        if row is not None:
            return account_of(row)
    raise NotFound(f"there is no user {name_or_id}")


def change_account(connection: Connection, account: Account) -> None:
    """Write a user's name, role and whether they are disabled; that ends their sessions.

    Raises:
        Conflict: the name is taken, or nobody could administer the domain any more.
    """
    with taken(f"a user named {account.name} exists already"):
        connection.execute(_of(account).values(**_account_values(account)))
    require_administrator(connection, account.domain_id)
    if account.disabled:
        end_sessions(connection, account)
    changed(connection)


def password_hash(connection: Connection, account: Account) -> str:
    """Give the hash of a user's password."""
    found = select(tables.account.c.password_hash).where(tables.account.c.id == account.id)
    return str(connection.execute(found).scalar_one())


def rehash_password(connection: Connection, account: Account, password_hash: str) -> None:
    """Write the same password in a newer hash."""
    connection.execute(_of(account).values(password_hash=password_hash))


def change_password(connection: Connection, account: Account, password_hash: str) -> None:
    """Write the hash of a user's new password. That ends their sessions; their tokens stay."""
    rehash_password(connection, account, password_hash)
    end_sessions(connection, account)
    changed(connection)


def delete_account(connection: Connection, account: Account) -> None:
    """Delete a user with their tokens and private views. What they did stays under their name.

    Raises:
        Conflict: nobody could administer the domain any more.
    """
    connection.execute(
        delete(tables.token).where(
            tables.token.c.domain_id == account.domain_id, tables.token.c.account_id == account.id
        )
    )
    views.delete_private(connection, account)
    columns = tables.account.c
    connection.execute(
        delete(tables.account).where(columns.domain_id == account.domain_id, columns.id == account.id)
    )
    require_administrator(connection, account.domain_id)
    changed(connection)


def create_token(
    connection: Connection,
    account: Account,
    name: str,
    now: int,
    *,
    expires_at: int = 0,
    scopes: tuple[Action, ...] = (),
    kind: str = TOKEN,
) -> tuple[Token, str]:
    """Make a token for a user, or a session.

    Args:
        connection: within a transaction.
        account: whose.
        name: what it is for.
        now: microseconds UTC.
        expires_at: when it ends, microseconds UTC; 0 for never.
        scopes: what it is limited to; empty for all that its user may do.
        kind: token, or a kind of session.

    Returns:
        The token as it is listed, and its secret, which is not stored and cannot be shown again.

    Raises:
        Conflict: the user has as many tokens as one may. Of too many sessions the oldest ends instead.
    """
    _make_room(connection, account, kind)
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = Token(random_id("token"), account.domain_id, account.id, name, now, expires_at, kind, scopes)
    values = msgspec.structs.asdict(token) | {"scopes": " ".join(scopes), "token_hash": digest(secret)}
    connection.execute(insert(tables.token).values(**values))
    changed(connection)
    return token, secret


def _make_room(connection: Connection, account: Account, kind: str) -> None:
    columns = tables.token.c
    standing = select(columns.id).where(
        columns.domain_id == account.domain_id, columns.account_id == account.id, columns.kind == kind
    )
    oldest = list(connection.execute(standing.order_by(columns.created_at, columns.id)).scalars())
    if len(oldest) < MOST_TOKENS:
        return
    if kind == TOKEN:
        raise Conflict(f"{account.name} has {MOST_TOKENS} tokens: revoke those that nobody uses")
    ended = oldest[: len(oldest) - MOST_TOKENS + 1]
    connection.execute(
        delete(tables.token).where(columns.domain_id == account.domain_id, columns.id.in_(ended))
    )


def tokens(connection: Connection, domain_id: str, account_id: str = "") -> list[Token]:
    """Give the tokens of a domain, the oldest first; sessions are none of them.

    Args:
        connection: within a read.
        domain_id: whose.
        account_id: only this user's; '' for all.
    """
    columns = tables.token.c
    wanted = select(tables.token).where(columns.domain_id == domain_id, columns.kind == TOKEN)
    if account_id:
        wanted = wanted.where(columns.account_id == account_id)
    return [token_of(row) for row in connection.execute(wanted.order_by(columns.created_at, columns.id))]


def find_token(connection: Connection, domain_id: str, token_id: str, account_id: str = "") -> Token:
    """Find a token, or a session, by its id.

    Raises:
        NotFound: the domain, or the user, has none with that id.
    """
    columns = tables.token.c
    wanted = select(tables.token).where(columns.domain_id == domain_id, columns.id == token_id)
    if account_id:
        wanted = wanted.where(columns.account_id == account_id)
    row = connection.execute(wanted).first()
    if row is None:
        raise NotFound(f"there is no token {token_id}")
    return token_of(row)


def delete_token(connection: Connection, domain_id: str, token_id: str) -> None:
    """Revoke a token, or end a session.

    Raises:
        NotFound: the domain has none with that id.
    """
    deleted = connection.execute(
        delete(tables.token).where(tables.token.c.domain_id == domain_id, tables.token.c.id == token_id)
    )
    if not deleted.rowcount:
        raise NotFound(f"there is no token {token_id}")
    changed(connection)


def end_sessions(connection: Connection, account: Account) -> None:
    """Log a user out everywhere."""
    columns = tables.token.c
    connection.execute(
        delete(tables.token).where(
            columns.domain_id == account.domain_id,
            columns.account_id == account.id,
            columns.kind != TOKEN,
        )
    )


def note_use(connection: Connection, used: Mapping[str, int], now: int) -> None:
    """Write when tokens were shown last. Sessions that are used go on, and those that have ended go.

    Args:
        connection: within a transaction.
        used: token id -> when, microseconds UTC.
        now: microseconds UTC.
    """
    columns = tables.token.c
    if used:
        newer = update(tables.token).where(
            columns.id == bindparam("b_id"), columns.used_at < bindparam("b_at")
        )
        connection.execute(
            newer.values(used_at=bindparam("b_at")), [{"b_id": each, "b_at": at} for each, at in used.items()]
        )
    for kind, lasts in SESSION_TIMES.items():
        end = columns.used_at + lasts
        going_on = update(tables.token).where(
            columns.kind == kind, columns.expires_at + lasts // _STEPS < end, columns.expires_at > now
        )
        if connection.execute(going_on.values(expires_at=end)).rowcount:
            changed(connection)
    connection.execute(delete(tables.token).where(columns.kind != TOKEN, columns.expires_at <= now))


def account_of(row: Row[Any]) -> Account:
    """Read a user from the columns of the account."""
    return Account(row.id, row.domain_id, row.name, row.created_at, row.role_id, bool(row.disabled))


def token_of(row: Row[Any]) -> Token:
    """Read a token from its row."""
    values = {field: row._mapping[field] for field in Token.__struct_fields__}
    return Token(**values | {"scopes": tuple(map(Action, row.scopes.split()))})


def _account_values(account: Account) -> dict[str, Any]:
    return msgspec.structs.asdict(account) | {"disabled": int(account.disabled)}


def _of(account: Account) -> Any:
    columns = tables.account.c
    return update(tables.account).where(columns.domain_id == account.domain_id, columns.id == account.id)
