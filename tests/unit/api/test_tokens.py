"""Tokens: made, listed without their secrets, revoked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.server.in_process import Tenant
from tocsin.hub.hub import clock

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
    assert listed.json()["items"][1] == made
    assert made["expires_at"] is None


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
