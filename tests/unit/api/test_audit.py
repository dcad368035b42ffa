"""The audit log: every change, who made it, and no secret."""

from typing import Any

import pytest

from tests.unit.server.in_process import Tenant
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio

AUDIT = "/api/v1/audit"


async def entries(tenant: Tenant, query: str = "") -> list[Any]:
    items: list[Any] = (await tenant.get(AUDIT, q=query))["items"]
    return items


async def test_every_change_is_written_down_in_order(tenant: Tenant) -> None:
    source = await tenant.post("/api/v1/sources", {"name": "probe"}, status=201)
    await tenant.ask("PATCH", "/api/v1/sources/probe", json={"enabled": False})
    await tenant.ask("DELETE", "/api/v1/sources/probe")
    await tenant.post("/api/v1/projects", {"name": "shop"}, status=201)
    token = await tenant.post("/api/v1/tokens", {"name": "ci"}, status=201)
    await tenant.ask("DELETE", f"/api/v1/tokens/{token['id']}")
    await tenant.post("/api/v1/roles", {"name": "r", "permissions": []}, status=201)
    await tenant.ask("PATCH", "/api/v1/roles/r", json={"permissions": ["VIEWALL"]})
    await tenant.ask("DELETE", "/api/v1/roles/r")
    found = (await entries(tenant))[::-1]
    assert [entry["action"] for entry in found] == [
        "source.create",
        "source.change",
        "source.delete",
        "project.create",
        "token.create",
        "token.delete",
        "role.create",
        "role.change",
        "role.delete",
    ]
    assert [entry["seq"] for entry in found] == list(range(1, 10))
    assert {entry["author"] for entry in found} == {tenant.user}
    (own,) = (each["id"] for each in (await tenant.get("/api/v1/tokens"))["items"])
    assert {entry["via"] for entry in found} == {own}
    change = found[1]
    assert (change["subject"], change["subject_id"], change["subject_name"]) == (
        "source",
        source["id"],
        "probe",
    )
    assert change["details"] == {"before": {"enabled": True}, "after": {"enabled": False}}
    assert found[7]["details"] == {"before": {"permissions": []}, "after": {"permissions": ["VIEWALL"]}}
    assert found[0]["details"]["after"]["access_key"] == "(hidden)"
    assert source["access_key"] not in str(found)
    assert token["token"] not in str(found)


async def test_what_failed_is_not_written_down(tenant: Tenant) -> None:
    await tenant.post("/api/v1/sources", {"name": "probe"}, status=201)
    await tenant.refuse("POST", "/api/v1/sources", json={"name": "probe"})
    assert len(await entries(tenant)) == 1


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("action:source.*", 1),
        ("action=project.create", 1),
        ("subject=source subject_name:PRO*", 1),
        ("SHOP", 1),
        ("recorded>-1h", 2),
        ("recorded>+1h", 0),
        ("seq>=2", 1),
        ("seq=1", 1),
        ("-author:nobody", 2),
        ("details~enabled", 1),
        ('via=""', 0),
    ],
)
async def test_it_is_searched_by_expressions(tenant: Tenant, query: str, count: int) -> None:
    await tenant.post("/api/v1/sources", {"name": "probe"}, status=201)
    await tenant.post("/api/v1/projects", {"name": "shop"}, status=201)
    assert len(await entries(tenant, query)) == count


@pytest.mark.parametrize("query", ["host:x", "labels.x:y", 'labels."x":y', "seq:"])
async def test_it_has_no_labels(tenant: Tenant, query: str) -> None:
    problem = await tenant.refuse("GET", f"{AUDIT}?q={query}")
    assert (problem["status"], problem["code"]) == (400, "invalid_query")


async def test_it_has_pages(tenant: Tenant) -> None:
    for number in range(5):
        await tenant.post("/api/v1/projects", {"name": f"p{number}"}, status=201)
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await tenant.get(AUDIT, limit=2, cursor=cursor)
        seen += [entry["seq"] for entry in page["items"]]
        cursor = page["next"]
    assert seen == [5, 4, 3, 2, 1]


async def test_it_is_for_those_who_configure(tenant: Tenant) -> None:
    operator = await tenant.new_user(Permission.VIEWALL, Permission.ACTIONALL, Permission.DOWNTIMEALL)
    assert (await tenant.refuse("GET", AUDIT, credential=operator))["status"] == 403
