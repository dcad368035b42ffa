"""A log-in that is under way at an identity provider: what its browser keeps meanwhile, signed."""

import hashlib
import hmac
import re
import secrets
from typing import Final

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

SECONDS: Final = 600
"""How long somebody may take at the provider."""
# A cookie has 4 KiB, and no more than that is worth it.
_PAGE: Final = re.compile(r"/(?![/\\])[!-~]{0,1500}")
_HEADER: Final = {"alg": "HS256"}


class Expired(Exception):
    """This browser has begun no such log-in, or too long ago."""


class Pending(msgspec.Struct, frozen=True):
    """What must come back from the provider, and what proves to it who asks: all random; and where it began.

    Attributes:
        state: comes back in the address.
        nonce: comes back in the ID token.
        verifier: of PKCE (RFC 7636), 43 characters.
        page: the path and query of the page that was asked for before; '' for none.
    """

    state: str
    nonce: str
    verifier: str
    page: str = ""


def begin(page: str = "") -> Pending:
    """Begin a log-in.

    Args:
        page: that was asked for; what is no path and query of this site counts for none.
    """
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Pending(state, nonce, verifier, page if _PAGE.fullmatch(page) else "")


class Seal:
    """Signs what browsers keep, so that every node believes it and no one else can make it.

    Args:
        secret: that all nodes know.
    """

    def __init__(self, secret: str) -> None:
        self._key = OctKey.import_key(hmac.digest(secret.encode(), b"tocsin log-in", hashlib.sha256))
        self._header, _, _ = jwt.encode(_HEADER, {}, self._key).partition(".")

    def close(self, pending: Pending, now: int) -> str:
        """Sign a log-in: a JSON web token without its header, which is always the same.

        Args:
            pending: the log-in.
            now: microseconds UTC.
        """
        ends_at = now // 1_000_000 + SECONDS
        signed = jwt.encode(_HEADER, {**msgspec.structs.asdict(pending), "exp": ends_at}, self._key)
        return signed.removeprefix(f"{self._header}.")

    def open(self, text: str, state: str, now: int) -> Pending:
        """Read what a browser shows.

        Args:
            text: that it kept.
            state: that came back from the provider.
            now: microseconds UTC.

        Raises:
            Expired: it is not that log-in, is not signed, or has taken too long.
        """
        try:
            # No header but our own is ever read: what is not signed says nothing.
            claims = jwt.decode(f"{self._header}.{text}", self._key, algorithms=[_HEADER["alg"]]).claims
            jwt.JWTClaimsRegistry(now // 1_000_000, exp={"essential": True}).validate(claims)
            pending = msgspec.convert(claims, Pending)
        except (JoseError, ValueError, msgspec.ValidationError):
            raise Expired from None
        if not hmac.compare_digest(pending.state.encode(), state.encode()):
            raise Expired
        return pending
