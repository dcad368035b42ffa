"""Reading bodies: in parts, compressed, bounded in size and time."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from litestar.types import HTTPScope

from tests.unit.server.in_process import scope
from tocsin.dialects.asgi import Gone, Refused, answer, header, read_body, retry_after

pytestmark = pytest.mark.anyio

LIMIT = 1000
Receive = Callable[[], Awaitable[Any]]


def request(**headers: str) -> HTTPScope:
    """Make a request with headers, whose names are written with _."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    made: Any = scope("POST", "/", headers=named)
    return made  # type: ignore[no-any-return]


def part(body: bytes = b"", *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def sender(*messages: dict[str, Any], pause: float = 0.0) -> Receive:
    """Give a way to receive messages one after the other; at their end it waits for ever."""
    waiting = list(messages)

    async def receive() -> Any:
        if pause:
            await asyncio.sleep(pause)
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    return receive


async def read(receive: Receive, seconds: float = 5.0, **headers: str) -> bytes:
    return await read_body(request(**headers), receive, limit=LIMIT, seconds=seconds)


async def refused(receive: Receive, seconds: float = 5.0, **headers: str) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        await read(receive, seconds, **headers)
    assert str(caught.value)
    return caught.value.status, caught.value.code


@pytest.mark.parametrize("pause", [0.0, 0.001])
@pytest.mark.parametrize(
    "messages",
    [
        [part(b"abc")],
        [part(b"a", more=True), part(b"bc")],
        [part(b"abc", more=True), part()],
        [{"type": "http.request", "body": b"abc"}],
        [part(more=True), part(b"ab", more=True), {"type": "http.request", "more_body": True}, part(b"c")],
    ],
)
async def test_a_body_comes_whole_or_in_parts(messages: list[dict[str, Any]], pause: float) -> None:
    assert await read(sender(*messages, pause=pause)) == b"abc"


@pytest.mark.parametrize("pause", [0.0, 0.001])
@pytest.mark.parametrize("before", [[], [part(b"a", more=True)]])
async def test_a_sender_that_hangs_up_is_gone(before: list[dict[str, Any]], pause: float) -> None:
    with pytest.raises(Gone):
        await read(sender(*before, {"type": "http.disconnect"}, pause=pause))


@pytest.mark.parametrize("before", [[], [part(b"a", more=True)]])
async def test_a_body_that_does_not_come_is_not_waited_for(before: list[dict[str, Any]]) -> None:
    assert await refused(sender(*before), seconds=0.02) == (408, "too_slow")


async def test_a_reader_that_is_cancelled_stops() -> None:
    for before in ([], [part(b"a", more=True)]):
        reading = asyncio.create_task(read(sender(*before)))
        await asyncio.sleep(0.01)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading


async def test_a_fault_of_the_server_passes() -> None:
    async def broken() -> Any:
        await asyncio.sleep(0)
        raise RuntimeError("lost")

    with pytest.raises(RuntimeError, match="lost"):
        await read(broken)


class TestSize:
    """How large a body may be."""

    async def test_up_to_its_limit(self) -> None:
        assert len(await read(sender(part(b"x" * LIMIT)))) == LIMIT
        assert len(await read(sender(part(b"x" * 999, more=True), part(b"x")))) == LIMIT

    @pytest.mark.parametrize("messages", [[part(b"x" * 1001)], [part(b"x" * 600, more=True)] * 2])
    async def test_not_beyond_it(self, messages: list[dict[str, Any]]) -> None:
        assert await refused(sender(*messages)) == (413, "too_large")

    async def test_the_rest_of_a_body_that_is_too_large_is_not_waited_for(self) -> None:
        assert await refused(sender(part(b"x" * 1001, more=True))) == (413, "too_large")


class TestGzip:
    """Compressed bodies."""

    @pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip", " gzip "])
    async def test_is_read(self, encoding: str) -> None:
        assert await read(sender(part(gzip.compress(b"abc"))), content_encoding=encoding) == b"abc"

    @pytest.mark.parametrize("encoding", ["", "identity", "Identity"])
    async def test_is_left_where_nobody_says_so(self, encoding: str) -> None:
        assert await read(sender(part(b"abc")), content_encoding=encoding) == b"abc"

    async def test_has_as_many_members_as_there_are(self) -> None:
        body = b"".join(map(gzip.compress, (b"a", b"", b"bc")))
        assert await read(sender(part(body)), content_encoding="gzip") == b"abc"

    async def test_has_not_too_many(self) -> None:
        receive = sender(part(gzip.compress(b"") * 101))
        with pytest.raises(Refused, match="more than 100 members"):
            await read_body(request(content_encoding="gzip"), receive, limit=10_000, seconds=5)

    @pytest.mark.parametrize(
        "body",
        [b"", b"plain", gzip.compress(b"abc")[:-1], gzip.compress(b"abc")[:5], gzip.compress(b"abc") + b"x"],
        ids=["empty", "plain", "cut", "cut early", "more"],
    )
    async def test_that_is_broken_is_refused(self, body: bytes) -> None:
        assert await refused(sender(part(body)), content_encoding="gzip") == (400, "bad_payload")

    @pytest.mark.parametrize("sizes", [[1001], [600, 600], [10_000_000]])
    async def test_has_its_limit_after_it_is_opened(self, sizes: list[int]) -> None:
        body = b"".join(gzip.compress(b"x" * size) for size in sizes)
        receive = sender(part(body))
        with pytest.raises(Refused) as caught:
            await read_body(request(content_encoding="gzip"), receive, limit=max(LIMIT, len(body)), seconds=5)
        assert (caught.value.status, caught.value.code) == (413, "too_large")

    async def test_fills_its_limit_to_the_last_byte(self) -> None:
        body = gzip.compress(b"x" * 400) + gzip.compress(b"x" * 600)
        assert len(await read(sender(part(body)), content_encoding="gzip")) == LIMIT

    @pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip"])
    async def test_is_the_only_encoding(self, encoding: str) -> None:
        assert await refused(sender(part(b"abc")), content_encoding=encoding) == (415, "unsupported")


def test_a_header_is_found_by_its_name() -> None:
    asked = request(content_type="text/pl\xe4in")
    assert header(asked, b"content-type") == "text/pl\xe4in"
    assert header(asked, b"accept") == ""


async def test_an_answer_goes_out_whole() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await answer(send, 429, b"later", content_type=b"text/plain", headers=[retry_after(7)])
    start, body = sent
    assert start["status"] == 429
    assert start["headers"] == [
        (b"content-type", b"text/plain"),
        (b"content-length", b"5"),
        (b"retry-after", b"7"),
    ]
    assert body == {"type": "http.response.body", "body": b"later", "more_body": False}
