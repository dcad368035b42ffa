"""OpenID Connect: who somebody is, as an identity provider says it.

The authorization code flow with PKCE, by https://openid.net/specs/openid-connect-core-1_0.html (3.1) and
RFC 7636; where the provider's endpoints are, by https://openid.net/specs/openid-connect-discovery-1_0.html.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx2
import msgspec
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.common.urls import add_params_to_uri
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet
from joserfc.jws import JWSRegistry

from tocsin.dialects.outgoing import parse_url, trusted
from tocsin.model.account import Person
from tocsin.model.identity import NAME_LIMIT

STALE_SECONDS: Final = 3600.0
"""How old what is known of the provider may get before it is asked for again."""
AGAIN_SECONDS: Final = 60.0
"""How old its keys are at least when a token that they do not fit has them fetched again."""
SECONDS: Final = 10.0
"""How long the provider may take for all that one step needs of it."""
_LEEWAY: Final = 60
"""By how many seconds the provider's clock may differ from this one."""
_VERIFIED: Final = "email_verified"
"""The claim that says whether an `email` is known to be theirs (OpenID Connect Core 5.1)."""
# No `none`, and no HMAC, whose key would be the client's secret: only what the provider alone can sign.
_SIGNED: Final = JWSRegistry(
    algorithms=[f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)],
    strict_check_header=False,
)
_log: Final = structlog.get_logger("tocsin.oidc")


class Unreachable(Exception):
    """The provider did not answer, or not as one does. The text says why and holds no secret."""


class NotProved(Exception):
    """The provider vouches for nobody, or what it says cannot be believed. The text holds no secret."""


class Registration(msgspec.Struct, frozen=True):
    """How Tocsin is known at its provider.

    Attributes:
        issuer: URL of the provider, as it says it itself.
        client_id: as what Tocsin is registered there.
        client_secret: by which the provider knows Tocsin.
        redirect_uri: where the provider sends people back to.
        scopes: what is asked for, apart by blanks.
        name_claim: the claim that is the user's name here.
        trust_email: where that is `email`, believe one of which it is not said whether it is verified.
        groups_claim: the claim that says what groups somebody is in; '' where nobody asks.
    """

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    scopes: str = "openid profile email"
    name_claim: str = "preferred_username"
    trust_email: bool = False
    groups_claim: str = ""


class _Metadata(msgspec.Struct, frozen=True):
    """What is used of the provider's description of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: list[str] | None = None


class _Keys(msgspec.Struct, frozen=True):
    """The provider's public keys (RFC 7517)."""

    keys: list[Any]


class _Known(msgspec.Struct, frozen=True):
    """What is known of the provider, and since when by the monotonic clock."""

    metadata: _Metadata
    keys: KeySet
    at: float


