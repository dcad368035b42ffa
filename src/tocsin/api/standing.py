"""Whether somebody who was let in may still see what they are shown: for answers that take long."""

from collections.abc import Callable
from typing import Any, TypeAlias

from litestar import Request

from tocsin.api.principal import identify
from tocsin.api.visible import visible
from tocsin.hub.errors import Forbidden
from tocsin.hub.hub import Hub
from tocsin.model.access import Action
from tocsin.query.tree import All

Standing: TypeAlias = Callable[[], None]


def standing(hub: Hub, request: Request[Any, Any, Any]) -> Standing:
    """Give what makes sure that somebody may still read what they asked for.

    Args:
        hub: what knows who is speaking.
        request: theirs.

    Returns:
        A function that raises `HubError` where their credential was revoked, or what they may see may have
        changed.
    """
    scope, version = visible(request.user), hub.authentication.version

    def still_allowed() -> None:
        if visible(identify(hub, request, Action.READ)) != scope:
            raise Forbidden("your role has changed")
        # A change may have moved something out of the scope: whoever asks again is shown what it is now.
        if not isinstance(scope, All) and hub.authentication.version != version:
            raise Forbidden("the configuration has changed")

    return still_allowed
