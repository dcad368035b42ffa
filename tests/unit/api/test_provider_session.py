"""Logging in by an identity provider, against a true one over HTTP."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx2
import pytest
from sqlalchemy import select

from tests.servers.identity_provider import CLIENT_ID, SECRET, IdentityProvider, new_key, running_provider
from tests.unit.server.in_process import ADDRESS, Served, Tenant, serving_on_sqlite
from tocsin.api.pending import Seal, begin
from tocsin.api.provider_session import COOKIE
from tocsin.hub.attempts import OF_AN_ADDRESS, Attempts
from tocsin.hub.hub import clock
from tocsin.server.settings import Settings
from tocsin.store import tables

pytestmark = pytest.mark.anyio

SESSION = "/api/v1/session"
START = f"{SESSION}/oidc"


@pytest.fixture(scope="module")
def running() -> Iterator[IdentityProvider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: IdentityProvider, tenant: Tenant) -> IdentityProvider:
    """Give the provider, which does everything right, with a person of this test's own."""
    running.reset()
    running.user = {"sub": f"subject of {tenant.id}", "preferred_username": f"ann-{tenant.id}"}
    tenant.served.hub.sessions.attempts = Attempts()
    return running


@pytest.fixture(scope="module")
async def served(
    running: IdentityProvider, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    async with serving_on_sqlite(tmp_path_factory.mktemp("store"), settings(running)) as served:
        yield served


def settings(provider: IdentityProvider, **more: Any) -> Settings:
    return Settings(
        public_url=f"{ADDRESS}/",
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=SECRET,
        oidc_label="Keycloak",
        **more,
    )


async def named(tenant: Tenant, provider: IdentityProvider, **more: Any) -> Any:
    """Make the user of whom the provider vouches for."""
    document = {"name": provider.user["preferred_username"], "role": "operator"} | more
    return await tenant.post("/api/v1/users", document, status=201)


async def start(served: Served) -> str:
    """Begin, and give the address that the provider sends one back to."""
    served.client.cookies.clear()
    sent = await served.client.get(START)
    assert sent.status_code == 303, sent.text
    assert sent.headers["cache-control"] == "no-store"
    async with httpx2.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(sent.headers["location"])
    assert answer.status_code == 302
    location = str(answer.headers["location"])
    assert location.startswith(f"{ADDRESS}{START}/callback?")
    return location


async def log_in(served: Served) -> httpx2.Response:
    answer = await served.client.get(await start(served))
    assert answer.status_code == 303, answer.text
    assert COOKIE not in served.client.cookies
    served.client.cookies.clear()
    return answer


async def refused(served: Served, code: str) -> None:
    answer = await log_in(served)
    assert answer.headers["location"] == f"{ADDRESS}/?log_in={code}"
    assert "tocsin_session" not in str(answer.headers)


def secret_of(answer: httpx2.Response) -> str:
    assert answer.headers["location"] == f"{ADDRESS}/"
    (cookie,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith("tocsin_session=")]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    return cookie.partition(";")[0].partition("=")[2]


async def who(tenant: Tenant, answer: httpx2.Response) -> Any:
    shown = await tenant.ask("GET", SESSION, credential=secret_of(answer))
    assert shown.status_code == 200, shown.text
    return shown.json()


async def test_the_user_of_that_name_is_linked_and_logged_in(
    tenant: Tenant, provider: IdentityProvider
) -> None:
    user = await named(tenant, provider)
    session = await who(tenant, await log_in(tenant.served))
    assert (session["user"], session["kind"]) == (
        {"id": user["id"], "name": user["name"]},
        "provider_session",
    )
    assert session["domain_id"] == tenant.id
    entries = (await tenant.get("/api/v1/audit", q=f"author={user['name']}"))["items"]
    assert [(each["action"], each["via"], each["subject_id"]) for each in entries] == [
        ("session.create", "127.0.0.1", user["id"]),
        ("user.link", "127.0.0.1", user["id"]),
    ]


async def test_a_second_log_in_goes_by_who_they_are_and_not_by_their_name(
    tenant: Tenant, provider: IdentityProvider
) -> None:
    user = await named(tenant, provider)
    await log_in(tenant.served)
    provider.user["preferred_username"] = f"married-{tenant.id}"
    session = await who(tenant, await log_in(tenant.served))
    assert session["user"]["id"] == user["id"]
    provider.user = {"sub": "somebody else", "preferred_username": user["name"]}
    await refused(tenant.served, "name_taken")


async def test_who_has_a_password_is_linked_once_it_is_taken_away(
    tenant: Tenant, provider: IdentityProvider
) -> None:
    user = await named(tenant, provider, password="s3cret")
    await refused(tenant.served, "name_taken")
    answer = await tenant.ask("PATCH", f"/api/v1/users/{user['id']}", json={"password": None})
    assert answer.status_code == 200, answer.text
    assert (await who(tenant, await log_in(tenant.served)))["user"]["id"] == user["id"]
    for password in ("s3cret", "", " "):
        given = {"name": user["name"], "password": password}
        assert (await tenant.served.client.post(SESSION, json=given)).status_code == 401
    # Whoever bears the name next is another person, if an administrator says so again.
    provider.user["sub"] = f"successor of {tenant.id}"
    await refused(tenant.served, "name_taken")
    await tenant.ask("PATCH", f"/api/v1/users/{user['id']}", json={"password": None})
    assert (await who(tenant, await log_in(tenant.served)))["user"]["id"] == user["id"]


async def test_the_last_administrator_with_a_password_keeps_it(
    tenant: Tenant, provider: IdentityProvider
) -> None:
    at = f"/api/v1/users/{tenant.user}"
    await tenant.ask("PATCH", at, json={"password": "s3cret"})
    await named(tenant, provider, role="administrator")
    disabled = await named(tenant, provider, name=f"off-{tenant.id}", role="administrator", password="s3cret")
    await tenant.ask("PATCH", f"/api/v1/users/{disabled['id']}", json={"disabled": True})
    await named(tenant, provider, name=f"bob-{tenant.id}", password="s3cret")
    problem = await tenant.refuse("PATCH", at, json={"password": None})
    assert (problem["status"], problem["detail"]) == (
        409,
        "this would leave the domain without an administrator who can log in by a password",
    )
    await tenant.ask("PATCH", f"/api/v1/users/{disabled['id']}", json={"disabled": False})
    for _ in range(2):
        # Once it is gone there is none to keep.
        assert (await tenant.ask("PATCH", at, json={"password": None})).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": ["another", CLIENT_ID]},
        {"aud": "another", "azp": CLIENT_ID},
        {"aud": None},
        {"iss": "https://another.test"},
        {"iss": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"sub": ""},
        {"sub": None},
        {"sub": "x" * 256},
        {"preferred_username": None},
        {"preferred_username": 5},
        {"preferred_username": ""},
        {"preferred_username": "a\x00nn"},
        {"at_hash": "another"},
    ],
    ids=str,
)
async def test_an_id_token_that_is_not_for_this_log_in_is_refused(
    tenant: Tenant, provider: IdentityProvider, wrong: dict[str, Any]
) -> None:
    await named(tenant, provider)
    provider.wrong = wrong
    await refused(tenant.served, "refused")
    provider.wrong = {}
    await who(tenant, await log_in(tenant.served))


