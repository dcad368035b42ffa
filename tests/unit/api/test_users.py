"""Users: made, changed, disabled, deleted, and never the last who can do so."""

from typing import Any

import pytest

from tests.unit.server.in_process import Tenant

pytestmark = pytest.mark.anyio

USERS = "/api/v1/users"
SESSION = "/api/v1/session"


@pytest.fixture
def name(tenant: Tenant) -> str:
    """Give a name that no other domain has."""
    return f"bob-{tenant.id}"


async def created(tenant: Tenant, name: str, **wanted: Any) -> Any:
    return await tenant.post(USERS, {"name": name} | wanted, status=201)


async def changed(tenant: Tenant, user: str, **wanted: Any) -> Any:
    answer = await tenant.ask("PATCH", f"{USERS}/{user}", json=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def log_in(tenant: Tenant, name: str, password: str) -> int:
    tenant.served.client.cookies.clear()
    answer = await tenant.served.client.post(SESSION, json={"name": name, "password": password})
    tenant.served.client.cookies.clear()
    return answer.status_code


async def test_a_user_has_the_least_rights_unless_it_is_said(tenant: Tenant, name: str) -> None:
    made = await created(tenant, name)
    assert (made["name"], made["role"], made["disabled"]) == (name, "viewer", False)
    assert await tenant.get(f"{USERS}/{name}") == await tenant.get(f"{USERS}/{made['id']}") == made
    assert (await tenant.get(USERS))["items"][1:] == [made]


async def test_who_has_no_password_cannot_log_in(tenant: Tenant, name: str) -> None:
    await created(tenant, name)
    assert [await log_in(tenant, name, given) for given in ("", "x")] == [401, 401]
    await changed(tenant, name, password="s3cret")
    assert await log_in(tenant, name, "s3cret") == 200


async def test_a_user_can_begin_disabled(tenant: Tenant, name: str) -> None:
    made = await created(tenant, name, password="s3cret", disabled=True)
    assert made["disabled"]
    assert await log_in(tenant, name, "s3cret") == 401
    await changed(tenant, name, disabled=False)
    assert await log_in(tenant, name, "s3cret") == 200


async def test_a_user_gets_another_name_and_role(tenant: Tenant, name: str) -> None:
    await created(tenant, name)
    secret = await tenant.token_of(name)
    assert (await tenant.ask("GET", USERS, credential=secret)).status_code == 403
    shown = await changed(tenant, name, name=f"rob-{name}", role="administrator")
    assert (shown["name"], shown["role"]) == (f"rob-{name}", "administrator")
    assert (await tenant.ask("GET", USERS, credential=secret)).status_code == 200
    assert (await tenant.refuse("GET", f"{USERS}/{name}"))["status"] == 404


async def test_who_is_disabled_is_out_at_once_and_back_when_enabled(tenant: Tenant, name: str) -> None:
    await created(tenant, name, password="s3cret")
    token = await tenant.token_of(name)
    answer = await tenant.served.client.post(SESSION, json={"name": name, "password": "s3cret"})
    session = answer.json()["token"]
    tenant.served.client.cookies.clear()
    await changed(tenant, name, disabled=True)
    for credential in (token, session):
        assert (await tenant.ask("GET", SESSION, credential=credential)).status_code == 401
    assert await log_in(tenant, name, "s3cret") == 401
    await changed(tenant, name, disabled=False)
    assert (await tenant.ask("GET", SESSION, credential=token)).status_code == 200
    assert (await tenant.ask("GET", SESSION, credential=session)).status_code == 401


async def test_a_deleted_user_is_gone_with_their_tokens(tenant: Tenant, name: str) -> None:
    await created(tenant, name)
    secret = await tenant.token_of(name)
    assert (await tenant.ask("DELETE", f"{USERS}/{name}")).status_code == 204
    assert (await tenant.ask("GET", SESSION, credential=secret)).status_code == 401
    assert (await tenant.refuse("GET", f"{USERS}/{name}"))["status"] == 404
    await created(tenant, name)


@pytest.mark.parametrize(
    ("method", "document"), [("DELETE", None), ("PATCH", {"disabled": True}), ("PATCH", {"role": "viewer"})]
)
async def test_the_last_administrator_stays(tenant: Tenant, method: str, document: object) -> None:
    options = {} if document is None else {"json": document}
    problem = await tenant.refuse(method, f"{USERS}/{tenant.user}", **options)
    assert (problem["status"], problem["detail"]) == (
        409,
        "this would leave the domain without an administrator",
    )
    assert len((await tenant.get(USERS))["items"]) == 1


async def test_a_password_stays_where_there_is_no_other_way_in(tenant: Tenant, name: str) -> None:
    await created(tenant, name, password="s3cret")
    problem = await tenant.refuse("PATCH", f"{USERS}/{name}", json={"password": None})
    assert problem["status"] == 409
    assert "no identity provider is configured" in problem["detail"]
    assert await log_in(tenant, name, "s3cret") == 200


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({}, ""),
        ({"name": ""}, "/name"),
        ({"name": "x", "password": ""}, "/password"),
        ({"name": "x", "password": "x" * 1025}, "/password"),
        ({"name": "x", "admin": True}, ""),
    ],
)
async def test_a_bad_user_is_pointed_at(tenant: Tenant, document: object, pointer: str) -> None:
    problem = await tenant.refuse("POST", USERS, json=document)
    assert (problem["status"], [each["pointer"] for each in problem["errors"]]) == (400, [pointer])


async def test_a_role_that_there_is_not_and_a_name_that_is_taken(tenant: Tenant, name: str) -> None:
    problem = await tenant.refuse("POST", USERS, json={"name": name, "role": "king"})
    assert (problem["status"], problem["detail"]) == (404, "there is no role king")
    await created(tenant, name)
    assert (await tenant.refuse("POST", USERS, json={"name": name}))["status"] == 409


async def test_no_password_is_in_the_audit_log(tenant: Tenant, name: str) -> None:
    await created(tenant, name, password="s3cret-one")
    await changed(tenant, name, password="s3cret-two", role="operator")
    await tenant.ask("DELETE", f"{USERS}/{name}")
    answer = await tenant.ask("GET", "/api/v1/audit?q=subject=user")
    assert "s3cret" not in answer.text
    assert "argon2" not in answer.text
    actions = [entry["action"] for entry in answer.json()["items"]]
    assert actions == ["user.delete", "user.change", "user.password", "user.create"]
