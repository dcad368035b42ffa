"""What senders to targets share: one guarded request, and what its answer means for the delivery.

With aiohttp, since this is the heart of passing on: a POST takes a fifth of the processor time that it takes
with httpx2, by which the library sends single messages.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    ThreadedResolver,
)
from yarl import URL

from tocsin.dialects.guard import GuardedResolver, PrivateAddress, check_host
from tocsin.dialects.outgoing import MAX_ANSWER_BYTES, parse_url, trusted
from tocsin.dialects.retry_after import seconds_asked
from tocsin.model.delivery import ANSWER_LIMIT, Sent, SentOutcome

_LATER: Final = frozenset({408, 429})
# The answer is read as it comes, up to a bound that a compressed one could pass in a single piece.
_HEADERS: Final = {"Content-Type": "application/json", "Accept-Encoding": "identity", "User-Agent": "tocsin"}


class Post:
    """Posts to targets, over connections that are kept open. Made and used within one event loop.

    Args:
        allow_private: also to private addresses.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._session: ClientSession | None = None
        trusted()  # reading the certificates now, so that the first message does not wait for it

    async def send(
        self, url: str, body: bytes, seconds: float, headers: Mapping[str, str] = MappingProxyType({})
    ) -> tuple[Sent, bytes]:
        """Make one POST.

        Args:
            url: where to.
            body: JSON.
            seconds: how long it may take, from connecting to the end of the answer.
            headers: beside the Content-Type.

        Returns:
            What the status says, accepted for 2xx; and the body of the answer.
        """
        return await self._ask("POST", url, body, seconds, headers)

    async def confirm(self, url: str, seconds: float) -> Sent:
        """Make one GET of an address that a sender wants to be asked for.

        Args:
            url: the address.
            seconds: how long it may take, from connecting to the end of the answer.

        Returns:
            What the status says, accepted for 2xx.
        """
        return (await self._ask("GET", url, b"", seconds, {}))[0]

    async def _ask(
        self, method: str, url: str, body: bytes, seconds: float, headers: Mapping[str, str]
    ) -> tuple[Sent, bytes]:
        try:
            where, host, parsed = _parts(url)
            if not self._allow_private:
                check_host(host)
        except (PrivateAddress, ValueError) as refusal:
            return Sent(SentOutcome.REFUSED, reason=str(refusal)), b""
        try:
            async with self._opened().request(
                method,
                parsed,
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=ClientTimeout(total=seconds),
            ) as response:
                answer = await _beginning(response)
                return _sent(response, answer), answer
        except PrivateAddress as refusal:
            return Sent(SentOutcome.REFUSED, reason=str(refusal)), b""
        # What aiohttp says of other troubles may quote the URL, whose path is a secret, or what came instead.
        except TimeoutError:
            reason = f"{where} did not answer within {seconds:g} s"
        except ClientConnectorError as failure:
            reason = f"no answer from {where}: {failure.os_error.strerror or failure.os_error}"
        except (ClientError, OSError):
            reason = f"{where} broke off the connection or does not speak HTTP"
        return Sent(SentOutcome.RETRY, reason=reason), b""

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> ClientSession:
        if self._session is None:
            resolver = ThreadedResolver() if self._allow_private else GuardedResolver()
            # How many go to a target at a time is the dispatcher's to say.
            connector = TCPConnector(resolver=resolver, ssl=trusted(), limit=0)
            self._session = ClientSession(
                connector=connector, headers=_HEADERS, cookie_jar=DummyCookieJar(), auto_decompress=False
            )
        return self._session


@lru_cache(maxsize=1024)
def _parts(url: str) -> tuple[str, str, URL]:
    """Give what a URL may be called by in reasons, its host, and the URL itself.

    Raises:
        ValueError: it cannot be called.
    """
    parsed = parse_url(url)
    return parsed.netloc.decode("ascii"), parsed.host, URL(str(parsed))


async def _beginning(response: ClientResponse) -> bytes:
    """Read an answer, so much of it as is kept at most."""
    answer = bytearray()
    while len(answer) < MAX_ANSWER_BYTES and (piece := await response.content.readany()):
        answer += piece
    if not response.content.at_eof():
        # Its rest would have to be read before the connection served again.
        response.close()
    return bytes(answer[:MAX_ANSWER_BYTES])


def _sent(response: ClientResponse, answer: bytes) -> Sent:
    status = response.status
    shown = answer[: 4 * ANSWER_LIMIT].decode("utf-8", "replace").replace("\x00", "")[:ANSWER_LIMIT]
    if 200 <= status < 300:
        return Sent(SentOutcome.ACCEPTED, status, answer=shown)
    if status in _LATER or status >= 500:
        asked = seconds_asked(response.headers.get("Retry-After", ""), datetime.now(UTC))
        return Sent(SentOutcome.RETRY, status, f"status {status}", shown, asked)
    if 300 <= status < 400:
        return Sent(SentOutcome.REFUSED, status, f"status {status}: redirects are not followed", shown)
    return Sent(SentOutcome.REFUSED, status, f"status {status}", shown)