async def test_an_id_token_that_somebody_else_signed_is_refused(
    tenant: Tenant, provider: IdentityProvider
) -> None:
    await named(tenant, provider)
    right = provider.key
    try:
        for kid in ("first", "unknown"):
            provider.key = new_key(kid)
            await refused(tenant.served, "refused")
    finally:
        provider.key = right
    provider.unsigned = True
    await refused(tenant.served, "refused")


async def test_a_provider_that_says_no_is_believed(tenant: Tenant, provider: IdentityProvider) -> None:
    await named(tenant, provider)
    provider.denies = True
    await refused(tenant.served, "refused")


async def test_a_code_serves_once(tenant: Tenant, provider: IdentityProvider) -> None:
    await named(tenant, provider)
    back = await start(tenant.served)
    provider.codes.clear()
    answer = await tenant.served.client.get(back)
    assert answer.headers["location"] == f"{ADDRESS}/?log_in=refused"


async def test_only_the_browser_that_began_comes_back(tenant: Tenant, provider: IdentityProvider) -> None:
    await named(tenant, provider)
    back = await start(tenant.served)
    kept = tenant.served.client.cookies[COOKIE]
    asked = sum(provider.asked.values())
    late = Seal(SECRET).close(begin(), clock() - 601 * 1_000_000)
    forged = Seal("another secret").close(begin(), clock())
    for cookie, address in (
        ("", back),
        ("nonsense", back),
        ("InhhbGd4Ig.e30.", back),
        (late, back),
        (forged, back),
        (kept, back.replace("state=", "state=x")),
        (kept, f"{START}/callback?code=x"),
    ):
        tenant.served.client.cookies.clear()
        answer = await tenant.served.client.get(address, headers={"Cookie": f"{COOKIE}={cookie}"})
        assert answer.headers["location"] == f"{ADDRESS}/?log_in=expired", cookie
    assert sum(provider.asked.values()) == asked
    answer = await tenant.served.client.get(back, headers={"Cookie": f"{COOKIE}={kept}"})
    assert answer.headers["location"] == f"{ADDRESS}/"
    tenant.served.client.cookies.clear()


