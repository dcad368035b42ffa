"""The synchronous client of the native API."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self

import httpx2

from tocsin.client.answers import Item, read, read_page
from tocsin.client.errors import ClientError, Unreachable
from tocsin.client.following import BackOff, Following

PAGE_LIMIT: Final = 1000
"""The most items that the server gives at once."""


class Client:
    """Speaks to one Tocsin. A context manager, since it keeps its connection open.

    Redirects are not followed: the token goes to the given address and nowhere else.

    Args:
        url: where the server is, `http://127.0.0.1:8080` or such.
        token: a user's token, or the key of a source, which can only send; '' for none.
        timeout: seconds for each step of a request: to connect, to send, to wait for the answer.

    Raises:
        ValueError: the URL is not one of http or https, or the token has characters that no token has.
    """

    def __init__(self, url: str, token: str = "", *, timeout: float = 30.0) -> None:
        base = _parsed(url)
        token = token.strip()
        if not all("!" <= character <= "~" for character in token):
            # The library that sends it would quote it in its complaint.
            raise ValueError("token: it has only visible ASCII characters")
        self._host = base.netloc.decode("ascii")
        self._http = httpx2.Client(
            base_url=base,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=timeout,
            follow_redirects=False,
            verify=_trust(base.scheme),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str | int] | None = None,
        document: object = None,
        body: bytes | None = None,
        content_type: str = "application/json",
    ) -> Any:
        """Make one request.

        Args:
            method: GET, POST, PATCH or DELETE.
            path: from the root of the server: `/api/v1/events`.
            parameters: of the query.
            document: what to send as JSON.
            body: what to send as it is, in place of a document.
            content_type: of `body`.

        Returns:
            The JSON value of the answer, None where it is empty.

        Raises:
            Unreachable: no answer came, or one that is not Tocsin's.
            NotAllowed: the token does not open this.
            Refused: the server says why not.
        """
        headers = {} if body is None else {"Content-Type": content_type}
        with self._connection():
            response = self._http.request(
                method, path, params=parameters, json=document, content=body, headers=headers
            )
        return read(response)

    def pages(
        self, path: str, parameters: Mapping[str, str] | None = None, *, limit: int | None = None
    ) -> Iterator[Item]:
        """Give the items of a list, page after page as they are needed.

        Args:
            path: of the list.
            parameters: of the query; `limit` and `cursor` are set here.
            limit: how many items at most, None for all.

        Raises:
            ClientError: as `request` raises, with each page.
        """
        query: dict[str, str | int] = dict(parameters or {})
        left = PAGE_LIMIT if limit is None else limit
        while left > 0:
            query["limit"] = min(left, PAGE_LIMIT)
            page = read_page(self.request("GET", path, parameters=query), self._host)
            yield from page.items
            if not page.following:
                return
            query["cursor"] = page.following
            if limit is not None:
                left -= len(page.items)

    def follow(
        self,
        query: str = "",
        *,
        back_off: BackOff | None = None,
        on_break: Callable[[ClientError, float], None] | None = None,
    ) -> Iterator[Item]:
        """Give events as they are recorded from now on, without end and without a gap.

        A connection that breaks is made again and goes on after the last event; the first one must succeed.

        Args:
            query: an expression that the events match; '' for all of them.
            back_off: how long to wait before the connection is made again.
            on_break: called with the failure and the seconds that are waited then.

        Raises:
            Unreachable: the first connection failed.
            NotAllowed, Refused: the server does not want to go on.
        """
        newest = next(self.pages("/api/v1/events", limit=1), None)
        after = newest["seq"] if newest else 0
        return iter(Following(self._stream, query, after, back_off or BackOff(), on_break))

    @contextmanager
    def _stream(self, query: str, after: int, timeout: float) -> Iterator[Iterator[httpx2.ServerSentEvent]]:
        """Open the live stream behind an event; give what comes in."""
        parameters: dict[str, str | int] = {"q": query, "after": after}
        with (
            self._connection(),
            self._http.sse("/api/v1/events/stream", params=parameters, timeout=timeout) as source,
        ):
            if not source.response.headers.get("Content-Type", "").startswith("text/event-stream"):
                source.response.read()
                read(source.response)
                raise Unreachable(f"{self._host} answered with something that is no stream")
            yield iter(source)

    @contextmanager
    def _connection(self) -> Iterator[None]:
        try:
            yield
        except httpx2.TimeoutException:
            raise Unreachable(f"{self._host} did not answer in time") from None
        except httpx2.RequestError as failure:
            cause = str(failure) or type(failure).__name__
            raise Unreachable(f"no answer from {self._host}: {cause}") from None


def _parsed(url: str) -> httpx2.URL:
    try:
        parsed = httpx2.URL(url.strip())
    except httpx2.InvalidURL as failure:
        raise ValueError(f"url: not an address: {failure}") from None
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ValueError("url: the address of a Tocsin begins with http:// or https://")
    return parsed


def _trust(scheme: str) -> ssl.SSLContext:
    if scheme == "https":
        return httpx2.create_ssl_context()
    # Without TLS there is nobody to trust; reading the machine's certificates would take some 100 ms.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
