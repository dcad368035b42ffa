"""What goes out goes to public addresses, unless the operator allows more."""

import httpx2
import pytest

from tocsin.dialects import guard
from tocsin.dialects.guard import GuardedTransport, PrivateAddress, is_public
from tocsin.dialects.sending import Post
from tocsin.model.delivery import SentOutcome

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "224.0.0.1"),
        *("100.64.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1"),
    ],
)
def test_private(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9/key", "http://localhost:9/key", "http://[::1]:9/key", "http://[::ffff:127.0.0.1]/"],
)
async def test_a_private_target_is_refused_with_a_reason_that_says_what_to_set(url: str) -> None:
    post = Post(allow_private=False)
    sent, _ = await post.send(url, b"{}", 1.0)
    await post.close()
    assert (sent.outcome, sent.status) == (SentOutcome.REFUSED, 0)
    assert "is a private address: the operator can allow it with the setting private_targets" in sent.reason
    assert "key" not in sent.reason


async def test_a_name_that_does_not_resolve_may_do_so_later() -> None:
    post = Post(allow_private=False)
    sent, _ = await post.send("http://nowhere.invalid/key", b"{}", 5.0)
    await post.close()
    assert (sent.outcome, sent.status) == (SentOutcome.RETRY, 0)
    assert "key" not in sent.reason


class Line(httpx2.AsyncBaseTransport):
    """Connects to one address only; keeps whom it tried, and how many seconds each had."""

    def __init__(self, answering: str, failure: type[httpx2.TransportError]) -> None:
        self.answering = answering
        self.failure = failure
        self.tried: list[tuple[str, float]] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.tried.append((request.url.host, request.extensions["timeout"]["connect"]))
        if request.url.host != self.answering:
            raise self.failure("no")
        assert (request.headers["host"], request.extensions["sni_hostname"]) == ("hooks.test", "hooks.test")
        return httpx2.Response(200)


def several(monkeypatch: pytest.MonkeyPatch, line: Line, *addresses: str) -> httpx2.AsyncClient:
    """Make a client of a host that has several addresses."""

    async def resolve(host: str, port: int) -> list[str]:
        assert (host, port) == ("hooks.test", 0)
        return list(addresses)

    monkeypatch.setattr(guard, "open_transport", lambda: line)
    transport = GuardedTransport(allow_private=False, resolve=resolve)
    return httpx2.AsyncClient(transport=transport, timeout=9.0)


@pytest.mark.parametrize("failure", [httpx2.ConnectError, httpx2.ConnectTimeout])
async def test_the_next_address_is_tried_within_the_time_of_all(
    monkeypatch: pytest.MonkeyPatch, failure: type[httpx2.TransportError]
) -> None:
    line = Line("1.0.0.1", failure)
    async with several(monkeypatch, line, "8.8.8.8", "9.9.9.9", "1.0.0.1") as client:
        assert (await client.post("https://hooks.test/")).status_code == 200
        assert [address for address, _ in line.tried] == ["8.8.8.8", "9.9.9.9", "1.0.0.1"]
        # Nobody took any time here, so that what each may take is a share of the whole.
        assert [round(seconds, 1) for _, seconds in line.tried] == [3.0, 4.5, 9.0]
        line.tried.clear()
        await client.post("https://hooks.test/")
        assert [address for address, _ in line.tried] == ["1.0.0.1"]


async def test_where_none_connects_the_last_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line("", httpx2.ConnectTimeout)
    async with several(monkeypatch, line, "8.8.8.8", "9.9.9.9") as client:
        with pytest.raises(httpx2.ConnectTimeout):
            await client.post("https://hooks.test/")
    assert len(line.tried) == 2


async def test_what_breaks_off_later_is_not_sent_to_another_address(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line("", httpx2.ReadTimeout)
    async with several(monkeypatch, line, "8.8.8.8", "9.9.9.9") as client:
        with pytest.raises(httpx2.ReadTimeout):
            await client.post("https://hooks.test/")
    assert len(line.tried) == 1


async def test_one_private_address_among_others_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line("8.8.8.8", httpx2.ConnectError)
    async with several(monkeypatch, line, "8.8.8.8", "10.0.0.1") as client:
        with pytest.raises(PrivateAddress):
            await client.post("https://hooks.test/")
    assert line.tried == []
