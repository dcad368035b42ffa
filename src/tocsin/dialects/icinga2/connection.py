"""One connection to an Icinga 2: its objects, and its event stream, within limits.

After https://icinga.com/docs/icinga-2/latest/doc/12-icinga2-api/. What it says of itself in an error is not
repeated: it may be an echo of what was asked.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, Final

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    ServerFingerprintMismatch,
    TCPConnector,
    ThreadedResolver,
    encode_basic_auth,
)

from tocsin.dialects.asgi import encode
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.guard import GuardedResolver, PrivateAddress, check_host
from tocsin.dialects.icinga2.options import Options, trust_of
from tocsin.dialects.icinga2.results import Results
from tocsin.dialects.outgoing import parse_url
from tocsin.hub.puller import PullFailed
from tocsin.model.identifiers import random_id

ANSWER_LIMIT: Final = 256 * 1024 * 1024
LINE_LIMIT: Final = 1024 * 1024
ANSWER_SECONDS: Final = 60.0
READING_SECONDS: Final = 900.0
"""So long may it take to read all of a kind. What is read is recorded meanwhile."""
IDLE_SECONDS: Final = 300.0
"""So long may a stream be silent. Then it is opened anew: nothing tells a quiet one from one that broke."""
_HEADERS: Final = {"Accept": "application/json", "User-Agent": "tocsin", "Accept-Encoding": "identity"}
_READING: Final = {"X-HTTP-Method-Override": "GET"}
"""Makes a question of what is posted: what is asked for may be longer than an address."""
_UNFILTERED: Final = "it cannot evaluate the option filter, or the user has no permission for it"
_REFUSALS: Final = {
    401: "the user or the password is not taken",
    403: "the user has no permission for it",
    404: "there is none, or the user has no permission for it",
}


class NotGiven(PullFailed):
    """Icinga answers, but does not give what it was asked for."""


class Connection:
    """Asks one Icinga 2.

    Args:
        options: where it is.
        password: of the user.
        allow_private: also at private addresses.
        idle_seconds: how long its stream may be silent.
    """

    def __init__(
        self, options: Options, password: str, *, allow_private: bool, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        parsed = parse_url(options.url)
        if not allow_private:
            check_host(parsed.host)
        self._url = options.url
        self._where = parsed.netloc.decode("ascii")
        self._idle_seconds = idle_seconds
        self._session = ClientSession(
            connector=TCPConnector(
                resolver=ThreadedResolver() if allow_private else GuardedResolver(), ssl=trust_of(options)
            ),
            headers=_HEADERS | {"Authorization": encode_basic_auth(options.user, password)},
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
        )

    async def close(self) -> None:
        """Let go of it."""
        await self._session.close()

    @asynccontextmanager
    async def objects(
        self, kind: str, attributes: Sequence[str], chosen: str = ""
    ) -> AsyncIterator[AsyncIterator[list[dict[str, Any]]]]:
        """Ask for its objects of a kind, and give what comes: some at a time.

        Args:
            kind: as a path says it: hosts, services, downtimes.
            attributes: which of theirs.
            chosen: an expression of Icinga's that says which objects; '' for all.

        Raises:
            NotGiven: it refuses them.
            PullFailed: it does not answer, or not with such objects.
        """
        question: dict[str, Any] = {"attrs": list(attributes)}
        if chosen:
            question["filter"] = chosen
        if kind == "hosts":
            # What asks for a service holds of no host, rather than being an error.
            question["filter_vars"] = {"service": None}
        limits = ClientTimeout(total=READING_SECONDS, sock_read=ANSWER_SECONDS)
        async with self._asked(f"/v1/objects/{kind}", encode(question), limits, _READING) as response:
            if response.status == 404 and chosen:
                raise NotGiven(f"{self._where}: status 404 for {kind}: {_UNFILTERED}")
            if response.status != 404:
                self._check(response, kind)
            yield self._objects(kind, response)

    async def _objects(self, kind: str, response: ClientResponse) -> AsyncIterator[list[dict[str, Any]]]:
        if response.status == 404:
            return
        results, size = Results(), 0
        while piece := await response.content.readany():
            size += len(piece)
            if size > ANSWER_LIMIT:
                raise PullFailed(f"{self._where}: more than {ANSWER_LIMIT} bytes of {kind}")
            try:
                found = results.take(piece)
            except BadPayload as fault:
                raise PullFailed(
                    f"{self._where}: its {kind} are not what Icinga's API answers: {fault}"
                ) from None
            if found:
                yield found
        if not results.is_whole:
            raise PullFailed(f"{self._where}: its {kind} are not what Icinga's API answers")

    @asynccontextmanager
    async def stream(self, types: Sequence[str]) -> AsyncIterator[AsyncIterator[list[bytes]]]:
        """Open the event stream, and give what comes: some lines at a time, to the end.

        It ends where it was silent for too long.

        Args:
            types: of the events that are wanted.

        Raises:
            PullFailed: it does not answer, breaks off, or sends a line that is too long.
        """
        body = encode({"queue": random_id("tocsin"), "types": list(types)})
        async with self._asked("/v1/events", body, ClientTimeout(total=None)) as response:
            self._check(response, "events")
            yield self._lines(response)

    async def _lines(self, response: ClientResponse) -> AsyncIterator[list[bytes]]:
        rest = b""
        while True:
            try:
                piece = await asyncio.wait_for(response.content.readany(), self._idle_seconds)
            except TimeoutError:
                return
            if not piece:
                raise PullFailed(f"{self._where} ended the stream")
            *lines, rest = (rest + piece).split(b"\n")
            if len(rest) > LINE_LIMIT or any(len(line) > LINE_LIMIT for line in lines):
                raise PullFailed(f"{self._where}: a line of the stream is longer than {LINE_LIMIT} bytes")
            if found := [line for line in lines if line.strip()]:
                yield found

    def _check(self, response: ClientResponse, what: str) -> None:
        status = response.status
        if 300 <= status < 400:
            raise PullFailed(f"{self._where}: status {status} for {what}: redirects are not followed")
        if status in _REFUSALS:
            raise NotGiven(f"{self._where}: status {status} for {what}: {_REFUSALS[status]}")
        if status != 200:
            raise PullFailed(f"{self._where}: status {status} for {what}")

    @asynccontextmanager
    async def _asked(
        self,
        path: str,
        body: bytes,
        limits: ClientTimeout,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> AsyncIterator[ClientResponse]:
        """Ask, and say in words of our own what goes wrong until all is read."""
        where = self._where
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                response = await self._session.request(
                    "POST",
                    f"{self._url}{path}",
                    data=body,
                    headers=headers,
                    allow_redirects=False,
                    timeout=limits,
                )
            async with response:
                yield response
        except PrivateAddress as refusal:
            raise PullFailed(str(refusal)) from None
        except ServerFingerprintMismatch:
            raise PullFailed(f"{where}: its certificate has another fingerprint") from None
        except ClientConnectorCertificateError:
            raise PullFailed(f"{where}: nothing vouches for its certificate, or it is another's") from None
        except TimeoutError:
            raise PullFailed(f"{where} did not answer within {ANSWER_SECONDS:g} s") from None
        except ClientConnectorError as failure:
            reason = failure.os_error.strerror or type(failure.os_error).__name__
            raise PullFailed(f"no answer from {where}: {reason}") from None
        except (ClientError, OSError):
            raise PullFailed(f"{where} broke off the connection or does not speak HTTP") from None
