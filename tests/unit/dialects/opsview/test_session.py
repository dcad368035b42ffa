import ast
from typing import Any

import pytest
from sqlalchemy import update

from tests.unit.dialects.opsview.asking import PASSWORD, failed, give_password, log_in
from tests.unit.server.in_process import Tenant
from tocsin.hub.attempts import OF_A_NAME
from tocsin.hub.hub import clock
from tocsin.model.account import BRIEF_SESSION, SESSION_TIMES
from tocsin.store import tables

pytestmark = pytest.mark.anyio

MINUTE = 60_000_000


@pytest.mark.parametrize(
    "options",
    [
        {"json": {"username": "NAME", "password": PASSWORD}},
        {"data": {"username": "NAME", "password": PASSWORD}},
        {"params": {"username": "NAME", "password": PASSWORD}},
        {"params": {"username": "other", "password": PASSWORD}, "data": {"username": "NAME"}},
        {
            "content": b"username: NAME\npassword: " + PASSWORD.encode(),
            "headers": {"Content-Type": "text/x-yaml"},
        },
        {
            "content": f'<opt username="NAME" password="{PASSWORD}"/>'.encode(),
            "headers": {"Content-Type": "text/xml"},
        },
    ],
)
async def test_a_user_logs_in_in_every_way(tenant: Tenant, options: dict[str, Any]) -> None:
    await give_password(tenant)

    def named(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: named(each) for key, each in value.items()}
        if isinstance(value, bytes):
            return value.replace(b"NAME", tenant.user.encode())
        return value.replace("NAME", tenant.user)

    answer = await tenant.served.client.post("/rest/login", **named(options))
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert list(document) == ["token"]
    headers = {"X-Opsview-Username": tenant.user, "X-Opsview-Token": document["token"]}
    assert (await tenant.ask("GET", "/rest/user", credential="", headers=headers)).status_code == 200


async def test_who_logs_in_can_ask_who_they_are(tenant: Tenant) -> None:
    await give_password(tenant)
    given = {"username": tenant.user, "password": PASSWORD, "include_user_data": 1}
    answer = await tenant.served.client.post("/rest/login", json=given)
    # Nagstamon reads the answer as Python.
    document = ast.literal_eval(answer.text)
    headers = {"X-Opsview-Username": tenant.user, "X-Opsview-Token": document["token"]}
    shown = await tenant.ask("GET", "/rest/user", credential="", headers=headers)
    assert document["user_data"] == shown.json()


async def test_wrong_names_and_passwords_are_answered_alike(tenant: Tenant) -> None:
    await give_password(tenant)
    for name, password in ((tenant.user, "wrong"), (f"no-{tenant.user}", PASSWORD), (tenant.user, "")):
        given = {"username": name, "password": password}
        assert failed(await tenant.served.client.post("/rest/login", json=given)) == (
            401,
            "wrong name or password",
        )
    assert failed(await tenant.served.client.post("/rest/login")) == (400, "username: it is missing")
    given = {"username": tenant.user, "password": PASSWORD, "include_user_data": "maybe"}
    assert failed(await tenant.served.client.post("/rest/login", json=given))[0] == 400


async def test_whoever_guesses_too_often_has_to_wait(tenant: Tenant) -> None:
    given = {"username": f"guess-{tenant.user}", "password": "wrong"}
    for _ in range(OF_A_NAME[0]):
        assert (await tenant.served.client.post("/rest/login", json=given)).status_code == 401
    answer = await tenant.served.client.post("/rest/login", json=given)
    status, message = failed(answer)
    assert status == 429
    assert message.startswith("too many attempts to log in with this name")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(("method", "path"), [("POST", "/rest/logout"), ("DELETE", "/rest/login")])
async def test_logging_out_ends_the_session(tenant: Tenant, method: str, path: str) -> None:
    headers = await log_in(tenant)
    answer = await tenant.ask(method, path, credential="", headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"logout_via": "REST API"})
    assert failed(await tenant.ask("GET", "/rest/info", credential="", headers=headers))[0] == 401
    entries = (await tenant.get("/api/v1/audit", q="action=session.delete"))["items"]
    assert [entry["author"] for entry in entries] == [tenant.user]


async def test_a_token_is_not_logged_out(tenant: Tenant) -> None:
    assert failed(await tenant.ask("POST", "/rest/logout"))[0] == 400
    assert (await tenant.ask("GET", "/rest/info")).status_code == 200


async def expire(tenant: Tenant, token: str, expires_at: int) -> None:
    hub = tenant.served.hub
    held = hub.authentication.user(token).token_id
    hub.authentication.take_used()
    await hub.database.write(
        lambda c: c.execute(
            update(tables.token).where(tables.token.c.id == held).values(expires_at=expires_at)
        )
    )
    await hub.authentication.refresh()


async def test_a_session_slides_by_an_hour(tenant: Tenant) -> None:
    headers = await log_in(tenant)
    token = headers["X-Opsview-Token"]
    hub = tenant.served.hub

    def expires_at() -> int:
        return next(
            held.expires_at
            for held, account in hub.authentication._known.tokens.values()
            if held.kind == BRIEF_SESSION and account.name == tenant.user
        )

    assert 60 * MINUTE < expires_at() - clock() <= SESSION_TIMES[BRIEF_SESSION]
    await expire(tenant, token, clock() + 50 * MINUTE)
    assert (await tenant.ask("GET", "/rest/info", credential="", headers=headers)).status_code == 200
    await hub.sessions.note_use()
    await hub.authentication.refresh()
    assert expires_at() - clock() > 60 * MINUTE


async def test_a_session_that_has_ended_is_refused(tenant: Tenant) -> None:
    headers = await log_in(tenant)
    await expire(tenant, headers["X-Opsview-Token"], clock() - 1)
    assert failed(await tenant.ask("GET", "/rest/info", credential="", headers=headers))[0] == 401
