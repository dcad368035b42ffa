"""Who asks, and what of their domain they see."""

import hmac
from typing import Final

import msgspec
from litestar.types import HTTPScope

from tocsin.dialects.asgi import header
from tocsin.dialects.opsview.errors import unauthenticated
from tocsin.hub.authentication import Authentication
from tocsin.hub.errors import Unauthenticated
from tocsin.hub.hub import clock
from tocsin.model.access import Action, Principal, scope_of
from tocsin.model.audit import Author
from tocsin.query.scope import parse_scope
from tocsin.query.tree import Expression

_BEARER: Final = "bearer "
_WRONG: Final = "the token is not valid, has expired, or is another user's"


class Caller(msgspec.Struct, frozen=True):
    """Who asks.

    Attributes:
        principal: who they are.
    """

    principal: Principal

    @property
    def domain_id(self) -> str:
        """Whose things they ask for."""
        return self.principal.domain_id

    @property
    def sees(self) -> Expression:
        """What they may see, of events and of alerts. It is part of every search."""
        return self.within(Action.READ)

    def within(self, action: Action) -> Expression:
        """Give on what they may do something: read, act or silence."""
        return parse_scope(scope_of(self.principal, action))


NOBODY: Final = Caller(Principal("", ""))
"""Who asks what needs no token."""


def author_of(caller: Caller) -> Author:
    """Give whom the audit log names for a change that somebody makes now."""
    principal = caller.principal
    via = f"session {principal.token_id}" if principal.is_session else principal.token_id
    return Author(principal.name, via, clock())


async def find_caller(authentication: Authentication, scope: HTTPScope, action: Action) -> Caller:
    """Find who asks, and make sure that they may do something.

    They show a session's token with their name (X-Opsview-Token, X-Opsview-Username), or any token of theirs
    as a bearer.

    Args:
        authentication: what knows tokens.
        scope: the request.
        action: what they want to do.

    Raises:
        OpsviewError: there is no token, or none that anybody has.
        Forbidden: they may not.
    """
    name, token = header(scope, b"x-opsview-username"), header(scope, b"x-opsview-token")
    bearer = header(scope, b"authorization")
    is_bearer = not token and bearer.lower().startswith(_BEARER)
    if is_bearer:
        token = bearer[len(_BEARER) :].strip()
    if not token:
        raise unauthenticated("a token is missing")
    try:
        principal = await authentication.find_user(token)
    except Unauthenticated:
        raise unauthenticated(_WRONG) from None
    # Names come in UTF-8, which headers hold byte for byte.
    if not is_bearer and not hmac.compare_digest(name.encode("latin-1"), principal.name.encode()):
        raise unauthenticated(_WRONG)
    authentication.authorise(principal, action)
    return Caller(principal)
