"""Sessions: logging in, what a cookie may, logging out."""

import asyncio
from typing import Any

import httpx2
import pytest
from argon2 import PasswordHasher
from sqlalchemy import Connection, update

from tests.unit.server.in_process import ADDRESS, Served, Tenant
from tocsin.hub.attempts import OF_A_NAME
from tocsin.hub.hub import clock
from tocsin.model.access import Action
from tocsin.model.account import SESSION_TIMES
from tocsin.model.role import Permission
from tocsin.store import accounts, tables

pytestmark = pytest.mark.anyio

SESSION = "/api/v1/session"
PASSWORD = "correct horse"
HOUR = 3_600_000_000
WEAK = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
HERE = {"Origin": ADDRESS}


async def password_hash(tenant: Tenant) -> str:
    def look(connection: Connection) -> str:
        return accounts.password_hash(connection, accounts.find_account(connection, tenant.user))

    return await tenant.served.hub.database.read(look)


@pytest.fixture
async def ann(tenant: Tenant) -> Tenant:
    """Give the tenant's user a password."""

    def write(connection: Connection) -> None:
        account = accounts.find_account(connection, tenant.user)
        accounts.change_password(connection, account, WEAK)

    await tenant.served.hub.database.write(write)
    await tenant.served.hub.authentication.refresh()
    return tenant


async def log_in(tenant: Tenant, password: str = PASSWORD, **options: Any) -> httpx2.Response:
    document = {"name": options.pop("name", tenant.user), "password": password}
    tenant.served.client.cookies.clear()
    answer = await tenant.served.client.post(SESSION, json=document, **options)
    tenant.served.client.cookies.clear()
    return answer


async def audited(tenant: Tenant, action: str) -> list[Any]:
    items: list[Any] = (await tenant.get("/api/v1/audit", q=f"action={action}"))["items"]
    return items


async def test_a_session_opens_what_its_user_may(ann: Tenant) -> None:
    answer = await log_in(ann)
    assert answer.status_code == 200, answer.text
    session = answer.json()
    assert session["user"]["name"] == ann.user
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"tocsin_session={session['token']}; ")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert answer.headers["cache-control"] == "no-store"
    for headers in (
        {"Authorization": f"Bearer {session['token']}"},
        {"Cookie": f"tocsin_session={session['token']}"},
    ):
        shown = await ann.ask("GET", SESSION, credential="", headers=headers)
        assert shown.json() == {
            "user": session["user"],
            "domain_id": ann.id,
            "role": {"id": shown.json()["role"]["id"], "name": "administrator"},
            "may": ["send", "read", "oversee", "act", "silence", "configure"],
            "scopes": {"read": "", "act": "", "silence": ""},
            "kind": "session",
            "expires_at": session["expires_at"],
        }
    assert (await ann.get("/api/v1/tokens"))["items"] == [
        each for each in (await ann.get("/api/v1/tokens"))["items"] if each["name"] == "first"
    ]
    (entry,) = await audited(ann, "session.create")
    assert (entry["author"], entry["via"], entry["subject_name"]) == (ann.user, "127.0.0.1", ann.user)


async def test_the_cookie_is_secure_behind_https(ann: Tenant) -> None:
    headers = {"Origin": ADDRESS.replace("http:", "https:")}
    answer = await log_in(ann, headers=headers)
    assert "Secure" in answer.headers["set-cookie"].split("; ")


async def test_another_site_cannot_log_a_browser_in(ann: Tenant) -> None:
    for origin in ("http://evil.test", "null"):
        answer = await log_in(ann, headers={"Origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (ADDRESS, 200),
        (None, 403),
        ("http://evil.test", 403),
        ("null", 403),
        ("http://[", 403),
        (f"{ADDRESS}:81", 403),
    ],
)
async def test_a_cookie_changes_things_for_pages_of_here_only(
    ann: Tenant, origin: str | None, status: int
) -> None:
    token = (await log_in(ann)).json()["token"]
    headers = {"Cookie": f"tocsin_session={token}"} | ({"Origin": origin} if origin else {})
    item = {"key": "k", "title": "t"}
    answer = await ann.ask("POST", "/api/v1/events", credential="", headers=headers, json=item)
    assert answer.status_code == status
    assert len(await ann.events()) == (status == 200)


async def test_a_bearer_token_needs_no_origin_and_hides_the_cookie(ann: Tenant) -> None:
    token = (await log_in(ann)).json()["token"]
    headers = {"Cookie": f"tocsin_session={token}"}
    answer = await ann.ask("POST", "/api/v1/events", headers=headers, json={"key": "k", "title": "t"})
    assert answer.status_code == 200
    refused = await ann.ask("GET", SESSION, credential="tocsin_none", headers=headers)
    assert refused.status_code == 401


async def test_unknown_users_and_wrong_passwords_are_answered_alike(ann: Tenant) -> None:
    wrong = await log_in(ann, "wrong")
    unknown = await log_in(ann, name="nobody-has-this-name")
    empty = await log_in(ann, "")
    assert wrong.status_code == unknown.status_code == empty.status_code == 401
    assert wrong.json() == unknown.json() == empty.json()
    assert wrong.json()["detail"] == "wrong name or password"


