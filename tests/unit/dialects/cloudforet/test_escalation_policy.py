"""Escalation policies by the methods of Cloudforet, and which of them holds for a project."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.server.in_process import Served, Tenant, serving_on_sqlite
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio

EVERYBODY = [{"notification_level": "ALL"}]


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """Run a server for the tests of this file."""
    async with serving_on_sqlite(tmp_path_factory.mktemp("store")) as running:
        yield running


@pytest.fixture
async def tenant(served: Served) -> AsyncIterator[Tenant]:
    """Give a domain of the test's own."""
    made = await served.new_tenant()
    yield made
    await served.drop(made)


async def call(tenant: Tenant, verb: str, credential: str | None = None, **request: Any) -> tuple[int, Any]:
    path = f"/monitoring/v1/escalation-policy/{verb}"
    answer = await tenant.ask("POST", path, json={"domain_id": tenant.id} | request, credential=credential)
    return answer.status_code, answer.json()


async def done(tenant: Tenant, verb: str, credential: str | None = None, **request: Any) -> Any:
    status, answer = await call(tenant, verb, credential, **request)
    assert status == 200, answer
    return answer


async def refused(
    tenant: Tenant, verb: str, credential: str | None = None, **request: Any
) -> tuple[int, str, str]:
    status, answer = await call(tenant, verb, credential, **request)
    return status, answer["detail"]["code"], answer["detail"]["message"]


async def made(tenant: Tenant, name: str, **request: Any) -> str:
    policy = await done(tenant, "create", name=name, rules=EVERYBODY, **request)
    policy_id: str = policy["escalation_policy_id"]
    return policy_id


async def names(tenant: Tenant, credential: str | None = None, **request: Any) -> list[str]:
    found = await done(tenant, "list", credential, **request)
    assert found["total_count"] == len(found["results"])
    return [each["name"] for each in found["results"]]


async def default_of(tenant: Tenant) -> str:
    (found,) = (await done(tenant, "list", is_default=True))["results"]
    policy_id: str = found["escalation_policy_id"]
    return policy_id


async def config(tenant: Tenant, verb: str, **request: Any) -> tuple[int, Any]:
    answer = await tenant.ask(
        "POST",
        f"/monitoring/v1/project-alert-config/{verb}",
        json={"project_id": tenant.source.project_id, "domain_id": tenant.id} | request,
    )
    return answer.status_code, answer.json()


async def policy_of_project(tenant: Tenant) -> str:
    _, found = await config(tenant, "get")
    policy_id: str = found["escalation_policy_info"]["escalation_policy_id"]
    return policy_id


async def test_a_domain_has_a_default_from_its_making(tenant: Tenant) -> None:
    policy_id = await default_of(tenant)
    found = await done(tenant, "get", escalation_policy_id=policy_id)
    assert found == {
        "escalation_policy_id": policy_id,
        "name": "Default",
        "is_default": True,
        "rules": [{"notification_level": "ALL", "escalate_minutes": 0}],
        "repeat_count": 0,
        "finish_condition": "ACKNOWLEDGED",
        "scope": "DOMAIN",
        "project_id": "",
        "tags": {},
        "domain_id": tenant.id,
        "created_at": found["created_at"],
    }
    assert await policy_of_project(tenant) == policy_id


async def test_one_is_made_changed_and_deleted(tenant: Tenant) -> None:
    policy_id = await made(tenant, "web", project_id=tenant.source.project_id, tags={"a": 1})
    found = await done(tenant, "get", escalation_policy_id=policy_id)
    assert (found["scope"], found["project_id"], found["tags"], found["is_default"]) == (
        "PROJECT",
        tenant.source.project_id,
        {"a": 1},
        False,
    )
    changed = await done(
        tenant, "update", escalation_policy_id=policy_id, name="web 2", finish_condition="RESOLVED", tags={}
    )
    assert changed == found | {"name": "web 2", "finish_condition": "RESOLVED", "tags": {}}
    assert await done(tenant, "update", escalation_policy_id=policy_id) == changed
    assert await done(tenant, "delete", escalation_policy_id=policy_id) == {}
    assert (await refused(tenant, "get", escalation_policy_id=policy_id))[:2] == (404, "ERROR_NOT_FOUND")
    log = await tenant.get("/api/v1/audit")
    actions = [each["action"] for each in log["items"] if each["subject"] == "escalation_policy"]
    assert actions == ["escalation_policy.delete", "escalation_policy.change", "escalation_policy.create"]


