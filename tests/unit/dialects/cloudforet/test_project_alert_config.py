"""Alert configurations by the methods of Cloudforet, and what they do to every source of the project."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.server.in_process import Served, Tenant, serving_on_sqlite
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio

VERBS = ("create", "update", "delete", "get")


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
    path = f"/monitoring/v1/project-alert-config/{verb}"
    document = {"project_id": tenant.source.project_id, "domain_id": tenant.id} | request
    answer = await tenant.ask("POST", path, json=document, credential=credential)
    return answer.status_code, answer.json()


async def done(tenant: Tenant, verb: str, **request: Any) -> Any:
    status, answer = await call(tenant, verb, **request)
    assert status == 200, answer
    return answer


async def refused(
    tenant: Tenant, verb: str, credential: str | None = None, **request: Any
) -> tuple[int, str, str]:
    status, answer = await call(tenant, verb, credential, **request)
    return status, answer["detail"]["code"], answer["detail"]["message"]


def options(recovery_mode: str, notification_urgency: str = "ALL") -> dict[str, str]:
    return {"recovery_mode": recovery_mode, "notification_urgency": notification_urgency}


async def states(tenant: Tenant) -> list[str]:
    return [each["state"] for each in (await tenant.get("/api/v1/alerts"))["items"]]


async def test_a_project_has_one_from_its_making(tenant: Tenant) -> None:
    found = await done(tenant, "get")
    assert found == {
        "project_id": tenant.source.project_id,
        "options": options("AUTO"),
        "escalation_policy_info": found["escalation_policy_info"],
        "domain_id": tenant.id,
        "created_at": found["created_at"],
    }
    shown = await done(tenant, "get", only=["options.recovery_mode"])
    assert (shown["options"]["recovery_mode"], shown["created_at"]) == ("AUTO", "")
    assert (await refused(tenant, "get", only=["nope"]))[1] == "ERROR_UNKNOWN"


@pytest.mark.parametrize("verb", ["create", "update"])
async def test_what_a_client_leaves_out_is_manual_and_all(tenant: Tenant, verb: str) -> None:
    changed = await done(tenant, verb, options={"notification_urgency": "HIGH_ONLY"})
    assert changed["options"] == options("MANUAL", "HIGH_ONLY")
    changed = await done(tenant, "update", options={"recovery_mode": "AUTO"})
    assert changed["options"] == options("AUTO", "ALL")
    assert await done(tenant, "update") == changed == await done(tenant, "get")


async def test_one_that_a_client_made_is_not_made_again(tenant: Tenant) -> None:
    made = await done(tenant, "create")
    assert made["options"] == options("MANUAL")
    assert await refused(tenant, "create") == (
        409,
        "ERROR_SAVE_UNIQUE_VALUES",
        "Tried to save duplicate unique values. (keys = ['project_id'])",
    )


async def test_manual_holds_for_every_source_of_the_project_at_once(tenant: Tenant) -> None:
    await tenant.send({"key": "disk", "title": "full"})
    await done(tenant, "create")
    (receipt,) = await tenant.send({"key": "disk", "title": "well", "kind": "recovery"})
    assert (receipt["outcome"], receipt["reason"]) == (
        "recorded",
        "alerts of this project are resolved by hand: the alert stays open",
    )
    assert receipt["alert_id"]
    assert await states(tenant) == ["open"]
    await tenant.post(f"/api/v1/alerts/{receipt['alert_id']}/resolve")
    assert await states(tenant) == ["resolved"]


async def test_a_deleted_one_keeps_clients_of_cloudforet_out_and_nobody_else(tenant: Tenant) -> None:
    assert await done(tenant, "delete") == {}
    assert (await refused(tenant, "get"))[1] == "ERROR_NOT_FOUND"
    source = tenant.source
    create = {"webhook_id": source.id, "access_key": source.access_key, "data": {"key": "k", "title": "t"}}
    answer = await tenant.served.client.post("/monitoring/v1/event/create", json=create)
    assert answer.json()["detail"]["code"] == "ERROR_ALERT_FEATURE_IS_NOT_ACTIVATED"
    (receipt,) = await tenant.send({"key": "disk", "title": "full"})
    assert receipt["outcome"] == "opened"
    assert (await done(tenant, "create", options={"recovery_mode": "AUTO"}))["options"] == options("AUTO")
    answer = await tenant.served.client.post("/monitoring/v1/event/create", json=create)
    assert answer.json() == {}


async def test_what_cannot_be_is_told(tenant: Tenant) -> None:
    assert await refused(tenant, "create", project_id="") == (
        400,
        "ERROR_REQUIRED_PARAMETER",
        "Required parameter. (key = project_id)",
    )
    assert await refused(tenant, "create", project_id="nowhere") == (
        404,
        "ERROR_NOT_FOUND",
        "Value not found. (project_id = nowhere)",
    )
    assert (await refused(tenant, "update", project_id="nowhere"))[1] == "ERROR_NOT_FOUND"
    assert await refused(tenant, "update", escalation_policy_id="ep-1") == (
        404,
        "ERROR_NOT_FOUND",
        "Value not found. (escalation_policy_id = ep-1)",
    )
    bad = await refused(tenant, "update", options={"recovery_mode": "SOMETIMES"})
    assert bad[:2] == (400, "ERROR_INVALID_PARAMETER")


@pytest.mark.parametrize("verb", VERBS)
async def test_another_domains_is_not_there(served: Served, tenant: Tenant, verb: str) -> None:
    stranger = await served.new_tenant()
    before = await done(tenant, "get")
    project_id = tenant.source.project_id
    found = await refused(stranger, verb, project_id=project_id)
    assert found[:2] == (404, "ERROR_NOT_FOUND")
    found = await refused(stranger, verb, project_id=project_id, domain_id=tenant.id)
    assert found[:2] == (403, "ERROR_PERMISSION_DENIED")
    assert await done(tenant, "get") == before


@pytest.mark.parametrize("verb", VERBS)
async def test_who_may_not_is_refused(tenant: Tenant, verb: str) -> None:
    assert (await refused(tenant, verb, ""))[:2] == (401, "ERROR_AUTHENTICATE_FAILURE")
    viewer = await tenant.new_user(Permission.VIEWALL)
    status, _ = await call(tenant, verb, viewer)
    assert status == (200 if verb == "get" else 403)
    limited = await tenant.new_user(Permission.VIEWSOME, Permission.ADMINACCESS, scope="project:web")
    assert (await refused(tenant, verb, limited))[:2] == (404, "ERROR_NOT_FOUND")


async def test_the_audit_log_tells_of_each_change(tenant: Tenant) -> None:
    await done(tenant, "create")
    for mode in ("AUTO", "AUTO"):
        await done(tenant, "update", options=options(mode))
    await done(tenant, "delete")
    log = await tenant.get("/api/v1/audit")
    actions = [each["action"] for each in log["items"] if each["subject"] == "alert_config"]
    assert actions == ["alert_config.delete", "alert_config.change", "alert_config.create"]


async def test_they_are_listed_and_found(served: Served, tenant: Tenant) -> None:
    web = await tenant.post("/api/v1/projects", {"name": "web"}, status=201)
    await done(tenant, "create", options={"recovery_mode": "MANUAL"})

    async def listed(credential: str | None = None, **request: Any) -> list[str]:
        path = "/monitoring/v1/project-alert-config/list"
        answer = await tenant.ask("POST", path, json=request, credential=credential)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        if not request.get("query", {}).get("count_only"):
            assert found["total_count"] == len(found["results"])
        return [each["project_id"] for each in found["results"]]

    mine = tenant.source.project_id
    assert sorted(await listed()) == sorted([mine, web["id"]])
    assert await listed(project_id=mine) == [mine]
    assert await listed(escalation_policy_id="ep-1") == []
    manual = {"key": "options.recovery_mode", "value": "MANUAL", "operator": "eq"}
    assert await listed(query={"filter": [manual]}) == [mine]
    assert await listed(query={"keyword": web["id"][:12]}) == [web["id"]]
    assert await listed(query={"count_only": True}) == []
    limited = await tenant.new_user(Permission.VIEWSOME, scope="project:web")
    assert await listed(limited) == [web["id"]]
    stranger = await served.new_tenant()
    answer = await stranger.ask(
        "POST", "/monitoring/v1/project-alert-config/list", json={"domain_id": tenant.id}
    )
    assert answer.status_code == 403
    assert (await stranger.ask("POST", "/monitoring/v1/project-alert-config/list", json={})).json()[
        "total_count"
    ] == 1


async def test_they_are_counted(served: Served, tenant: Tenant) -> None:
    await tenant.post("/api/v1/projects", {"name": "web"}, status=201)
    await done(tenant, "create")
    path = "/monitoring/v1/project-alert-config/stat"
    keys = [{"key": "options.recovery_mode", "name": "mode"}]
    group = {"group": {"keys": keys, "fields": [{"name": "n", "operator": "count"}]}}
    query = {"aggregate": [group, {"sort": {"key": "mode"}}]}
    answer = await tenant.ask("POST", path, json={"domain_id": tenant.id, "query": query})
    assert answer.json() == {"results": [{"mode": "AUTO", "n": 1}, {"mode": "MANUAL", "n": 1}]}
    stranger = await served.new_tenant()
    answer = await stranger.ask("POST", path, json={"domain_id": tenant.id, "query": query})
    assert answer.status_code == 403
