"""Who asks, and whether they may: the dependency that every handler of the native API stands on."""

from typing import Any, Final

from litestar import Request

from tocsin.hub.errors import Unauthenticated
from tocsin.hub.hub import Hub
from tocsin.model.access import Action, Principal

_SCHEME: Final = "bearer "


async def principal(request: Request[Any, Any, Any], hub: Hub) -> Principal:
    """Find who asks and make sure that they may do what the handler does (its `action`).

    Raises:
        Unauthenticated: no bearer credential, or none that is known.
        SourceDisabled: the key of a source that is switched off.
        Forbidden: they may not.
    """
    given = request.headers.get("authorization", "")
    if not given.lower().startswith(_SCHEME):
        raise Unauthenticated("send a token: Authorization: Bearer TOKEN")
    found = hub.authentication.principal(given[len(_SCHEME) :].strip())
    action: Action = request.route_handler.opt["action"]
    hub.authentication.authorise(found, action)
    return found
