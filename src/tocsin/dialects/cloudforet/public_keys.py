"""The public keys with which identity services of Cloudforet sign, one service for each domain.

A key comes from a file or by HTTP. It is kept, and read again when it is old; and when a token does not fit
what is kept, since the service may sign with another key now. However many strangers' tokens come, that does
not happen often.
"""

import asyncio
import json
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import httpx2
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from tocsin.dialects.outgoing import MAX_ANSWER_BYTES, open_async_client, parse_url

STALE_SECONDS: Final = 3600.0
"""How old a key may get before it is read again: so long at most is one believed that was taken back."""
AGAIN_SECONDS: Final = 60.0
"""How long it takes at least until a key is read again, whatever tokens come."""
_SECONDS: Final = 5.0
"""How long a service may take to give its key."""
_log: Final = structlog.get_logger("tocsin.cloudforet")


class NoKey(Exception):
    """The key cannot be had. The text says why, without the path of a URL."""


class PublicKeys:
    """Gives the keys of each domain.

    Args:
        locations: domain -> the path of a file, or an http or https URL. There stands a JWK, a set of them,
            or the answer of `Domain.get_public_key`, which holds one as text in `public_key`.
        clock: seconds on a clock that never runs back.
    """

    def __init__(self, locations: Mapping[str, str], clock: Callable[[], float] = time.monotonic) -> None:
        self._locations = locations
        self._clock = clock
        self._kept: dict[str, KeySet] = {}
        self._tried_at: dict[str, float] = {}
        self._read_at: dict[str, float] = {}
        self._reading = {domain_id: asyncio.Lock() for domain_id in locations}

    async def of(self, domain_id: str) -> KeySet | None:
        """Give the keys of a domain's service; None where there is none, or none of its keys can be had."""
        if domain_id not in self._locations:
            return None
        if self._clock() - self._read_at.get(domain_id, -math.inf) >= STALE_SECONDS:
            await self.read_again(domain_id)
        return self._kept.get(domain_id)

    async def read_again(self, domain_id: str) -> bool:
        """Read the keys of a domain once more, unless that was tried lately.

        Returns:
            Whether it was done. Where it fails, the keys that are kept go on being believed.
        """
        if domain_id not in self._locations:
            return False
        asked_at = self._clock()
        async with self._reading[domain_id]:
            tried_at = self._tried_at.get(domain_id, -math.inf)
            if asked_at - tried_at < AGAIN_SECONDS:
                # Whoever waited while somebody else read it is served by the same reading.
                return tried_at >= asked_at
            try:
                self._kept[domain_id] = await _read(self._locations[domain_id])
                self._read_at[domain_id] = self._clock()
            except NoKey as failure:
                _log.warning("identity_key_unreadable", domain_id=domain_id, reason=str(failure))
                return False
            finally:
                self._tried_at[domain_id] = self._clock()
            return True


def locations(text: str) -> dict[str, str]:
    """Read where the keys of identity services are: `DOMAIN=FILE_OR_URL`, one after the other.

    Raises:
        ValueError: a part of it is not that.
    """
    found: dict[str, str] = {}
    for part in text.split():
        domain_id, is_given, location = part.partition("=")
        if not domain_id or not location or not is_given:
            raise ValueError("expected DOMAIN=FILE_OR_URL, one or several apart by blanks")
        if domain_id in found:
            raise ValueError(f"the domain {domain_id} stands there twice")
        if "://" in location:
            parse_url(location)
        found[domain_id] = location
    return found


async def _read(location: str) -> KeySet:
    if location.startswith(("http://", "https://")):
        return understand(await _fetch(location))
    try:
        return understand(await asyncio.to_thread(Path(location).read_bytes))
    except OSError as failure:
        raise NoKey(f"{location}: {failure.strerror}") from None


async def _fetch(location: str) -> bytes:
    url = parse_url(location)
    body = bytearray()
    try:
        async with (
            asyncio.timeout(_SECONDS),
            open_async_client() as client,
            client.stream("GET", url, timeout=_SECONDS) as answer,
        ):
            if answer.status_code != 200:
                raise NoKey(f"{url.host} answers {answer.status_code}")
            async for piece in answer.aiter_raw():
                body += piece
                if len(body) > MAX_ANSWER_BYTES:
                    raise NoKey(f"{url.host} gives more than a key")
    except (TimeoutError, httpx2.TimeoutException):
        raise NoKey(f"{url.host} did not answer within {_SECONDS:g} s") from None
    except httpx2.HTTPError as failure:
        raise NoKey(f"{url.host}: {type(failure).__name__}") from None
    return bytes(body)


def understand(text: bytes) -> KeySet:
    """Read the keys out of what a service or a file gives.

    Raises:
        NoKey: it is none of what is known, or holds no public RSA key.
    """
    document = _decoded(text)
    if isinstance(given := document.get("public_key"), str):
        document = _decoded(given.encode())
    elif isinstance(given, dict):
        document = given
    found = document.get("keys", [document])
    if not isinstance(found, list):
        raise NoKey("no JWK")
    try:
        keys = [RSAKey.import_key(_public(each)) for each in found if isinstance(each, dict) and _signs(each)]
    except (JoseError, ValueError, TypeError, KeyError):
        raise NoKey("no RSA key as JWK") from None
    if not keys:
        raise NoKey("no RSA key among them")
    return KeySet(list(keys))


def _decoded(text: bytes) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise NoKey("no JSON") from None
    if not isinstance(document, dict):
        raise NoKey("no JWK")
    return document


def _signs(jwk: Mapping[str, Any]) -> bool:
    return jwk.get("kty") == "RSA" and jwk.get("use", "sig") == "sig" and jwk.get("alg", "RS256") == "RS256"


def _public(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """Take what checks signatures; whatever else an operator put there is not kept."""
    return {name: jwk[name] for name in ("kty", "n", "e", "kid") if name in jwk}
