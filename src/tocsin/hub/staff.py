"""The roles and users of a domain, for those who may not touch the store themselves."""

from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace
from sqlalchemy import Connection

from tocsin.hub.configuring import Configuring
from tocsin.model.account import Account
from tocsin.model.audit import Author
from tocsin.model.identifiers import random_id
from tocsin.model.role import Permission, Role
from tocsin.store import accounts, audit, roles

T = TypeVar("T")


class Members:
    """The roles and users of a domain within one transaction; whatever is refused undoes all of it.

    Args:
        connection: the transaction.
        author: who changes them, and when.
        domain_id: whose.
    """

    def __init__(self, connection: Connection, author: Author, domain_id: str) -> None:
        self._connection = connection
        self._author = author
        self._domain_id = domain_id

    def roles(self) -> list[Role]:
        """Give the roles, the oldest first."""
        return roles.roles(self._connection, self._domain_id)

    def users(self) -> list[Account]:
        """Give the users, the oldest first."""
        return accounts.accounts(self._connection, self._domain_id)

    def new_role(self, name: str, permissions: tuple[Permission, ...], scope: str) -> Role:
        """Make a role.

        Raises:
            Conflict: the name is taken.
        """
        role = Role(random_id("role"), self._domain_id, name, permissions, scope, self._author.at)
        roles.create_role(self._connection, role)
        audit.write(self._connection, self._author, "role.create", after=role)
        return role

    def change_role(self, before: Role, after: Role) -> None:
        """Write a role as it is to be.

        Raises:
            Conflict: the name is taken, or nobody could administer the domain any more.
        """
        if after != before:
            roles.change_role(self._connection, after)
            audit.write(self._connection, self._author, "role.change", before=before, after=after)

    def delete_role(self, role: Role) -> None:
        """Delete a role that no user has.

        Raises:
            Conflict: some have.
        """
        roles.delete_role(self._connection, role)
        audit.write(self._connection, self._author, "role.delete", before=role)

    def new_user(self, name: str, role_id: str, password_hash: str) -> Account:
        """Make a user.

        Args:
            name: what they are called.
            role_id: what they may do.
            password_hash: of their password; '' for none, with which nobody can log in.

        Raises:
            Conflict: the name is taken, in whichever domain.
        """
        user = accounts.create_account(
            self._connection, self._domain_id, name, password_hash, self._author.at, role_id=role_id
        )
        audit.write(self._connection, self._author, "user.create", after=user)
        return user

    def change_user(self, user: Account, name: str, role_id: str, password_hash: str) -> Account:
        """Change a user. Another password ends their sessions.

        Args:
            user: as they stand.
            name: what they are called.
            role_id: what they may do.
            password_hash: of another password; '' for the one that they have.

        Raises:
            Conflict: the name is taken, in whichever domain, or nobody could administer the domain any more.
        """
        after = replace(user, name=name, role_id=role_id)
        if password_hash:
            accounts.change_password(self._connection, user, password_hash)
            audit.write(self._connection, self._author, "user.password", before=user, after=user)
        if after != user:
            accounts.change_account(self._connection, after)
            audit.write(self._connection, self._author, "user.change", before=user, after=after)
        return after

    def delete_user(self, user: Account) -> None:
        """Delete a user with their tokens.

        Raises:
            Conflict: nobody could administer the domain any more.
        """
        accounts.delete_account(self._connection, user)
        audit.write(self._connection, self._author, "user.delete", before=user)


class Staff:
    """Reads and changes roles and users. Each method raises Unavailable where that cannot be done now.

    Args:
        configuring: does the work.
    """

    def __init__(self, configuring: Configuring) -> None:
        self._configuring = configuring

    async def read(self, author: Author, domain_id: str, work: Callable[[Members], T]) -> T:
        """Look at a domain's.

        Args:
            author: who looks.
            domain_id: whose.
            work: looks, and changes nothing.
        """
        return await self._configuring.read(lambda connection: work(Members(connection, author, domain_id)))

    async def change(self, author: Author, domain_id: str, work: Callable[[Members], T]) -> T:
        """Change a domain's.

        Args:
            author: who changes them.
            domain_id: whose.
            work: changes them; what it raises undoes all.

        Raises:
            Taken: a name is taken, a role is somebody's, or nobody could administer the domain any more.
        """
        return await self._configuring.change(lambda connection: work(Members(connection, author, domain_id)))
