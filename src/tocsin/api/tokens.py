"""`/api/v1/tokens`: bearer tokens of the domain's users."""

from datetime import datetime

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody
from sqlalchemy import Connection

from tocsin.api.given import Asker, TheHub
from tocsin.api.idempotency import Repeatable
from tocsin.api.listing import Listing
from tocsin.api.making import made
from tocsin.api.principal import author
from tocsin.api.problems import bad_input
from tocsin.api.session import OWN, Permitted
from tocsin.api.shapes import instant, moment
from tocsin.api.sources import Name
from tocsin.hub.hub import clock
from tocsin.model.access import SCOPES, Action, Principal, may
from tocsin.model.account import Token
from tocsin.store import accounts, audit
from tocsin.store.errors import Conflict


class NewToken(msgspec.Struct, forbid_unknown_fields=True):
    """A token to make, for whoever asks; without `scopes` it may whatever its user may."""

    name: Name
    expires_at: datetime | None = None
    scopes: list[Permitted] = []


class TokenItem(msgspec.Struct):
    """A token as it is listed: without its secret, which is kept nowhere."""

    id: str
    name: str
    user_id: str
    scopes: list[Action]
    created_at: str | None
    expires_at: str | None
    used_at: str | None


class TokenWithSecret(TokenItem, kw_only=True):
    """A new token with its secret, which is shown this once."""

    token: str


class Tokens(Controller):
    """Tokens: how users and programs show who they are."""

    path = "/api/v1/tokens"
    tags = ["tokens"]

    @get(opt=OWN)
    async def listing(self, hub: TheHub, principal: Asker) -> Listing[TokenItem]:
        """List one's tokens, the oldest first, without their secrets; who may configure sees all."""

        def look(connection: Connection) -> list[TokenItem]:
            found = accounts.tokens(connection, principal.domain_id, _whose(principal))
            return [_item(connection, token) for token in found]

        return Listing(await hub.database.read(look))

    @post(opt=OWN)
    async def create(
        self, data: JSONBody[NewToken], hub: TheHub, principal: Asker, once: Repeatable
    ) -> TokenWithSecret:
        """Make a token. Its secret stands in this answer and nowhere else."""
        secret = ""

        def make(connection: Connection) -> Token:
            nonlocal secret
            now, expires_at = clock(), instant(data.expires_at)
            if data.expires_at is not None and expires_at <= now:
                raise bad_input("expires_at", "lies in the past")
            account = accounts.account_in(connection, principal.domain_id, principal.account_id)
            scopes = tuple(each for each in SCOPES if each in data.scopes)
            token, secret = accounts.create_token(
                connection, account, data.name, now, expires_at=expires_at, scopes=scopes
            )
            return token

        new = await made(hub, principal, once, "token", make=make, find=_refuse_to_repeat, show=_item)
        return TokenWithSecret(**msgspec.structs.asdict(new.item), token=secret)

    @delete("/{token_id:str}", opt=OWN)
    async def revoke(self, token_id: FromPath[str], hub: TheHub, principal: Asker) -> None:
        """Revoke a token: it is refused from now on."""

        def write(connection: Connection) -> None:
            token = accounts.find_token(connection, principal.domain_id, token_id, _whose(principal))
            accounts.delete_token(connection, principal.domain_id, token_id)
            audit.write(connection, author(principal), "token.delete", before=token)

        await hub.database.write(write)
        await hub.authentication.catch_up()


def _whose(principal: Principal) -> str:
    """Give whose tokens somebody may see: '' for everybody's."""
    return "" if may(principal, Action.CONFIGURE) else principal.account_id


def _refuse_to_repeat(_: Connection, __: str, token_id: str) -> Token:
    """Refuse to show a token again: its secret is stored nowhere.

    Raises:
        Conflict: always.
    """
    raise Conflict(
        f"an earlier request with this Idempotency-Key made {token_id}, and its secret is shown once: "
        "revoke it, and make another with another key"
    )


def _item(_: Connection, token: Token) -> TokenItem:
    return TokenItem(
        token.id,
        token.name,
        token.account_id,
        list(token.scopes),
        moment(token.created_at),
        moment(token.expires_at),
        moment(token.used_at),
    )
