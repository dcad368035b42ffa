"""`/api/v1/session`: log in, ask who one is, log out."""

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Controller, Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody
from sqlalchemy import Connection

from tocsin.api.given import Asker, TheHub
from tocsin.api.principal import COOKIE, author, comes_from_here
from tocsin.api.shapes import moment
from tocsin.hub.errors import Forbidden
from tocsin.model.access import SCOPES, Action, may, scope_of
from tocsin.store import accounts, audit
from tocsin.store.errors import Conflict

Password = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
Permitted = Literal["send", "read", "act", "silence", "configure"]
_SHOWN: Final = {*SCOPES, Action.OVERSEE}
IDENTIFY: Final = {"action": Action.IDENTIFY}
OWN: Final = {"action": Action.OWN}


class Credentials(msgspec.Struct, forbid_unknown_fields=True):
    """A user's name and password."""

    name: Annotated[str, msgspec.Meta(max_length=255)]
    password: Annotated[str, msgspec.Meta(max_length=1024)]


class NewPassword(msgspec.Struct, forbid_unknown_fields=True):
    """The password that a user has, and the one that they want."""

    password: Annotated[str, msgspec.Meta(max_length=1024)]
    new_password: Password


class Named(msgspec.Struct):
    """An id and a name."""

    id: str
    name: str


class NewSession(msgspec.Struct):
    """A session just begun. `token` is shown this once; a browser keeps it as a cookie."""

    token: str
    expires_at: str | None
    user: Named


class SessionItem(msgspec.Struct):
    """Who is asking, and what they may do.

    Attributes:
        role: None where the user has none.
        may: what they may do with this session or token.
        scopes: on what they may read, act and silence: expressions, '' for everything.
    """

    user: Named
    domain_id: str
    role: Named | None
    may: list[Action]
    scopes: dict[str, str]
    kind: str
    expires_at: str | None


class Session(Controller):
    """The session: who is asking."""

    path = "/api/v1/session"
    tags = ["session"]

    @post(status_code=200, opt={"public": True})
    async def log_in(
        self, data: JSONBody[Credentials], request: Request[Any, Any, Any], hub: TheHub
    ) -> Response[NewSession]:
        """Log in. The session lasts until it is not used for 12 hours."""
        origin = request.headers.get("origin", "")
        if origin and not comes_from_here(request):
            raise Forbidden("only pages of Tocsin may log in with a browser: Origin is another")
        account, session, secret = await hub.sessions.log_in(data.name, data.password, address_of(request))
        is_secure = "https" in {request.scope["scheme"], origin.partition(":")[0]}
        return Response(
            NewSession(secret, moment(session.expires_at), Named(account.id, account.name)),
            cookies=[session_cookie(secret, is_secure=is_secure)],
            headers={"Cache-Control": "no-store"},
        )

    @get(opt=IDENTIFY)
    async def who(self, hub: TheHub, principal: Asker) -> SessionItem:
        """Say who is asking, and what they may do."""
        token = await hub.database.read(
            lambda connection: accounts.find_token(connection, principal.domain_id, principal.token_id)
        )
        role = principal.role
        allowed = [action for action in Action if action in _SHOWN and may(principal, action)]
        limits = {Action.READ, Action.ACT, Action.SILENCE}.intersection(allowed)
        return SessionItem(
            Named(principal.account_id, principal.name),
            principal.domain_id,
            Named(role.id, role.name) if role is not None else None,
            allowed,
            {action: scope_of(principal, action) for action in SCOPES if action in limits},
            token.kind,
            moment(token.expires_at),
        )

    @delete(opt=IDENTIFY)
    async def log_out(self, hub: TheHub, principal: Asker) -> Response[None]:
        """Log out: the session ends."""
        if not principal.is_session:
            raise Conflict("this is no session but a token: revoke it")
        await hub.sessions.log_out(principal)
        return Response(None, status_code=204, cookies=[session_cookie("", is_secure=False, seconds=0)])

    @post("/password", status_code=204, opt=OWN)
    async def change_password(
        self, data: JSONBody[NewPassword], request: Request[Any, Any, Any], hub: TheHub, principal: Asker
    ) -> None:
        """Change one's own password. It ends all one's sessions, this one too; tokens stay."""
        account, _ = await hub.sessions.check(principal.name, data.password, address_of(request))
        hashed = await hub.sessions.passwords.hash(data.new_password)

        def write(connection: Connection) -> None:
            accounts.change_password(connection, account, hashed)
            audit.write(connection, author(principal), "user.password", before=account, after=account)

        await hub.database.write(write)
        await hub.authentication.catch_up()


def address_of(request: Request[Any, Any, Any]) -> str:
    """Give the address that a request comes from, '' where none is known."""
    return request.client.host if request.client else ""


def session_cookie(secret: str, *, is_secure: bool, seconds: int | None = None) -> Cookie:
    """Make the cookie of a session. It ends with the browser; the session itself ends here."""
    return Cookie(
        key=COOKIE,
        value=secret,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="strict",
        secure=is_secure,
    )
