"""Who asks, and whether they may: the gate before every handler of the native API."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from tocsin.hub.errors import Unauthenticated
from tocsin.hub.hub import Hub
from tocsin.model.access import Action, Principal

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
        Unauthenticated: no bearer credential, or none that is known.
        SourceDisabled: the key of a source that is switched off.
        Forbidden: they may not.
    """
    given = connection.headers.get("authorization", "")
    if not given.lower().startswith(_SCHEME):
        raise Unauthenticated("send a token: Authorization: Bearer TOKEN")
    found = hub.authentication.principal(given[len(_SCHEME) :].strip())
    hub.authentication.authorise(found, action)
    return found


async def principal(request: Request[Any, Any, Any]) -> Principal:
    """Give whom the gate let in."""
    found: Principal = request.user
    return found