async def test_a_failed_attempt_is_in_the_audit_log(ann: Tenant) -> None:
    await log_in(ann, "wrong-horse")
    await asyncio.gather(*ann.served.hub.sessions._writing)
    found = await audited(ann, "session.fail")
    assert [entry["author"] for entry in found] == [ann.user]
    assert "wrong-horse" not in str(found)


async def test_attempts_are_limited_and_say_when_to_come_again(ann: Tenant) -> None:
    for _ in range(OF_A_NAME[0] - 1):
        ann.served.hub.sessions.attempts.take(ann.user, "10.0.0.1")
    assert (await log_in(ann, "wrong")).status_code == 401
    for password in ("wrong", PASSWORD):
        answer = await log_in(ann, password)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
        assert int(answer.headers["retry-after"]) in range(1, 31)


async def test_logging_out_ends_the_session(ann: Tenant) -> None:
    token = (await log_in(ann)).json()["token"]
    headers = {"Cookie": f"tocsin_session={token}"} | HERE
    answer = await ann.ask("DELETE", SESSION, credential="", headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert (await ann.ask("GET", SESSION, credential=token)).status_code == 401
    assert len(await audited(ann, "session.delete")) == 1


async def test_a_token_is_no_session(ann: Tenant) -> None:
    assert (await ann.refuse("DELETE", SESSION))["status"] == 409
    assert (await ann.get(SESSION))["kind"] == "token"


async def test_a_limited_token_is_told_what_it_may(ann: Tenant) -> None:
    limited = await ann.new_user(
        Permission.VIEWSOME, Permission.ACTIONSOME, scope="host:a", scopes=(Action.READ, Action.SEND)
    )
    shown = (await ann.ask("GET", SESSION, credential=limited)).json()
    assert (shown["may"], shown["scopes"]) == (["read"], {"read": "host:a"})


async def test_a_password_is_hashed_anew_when_the_costs_have_changed(ann: Tenant) -> None:
    assert await password_hash(ann) == WEAK
    assert (await log_in(ann)).status_code == 200
    kept = await password_hash(ann)
    assert kept != WEAK
    assert (await log_in(ann)).status_code == 200
    assert await password_hash(ann) == kept


async def test_ones_own_password_is_changed_with_the_old_one(ann: Tenant) -> None:
    token = (await log_in(ann)).json()["token"]
    path = f"{SESSION}/password"
    wrong = {"password": "wrong", "new_password": "another horse"}
    assert (await ann.refuse("POST", path, credential=token, json=wrong))["status"] == 401
    right = wrong | {"password": PASSWORD}
    assert (await ann.ask("POST", path, credential=token, json=right)).status_code == 204
    assert (await ann.ask("GET", SESSION, credential=token)).status_code == 401
    assert (await ann.ask("GET", SESSION)).status_code == 200
    assert (await log_in(ann)).status_code == 401
    assert (await log_in(ann, "another horse")).status_code == 200
    assert "horse" not in str(await audited(ann, "user.password"))


async def set_token(served: Served, secret: str, **values: int) -> None:
    """Set columns of the token with a secret."""
    held, _ = next(
        found
        for hashed, found in served.hub.authentication._known.tokens.items()
        if served.hub.authentication.user(secret).token_id == found[0].id
    )
    await served.hub.database.write(
        lambda c: c.execute(update(tables.token).where(tables.token.c.id == held.id).values(**values))
    )
    await served.hub.authentication.refresh()


async def test_a_session_that_is_used_goes_on(ann: Tenant) -> None:
    token = (await log_in(ann)).json()["token"]
    await set_token(ann.served, token, expires_at=clock() + HOUR)
    before = (await ann.ask("GET", SESSION, credential=token)).json()["expires_at"]
    await ann.served.hub.sessions.note_use()
    await ann.served.hub.authentication.refresh()
    after = (await ann.ask("GET", SESSION, credential=token)).json()["expires_at"]
    assert after > before
    (held,) = (
        held
        for held, _ in ann.served.hub.authentication._known.tokens.values()
        if held.kind == "session" and held.domain_id == ann.id
    )
    assert held.expires_at == held.used_at + SESSION_TIMES["session"]


async def test_a_session_that_has_ended_is_refused_and_goes(ann: Tenant) -> None:
    token = (await log_in(ann)).json()["token"]
    await set_token(ann.served, token, expires_at=clock() - 1)
    assert (await ann.ask("GET", SESSION, credential=token)).status_code == 401
    await ann.get(SESSION)
    await ann.served.hub.sessions.note_use()
    await ann.served.hub.authentication.refresh()
    assert token not in str(ann.served.hub.authentication._known.tokens)
    problem = await ann.refuse("GET", SESSION, credential=token)
    assert problem["detail"] == "unknown token"


async def test_when_a_token_was_used_is_listed(ann: Tenant) -> None:
    await ann.served.hub.sessions.note_use()
    await ann.get(SESSION)
    await ann.served.hub.sessions.note_use()
    (listed,) = (await ann.get("/api/v1/tokens"))["items"]
    assert listed["used_at"] > listed["created_at"]
