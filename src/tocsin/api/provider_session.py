"""`/api/v1/session/oidc`: log in by an identity provider. A browser goes through it page by page."""

from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import urlencode

import msgspec
import structlog
from litestar import Controller, Request, get
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from litestar.response import Redirect

from tocsin.api import pending
from tocsin.api.given import TheHub
from tocsin.api.parameters import ANY
from tocsin.api.pending import Expired, Pending, Seal
from tocsin.api.problems import problem
from tocsin.api.session import address_of, session_cookie
from tocsin.dialects.openid_connect import NotProved, Provider, Unreachable
from tocsin.hub.errors import NotAdmitted, RateExceeded
from tocsin.hub.hub import clock
from tocsin.model.granting import Granting

PATH: Final = "/api/v1/session/oidc"
CALLBACK: Final = f"{PATH}/callback"
END: Final = f"{PATH}/end"
COOKIE: Final = "tocsin_oidc"
_log: Final = structlog.get_logger("tocsin.oidc")


class ByProvider:
    """How people log in by an identity provider.

    Args:
        provider: the identity provider.
        seal: signs what browsers keep while they are there.
        public_url: where browsers reach Tocsin, without a slash at the end.
        label: what the provider is called on the log-in page.
        granting: how people have a role.
        logs_out: whether who logs out here is led to log out there.
    """

    def __init__(
        self,
        provider: Provider,
        seal: Seal,
        *,
        public_url: str,
        label: str,
        granting: Granting,
        logs_out: bool,
    ) -> None:
        self.provider = provider
        self.seal = seal
        self.public_url = public_url
        self.label = label
        self.granting = granting
        self.logs_out = logs_out


TheProvider: TypeAlias = NamedDependency[ByProvider | None]


class ShownProvider(msgspec.Struct):
    """An identity provider: what it is called, and where a browser goes to log in by it.

    Attributes:
        log_out_url: where a browser goes then that logged out here; '' for nowhere.
    """

    label: str
    url: str
    log_out_url: str


class Ways(msgspec.Struct):
    """The ways to log in beside a password; `provider` is None where there is none."""

    provider: ShownProvider | None


class ProviderSession(Controller):
    """Sessions that an identity provider vouches for."""

    path = "/api/v1/session"
    tags = ["session"]

    @get("/ways", opt={"public": True})
    async def ways(self, by_provider: TheProvider) -> Ways:
        """Say how one can log in beside with a password."""
        if by_provider is None:
            return Ways(None)
        end = f"{by_provider.public_url}{END}" if by_provider.logs_out else ""
        return Ways(ShownProvider(by_provider.label, f"{by_provider.public_url}{PATH}", end))

    @get("/oidc", status_code=303, opt={"public": True})
    async def begin(
        self,
        request: Request[Any, Any, Any],
        hub: TheHub,
        by_provider: TheProvider,
        page: Annotated[str, QueryParameter(description="The path and query to come back to.")] = "",
    ) -> Redirect:
        """Lead a browser to the identity provider."""
        way = _configured(by_provider)
        address = address_of(request)
        begun = pending.begin(page)
        try:
            hub.sessions.attempts.take(None, address)
            where = await way.provider.address(begun.state, begun.nonce, begun.verifier)
            hub.sessions.attempts.give_back(None, address)
        except (RateExceeded, Unreachable) as failure:
            return _refused(way, _code(failure))
        return _to(where, _cookie(way, way.seal.close(begun, clock()), pending.SECONDS))

    @get("/oidc/callback", status_code=303, opt={"public": True, ANY: True})
    async def finish(
        self,
        request: Request[Any, Any, Any],
        hub: TheHub,
        by_provider: TheProvider,
        code: FromQuery[str] = "",
        given_state: Annotated[str, QueryParameter(name="state")] = "",
        error: FromQuery[str] = "",
    ) -> Redirect:
        """Take a browser back from the identity provider, logged in or with why it is not."""
        way = _configured(by_provider)
        address = address_of(request)
        try:
            hub.sessions.attempts.take(None, address)
            begun = way.seal.open(request.cookies.get(COOKIE, ""), given_state, clock())
            if error or not code:
                _log.warning("refused_by_provider", error=error)
                raise NotProved
            secret = await _log_in(way, hub, code, begun, address)
            hub.sessions.attempts.give_back(None, address)
        except (RateExceeded, Expired, NotProved, Unreachable, NotAdmitted) as failure:
            return _refused(way, _code(failure))
        return _to(
            f"{way.public_url}{begun.page or '/'}",
            session_cookie(secret, is_secure=_is_secure(way)),
            _over(way),
        )

    @get("/oidc/end", status_code=303, opt={"public": True})
    async def end(self, request: Request[Any, Any, Any], hub: TheHub, by_provider: TheProvider) -> Redirect:
        """Lead a browser that logged out here to log out at the identity provider, where it can."""
        way = _configured(by_provider)
        back = f"{way.public_url}/"
        if not way.logs_out:
            return _to(back)
        address = address_of(request)
        try:
            hub.sessions.attempts.take(None, address)
            where = await way.provider.log_out_address(back)
            hub.sessions.attempts.give_back(None, address)
        except (RateExceeded, Unreachable) as failure:
            return _refused(way, _code(failure))
        return _to(where or back)


async def _log_in(way: ByProvider, hub: TheHub, code: str, begun: Pending, address: str) -> str:
    person = await way.provider.identify(code, begun.nonce, begun.verifier)
    _, secret = await hub.sessions.log_in_person(person, way.granting, address)
    return secret


def _configured(way: ByProvider | None) -> ByProvider:
    if way is None:
        raise problem(404, "no identity provider is configured: set oidc_issuer to log in by one")
    return way


def _code(failure: Exception) -> str:
    """Give the word by which the log-in page knows why somebody is not let in."""
    if isinstance(failure, NotAdmitted):
        return failure.code
    return _CODES[type(failure)]


_CODES: Final[dict[type[Exception], str]] = {
    RateExceeded: "too_many",
    Expired: "expired",
    NotProved: "refused",
    Unreachable: "unreachable",
}


def _refused(way: ByProvider, code: str) -> Redirect:
    return _to(f"{way.public_url}/?{urlencode({'log_in': code})}", _over(way))


def _to(where: str, *cookies: Cookie) -> Redirect:
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Redirect(where, status_code=303, cookies=cookies, headers=headers)


def _over(way: ByProvider) -> Cookie:
    return _cookie(way, "", 0)


def _cookie(way: ByProvider, value: str, seconds: int) -> Cookie:
    """Make the cookie of a log-in under way. The provider's site leads back here, so it cannot be strict."""
    return Cookie(
        key=COOKIE,
        value=value,
        max_age=seconds,
        path=PATH,
        httponly=True,
        samesite="lax",
        secure=_is_secure(way),
    )


def _is_secure(way: ByProvider) -> bool:
    return way.public_url.startswith("https:")
