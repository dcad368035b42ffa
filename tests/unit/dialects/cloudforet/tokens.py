"""An identity service of Cloudforet, as a test needs it: its key, and tokens that it signs."""

import json
import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

NOW = 1_800_000_000
"""The clock of tests, seconds UTC."""


class Signer:
    """Signs tokens.

    Args:
        kid: the id of its key, '' for none.
    """

    def __init__(self, kid: str = "") -> None:
        self.key = RSAKey.generate_key(2048, {"kid": kid} if kid else None, auto_kid=False)
        self._kid = kid

    @property
    def jwk(self) -> bytes:
        """Its public key."""
        return json.dumps(self.key.as_dict(private=False)).encode()

    def token(self, *, algorithm: str = "RS256", **claims: Any) -> str:
        """Sign a token of a domain's owner that ends in an hour; a claim that is None is left out."""
        said = {
            "cat": "ACCESS_TOKEN",
            "user_type": "DOMAIN_OWNER",
            "did": "domain-1",
            "aud": "ann",
            "iat": int(time.time()),
            "exp": NOW + 3600,
        } | claims
        header = {"alg": algorithm} | ({"kid": self._kid} if self._kid else {})
        given = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(header, given, self.key, algorithms=[algorithm])


SIGNER = Signer()
OTHER = Signer("other")