class Provider:
    """An identity provider.

    Args:
        registration: how Tocsin is known there.
        monotonic: gives seconds, never back.
    """

    def __init__(self, registration: Registration, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._registration = registration
        self._monotonic = monotonic
        self._known: _Known | None = None

    async def address(self, state: str, nonce: str, verifier: str) -> str:
        """Give the address at the provider where somebody says who they are.

        Args:
            state: comes back with them.
            nonce: comes back in what the provider says of them.
            verifier: of PKCE; its hash goes along.

        Raises:
            Unreachable: nothing is known of the provider.
        """
        async with self._asking() as client:
            known = await self._look(client, STALE_SECONDS)
            endpoint = str(parse_url(known.metadata.authorization_endpoint))
            address, _ = client.create_authorization_url(
                endpoint, state=state, code_verifier=verifier, nonce=nonce
            )
        return str(address)

    async def log_out_address(self, back: str) -> str:
        """Give the address at the provider where somebody logs out of it, '' where it has none.

        By https://openid.net/specs/openid-connect-rpinitiated-1_0.html (2).

        Args:
            back: where they are sent from there.

        Raises:
            Unreachable: nothing is known of the provider.
        """
        async with self._asking() as client:
            endpoint = (await self._look(client, STALE_SECONDS)).metadata.end_session_endpoint
            if not endpoint:
                return ""
            asked = {"client_id": self._registration.client_id, "post_logout_redirect_uri": back}
            return str(add_params_to_uri(str(parse_url(endpoint)), list(asked.items())))

    async def identify(self, code: str, nonce: str, verifier: str) -> Person:
        """Find out who came back.

        Args:
            code: that they brought.
            nonce: that went to the provider.
            verifier: of PKCE, whose hash went there.

        Raises:
            Unreachable: the provider did not answer.
            NotProved: it takes no such code, or what it says is not signed by it, for Tocsin, now and for
                this log-in; or it gives no usable name.
        """
        async with self._asking() as client:
            metadata = (await self._look(client, STALE_SECONDS)).metadata
            methods = metadata.token_endpoint_auth_methods_supported or []
            if "client_secret_post" in methods and "client_secret_basic" not in methods:
                client.token_endpoint_auth_method = "client_secret_post"  # noqa: S105 - the name of a method
            token = await client.fetch_token(
                metadata.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
            )
            claims = await self._claims(client, token, nonce)
            if metadata.userinfo_endpoint and not self._naming() <= claims.keys():
                claims = await _with_more(client, metadata.userinfo_endpoint, claims)
            groups = _groups(claims, self._registration.groups_claim)
            return Person(metadata.issuer, claims["sub"], self._name(claims), groups)

    async def _claims(self, client: Any, token: dict[str, Any], nonce: str) -> dict[str, Any]:
        """Give what the ID token says, once it is proved (OpenID Connect Core 3.1.3.7)."""
        text = token.get("id_token")
        if not isinstance(text, str):
            raise NotProved("no ID token came: do the scopes hold openid?")
        known = await self._look(client, STALE_SECONDS)
        try:
            signed = jwt.decode(text, known.keys, registry=_SIGNED)
        except JoseError:
            # It may sign with another key now.
            known = await self._look(client, AGAIN_SECONDS)
            signed = jwt.decode(text, known.keys, registry=_SIGNED)
        expected = {
            "iss": {"essential": True, "value": self._registration.issuer},
            "aud": {"essential": True, "value": self._registration.client_id},
            "sub": {"essential": True},
        }
        given = {
            "nonce": nonce,
            "client_id": self._registration.client_id,
            "access_token": token.get("access_token"),
        }
        claims = CodeIDToken(signed.claims, signed.header, expected, given)
        claims.validate(leeway=_LEEWAY)
        if not _is_text(claims["sub"]):
            raise NotProved("the ID token names nobody")
        return dict(claims)

    def _naming(self) -> set[str]:
        """Give the claims by which somebody has a name, and groups where these are asked for."""
        claim, groups = self._registration.name_claim, self._registration.groups_claim
        naming = {claim, _VERIFIED} if claim == "email" else {claim}
        return naming | {groups.partition(".")[0]} if groups else naming

    def _name(self, claims: dict[str, Any]) -> str:
        claim = self._registration.name_claim
        name = claims.get(claim)
        if not _is_text(name):
            raise NotProved(f"no claim {claim} that can be a name: see oidc_name_claim and oidc_scopes")
        if claim == "email":
            said = claims.get(_VERIFIED)
            if said is None and not self._registration.trust_email:
                raise NotProved(
                    "the provider does not say that the address is verified: see oidc_trust_email"
                )
            # Some say it as a text.
            if said is not None and str(said).lower() != "true":
                raise NotProved("the provider has not verified that the address is theirs")
        return str(name)

    async def _look(self, client: Any, most: float) -> _Known:
        """Give what is known of the provider, asked anew where that is so many seconds old."""
        now = self._monotonic()
        if self._known is None or now - self._known.at >= most:
            issuer = self._registration.issuer
            answer = await _get(client, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            metadata = msgspec.json.decode(answer.content, type=_Metadata)
            if metadata.issuer != issuer:
                raise Unreachable(f"it calls itself {metadata.issuer!r}, and oidc_issuer says {issuer!r}")
            answer = await _get(client, metadata.jwks_uri)
            keys = map(_key, msgspec.json.decode(answer.content, type=_Keys).keys)
            self._known = _Known(metadata, KeySet([key for key in keys if key is not None]), now)
        return self._known

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[Any]:
        """Give a client for some requests, and make two kinds of all that can fail with them."""
        known = self._registration
        client = AsyncOAuth2Client(
            known.client_id,
            known.client_secret,
            scope=known.scopes,
            redirect_uri=known.redirect_uri,
            code_challenge_method="S256",
            verify=trusted(),
            timeout=SECONDS,
            leeway=0,  # a token that lasts a minute serves: it is used at once
            follow_redirects=False,
        )
        try:
            async with asyncio.timeout(SECONDS), client:
                yield client
        except (AuthlibBaseError, JoseError) as failure:
            raise _told(NotProved(_short(failure))) from None
        except TimeoutError:
            raise _told(Unreachable(f"no answer within {SECONDS:g} s")) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as failure:
            raise _told(Unreachable(_short(failure))) from None
        except (Unreachable, NotProved) as failure:
            raise _told(failure) from None
        except Exception as failure:  # what is odd enough in an answer can end each library in any way
            raise _told(Unreachable(f"its answer is not understood ({type(failure).__name__})")) from None


async def _get(client: Any, url: str) -> httpx2.Response:
    answer: httpx2.Response = await client.request("GET", url, withhold_token=True)
    answer.raise_for_status()
    return answer


async def _with_more(client: Any, url: str, claims: dict[str, Any]) -> dict[str, Any]:
    """Complete claims by what the provider tells of the user beside the token (OpenID Connect Core 5.3).

    It holds where the two differ, for it may say of another address than the token that it is verified.
    """
    answer = await client.get(url)
    answer.raise_for_status()
    more = msgspec.json.decode(answer.content, type=dict[str, Any])
    if more.get("sub") != claims["sub"]:
        raise NotProved("what is told beside the ID token is of somebody else")
    return {**claims, **more}


def _key(jwk: Any) -> Key | None:
    """Read a key that signs; None for any other: what cannot be read is ignored (RFC 7517, 5)."""
    try:
        key = JWKRegistry.import_key(jwk)
        key.check_use("sig")
    except Exception:  # each library that a key passes through has errors of its own
        return None
    return key if key.key_type in {"RSA", "EC"} else None


def _groups(claims: dict[str, Any], claim: str) -> tuple[str, ...]:
    """Give what groups somebody is in. A claim within another is written with a dot: `realm_access.roles`."""
    found: Any = claims.get(claim) if claim else None
    if found is None and claim:
        found = claims
        for name in claim.split("."):
            found = found.get(name) if isinstance(found, dict) else None
    listed = found if isinstance(found, list) else [found]
    return tuple(each for each in listed if isinstance(each, str))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= NAME_LIMIT and value.isprintable()


def _short(failure: Exception) -> str:
    return f"{type(failure).__name__}: {failure}"[:NAME_LIMIT]


def _told(failure: Exception) -> Exception:
    """Log why nobody is let in: who tries it is told no more than the kind."""
    _log.warning("identity_provider_failed", kind=type(failure).__name__, reason=str(failure))
    return failure
