"""Who asks, and whether they may: the gate before every handler of the native API."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from tocsin.hub.errors import Forbidden, Unauthenticated
from tocsin.hub.hub import Hub, clock
from tocsin.model.access import Action, Principal
from tocsin.model.audit import Author

COOKIE: Final = "tocsin_session"
_SCHEME: Final = "bearer "

Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]
Guard: TypeAlias = Callable[[Connection, BaseRouteHandler], Awaitable[None]]


def gate(hub: Hub) -> Guard:
    """Make the guard of the API. It decides before anything of a request's body is read.

    A handler says in its `opt` which `action` it is, or that it is `public`; one that says neither lets
    nobody in.

    Args:
        hub: what knows who is speaking.
    """

    async def admit(connection: Connection, handler: BaseRouteHandler) -> None:
        if connection.scope.get("method") == "OPTIONS" or handler.opt.get("public"):
            return
        connection.scope["user"] = identify(hub, connection, handler.opt["action"])

    return admit


def identify(hub: Hub, connection: Connection, action: Action) -> Principal:
    """Find who asks, and make sure that they may do something.

    Raises:
        Unauthenticated: no bearer credential and no cookie of a session, or none that is known.
        SourceDisabled: the key of a source that is switched off.
        Forbidden: they may not; or the cookie comes from a page that is not Tocsin's.
    """
    given = connection.headers.get("authorization", "")
    cookie = connection.cookies.get(COOKIE, "")
    if given.lower().startswith(_SCHEME):
        found = hub.authentication.principal(given[len(_SCHEME) :].strip())
    elif cookie and not given:
        if connection.scope.get("method") != "GET" and not comes_from_here(connection):
            raise Forbidden("a session's cookie changes things only for pages of Tocsin: Origin is another")
        found = hub.authentication.user(cookie)
    else:
        raise Unauthenticated("send a token: Authorization: Bearer TOKEN")
    hub.authentication.authorise(found, action)
    return found


def comes_from_here(connection: Connection) -> bool:
    """Say whether a browser sends a request from a page of this server. Proxies change the scheme, so only
    host and port count.
    """
    origin, host = connection.headers.get("origin", ""), connection.headers.get("host", "")
    try:
        return bool(host) and urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:  # no origin that a browser sends, as http://[
        return False


async def principal(request: Request[Any, Any, Any]) -> Principal:
    """Give whom the gate let in."""
    found: Principal = request.user
    return found


def author(principal: Principal) -> Author:
    """Give whom the audit log names for a change that someone makes now."""
    via = f"session {principal.token_id}" if principal.is_session else principal.token_id
    return Author(principal.name, via, clock())
