import logging
import socket
import socketserver
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import anyio
import httpx2
import pytest

from tests.unit.dialects.receiver import API_KEY, PATH, Receiver, Reply
from tocsin.dialects.outgoing import (
    MAX_ANSWER_BYTES,
    Answer,
    TransportError,
    apost,
    check_seconds,
    encode,
    open_async_client,
    open_client,
    parse_url,
    post,
)
from tocsin.dialects.victorops.send_message import Message

Post = Callable[[str, float], Answer]

MESSAGE: Message = {
    "message_type": "CRITICAL",
    "entity_id": "db/disk",
    "entity_display_name": "Disk <full> & \N{SNOWMAN}",
    "state_message": "",
    "state_start_time": 1609459200,
    "monitoring_tool": "",
}


def post_once(url: str, seconds: float) -> Answer:
    with open_client() as client:
        return post(client, parse_url(url), encode(MESSAGE), seconds)


async def apost_once(url: str, seconds: float) -> Answer:
    async with open_async_client() as client:
        return await apost(client, parse_url(url), encode(MESSAGE), seconds)


@pytest.fixture(params=["post", "apost"])
def send_once(request: pytest.FixtureRequest) -> Post:
    """Send by each of the twins, from code that is not async."""
    if request.param == "post":
        return post_once
    return lambda url, seconds: anyio.run(partial(apost_once, url, seconds))


class Echo(socketserver.BaseRequestHandler):
    """Says what it is told, as the echo service of RFC 862 does."""

    def handle(self) -> None:
        self.request.sendall(self.request.recv(65536))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_message_is_posted_as_json(receiver: Receiver, send_once: Post) -> None:
    send_once(receiver.url, 5.0)
    (request,) = receiver.requests
    assert (request.method, request.path, request.body) == ("POST", PATH, MESSAGE)
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("status", [200, 202, 204, 301, 307, 400, 404, 429, 500, 503])
def test_every_status_is_an_answer_and_no_redirect_is_followed(
    receiver: Receiver, send_once: Post, status: int
) -> None:
    body = b"" if status == 204 else b"{}"
    receiver.replies = [Reply(status, body, {"Retry-After": "7", "Location": "/elsewhere"})]
    assert send_once(receiver.url, 5.0) == Answer(status, "7", body)
    assert len(receiver.requests) == 1


def test_of_a_long_body_only_the_beginning_is_read(receiver: Receiver, send_once: Post) -> None:
    receiver.replies = [Reply(body=b"x" * 100_000, missing=100_000)]
    assert send_once(receiver.url, 5.0) == Answer(200, "", b"x" * MAX_ANSWER_BYTES)


def test_a_body_that_trickles_in_has_to_end_in_time(receiver: Receiver, send_once: Post) -> None:
    receiver.replies = [Reply(body=b"x" * 100, pause=0.1)]
    begun = time.monotonic()
    with pytest.raises(TransportError, match=r"did not answer within 0\.3 s$"):
        send_once(receiver.url, 0.3)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("reply", [Reply(cut=True), Reply(missing=10)])
def test_a_connection_that_breaks_off_is_no_answer(receiver: Receiver, send_once: Post, reply: Reply) -> None:
    receiver.replies = [reply]
    with pytest.raises(TransportError, match=r"broke off the connection or does not speak HTTP$"):
        send_once(receiver.url, 5.0)


def test_a_host_that_does_not_answer_is_given_up(receiver: Receiver, send_once: Post) -> None:
    receiver.replies = [Reply(silent=True)]
    with pytest.raises(TransportError, match=rf"^127\.0\.0\.1:{receiver.server_port} did not answer within"):
        send_once(receiver.url, 0.2)


def test_a_refused_connection_names_host_and_cause(send_once: Post) -> None:
    port = free_port()
    with pytest.raises(TransportError, match=rf"^no answer from 127\.0\.0\.1:{port}: .*([Rr]efused|failed)"):
        send_once(f"http://127.0.0.1:{port}{PATH}", 5.0)


def test_a_server_without_tls_names_host_and_cause(receiver: Receiver, send_once: Post) -> None:
    with pytest.raises(TransportError, match=r"^no answer from 127\.0\.0\.1:\d+: \S"):
        send_once(receiver.url.replace("http:", "https:"), 5.0)


@pytest.mark.parametrize("reply", [Reply(cut=True), Reply(missing=10), Reply(silent=True)])
def test_no_error_shows_the_key(receiver: Receiver, send_once: Post, reply: Reply) -> None:
    receiver.replies = [reply]
    url = receiver.url.replace("//", "//user:password@")
    with pytest.raises(TransportError) as caught:
        send_once(url, 0.2)
    shown = "".join(traceback.format_exception(caught.value))
    assert "TransportError: " in shown
    assert API_KEY not in shown
    assert "user:password" not in shown


def test_not_even_an_echo_of_the_request_shows_the_key(send_once: Post) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), Echo) as server, ThreadPoolExecutor() as threads:
        threads.submit(server.handle_request)
        url = f"http://127.0.0.1:{server.server_address[1]}{PATH}"
        with pytest.raises(TransportError, match=r"does not speak HTTP$") as caught:
            send_once(url, 5.0)
    assert API_KEY not in "".join(traceback.format_exception(caught.value))


def test_no_log_shows_the_key(receiver: Receiver, send_once: Post, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        send_once(receiver.url, 5.0)
    assert 'POST http://127.0.0.1/... "HTTP/1.1 200 OK"' in caplog.text
    assert API_KEY not in caplog.text


def test_what_others_send_is_logged_as_ever(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    post_once(receiver.url, 5.0)
    with caplog.at_level(logging.INFO):
        httpx2.post(receiver.url, json={})
    assert f'POST {receiver.url} "HTTP/1.1 200 OK"' in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/integrations/generic/20131114/alert/key/routing",
        "https://alert.victorops.com/integrations/generic/00000000/alert/key/$routing_key",
        "HTTPS://Alert.Example:443/x",
        "http://[::1]:1/x",
        "https://user:password@example.com",
    ],
)
def test_an_http_url_with_a_host_is_taken(url: str) -> None:
    assert parse_url(url).host


@pytest.mark.parametrize(
    "url",
    [
        "",
        "alert.victorops.com/secret",
        "//alert.victorops.com/secret",
        "/secret",
        "ftp://alert.victorops.com/secret",
        "http:///secret",
        "https://alert victorops.com/secret",
        "https://alert.victorops.com/secret\n",
        " https://alert.victorops.com/secret",
        "https://alert.victorops.com/secret ",
        "https://alert.victorops.com/\x00secret",
        "http://alert..victorops.com/secret",
        f"http://{'a' * 64}.com/secret",
        "http://\N{SNOWMAN}.example/secret",
        "http://[::1/secret",
        "http://alert%20victorops.com/secret",
        "http://<host>/secret",
        "http://host:0/secret",
        "http://host:65536/secret",
        "http://host:port/secret",
        None,
        b"https://alert.victorops.com/secret",
    ],
)
def test_any_other_url_is_refused_without_showing_it(url: object) -> None:
    with pytest.raises(ValueError, match=r"^url must be an http or https URL") as caught:
        parse_url(url)
    assert "secret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("value", [0.001, 1, 10.0, 86400])
def test_a_number_of_seconds_above_zero_is_taken(value: float) -> None:
    assert check_seconds("timeout", value) == value


@pytest.mark.parametrize("value", [0, -1, -0.0, float("nan"), float("inf"), 1e300, 10**400, True, None, "10"])
def test_any_other_number_of_seconds_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"^timeout must be a number of seconds above 0$"):
        check_seconds("timeout", value)
