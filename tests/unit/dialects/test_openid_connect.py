"""What is asked of an identity provider, and how often."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from structlog.testing import capture_logs

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
    running: IdentityProvider,
    *,
    claim: str = "preferred_username",
    secret: str = SECRET,
    trust_email: bool = False,
) -> Provider:
    known = Registration(running.issuer, CLIENT_ID, secret, HERE, name_claim=claim, trust_email=trust_email)
    return Provider(known, Time())


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


NOTHING: dict[str, Any] = {}
ANN = {"email": "ann@example.com"}
BOB = {"email": "bob@example.com"}
VERIFIED = {"email_verified": True}
NOT = {"email_verified": False}


@pytest.mark.parametrize(
    ("signed", "told", "name"),
    [
        (ANN | VERIFIED, NOTHING, "ann@example.com"),
        (ANN | {"email_verified": "true"}, NOTHING, "ann@example.com"),
        (ANN, VERIFIED, "ann@example.com"),
        (NOTHING, ANN | VERIFIED, "ann@example.com"),
        # What is verified is the other address.
        (ANN, BOB | VERIFIED, "bob@example.com"),
    ],
)
async def test_an_address_is_a_name_where_the_provider_has_verified_it(
    running: IdentityProvider, signed: dict[str, Any], told: dict[str, Any], name: str
) -> None:
    running.user, running.told = {"sub": "1", **signed}, told
    assert (await identified(running, provider_at(running, claim="email"))).name == name


@pytest.mark.parametrize(
    ("signed", "told", "why"),
    [
        (ANN | NOT, NOTHING, "has not verified"),
        (ANN | {"email_verified": "false"}, NOTHING, "has not verified"),
        (ANN | {"email_verified": 1}, NOTHING, "has not verified"),
        (ANN, NOT, "has not verified"),
        (NOTHING, ANN | NOT, "has not verified"),
        (ANN, NOTHING, "oidc_trust_email"),
        (ANN, {"email_verified": None}, "oidc_trust_email"),
        (NOTHING, ANN, "oidc_trust_email"),
    ],
)
async def test_any_other_address_is_none(
    running: IdentityProvider, signed: dict[str, Any], told: dict[str, Any], why: str
) -> None:
    running.user, running.told = {"sub": "1", **signed}, told
    with pytest.raises(NotProved, match=why):
        await identified(running, provider_at(running, claim="email"))


async def test_who_never_says_it_can_be_trusted_though_not_against_what_it_says(
    running: IdentityProvider,
) -> None:
    running.user = {"sub": "1"} | ANN
    provider = provider_at(running, claim="email", trust_email=True)
    assert (await identified(running, provider)).name == "ann@example.com"
    running.told = NOT
    with pytest.raises(NotProved, match="has not verified"):
        await identified(running, provider)


async def test_who_calls_itself_otherwise_is_not_the_provider(running: IdentityProvider) -> None:
    provider = provider_at(running)
    running.issuer = "https://another.test"
    with pytest.raises(Unreachable, match=r"calls itself 'https://another\.test'"):
        await provider.address("state", "nonce", VERIFIER)


NO_KEYS = [
    {"kty": "EC", "crv": "brainpoolP256r1", "x": "AQ", "y": "AQ", "use": "sig", "kid": "brainpool"},
    {"kty": "RSA", "e": "AQAB", "use": "sig", "kid": "without n"},
    {"kty": "RSA", "n": "AQAB", "e": "AQAB", "use": "sig", "key_ops": ["encrypt"], "kid": "mismatching"},
    {"kty": "RSA", "n": 5, "e": None, "kid": ["odd"]},
    {"kty": ["RSA"]},
    {"kty": "oct", "k": "AQAB", "kid": "shared"},
    {"use": "enc"},
    "a key",
    None,
]


@pytest.mark.parametrize("odd", NO_KEYS, ids=str)
async def test_a_key_that_cannot_be_read_is_as_if_it_were_not_there(
    running: IdentityProvider, odd: object
) -> None:
    running.odd_keys = [odd]
    assert (await identified(running, provider_at(running))).name == "ann"


async def test_a_provider_without_any_key_proves_nothing(running: IdentityProvider) -> None:
    running.odd_keys, running.published = NO_KEYS, []
    with pytest.raises(NotProved, match="No key for kid"):
        await identified(running, provider_at(running))


@pytest.mark.parametrize("header", ["xalgx", ["alg"], {"alg": "RS256", "crit": 5}, 5], ids=str)
async def test_an_odd_header_of_the_id_token_is_no_proof(running: IdentityProvider, header: object) -> None:
    running.header = header
    with pytest.raises((NotProved, Unreachable)):
        await identified(running, provider_at(running))


@pytest.mark.parametrize(
    "answers",
    [
        {"expires_in": float("inf")},
        {"expires_in": float("nan")},
        {"expires_in": ["soon"]},
        {"expires_at": {}},
        {"id_token": 5},
        {"id_token": "a.b.c"},
        {"access_token": 5},
        {"error": ["odd"]},
    ],
    ids=str,
)
async def test_an_odd_answer_ends_as_one_that_is_not_understood(
    running: IdentityProvider, answers: dict[str, Any]
) -> None:
    running.user["at_hash"] = "of another"
    running.answers = answers
    with pytest.raises((NotProved, Unreachable)):
        await identified(running, provider_at(running))


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "/authorize", "https://[", "https://ü..x/", "https://id.test/a b", None],
)
async def test_nobody_is_sent_to_what_is_no_address(running: IdentityProvider, address: str | None) -> None:
    running.described = {"authorization_endpoint": address}
    with pytest.raises(Unreachable, match="not understood"):
        await provider_at(running).address("state", "nonce", VERIFIER)


async def test_an_access_token_that_lasts_a_minute_asks_for_more_of_the_user(
    running: IdentityProvider,
) -> None:
    running.user, running.told = {"sub": "1"}, {"preferred_username": "ann"}
    running.answers = {"expires_in": 60}
    assert (await identified(running, provider_at(running))).name == "ann"


async def test_why_there_is_no_name_is_logged(running: IdentityProvider) -> None:
    running.user = {"sub": "1"}
    with capture_logs() as logged, pytest.raises(NotProved):
        await identified(running, provider_at(running))
    (entry,) = logged
    assert (entry["event"], entry["kind"]) == ("identity_provider_failed", "NotProved")
    assert "no claim preferred_username" in entry["reason"]
