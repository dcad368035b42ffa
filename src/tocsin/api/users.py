"""`/api/v1/users`: who may log in, and as what."""

from collections.abc import Mapping
from typing import Final

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from tocsin.api.configured import Configured
from tocsin.api.given import Asker, TheHub
from tocsin.api.idempotency import Repeatable
from tocsin.api.listing import Listing
from tocsin.api.principal import author
from tocsin.api.provider_session import TheProvider
from tocsin.api.revisions import IfMatch, IfNoneMatch
from tocsin.api.session import Password
from tocsin.api.shapes import moment
from tocsin.api.sources import CONFIGURE, GOVERN, Name
from tocsin.hub.hub import clock
from tocsin.model.account import Account
from tocsin.store import accounts, audit, persons, roles
from tocsin.store.errors import Conflict

_USERS: Final = Configured(
    "user", find=accounts.account_in, write=accounts.change_account, delete=accounts.delete_account
)


class NewUser(msgspec.Struct, forbid_unknown_fields=True):
    """A user to make. Without a password they cannot log in, but have tokens."""

    name: Name
    role: str = "viewer"
    password: Password | None = None
    disabled: bool = False


class UserChange(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of a user; what is left out stays. A password of null takes theirs away."""

    name: Name | UnsetType = UNSET
    role: str | UnsetType = UNSET
    password: Password | UnsetType | None = UNSET
    disabled: bool | UnsetType = UNSET


class UserItem(msgspec.Struct):
    """A user as they are listed; `role` is the name of theirs."""

    id: str
    name: str
    role: str
    role_id: str
    disabled: bool
    created_at: str | None


class Users(Controller):
    """Users: who may log in, and as what."""

    path = "/api/v1/users"
    tags = ["users"]

    @get(opt=CONFIGURE)
    async def listing(self, hub: TheHub, principal: Asker) -> Listing[UserItem]:
        """List the users, the oldest first."""

        def look(connection: Connection) -> list[UserItem]:
            found = accounts.accounts(connection, principal.domain_id)
            names = _role_names(connection, principal.domain_id)
            return [_named(account, names) for account in found]

        return Listing(await hub.database.read(look))

    @post(opt=GOVERN)
    async def create(
        self, data: JSONBody[NewUser], hub: TheHub, principal: Asker, once: Repeatable
    ) -> Response[UserItem]:
        """Make a user."""
        hashed = "" if data.password is None else await hub.sessions.passwords.hash(data.password)

        def make(connection: Connection) -> Account:
            role = roles.find_role(connection, principal.domain_id, data.role)
            return accounts.create_account(
                connection,
                principal.domain_id,
                data.name,
                hashed,
                clock(),
                role_id=role.id,
                disabled=data.disabled,
            )

        return await _USERS.make(hub, principal, once, make, _item)

    @get("/{name_or_id:str}", opt=CONFIGURE)
    async def one(
        self, name_or_id: FromPath[str], hub: TheHub, principal: Asker, if_none_match: IfNoneMatch = ""
    ) -> Response[UserItem]:
        """Show a user."""
        return await _USERS.show(hub, principal, name_or_id, _item, if_none_match)

    @patch("/{name_or_id:str}", opt=GOVERN)
    async def change(
        self,
        name_or_id: FromPath[str],
        data: JSONBody[UserChange],
        hub: TheHub,
        principal: Asker,
        by_provider: TheProvider,
        if_match: IfMatch = "",
    ) -> Response[UserItem]:
        """Rename a user, give them another role or password, disable or enable them.

        Another password ends their sessions, and their tokens stay; so does none, with which the next log-in
        by an identity provider under their name is theirs. A password stays where none is configured, and the
        last one of an administrator. Who is disabled has neither.
        """
        if data.password is None and by_provider is None:
            raise Conflict("without a password they could not log in: no identity provider is configured")
        hashed = await hub.sessions.passwords.hash(data.password) if data.password else ""

        def alter(connection: Connection, account: Account) -> Account:
            role_id = account.role_id
            if data.role is not UNSET:
                role_id = roles.find_role(connection, principal.domain_id, data.role).id
            if data.password is None:
                persons.free(connection, account)
            elif hashed:
                accounts.change_password(connection, account, hashed)
            if data.password is not UNSET:
                audit.write(connection, author(principal), "user.password", before=account, after=account)
            return msgspec.structs.replace(
                account,
                name=account.name if data.name is UNSET else data.name,
                role_id=role_id,
                disabled=account.disabled if data.disabled is UNSET else data.disabled,
            )

        return await _USERS.change(hub, principal, name_or_id, if_match, alter, _item)

    @delete("/{name_or_id:str}", opt=GOVERN)
    async def remove(
        self, name_or_id: FromPath[str], hub: TheHub, principal: Asker, if_match: IfMatch = ""
    ) -> None:
        """Delete a user with their tokens. What they did stays under their name."""
        await _USERS.delete(hub, principal, name_or_id, if_match)


def _item(connection: Connection, account: Account) -> UserItem:
    return _named(account, _role_names(connection, account.domain_id))


def _role_names(connection: Connection, domain_id: str) -> dict[str, str]:
    return {role.id: role.name for role in roles.roles(connection, domain_id)}


def _named(account: Account, names: Mapping[str, str]) -> UserItem:
    return UserItem(
        account.id,
        account.name,
        names.get(account.role_id, ""),
        account.role_id,
        account.disabled,
        moment(account.created_at),
    )
