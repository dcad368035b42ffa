"""Bad HTTP on every inlet: too slow, too long or broken. It is refused, and costs the server little."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.acceptance.refusing import (
    BODY_SECONDS,
    GOOD,
    PROBLEM,
    VICTOROPS,
    Refusing,
    every_inlet,
    refusal,
    refusing,
    said,
)

LINGER_SECONDS = 5
"""How long a sender may go on after it was refused."""


@pytest.fixture(scope="module")
def tocsin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Refusing]:
    with refusing(tmp_path_factory.mktemp("tocsin")) as started:
        yield started


@pytest.fixture(autouse=True)
def nothing_recorded(tocsin: Refusing) -> Iterator[None]:
    with tocsin.nothing_recorded():
        yield


@contextmanager
def connected(tocsin: Refusing) -> Iterator[socket.socket]:
    """Open a connection to write to byte by byte."""
    address = urlsplit(tocsin.server.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        yield connection


def head(tocsin: Refusing, inlet: str, *more: str) -> bytes:
    """Give the head of a request to an inlet."""
    to = tocsin.inlets[inlet]
    lines = [f"POST {to.path} HTTP/1.1", "Host: tocsin"]
    lines += [f"{name}: {value}" for name, value in to.headers.items()]
    return "\r\n".join([*lines, *more, "", ""]).encode()


def answered(connection: socket.socket) -> tuple[int, str, dict[str, object]]:
    """Read one answer: its status, its content type and its document."""
    client = HTTPConnection("tocsin")
    client.sock = connection
    response = client.response_class(connection, method="POST")
    response.begin()
    return response.status, response.headers["content-type"], json.loads(response.read())


def is_closed(connection: socket.socket, seconds: float) -> bool:
    """Look whether the other side closes a connection within some time."""
    connection.settimeout(seconds)
    try:
        while connection.recv(65_536):
            continue
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


@every_inlet
def test_a_body_that_comes_too_slowly_is_refused(tocsin: Refusing, inlet: str) -> None:
    kind = tocsin.inlets[inlet].answer
    with connected(tocsin) as connection:
        connection.sendall(head(tocsin, inlet, f"Content-Length: {len(GOOD)}"))
        for byte in GOOD[:12]:
            connection.sendall(bytes([byte]))
            time.sleep(BODY_SECONDS / 10)
        status, content_type, document = answered(connection)
    assert (status, content_type) == (408, kind)
    assert "seconds" in said(document, 408, kind)


def trickle(connection: socket.socket, seconds: float) -> None:
    """Send a byte now and then."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        connection.sendall(b" ")
        time.sleep(0.1)


def test_a_sender_that_goes_on_for_ever_after_its_refusal_is_cut_off(tocsin: Refusing) -> None:
    with connected(tocsin) as connection:
        connection.sendall(head(tocsin, "in", "Content-Length: 1000000"))
        assert answered(connection)[0] == 408
        refused = time.monotonic()
        with pytest.raises(ConnectionError):
            trickle(connection, LINGER_SECONDS + 3)
        assert time.monotonic() - refused > LINGER_SECONDS - 1


@every_inlet
def test_a_head_that_comes_too_slowly_is_refused(tocsin: Refusing, inlet: str) -> None:
    kind = tocsin.inlets[inlet].answer
    with connected(tocsin) as connection:
        for piece in (head(tocsin, inlet)[:-2], b"X-Slow: ", b"y"):
            connection.sendall(piece)
            time.sleep(BODY_SECONDS / 4)
        status, content_type, document = answered(connection)
        assert (status, content_type) == (408, kind)
        assert "head" in said(document, 408, kind)
        assert is_closed(connection, LINGER_SECONDS)


def test_a_connection_that_never_asks_anything_is_closed(tocsin: Refusing) -> None:
    with connected(tocsin) as connection:
        assert is_closed(connection, BODY_SECONDS * 3)


@every_inlet
def test_a_huge_header_is_refused(tocsin: Refusing, inlet: str) -> None:
    kind = tocsin.inlets[inlet].answer
    answer = tocsin.post(inlet, GOOD, X_Huge="y" * (10 << 20))
    assert "head" in refusal(answer, 431, kind)


def test_headers_without_end_are_refused(tocsin: Refusing) -> None:
    with connected(tocsin) as connection:
        connection.sendall(head(tocsin, "victorops")[:-2])
        for number in range(30_000):
            connection.sendall(b"X-%d: y\r\n" % number)
        status, content_type, document = answered(connection)
    assert (status, content_type) == (431, VICTOROPS)
    said(document, 431, VICTOROPS)


def test_a_path_without_end_is_refused(tocsin: Refusing) -> None:
    with connected(tocsin) as connection:
        connection.sendall(b"POST /in/" + b"a" * (1 << 20))
        status, content_type, document = answered(connection)
    assert (status, content_type) == (431, PROBLEM)
    said(document, 431, PROBLEM)


@every_inlet
@pytest.mark.parametrize(
    ("more", "body"),
    [
        (("Transfer-Encoding: chunked",), b"zz\r\n" + GOOD + b"\r\n0\r\n\r\n"),
        (("Content-Length: ten",), GOOD),
        (("Content-Length: -1",), GOOD),
        (("Content-Length: 5", "Content-Length: 6"), GOOD),
        (("Content-Length: 5", "Transfer-Encoding: chunked"), GOOD),
        (("no header at all",), GOOD),
    ],
    ids=["chunk", "length", "negative length", "two lengths", "length and chunks", "header"],
)
def test_broken_http_is_refused(tocsin: Refusing, inlet: str, more: tuple[str, ...], body: bytes) -> None:
    kind = tocsin.inlets[inlet].answer
    with connected(tocsin) as connection:
        connection.sendall(head(tocsin, inlet, *more) + body)
        status, content_type, document = answered(connection)
        assert (status, content_type) == (400, kind)
        said(document, 400, kind)
        connection.shutdown(socket.SHUT_WR)
        assert is_closed(connection, 2)


@every_inlet
def test_a_sender_that_hangs_up_in_its_body_leaves_nothing(tocsin: Refusing, inlet: str) -> None:
    with connected(tocsin) as connection:
        connection.sendall(head(tocsin, inlet, f"Content-Length: {len(GOOD)}") + GOOD[:-1])
    time.sleep(0.2)  # for the server to notice


def test_what_was_taken_before_broken_http_gets_its_own_answer(tocsin: Refusing) -> None:
    first = head(tocsin, "in", "Content-Length: 1") + b"!"
    with connected(tocsin) as connection:
        connection.sendall(first + b"\x00\x01\x02\r\n\r\n")
        status, _, document = answered(connection)
        assert status == 400
        assert "JSON" in said(document, 400, PROBLEM)
        assert is_closed(connection, 2)


def test_what_is_no_http_is_refused(tocsin: Refusing) -> None:
    with connected(tocsin) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is TLS\r\n\r\n")
        status, content_type, document = answered(connection)
    assert (status, content_type) == (400, PROBLEM)
    said(document, 400, PROBLEM)
