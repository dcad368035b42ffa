"""Which user somebody is whom an identity provider vouches for."""

from sqlalchemy import Connection, select, update

from tocsin.model.account import Account, Person
from tocsin.store import tables
from tocsin.store.accounts import ACCOUNT_COLUMNS, account_of, change_password
from tocsin.store.configuration import taken
from tocsin.store.roles import require_other_password


def find(connection: Connection, person: Person) -> Account | None:
    """Find the user that a person is linked to; None for none."""
    columns = tables.account.c
    row = connection.execute(
        select(*ACCOUNT_COLUMNS).where(
            columns.issuer == person.issuer, columns.subject == person.subject, columns.subject != ""
        )
    ).first()
    return None if row is None else account_of(row)


def is_free(connection: Connection, account: Account) -> bool:
    """Say whether a user waits for a person: they have no password, and nobody is linked to them."""
    columns = tables.account.c
    held = select(columns.password_hash, columns.subject).where(columns.id == account.id)
    return not any(connection.execute(held).one())


def link(connection: Connection, account: Account, person: Person) -> None:
    """Link a user to a person.

    Raises:
        Conflict: that person is linked to another.
    """
    with taken("another user is linked to this person"):
        _write(connection, account, person.issuer, person.subject)


def free(connection: Connection, account: Account) -> None:
    """Take a user's password and link away, so that the next person of their name is linked to them.

    That ends their sessions; their tokens stay.

    Raises:
        Conflict: they are the last administrator who can log in by a password.
    """
    require_other_password(connection, account)
    _write(connection, account, "", "")
    change_password(connection, account, "")


def _write(connection: Connection, account: Account, issuer: str, subject: str) -> None:
    columns = tables.account.c
    connection.execute(
        update(tables.account)
        .where(columns.domain_id == account.domain_id, columns.id == account.id)
        .values(issuer=issuer, subject=subject)
    )