async def test_the_default_holds_for_projects_that_name_none(tenant: Tenant) -> None:
    first, policy_id = await default_of(tenant), await made(tenant, "night")
    chosen = await done(tenant, "set-default", escalation_policy_id=policy_id)
    assert (chosen["name"], chosen["is_default"]) == ("night", True)
    assert await done(tenant, "set-default", escalation_policy_id=policy_id) == chosen
    assert await default_of(tenant) == policy_id == await policy_of_project(tenant)
    assert await refused(tenant, "delete", escalation_policy_id=policy_id) == (
        400,
        "ERROR_DEFAULT_ESCALATION_POLICY_NOT_ALLOW_DELETION",
        f"The default escalation policy does not allow deletion. (escalation_policy_id = {policy_id})",
    )
    assert await done(tenant, "delete", escalation_policy_id=first) == {}
    of_project = await made(tenant, "web", project_id=tenant.source.project_id)
    assert await refused(tenant, "set-default", escalation_policy_id=of_project) == (
        400,
        "ERROR_INVALID_ESCALATION_POLICY_SCOPE",
        f"Only global escalation policy can be set by default. (escalation_policy_id = {of_project})",
    )


async def test_a_project_names_one_of_its_own_or_of_its_domain(served: Served, tenant: Tenant) -> None:
    web = await tenant.post("/api/v1/projects", {"name": "web"}, status=201)
    night = await made(tenant, "night")
    own = await made(tenant, "own", project_id=tenant.source.project_id)
    foreign = await made(tenant, "foreign", project_id=web["id"])
    elsewhere = await made(await served.new_tenant(), "elsewhere")
    for verb in ("create", "update"):
        for policy_id in (foreign, elsewhere, "ep-1"):
            status, answer = await config(tenant, verb, escalation_policy_id=policy_id)
            assert (status, answer["detail"]["message"]) == (
                404,
                f"Value not found. (escalation_policy_id = {policy_id})",
            )
    status, answer = await config(
        tenant, "update", escalation_policy_id=own, options={"recovery_mode": "AUTO"}
    )
    assert (status, answer["escalation_policy_info"]["name"]) == (200, "own")
    assert (await config(tenant, "update"))[1] == answer
    assert (await config(tenant, "create"))[0] == 409, "somebody has given it one"
    status, answer = await config(tenant, "update", escalation_policy_id=night)
    assert (status, await policy_of_project(tenant)) == (200, night)
    assert await refused(tenant, "delete", escalation_policy_id=night) == (
        400,
        "ERROR_RESOURCE_IN_USE",
        "Resource is in use. (reason = the alert configuration of the project"
        f" {tenant.source.project_id} names it)",
    )
    answer = await tenant.ask(
        "POST", "/monitoring/v1/project-alert-config/list", json={"escalation_policy_id": night}
    )
    assert [each["project_id"] for each in answer.json()["results"]] == [tenant.source.project_id]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rules", [{"notification_level": "ALL"}, {"notification_level": "LV1"}]),
        ("rules", [{"notification_level": "LV1"}]),
        ("rules", [{"notification_level": "ALL", "escalate_minutes": 5}]),
        ("repeat_count", 2),
    ],
)
async def test_what_would_escalate_is_refused(tenant: Tenant, field: str, value: object) -> None:
    wanted: dict[str, Any] = {"name": "steps", "rules": EVERYBODY} | {field: value}
    assert (await refused(tenant, "create", **wanted))[:2] == (400, "ERROR_INVALID_PARAMETER")
    default = await default_of(tenant)
    found = await refused(tenant, "update", escalation_policy_id=default, **wanted)
    assert found[:2] == (400, "ERROR_INVALID_PARAMETER")
    assert field in found[2]
    assert await names(tenant) == ["Default"]


