"""One POST of one message, as the library sends it."""

import json
import logging
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache

import httpx2

MAX_ANSWER_BYTES = 64 * 1024

# The answer is read as it comes, up to a bound that a compressed one could pass in a single piece.
_HEADERS = {"Accept-Encoding": "identity"}
_JSON = {"Content-Type": "application/json"}


class TransportError(Exception):
    """No HTTP answer came: the host was not found, refused, did not answer in time, or broke off.

    The text names the host and the cause. It never holds the URL's path, since the API key is part of it.
    """


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered.

    Attributes:
        status: the HTTP status.
        retry_after: the header of this name, '' if there is none.
        body: its first 64 KiB.
    """

    status: int
    retry_after: str
    body: bytes


def parse_url(url: object) -> httpx2.URL:
    """Check the URL of an endpoint.

    Raises:
        ValueError: not an http or https URL that can be called. The text does not repeat the URL.
    """
    refusal = ValueError("url must be an http or https URL with a valid host, without white space")
    if not isinstance(url, str) or any(character.isspace() for character in url):
        raise refusal
    try:
        parsed = httpx2.URL(url)
        parsed.host.encode("idna")
    except (httpx2.InvalidURL, UnicodeError):
        # What the library says may quote the URL.
        raise refusal from None
    port = 1 if parsed.port is None else parsed.port
    if (
        parsed.scheme not in {"http", "https"}
        or not parsed.host
        or "%" in parsed.host
        or not 1 <= port <= 65535
    ):
        raise refusal
    return parsed


def check_seconds(name: str, value: object) -> float:
    """Return a length of time in seconds.

    Raises:
        ValueError: not a number above zero, or more than a thread can wait.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 < value <= threading.TIMEOUT_MAX
    ):
        raise ValueError(f"{name} must be a number of seconds above 0")
    return float(value)


@cache
def trusted() -> ssl.SSLContext:
    """Give the context that trusts what the machine trusts."""
    # Reading the trusted certificates takes some 100 ms, far longer than to send a message.
    return httpx2.create_ssl_context()


def open_client() -> httpx2.Client:
    """Make a client for `post`; it keeps its connection open for the next message."""
    return httpx2.Client(verify=trusted(), headers=_HEADERS, follow_redirects=False)


def open_async_client() -> httpx2.AsyncClient:
    """Make a client for `apost`."""
    return httpx2.AsyncClient(verify=trusted(), headers=_HEADERS, follow_redirects=False)


def encode(message: Mapping[str, object]) -> bytes:
    """Write a message as JSON."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def post(
    client: httpx2.Client,
    url: httpx2.URL,
    body: bytes,
    seconds: float,
) -> Answer:
    """Send one message and read the answer, whatever its status is.

    Args:
        client: from `open_client`.
        url: from `parse_url`.
        body: JSON, from `encode`.
        seconds: timeout of each step: to connect, to send, to wait for the answer, to read all of it.

    Raises:
        TransportError: no complete answer came.
    """
    with (
        _guarded(url, seconds),
        client.stream("POST", url, content=body, headers=_JSON, timeout=seconds) as response,
    ):
        answered = _Body(seconds)
        for piece in response.iter_raw():
            if answered.is_full_after(piece):
                break
        return _answer(response, answered)


async def apost(
    client: httpx2.AsyncClient,
    url: httpx2.URL,
    body: bytes,
    seconds: float,
) -> Answer:
    """Do the same as `post`, with a client from `open_async_client`."""
    with _guarded(url, seconds):
        async with client.stream("POST", url, content=body, headers=_JSON, timeout=seconds) as response:
            answered = _Body(seconds)
            async for piece in response.aiter_raw():
                if answered.is_full_after(piece):
                    break
            return _answer(response, answered)


class _Body:
    """The body of an answer as it comes in: so many bytes at most, within so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.content = bytearray()
        self._deadline = time.monotonic() + seconds

    def is_full_after(self, piece: bytes) -> bool:
        self.content += piece
        if time.monotonic() > self._deadline:
            raise httpx2.ReadTimeout("the answer did not end in time")
        return len(self.content) >= MAX_ANSWER_BYTES


def _answer(response: httpx2.Response, body: _Body) -> Answer:
    return Answer(
        status=response.status_code,
        retry_after=response.headers.get("Retry-After", ""),
        body=bytes(body.content[:MAX_ANSWER_BYTES]),
    )


_sending = ContextVar("tocsin_sending", default=False)


@contextmanager
def _guarded(url: httpx2.URL, seconds: float) -> Iterator[None]:
    """Keep the URL's path out of what is logged and raised within."""
    host = url.netloc.decode("ascii")
    token = _sending.set(True)
    try:
        yield
    except httpx2.TimeoutException:
        raise TransportError(f"{host} did not answer within {seconds:g} s") from None
    except httpx2.RemoteProtocolError:
        # The library quotes what came instead, which may be an echo of the request.
        raise TransportError(f"{host} broke off the connection or does not speak HTTP") from None
    except httpx2.RequestError as error:
        raise TransportError(f"no answer from {host}: {str(error) or type(error).__name__}") from None
    finally:
        _sending.reset(token)


def _hide_path(record: logging.LogRecord) -> bool:
    """Cut the URLs that httpx2 logs at level INFO down to their host, while a message is being sent.

    httpx2 logs the whole URL of each request: https://github.com/pydantic/httpx2/issues/767
    """
    if _sending.get() and isinstance(record.args, tuple):
        record.args = tuple(
            f"{arg.scheme}://{arg.host}/..." if isinstance(arg, httpx2.URL) else arg for arg in record.args
        )
    return True


logging.getLogger("httpx2").addFilter(_hide_path)
