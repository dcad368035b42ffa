"""What is monitored, shown and changed as one document."""

from typing import Any

import pytest

from tests.unit.server.in_process import Tenant
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio

WORLD = "/api/v1/world"
SMALL = {
    "host_groups": [{"name": "UK"}],
    "service_checks": [{"name": "Disk"}],
    "hosts": [{"name": "web", "group": "UK", "checks": ["Disk"]}],
}


async def change(tenant: Tenant, document: Any, **parameters: str) -> list[str]:
    answer = await tenant.ask("PATCH", WORLD, json=document, params=parameters)
    assert answer.status_code == 200, answer.text
    return [" ".join([each["action"], each["name"], *each["fields"]]) for each in answer.json()["items"]]


async def test_a_document_is_tried_then_applied_then_changes_nothing(tenant: Tenant) -> None:
    empty = await tenant.get(WORLD)
    steps = ["create Tocsin,UK,", "create Disk", "create web group checks"]
    assert await change(tenant, SMALL, dry_run="true") == steps
    assert await tenant.get(WORLD) == empty
    assert await change(tenant, SMALL) == steps
    shown = await tenant.get(WORLD)
    assert [(each["name"], each["group"], each["checks"]) for each in shown["hosts"]] == [
        ("web", "UK", ["Disk"])
    ]
    assert await change(tenant, shown, prune="true") == ["keep Tocsin,UK,", "keep Disk", "keep web"]
    (logged,) = (await tenant.get("/api/v1/audit", q="action:host.create"))["items"]
    assert logged["subject_name"] == "web"
    assert await change(tenant, {"hosts": []}, prune="true") == ["delete web"]
    assert (await tenant.get(WORLD))["hosts"] == []


@pytest.mark.parametrize(
    ("document", "pointer", "detail"),
    [
        ({"hosts": [{"name": "a", "group": "EU"}]}, "/hosts/0/group", "there is no hostgroup called EU"),
        ({"hosts": [{"name": "a", "check_attempts": 0}]}, "/hosts/0/check_attempts", ">= 1"),
        ({"hosts": [{"name": "a", "ip": "10.0.0.1"}]}, "/hosts/0", "unknown field `ip`"),
        ({"hosts": [{"name": "a", "parents": ["a"]}]}, None, "the host a would be its own parent"),
    ],
)
@pytest.mark.parametrize("dry_run", ["true", "false"])
async def test_a_bad_document_is_pointed_at_and_nothing_is_done(
    tenant: Tenant, document: Any, pointer: str | None, detail: str, dry_run: str
) -> None:
    problem = await tenant.refuse("PATCH", WORLD, json=SMALL | document, params={"dry_run": dry_run})
    assert problem["status"] == 400
    assert detail in problem["detail"]
    assert [each["pointer"] for each in problem.get("errors", [])] == ([] if pointer is None else [pointer])
    assert (await tenant.get(WORLD))["hosts"] == []


async def test_who_sees_a_part_does_not_change_it(tenant: Tenant) -> None:
    partly = await tenant.new_user(Permission.VIEWSOME, Permission.ADMINACCESS, scope="host:web")
    for method in ("GET", "PATCH"):
        answer = await tenant.ask(method, WORLD, credential=partly, json=SMALL)
        assert answer.status_code == 403, answer.text


async def test_a_document_can_be_as_large_as_many_events(tenant: Tenant) -> None:
    document = {"keywords": [{"name": f"k{number}", "description": "x" * 300_000} for number in range(4)]}
    assert len(await change(tenant, document)) == 4
