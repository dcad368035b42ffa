"""Tokens: made, listed without their secrets, revoked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.server.in_process import Tenant
from tocsin.hub.hub import clock
from tocsin.model.role import Permission
from tocsin.store.errors import StoreUnavailable

pytestmark = pytest.mark.anyio

TOKENS = "/api/v1/tokens"
SECOND = 1_000_000


async def status_of(tenant: Tenant, secret: str) -> int:
    return (await tenant.ask("GET", TOKENS, credential=secret)).status_code


async def created(tenant: Tenant, **wanted: Any) -> Any:
    return await tenant.post(TOKENS, {"name": "ci"} | wanted, status=201)


async def test_a_token_works_at_once_and_its_secret_is_shown_once(tenant: Tenant) -> None:
    made = await created(tenant)
    secret = made.pop("token")
    assert await status_of(tenant, secret) == 200
    listed = await tenant.ask("GET", TOKENS)
    assert secret not in listed.text
    assert [token["name"] for token in listed.json()["items"]] == ["first", "ci"]
    assert listed.json()["items"][1] == made | {"used_at": None}
    assert made["scopes"] == []
    assert made["expires_at"] is None


async def test_what_is_done_is_answered_so_though_the_store_stumbles_then(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stumble() -> None:
        raise StoreUnavailable("the store does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(tenant.served.hub.authentication, "refresh", stumble)
        made = await created(tenant)
        assert (await tenant.ask("DELETE", f"{TOKENS}/{made['id']}")).status_code == 204


@pytest.mark.parametrize("offset", ["", "Z", "+00:00"])
async def test_a_token_can_have_an_end(tenant: Tenant, offset: str) -> None:
    end = (datetime.now(UTC) + timedelta(hours=1)).replace(tzinfo=None).isoformat() + offset
    made = await created(tenant, expires_at=end)
    assert made["expires_at"] == end.removesuffix(offset) + "Z"
    assert await status_of(tenant, made["token"]) == 200


async def test_an_expired_token_is_refused(tenant: Tenant) -> None:
    _, secret = await tenant.new_token(expires_at=clock() - SECOND)
    problem = await tenant.refuse("GET", TOKENS, credential=secret)
    assert (problem["status"], problem["detail"]) == (401, "this token has expired")


async def test_a_revoked_token_is_refused_at_once(tenant: Tenant) -> None:
    made = await created(tenant)
    answer = await tenant.ask("DELETE", f"{TOKENS}/{made['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert await status_of(tenant, made["token"]) == 401
    problem = await tenant.refuse("DELETE", f"{TOKENS}/{made['id']}")
    assert problem["status"] == 404


async def test_a_token_can_revoke_itself(tenant: Tenant) -> None:
    (own,) = (await tenant.get(TOKENS))["items"]
    assert (await tenant.ask("DELETE", f"{TOKENS}/{own['id']}")).status_code == 204
    assert await status_of(tenant, tenant.token) == 401


@pytest.mark.parametrize("name", ["token-000000000000", "nonsense", "a%00b"])
async def test_an_unknown_token_is_not_found(tenant: Tenant, name: str) -> None:
    problem = await tenant.refuse("DELETE", f"{TOKENS}/{name}")
    assert (problem["status"], problem["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({}, ""),
        ({"name": ""}, "/name"),
        ({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"name": "x", "expires_at": "0001-01-01T00:00:00"}, "/expires_at"),
        ({"name": "x", "expires_at": "1970-01-01T00:00:00Z"}, "/expires_at"),
        ({"name": "x", "expires_at": "soon"}, "/expires_at"),
        ({"name": "x", "expires_at": 5}, "/expires_at"),
        ({"name": "x", "user": "admin"}, ""),
        ({"name": "x", "scopes": ["everything"]}, "/scopes/0"),
        ({"name": "x", "scopes": ["own"]}, "/scopes/0"),
    ],
)
async def test_a_bad_token_is_pointed_at(tenant: Tenant, document: object, pointer: str) -> None:
    problem = await tenant.refuse("POST", TOKENS, json=document)
    assert (problem["status"], problem["code"]) == (400, "bad_request")
    assert [each["pointer"] for each in problem["errors"]] == [pointer]
    assert len((await tenant.get(TOKENS))["items"]) == 1


async def test_a_missing_body_is_asked_for(tenant: Tenant) -> None:
    problem = await tenant.refuse("POST", TOKENS)
    assert (problem["status"], problem["detail"]) == (400, "body: expected JSON")


async def test_a_limited_token_may_what_its_scopes_say(tenant: Tenant) -> None:
    made = await created(tenant, scopes=["act", "read", "act"])
    assert made["scopes"] == ["read", "act"]
    secret = made["token"]
    assert (await tenant.ask("GET", "/api/v1/events", credential=secret)).status_code == 200
    problem = await tenant.refuse("GET", "/api/v1/users", credential=secret)
    assert (problem["status"], problem["detail"]) == (
        403,
        "this token may not configure: it is limited to read, act",
    )
    # Or it could make one that is not limited.
    assert (await tenant.refuse("POST", TOKENS, credential=secret, json={"name": "more"}))["status"] == 403


async def test_users_see_and_revoke_their_own_tokens_only(tenant: Tenant) -> None:
    viewer = await tenant.new_user(Permission.VIEWALL)
    (own,) = (await tenant.ask("GET", TOKENS, credential=viewer)).json()["items"]
    everybody = (await tenant.get(TOKENS))["items"]
    assert own["id"] in {token["id"] for token in everybody}
    (other,) = (token["id"] for token in everybody if token["id"] != own["id"])
    assert (await tenant.refuse("DELETE", f"{TOKENS}/{other}", credential=viewer))["status"] == 404
    assert (await tenant.ask("DELETE", f"{TOKENS}/{own['id']}", credential=viewer)).status_code == 204


async def test_a_token_loses_what_its_user_loses(tenant: Tenant) -> None:
    await tenant.post("/api/v1/users", {"name": f"{tenant.id}-bob", "role": "operator"}, status=201)
    secret = await tenant.token_of(f"{tenant.id}-bob")
    item = {"key": "k", "title": "t"}
    assert (await tenant.ask("POST", "/api/v1/events", credential=secret, json=item)).status_code == 200
    await tenant.ask("PATCH", f"/api/v1/users/{tenant.id}-bob", json={"role": "viewer"})
    assert (await tenant.ask("POST", "/api/v1/events", credential=secret, json=item)).status_code == 403
