"""What is asked of an identity provider, and how often."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.servers.identity_provider import CLIENT_ID, SECRET, IdentityProvider, new_key, running_provider
from tocsin.dialects.openid_connect import (
    AGAIN_SECONDS,
    STALE_SECONDS,
    NotProved,
    Provider,
    Registration,
    Unreachable,
)
from tocsin.model.account import Person

pytestmark = pytest.mark.anyio

VERIFIER = "v" * 43
HERE = "https://tocsin.test/callback"
KNOWN = "/.well-known/openid-configuration"


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def running() -> Iterator[IdentityProvider]:
    with running_provider() as provider:
        yield provider


def provider_at(
    running: IdentityProvider, *, claim: str = "preferred_username", secret: str = SECRET
) -> Provider:
    return Provider(Registration(running.issuer, CLIENT_ID, secret, HERE, name_claim=claim), Time())


async def identified(running: IdentityProvider, provider: Provider, verifier: str = VERIFIER) -> Person:
    address = await provider.address("state", "nonce", VERIFIER)
    back = running.back(dict(parse_qsl(urlsplit(address).query)))
    return await provider.identify(dict(parse_qsl(urlsplit(back).query))["code"], "nonce", verifier)


async def test_it_is_asked_for_its_description_once_an_hour(running: IdentityProvider) -> None:
    provider = provider_at(running)
    moments = provider._monotonic
    assert isinstance(moments, Time)
    for _ in range(3):
        assert await identified(running, provider) == Person(running.issuer, "subject-1", "ann")
    assert (running.asked[KNOWN], running.asked["/keys"]) == (1, 1)
    moments.now = STALE_SECONDS
    await identified(running, provider)
    assert (running.asked[KNOWN], running.asked["/keys"]) == (2, 2)


async def test_a_new_key_is_fetched_though_not_at_every_token(running: IdentityProvider) -> None:
    provider = provider_at(running)
    moments = provider._monotonic
    assert isinstance(moments, Time)
    await identified(running, provider)
    running.key = new_key("second")
    running.published = [running.key]
    with pytest.raises(NotProved, match="No key for kid"):
        await identified(running, provider)
    assert running.asked["/keys"] == 1
    moments.now = AGAIN_SECONDS
    await identified(running, provider)
    assert running.asked["/keys"] == 2


async def test_the_secret_goes_in_the_form_where_the_provider_takes_no_other(
    running: IdentityProvider,
) -> None:
    running.methods = ["client_secret_post"]
    assert (await identified(running, provider_at(running))).name == "ann"


async def test_another_verifier_or_secret_proves_nothing_and_the_secret_is_not_told(
    running: IdentityProvider, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NotProved, match="invalid_grant"):
        await identified(running, provider_at(running), verifier="w" * 43)
    with pytest.raises(NotProved, match="invalid_client") as failure:
        await identified(running, provider_at(running, secret="wrong-s3cret"))
    assert "s3cret" not in str(failure.value) + "".join(capfd.readouterr())


async def test_an_address_that_is_not_verified_is_no_name(running: IdentityProvider) -> None:
    running.user = {"sub": "1", "email": "ann@example.com", "email_verified": False}
    with pytest.raises(NotProved, match="has not verified"):
        await identified(running, provider_at(running, claim="email"))
    running.user["email_verified"] = True
    assert (await identified(running, provider_at(running, claim="email"))).name == "ann@example.com"


async def test_who_calls_itself_otherwise_is_not_the_provider(running: IdentityProvider) -> None:
    provider = provider_at(running)
    running.issuer = "https://another.test"
    with pytest.raises(Unreachable, match=r"calls itself 'https://another\.test'"):
        await provider.address("state", "nonce", VERIFIER)
