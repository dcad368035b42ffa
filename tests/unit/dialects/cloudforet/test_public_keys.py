import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.unit.dialects.cloudforet.tokens import OTHER, SIGNER
from tocsin.dialects.cloudforet.public_keys import (
    AGAIN_SECONDS,
    STALE_SECONDS,
    NoKey,
    PublicKeys,
    locations,
    understand,
)

pytestmark = pytest.mark.anyio


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    "text",
    [
        SIGNER.jwk,
        json.dumps({"keys": [{"kty": "EC"}, json.loads(SIGNER.jwk)]}).encode(),
        json.dumps({"public_key": SIGNER.jwk.decode(), "domain_id": "domain-1"}).encode(),
        json.dumps({"public_key": json.loads(SIGNER.jwk)}).encode(),
    ],
)
def test_a_key_is_found_in_whichever_shape_it_is_given(text: bytes) -> None:
    (key,) = understand(text).keys
    assert key.as_dict(private=False)["n"] == SIGNER.key.as_dict(private=False)["n"]


def test_of_a_private_key_only_the_public_part_is_kept() -> None:
    private = json.dumps(SIGNER.key.as_dict(private=True)).encode()
    (key,) = understand(private).keys
    assert not key.is_private


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"kty": "RSA"}',
        b'{"kty": "RSA", "n": 5, "e": "AQAB"}',
        b'{"keys": {}}',
        b'{"keys": []}',
        b'{"kty": "oct", "k": "c2VjcmV0"}',
        b'{"public_key": "text"}',
    ],
)
def test_what_holds_no_key_is_refused(text: bytes) -> None:
    with pytest.raises(NoKey):
        understand(text)


def test_where_the_keys_are_is_read() -> None:
    text = " domain-1=/etc/key.jwk\n domain-2=https://identity.example.com/key?x=1 "
    assert locations(text) == {
        "domain-1": "/etc/key.jwk",
        "domain-2": "https://identity.example.com/key?x=1",
    }
    assert locations("") == {}


@pytest.mark.parametrize("text", ["domain-1", "=/etc/key", "domain-1=", "a=ftp://x/y", "a=/x a=/y"])
def test_a_place_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected DOMAIN=FILE_OR_URL|http or https|stands there twice"):
        locations(text)


async def test_a_key_is_kept_until_it_is_old(tmp_path: Path) -> None:
    file, clock = tmp_path / "key.jwk", Clock()
    file.write_bytes(SIGNER.jwk)
    keys = PublicKeys({"domain-1": str(file)}, clock)
    first = await keys.of("domain-1")
    file.write_bytes(OTHER.jwk)
    clock.now += STALE_SECONDS - 1
    assert await keys.of("domain-1") is first is not None
    clock.now += 1
    assert await keys.of("domain-1") is not first
    assert await keys.of("domain-2") is None
    assert not await keys.read_again("domain-2")


async def test_it_is_read_again_once_in_a_minute_and_kept_where_that_fails(tmp_path: Path) -> None:
    file, clock = tmp_path / "key.jwk", Clock()
    keys = PublicKeys({"domain-1": str(file)}, clock)
    assert await keys.of("domain-1") is None
    file.write_bytes(SIGNER.jwk)
    clock.now += AGAIN_SECONDS - 1
    assert not await keys.read_again("domain-1")
    assert await keys.of("domain-1") is None
    clock.now += 1
    found = await keys.of("domain-1")
    assert found is not None
    file.unlink()
    clock.now += AGAIN_SECONDS
    assert not await keys.read_again("domain-1")
    assert await keys.of("domain-1") is found


class Service(ThreadingHTTPServer):
    """An identity service.

    Attributes:
        answers: the status and body of each request, the last one again and again.
        asked: how often it was.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, bytes]] = [(200, SIGNER.jwk)]
        self.asked = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/identity/s3cret"


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        self.server.asked += 1
        status, body = self.server.answers[min(self.server.asked, len(self.server.answers)) - 1]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Service]:
    with Service() as service:
        thread = Thread(target=service.serve_forever)
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()


async def test_a_service_is_asked_once_by_all_who_wait() -> None:
    with serving() as service:
        keys = PublicKeys({"domain-1": service.url}, Clock())
        found = await asyncio.gather(*(keys.of("domain-1") for _ in range(20)))
        assert service.asked == 1
        assert found[0] is not None
        assert set(map(id, found)) == {id(found[0])}


@pytest.mark.parametrize("answer", [(404, b"{}"), (200, b"nothing"), (200, b" " * 100_000), (302, b"")])
async def test_an_answer_that_is_no_key_gives_none_and_tells_no_path(
    answer: tuple[int, bytes], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as service:
        service.answers = [answer]
        assert await PublicKeys({"domain-1": service.url}, Clock()).of("domain-1") is None
    captured = capsys.readouterr()
    assert "identity_key_unreadable" in captured.out + captured.err
    assert "s3cret" not in captured.out + captured.err + caplog.text


async def test_a_service_that_is_not_there_gives_none() -> None:
    with serving() as service:
        url = service.url
    assert await PublicKeys({"domain-1": url}, Clock()).of("domain-1") is None
