"""Where a Tocsin is and as whom to ask it: what every connection to it is made with, and how it fails."""

import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import httpx2

from tocsin.client.errors import Unreachable

DEFAULT_URL: Final = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A server, and the token to show to it.

    Attributes:
        base: its URL.
        headers: to send with each request.
    """

    base: httpx2.URL
    headers: Mapping[str, str]

    @classmethod
    def of(cls, url: str, token: str) -> "ServerAddress":
        """Check an address and a token.

        Args:
            url: where the server is; '' takes both from the environment, `TOCSIN_URL` and `TOCSIN_TOKEN`.
            token: to show, '' for none.

        Raises:
            ValueError: the URL is not one of http or https, or the token has characters that no token has.
        """
        if not url:
            url = os.environ.get("TOCSIN_URL") or DEFAULT_URL
            token = token or os.environ.get("TOCSIN_TOKEN", "")
        base = _parsed(url)
        token = token.strip()
        if not all("!" <= character <= "~" for character in token):
            # The library that sends it would quote it in its complaint.
            raise ValueError("token: it has only visible ASCII characters")
        return cls(base, {"Authorization": f"Bearer {token}"} if token else {})

    @property
    def host(self) -> str:
        """Host and port, for complaints."""
        return self.base.netloc.decode("ascii")

    @property
    def trust(self) -> ssl.SSLContext:
        """The certificates that are trusted."""
        if self.base.scheme == "https":
            return httpx2.create_ssl_context()
        # Without TLS there is nobody to trust; reading the machine's certificates would take some 100 ms.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    @contextmanager
    def connection(self) -> Iterator[None]:
        """Give what breaks within as Unreachable."""
        try:
            yield
        except httpx2.TimeoutException:
            raise Unreachable(f"{self.host} did not answer in time", passing=True) from None
        except httpx2.RequestError as failure:
            cause = str(failure) or type(failure).__name__
            raise Unreachable(f"no answer from {self.host}: {cause}", passing=True) from None


def _parsed(url: str) -> httpx2.URL:
    try:
        parsed = httpx2.URL(url.strip())
    except httpx2.InvalidURL as failure:
        raise ValueError(f"url: not an address: {failure}") from None
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ValueError("url: the address of a Tocsin begins with http:// or https://")
    return parsed
