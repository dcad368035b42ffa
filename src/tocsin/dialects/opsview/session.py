"""/rest/login and /rest/logout: sessions that end after an hour without use."""

from typing import Final

from tocsin.dialects.opsview.errors import OpsviewError, bad_parameter
from tocsin.dialects.opsview.router import Document, Operation, Request, Route
from tocsin.dialects.opsview.user import user_document
from tocsin.hub.authentication import Authentication
from tocsin.hub.errors import Unauthenticated
from tocsin.hub.sessions import Sessions
from tocsin.model.access import Action
from tocsin.model.account import BRIEF_SESSION

_LOGGED_OUT: Final = {"logout_via": "REST API"}


class Session:
    """Lets users in and out.

    Args:
        sessions: what knows their passwords.
        authentication: what knows who shows a token.
    """

    def __init__(self, sessions: Sessions, authentication: Authentication) -> None:
        self._sessions = sessions
        self._authentication = authentication

    @property
    def routes(self) -> tuple[Route, ...]:
        """Give what is answered."""
        log_out = Operation(self._log_out, Action.IDENTIFY)
        return (
            Route("login", {"POST": Operation(self._log_in, None), "DELETE": log_out}),
            Route("logout", {"POST": log_out}),
        )

    async def _log_in(self, request: Request) -> Document:
        """Begin a session. Some clients read the answer as Python: it holds only texts and numbers."""
        given = request.parameters
        name, password = given.last("username"), given.last("password")
        if not name:
            raise bad_parameter("username", "it is missing")
        wants_user = given.flag("include_user_data")
        try:
            _, _, secret = await self._sessions.log_in(name, password, request.address, kind=BRIEF_SESSION)
        except Unauthenticated as failure:
            raise OpsviewError(401, str(failure)) from None
        answer: Document = {"token": secret}
        if wants_user:
            answer["user_data"] = user_document(self._authentication.user(secret))
        return answer

    async def _log_out(self, request: Request) -> Document:
        principal = request.caller.principal
        if not principal.is_session:
            raise OpsviewError(400, "this is no session but a token: revoke it")
        await self._sessions.log_out(principal)
        return _LOGGED_OUT
