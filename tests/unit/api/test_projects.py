"""Projects: made and listed."""

import pytest

from tests.unit.server.in_process import Tenant

pytestmark = pytest.mark.anyio

PROJECTS = "/api/v1/projects"


async def names(tenant: Tenant) -> list[str]:
    return [project["name"] for project in (await tenant.get(PROJECTS))["items"]]


async def test_a_project_is_made_and_listed(tenant: Tenant) -> None:
    made = await tenant.post(PROJECTS, {"name": "shop"}, status=201)
    assert made["id"].startswith("project-")
    first, second = (await tenant.get(PROJECTS))["items"]
    assert (first["name"], second) == ("default", made)


async def test_a_foreign_id_can_be_kept(tenant: Tenant) -> None:
    identifier = f"{tenant.id}.shop_1-a"
    made = await tenant.post(PROJECTS, {"name": "shop", "id": identifier}, status=201)
    assert made["id"] == identifier


async def test_names_and_ids_are_taken_once(tenant: Tenant, stranger: Tenant) -> None:
    made = await stranger.post(PROJECTS, {"name": "shop"}, status=201)
    for document in ({"name": "default"}, {"name": "other", "id": made["id"]}):
        problem = await tenant.refuse("POST", PROJECTS, json=document)
        assert (problem["status"], problem["code"]) == (409, "conflict")
    await tenant.post(PROJECTS, {"name": "shop"}, status=201)
    assert await names(tenant) == await names(stranger) == ["default", "shop"]


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "x" * 256}, "/name"),
        ({"name": "x", "id": "a b"}, "/id"),
        ({"name": "x", "id": "a/b"}, "/id"),
        ({"name": "x", "id": "x" * 65}, "/id"),
        ({"id": "x"}, ""),
        ({"name": "x", "domain": "y"}, ""),
    ],
)
async def test_a_bad_project_is_pointed_at(tenant: Tenant, document: object, pointer: str) -> None:
    problem = await tenant.refuse("POST", PROJECTS, json=document)
    assert (problem["status"], problem["code"]) == (400, "bad_request")
    assert [each["pointer"] for each in problem["errors"]] == [pointer]
    assert await names(tenant) == ["default"]