async def test_an_old_state_is_expired_though_it_fits(tenant: Tenant, provider: IdentityProvider) -> None:
    begun = begin()
    late = Seal(SECRET).close(begun, clock() - 601 * 1_000_000)
    answer = await tenant.served.client.get(
        f"{START}/callback",
        params={"state": begun.state, "code": "x"},
        headers={"Cookie": f"{COOKIE}={late}"},
    )
    assert answer.headers["location"] == f"{ADDRESS}/?log_in=expired"


async def test_whom_nobody_made_is_refused(tenant: Tenant, provider: IdentityProvider) -> None:
    await refused(tenant.served, "unknown_user")


async def test_who_is_disabled_is_refused(tenant: Tenant, provider: IdentityProvider) -> None:
    user = await named(tenant, provider)
    at = f"/api/v1/users/{user['id']}"
    await tenant.ask("PATCH", at, json={"disabled": True})
    await refused(tenant.served, "disabled")
    await tenant.ask("PATCH", at, json={"disabled": False})
    session = secret_of(await log_in(tenant.served))
    await tenant.ask("PATCH", at, json={"disabled": True})
    assert (await tenant.ask("GET", SESSION, credential=session)).status_code == 401
    await refused(tenant.served, "disabled")
    failed = (await tenant.get("/api/v1/audit", q="action=session.fail"))["items"]
    assert {each["subject_id"] for each in failed} == {user["id"]}


async def test_a_name_can_be_told_beside_the_token(tenant: Tenant, provider: IdentityProvider) -> None:
    user = await named(tenant, provider)
    provider.told = {"preferred_username": provider.user.pop("preferred_username")}
    assert (await who(tenant, await log_in(tenant.served)))["user"]["id"] == user["id"]
    provider.told["sub"] = "somebody else"
    await refused(tenant.served, "refused")


async def test_what_goes_to_the_provider(tenant: Tenant, provider: IdentityProvider) -> None:
    tenant.served.client.cookies.clear()
    sent = await tenant.served.client.get(START, headers={"Host": "evil.test"})
    url = urlsplit(sent.headers["location"])
    asked = dict(parse_qsl(url.query))
    assert sent.headers["location"].startswith(f"{provider.issuer}/authorize?")
    assert asked["redirect_uri"] == f"{ADDRESS}{START}/callback"
    assert asked["scope"] == "openid profile email"
    assert SECRET not in sent.headers["location"]
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert set(parse_qs(url.query)) == {
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
    }
    (cookie,) = sent.headers.get_list("set-cookie")
    assert {"HttpOnly", "SameSite=lax", f"Path={START}", "Max-Age=600"} <= set(cookie.split("; "))
    tenant.served.client.cookies.clear()


