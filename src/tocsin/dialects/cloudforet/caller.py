"""Who calls a method, and what of their domain they see."""

from typing import Final

import msgspec

from tocsin.dialects.cloudforet.errors import authenticate_failure, permission_denied
from tocsin.dialects.cloudforet.identity import Identity, is_jwt
from tocsin.hub.authentication import Authentication
from tocsin.hub.errors import Forbidden, Unauthenticated
from tocsin.hub.hub import clock
from tocsin.model.access import Action, Principal, scope_of
from tocsin.model.audit import Author
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.scope import parse_scope
from tocsin.query.tree import Expression, conjunction, one_of


class Caller(msgspec.Struct, frozen=True):
    """Who calls.

    Attributes:
        principal: who they are.
        domain_id: whose things they ask for.
        projects: ids of the only projects whose things they see; None for all.
    """

    principal: Principal
    domain_id: str
    projects: tuple[str, ...] | None = None

    @property
    def sees(self) -> Expression:
        """What they may see, of events and of alerts. It is part of every search."""
        return self.reach(Action.READ)

    def reach(self, action: Action) -> Expression:
        """Give what they may read, act on or silence, of events and of alerts."""
        role = parse_scope(scope_of(self.principal, action))
        if self.projects is None:
            return role
        return conjunction([role, one_of(EVENT_FIELDS.by_name["project_id"], self.projects)])


_IDENTITY: Final = "identity service"
"""How a change is made by whom an identity service knows, whose token has no id."""
NOBODY: Final = Caller(Principal("", ""), "", ())
"""Who calls a method that asks for no token: they see nothing."""


def author_of(caller: Caller) -> Author:
    """Give whom the audit log names for a change that somebody makes now."""
    return Author(caller.principal.name, caller.principal.token_id or _IDENTITY, clock())


class Callers:
    """Finds out who calls.

    Args:
        authentication: what knows Tocsin's own tokens.
        identity: what knows those of identity services.
    """

    def __init__(self, authentication: Authentication, identity: Identity) -> None:
        self._authentication = authentication
        self._identity = identity

    async def find(self, token: str, action: Action, method: str) -> Caller:
        """Find who shows a token, and make sure that they may do something.

        Args:
            token: as it was shown, '' for none.
            action: what they want to do.
            method: by which method: `Event.list`.

        Raises:
            CloudforetError: there is no token, nobody has it, or they may not.
        """
        if not token:
            raise authenticate_failure("Empty token provided.")
        projects = None
        try:
            if is_jwt(token):
                principal, projects = await self._identity.find(token, method)
            else:
                principal = self._authentication.user(token)
            self._authentication.authorise(principal, action)
        except Unauthenticated:
            raise authenticate_failure("Token is invalid or expired.") from None
        except Forbidden:
            raise permission_denied() from None
        return Caller(principal, principal.domain_id, projects)
