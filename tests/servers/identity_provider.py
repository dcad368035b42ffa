"""A small identity provider: OpenID Connect's code flow with PKCE, over HTTP on a loopback port.

Whoever comes is logged in at once as whom the test says, and what is signed can be made wrong in every way.
"""

import hashlib
import json
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID: Final = "tocsin"
SECRET: Final = "a secret of the client's / with + signs"


class IdentityProvider:
    """What the provider is, and does wrong.

    Attributes:
        issuer: its URL.
        user: the claims of whoever logs in.
        told: claims that it tells beside the ID token only.
        wrong: claims of the ID token as they must not be; None leaves one out.
        key: that it signs with.
        published: keys that it shows.
        odd_keys: what it shows before them.
        header: that stands in place of the ID token's own; None to leave that.
        described: what its description of itself says otherwise.
        answers: what else stands in the answer that brings the tokens.
        unsigned: sign with the algorithm none.
        methods: by which clients may say who they are.
        denies: send people back without a code.
        asked: how often each path was asked for.
        codes: code -> what the authorization request said.
    """

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.asked: dict[str, int] = {}
        self.key = new_key("first")
        self.reset()

    def reset(self) -> None:
        """Do everything right again."""
        self.user: dict[str, Any] = {"sub": "subject-1", "preferred_username": "ann"}
        self.told: dict[str, Any] = {}
        self.wrong: dict[str, Any] = {}
        self.published = [self.key]
        self.odd_keys: list[Any] = []
        self.header: Any = None
        self.described: dict[str, Any] = {}
        self.answers: dict[str, Any] = {}
        self.unsigned = False
        self.denies = False
        self.methods = ["client_secret_basic", "client_secret_post"]
        self.codes: dict[str, dict[str, str]] = {}

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/end?of=all",
            "token_endpoint_auth_methods_supported": self.methods,
            "id_token_signing_alg_values_supported": ["RS256", "none"],
            **self.described,
        }

    def back(self, asked: dict[str, str]) -> str:
        """Log somebody in, and give the address that they are sent back to."""
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT_ID)
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        if self.denies:
            return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        code = token_urlsafe(8)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, authorization: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Exchange a code, once."""
        asked = self.codes.pop(form["code"], None)
        if self.methods == ["client_secret_post"]:
            given = f"{form['client_id']}:{form['client_secret']}"
        else:
            given = b64decode(authorization.removeprefix("Basic ")).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if given != f"{CLIENT_ID}:{SECRET}":
            return 401, {"error": "invalid_client"}
        if (
            asked is None
            or form["redirect_uri"] != asked["redirect_uri"]
            or urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims |= self.user | self.wrong
        claims = {name: value for name, value in claims.items() if value is not None}
        tokens = {"access_token": "access", "token_type": "Bearer", "id_token": self._signed(claims)}
        return 200, tokens | self.answers

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.unsigned:
            parts = (json.dumps(each).encode() for each in ({"alg": "none"}, claims))
            return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."
        token = jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)
        if self.header is None:
            return token
        head = urlsafe_b64encode(json.dumps(self.header).encode()).rstrip(b"=").decode()
        return f"{head}.{token.partition('.')[2]}"


def new_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


@contextmanager
def running_provider(host: str = "127.0.0.1") -> Iterator[IdentityProvider]:
    """Run a provider.

    Args:
        host: as what it calls itself; it listens on 127.0.0.1.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            provider.asked[url.path] = provider.asked.get(url.path, 0) + 1
            match url.path:
                case "/.well-known/openid-configuration":
                    self._answer(200, provider.metadata())
                case "/keys":
                    published = [key.as_dict(private=False) for key in provider.published]
                    self._answer(200, {"keys": provider.odd_keys + published})
                case "/userinfo":
                    assert self.headers["Authorization"] == "Bearer access"
                    self._answer(200, {"sub": provider.user["sub"], **provider.told})
                case "/end":
                    asked = dict(parse_qsl(url.query))
                    assert (asked["client_id"], asked["of"]) == (CLIENT_ID, "all")
                    self.send_response(302)
                    self.send_header("Location", asked["post_logout_redirect_uri"])
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                case "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider.back(dict(parse_qsl(url.query))))
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                case _:
                    self._answer(404, {})

        def do_POST(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self._answer(*provider.token(self.headers.get("Authorization", ""), form))

        def _answer(self, status: int, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = IdentityProvider(f"http://{host}:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