async def test_what_cannot_be_is_told(tenant: Tenant) -> None:
    assert (await refused(tenant, "create", rules=EVERYBODY))[2] == "Required parameter. (key = name)"
    assert (await refused(tenant, "create", name="a"))[2] == "Required parameter. (key = rules)"
    bad: dict[str, Any] = {"name": "a", "rules": EVERYBODY, "project_id": "nowhere"}
    assert await refused(tenant, "create", **bad) == (
        404,
        "ERROR_NOT_FOUND",
        "Value not found. (project_id = nowhere)",
    )
    long = await refused(tenant, "create", name="a" * 300, rules=EVERYBODY)
    assert long[:2] == (400, "ERROR_INVALID_PARAMETER")


async def test_they_are_listed_found_and_counted(tenant: Tenant) -> None:
    await made(tenant, "night", finish_condition="RESOLVED")
    await made(tenant, "web", project_id=tenant.source.project_id)
    assert await names(tenant) == ["Default", "night", "web"]
    assert await names(tenant, scope="PROJECT") == ["web"]
    assert await names(tenant, finish_condition="RESOLVED") == ["night"]
    assert await names(tenant, query={"keyword": "ght"}) == ["night"]
    assert await names(tenant, query={"filter": [{"key": "name", "value": "web", "operator": "not"}]}) == [
        "Default",
        "night",
    ]
    fields = [{"name": "count", "operator": "count"}]
    group = {"group": {"keys": [{"key": "scope", "name": "scope"}], "fields": fields}}
    found = await done(tenant, "stat", query={"aggregate": [group, {"sort": {"key": "scope"}}]})
    assert found == {"results": [{"scope": "DOMAIN", "count": 2}, {"scope": "PROJECT", "count": 1}]}


@pytest.mark.parametrize("verb", ["get", "update", "set-default", "delete"])
async def test_another_domains_is_not_there(served: Served, tenant: Tenant, verb: str) -> None:
    stranger = await served.new_tenant()
    policy_id = await made(tenant, "night")
    found = await refused(stranger, verb, escalation_policy_id=policy_id)
    assert found[:2] == (404, "ERROR_NOT_FOUND")
    found = await refused(stranger, verb, escalation_policy_id=policy_id, domain_id=tenant.id)
    assert found[:2] == (403, "ERROR_PERMISSION_DENIED")
    assert await names(stranger) == ["Default"]
    assert await names(tenant) == ["Default", "night"]


async def test_who_may_not_is_refused(tenant: Tenant) -> None:
    web = await tenant.post("/api/v1/projects", {"name": "web"}, status=201)
    viewer = await tenant.new_user(Permission.VIEWALL)
    asked: dict[str, Any] = {"name": "a", "rules": EVERYBODY}
    assert (await refused(tenant, "create", viewer, **asked))[0] == 403
    assert await names(tenant, viewer) == ["Default"]
    limited = await tenant.new_user(Permission.VIEWSOME, Permission.ADMINACCESS, scope="project:web")
    mine = tenant.source.project_id
    assert (await refused(tenant, "create", limited, **asked))[0] == 403, "of the whole domain"
    assert (await refused(tenant, "create", limited, **asked, project_id=mine))[0] == 404
    await done(tenant, "create", limited, **asked, project_id=web["id"])
    other = await made(tenant, "other", project_id=mine)
    assert await names(tenant, limited) == ["Default", "a"]
    assert (await refused(tenant, "update", limited, escalation_policy_id=other))[0] == 404
    default = await default_of(tenant)
    for verb in ("update", "set-default"):
        assert (await refused(tenant, verb, limited, escalation_policy_id=default))[0] == 403
