"""`/api/v1/tokens`: bearer tokens of the domain's users."""

from datetime import datetime

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody
from sqlalchemy import Connection

from tocsin.api.given import Asker, TheHub
from tocsin.api.listing import Listing
from tocsin.api.problems import bad_input
from tocsin.api.shapes import instant, moment
from tocsin.api.sources import CONFIGURE, Name
from tocsin.hub.hub import clock
from tocsin.model.account import Token
from tocsin.store import accounts


class NewToken(msgspec.Struct, forbid_unknown_fields=True):
    """A token to make, for whoever asks."""

    name: Name
    expires_at: datetime | None = None


class TokenItem(msgspec.Struct):
    """A token as it is listed: without its secret, which is kept nowhere."""

    id: str
    name: str
    user_id: str
    created_at: str | None
    expires_at: str | None


class TokenWithSecret(TokenItem, kw_only=True):
    """A new token with its secret, which is shown this once."""

    token: str


class Tokens(Controller):
    """Tokens: how users and programs show who they are."""

    path = "/api/v1/tokens"
    tags = ["tokens"]

    @get(opt=CONFIGURE)
    async def listing(self, hub: TheHub, principal: Asker) -> Listing[TokenItem]:
        """List the tokens, the oldest first, without their secrets."""
        found = await hub.database.read(lambda connection: accounts.tokens(connection, principal.domain_id))
        return Listing([_item(token) for token in found])

    @post(opt=CONFIGURE)
    async def create(self, data: JSONBody[NewToken], hub: TheHub, principal: Asker) -> TokenWithSecret:
        """Make a token. Its secret stands in this answer and nowhere else."""
        now, expires_at = clock(), instant(data.expires_at)
        if data.expires_at is not None and expires_at <= now:
            raise bad_input("expires_at", "lies in the past")

        def make(connection: Connection) -> tuple[Token, str]:
            account = accounts.find_account(connection, principal.name)
            return accounts.create_token(connection, account, data.name, now, expires_at=expires_at)

        token, secret = await hub.database.write(make)
        await hub.authentication.refresh()
        return TokenWithSecret(**msgspec.structs.asdict(_item(token)), token=secret)

    @delete("/{token_id:str}", opt=CONFIGURE)
    async def revoke(self, token_id: FromPath[str], hub: TheHub, principal: Asker) -> None:
        """Revoke a token: it is refused from now on."""
        await hub.database.write(
            lambda connection: accounts.delete_token(connection, principal.domain_id, token_id)
        )
        await hub.authentication.refresh()


def _item(token: Token) -> TokenItem:
    return TokenItem(
        token.id, token.name, token.account_id, moment(token.created_at), moment(token.expires_at)
    )