async def test_attempts_that_fail_are_counted_for_the_address(
    tenant: Tenant, provider: IdentityProvider
) -> None:
    await named(tenant, provider)
    for _ in range(OF_AN_ADDRESS[0] + 5):
        await log_in(tenant.served)
    for _ in range(OF_AN_ADDRESS[0]):
        answer = await tenant.served.client.get(f"{START}/callback")
        assert answer.headers["location"] == f"{ADDRESS}/?log_in=expired"
    for path in (START, f"{START}/callback"):
        answer = await tenant.served.client.get(path)
        assert answer.headers["location"] == f"{ADDRESS}/?log_in=too_many"


async def test_the_ways_to_log_in_are_told(tenant: Tenant, provider: IdentityProvider) -> None:
    shown = await tenant.served.client.get(f"{SESSION}/ways")
    assert shown.json() == {"provider": {"label": "Keycloak", "url": f"{ADDRESS}{START}", "log_out_url": ""}}


async def test_where_none_is_configured_that_is_said(tmp_path: Any) -> None:
    async with serving_on_sqlite(tmp_path) as plain:
        for path in (START, f"{START}/callback?code=x&state=y"):
            answer = await plain.client.get(path)
            assert answer.status_code == 404
            assert "no identity provider is configured" in answer.json()["detail"]
        assert (await plain.client.get(f"{SESSION}/ways")).json() == {"provider": None}


@pytest.mark.parametrize(("role", "code"), [("viewer", ""), ("no such role", "unknown_user")])
async def test_users_are_made_where_a_role_is_named_for_them(
    running: IdentityProvider, tmp_path: Any, role: str, code: str
) -> None:
    running.reset()
    async with serving_on_sqlite(tmp_path, settings(running, oidc_new_users_role=role)) as served:
        administrator = await first_domain(served)
        if code:
            await refused(served, code)
            return
        session = await who(administrator, await log_in(served))
        assert (session["user"]["name"], session["domain_id"], session["role"]["name"]) == (
            "ann",
            "default",
            "viewer",
        )
        assert await who(administrator, await log_in(served)) | {"expires_at": ""} == session | {
            "expires_at": ""
        }
        columns = tables.account.c
        held = select(columns.password_hash, columns.issuer, columns.subject).where(columns.name == "ann")
        rows = await served.hub.database.read(lambda c: c.execute(held).all())
        assert [tuple(row) for row in rows] == [("", running.issuer, "subject-1")]
        given = {"name": "ann", "password": ""}
        assert (await served.client.post(SESSION, json=given)).status_code == 401


async def test_a_provider_that_is_away_or_another_is_unreachable(
    running: IdentityProvider, tmp_path: Any
) -> None:
    for number, issuer in enumerate((f"{running.issuer}/away", "http://127.0.0.1:1", f"{running.issuer}/")):
        folder = tmp_path / str(number)
        folder.mkdir()
        elsewhere = IdentityProvider(issuer)
        async with serving_on_sqlite(folder, settings(elsewhere)) as served:
            answer = await served.client.get(START)
            assert answer.headers["location"] == f"{ADDRESS}/?log_in=unreachable"


async def test_behind_https_the_cookies_are_for_https_alone(running: IdentityProvider, tmp_path: Any) -> None:
    running.reset()
    known = Settings(
        public_url="https://tocsin.test",
        oidc_issuer=running.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=SECRET,
    )
    async with serving_on_sqlite(tmp_path, known) as served:
        (cookie,) = (await served.client.get(START)).headers.get_list("set-cookie")
        assert "Secure" in cookie.split("; ")


async def first_domain(served: Served) -> Tenant:
    """Make the domain that new users belong to."""
    from tocsin.server.first_start import ensure_default
    from tocsin.store import directory

    made = await served.hub.database.write(lambda c: ensure_default(c, "s3cret"))
    assert made is not None
    await served.hub.authentication.refresh()
    source = await served.hub.database.read(
        lambda c: directory.find_source(c, directory.DEFAULT, directory.FIRST_SOURCE)
    )
    return Tenant(served, directory.DEFAULT, made.admin, made.token, source)
