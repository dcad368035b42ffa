"""Roles: made, changed, deleted, with a scope that holds for events and alerts."""

from typing import Any

import pytest

from tests.unit.server.in_process import Tenant
from tocsin.model.role import FIRST_ROLES

pytestmark = pytest.mark.anyio

ROLES = "/api/v1/roles"
SHOP = {"name": "shop", "permissions": ["ACTIONSOME", "VIEWSOME"], "scope": "project:shop"}


async def test_every_domain_has_three(tenant: Tenant) -> None:
    found = (await tenant.get(ROLES))["items"]
    assert {role["name"]: tuple(role["permissions"]) for role in found} == FIRST_ROLES
    assert {role["scope"] for role in found} == {""}


async def test_a_role_is_made_shown_changed_and_deleted(tenant: Tenant) -> None:
    made = await tenant.post(ROLES, SHOP, status=201)
    assert made["permissions"] == ["VIEWSOME", "ACTIONSOME"]
    assert await tenant.get(f"{ROLES}/shop") == await tenant.get(f"{ROLES}/{made['id']}") == made
    change = {"name": "web", "scope": "host:web-*"}
    answer = await tenant.ask("PATCH", f"{ROLES}/shop", json=change)
    assert answer.json() == made | change
    assert (await tenant.ask("DELETE", f"{ROLES}/web")).status_code == 204
    assert (await tenant.refuse("GET", f"{ROLES}/web"))["status"] == 404


async def test_a_change_holds_for_its_users_at_once(tenant: Tenant) -> None:
    await tenant.post(ROLES, SHOP, status=201)
    name = f"bob-{tenant.id}"
    await tenant.post("/api/v1/users", {"name": name, "role": "shop"}, status=201)
    secret = await tenant.token_of(name)
    await tenant.send({"key": "k", "title": "t", "host": "web-1"})
    assert (await tenant.ask("GET", "/api/v1/events", credential=secret)).json()["items"] == []
    await tenant.ask("PATCH", f"{ROLES}/shop", json={"scope": "host:web-*"})
    assert len((await tenant.ask("GET", "/api/v1/events", credential=secret)).json()["items"]) == 1
    problem = await tenant.refuse("DELETE", f"{ROLES}/shop")
    assert (problem["status"], problem["detail"]) == (
        409,
        f"the role shop is that of {name}: give them another first",
    )


async def test_the_last_administrators_keep_their_access(tenant: Tenant) -> None:
    problem = await tenant.refuse("PATCH", f"{ROLES}/administrator", json={"permissions": ["VIEWALL"]})
    assert (problem["status"], problem["code"]) == (409, "conflict")
    assert (await tenant.refuse("DELETE", f"{ROLES}/administrator"))["status"] == 409


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"permissions": ["ROOT"]}, "/permissions/0"),
        ({"scope": ""}, "/scope"),
        ({"scope": "   "}, "/scope"),
        ({"scope": "host:"}, "/scope"),
        ({"scope": "description:x"}, "/scope"),
        ({"scope": "disk"}, "/scope"),
        ({"permissions": ["VIEWALL"]}, "/scope"),
        ({"rank": 1}, ""),
    ],
)
async def test_a_bad_role_is_pointed_at(tenant: Tenant, change: dict[str, Any], pointer: str) -> None:
    problem = await tenant.refuse("POST", ROLES, json=SHOP | change)
    assert (problem["status"], [each["pointer"] for each in problem["errors"]]) == (400, [pointer])
    await tenant.post(ROLES, SHOP, status=201)
    problem = await tenant.refuse("PATCH", f"{ROLES}/shop", json=change)
    assert (problem["status"], [each["pointer"] for each in problem["errors"]]) == (400, [pointer])


async def test_a_name_is_taken_once(tenant: Tenant) -> None:
    await tenant.post(ROLES, SHOP, status=201)
    assert (await tenant.refuse("POST", ROLES, json=SHOP))["status"] == 409
