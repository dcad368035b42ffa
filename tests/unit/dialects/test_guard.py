"""What goes out goes to public addresses, unless the operator allows more."""

import socket

import pytest
from aiohttp import ThreadedResolver
from aiohttp.abc import ResolveResult

from tests.unit.dialects.receiver import Receiver
from tocsin.dialects.guard import check_host, is_public
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
        *("fec0::1", "feff::1", "64:ff9b:1::808:808", "::127.0.0.1", "::8.8.8.8"),
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


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0X7F.1", "127.0.0.1."])
async def test_an_address_that_is_not_written_in_full_is_refused(host: str) -> None:
    post = Post(allow_private=False)
    sent, _ = await post.send(f"http://{host}:9/key", b"{}", 1.0)
    await post.close()
    assert (sent.outcome, sent.status) == (SentOutcome.REFUSED, 0)
    assert "private_targets" in sent.reason


@pytest.mark.parametrize("host", ["hooks.test", "1.test", "0x7f.test", "10-0-0-1.test."])
def test_a_name_may_hold_numbers(host: str) -> None:
    check_host(host)


async def test_a_name_that_does_not_resolve_may_do_so_later() -> None:
    post = Post(allow_private=False)
    sent, _ = await post.send("http://nowhere.invalid/key", b"{}", 5.0)
    await post.close()
    assert (sent.outcome, sent.status) == (SentOutcome.RETRY, 0)
    assert "key" not in sent.reason


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name have these addresses."""

    async def resolve(_: object, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=each, port=port, family=socket.AF_INET, proto=0, flags=0)
            for each in addresses
        ]

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)


async def test_one_private_address_among_others_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "8.8.8.8", "10.0.0.1")
    post = Post(allow_private=False)
    sent, _ = await post.send("https://hooks.test/key", b"{}", 1.0)
    await post.close()
    assert (sent.outcome, sent.status) == (SentOutcome.REFUSED, 0)
    assert sent.reason.startswith("hooks.test is a private address")


async def test_the_next_address_is_tried_where_one_does_not_connect(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    resolve_to(monkeypatch, "127.0.0.2", "127.0.0.1")
    post = Post(allow_private=True)
    port = receiver.url.split("/")[2].partition(":")[2]
    sent, _ = await post.send(f"http://hooks.test:{port}/key", b"{}", 5.0)
    await post.close()
    assert (sent.outcome, len(receiver.requests)) == (SentOutcome.ACCEPTED, 1)
