"""Tokens of an identity service, shown to a whole Tocsin; and projects whose alerts are switched off."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.dialects.cloudforet.tokens import OTHER, SIGNER
from tests.unit.server.in_process import Served, Tenant, serving_on_sqlite
from tocsin.server.settings import Settings
from tocsin.store import accounts, alert_configs, directory, roles

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """Run a server that knows the identity services of many domains, all with one key."""
    folder = tmp_path_factory.mktemp("store")
    file = folder / "key.jwk"
    file.write_bytes(SIGNER.jwk)
    keys = " ".join(f"tenant-{number}={file}" for number in range(10_000))
    async with serving_on_sqlite(folder, Settings(identity_keys=keys)) as running:
        yield running


@pytest.fixture
async def tenant(served: Served) -> Tenant:
    """Give a domain of the test's own, with one event."""
    tenant = await served.new_tenant()
    await tenant.send({"key": "disk", "title": "Disk full"})
    return tenant


def token(tenant: Tenant, **claims: Any) -> str:
    given: dict[str, Any] = {"did": tenant.id, "exp": int(time.time()) + 600} | claims
    return SIGNER.token(**given)


async def get(tenant: Tenant, credential: str, **request: str) -> tuple[int, str]:
    document = {"event_id": "event-000000000001", "domain_id": tenant.id} | request
    answer = await tenant.ask("POST", "/monitoring/v1/event/get", json=document, credential=credential)
    found = answer.json()
    return answer.status_code, found["detail"]["code"] if "detail" in found else found["title"]


async def test_an_owner_reads_in_their_own_domain_alone(served: Served, tenant: Tenant) -> None:
    other = await served.new_tenant()
    assert await get(tenant, token(tenant)) == (200, "Disk full")
    assert await get(tenant, token(other)) == (403, "ERROR_PERMISSION_DENIED")
    assert await get(tenant, token(other), domain_id=other.id) == (404, "ERROR_NOT_FOUND")
    assert await get(tenant, token(tenant, did="elsewhere")) == (401, "ERROR_AUTHENTICATE_FAILURE")
    assert await get(tenant, OTHER.token(did=tenant.id)) == (401, "ERROR_AUTHENTICATE_FAILURE")


async def test_a_user_needs_a_namesake_or_permissions(tenant: Tenant) -> None:
    named = token(tenant, user_type="USER", aud=tenant.user)
    assert await get(tenant, named) == (200, "Disk full")
    stranger = token(tenant, user_type="USER", aud="eve")
    assert await get(tenant, stranger) == (403, "ERROR_PERMISSION_DENIED")
    app = token(tenant, user_type="USER", aud="eve", permissions=["monitoring.Event.get"])
    assert await get(tenant, app) == (200, "Disk full")


async def test_projects_of_a_token_limit_what_it_sees(tenant: Tenant) -> None:
    assert await get(tenant, token(tenant, projects=["elsewhere"])) == (404, "ERROR_NOT_FOUND")
    assert await get(tenant, token(tenant, projects=[])) == (404, "ERROR_NOT_FOUND")
    mine = token(tenant, projects=[tenant.source.project_id])
    assert await get(tenant, mine) == (200, "Disk full")


async def test_such_a_token_opens_no_other_door(tenant: Tenant) -> None:
    answer = await tenant.ask("GET", "/api/v1/events", credential=token(tenant))
    assert answer.status_code == 401


async def test_a_project_whose_alert_configuration_was_removed_takes_no_events(
    served: Served, tenant: Tenant
) -> None:
    source = tenant.source
    path = f"/monitoring/v1/webhook/{source.id}/{source.access_key}/events"
    database = served.hub.database
    config = await database.read(lambda c: alert_configs.find(c, tenant.id, source.project_id))
    await database.write(lambda c: alert_configs.remove(c, config))
    await served.hub.authentication.refresh()
    event = {"key": "cpu", "title": "hot"}
    create = {"webhook_id": source.id, "access_key": source.access_key, "data": event}
    for url, document in ((path, event), ("/monitoring/v1/event/create", create)):
        answer = await served.client.post(url, json=document)
        assert answer.status_code == 400
        assert answer.json()["detail"] == {
            "code": "ERROR_ALERT_FEATURE_IS_NOT_ACTIVATED",
            "message": "The alert feature is not activated in the project."
            f" (project_id = {source.project_id})",
        }
    await database.write(lambda c: alert_configs.create(c, config))
    await served.hub.authentication.refresh()
    assert (await served.client.post(path, json=event)).json() == {}
    assert [each.key for each in await tenant.events()] == ["disk", "cpu"]


async def test_a_user_made_by_the_command_line_is_known_within_the_next_look(
    served: Served, tenant: Tenant
) -> None:
    def make(connection: Any) -> None:
        role = roles.find_role(connection, tenant.id, "viewer")
        accounts.create_account(connection, tenant.id, f"late@{tenant.id}", "", 0, role_id=role.id)

    before = await served.hub.database.read(lambda c: directory.snapshot(c).version)
    await served.hub.database.write(make)
    assert await served.hub.database.read(lambda c: directory.snapshot(c).version) > before
    await served.hub.authentication.refresh()
    late = token(tenant, user_type="USER", aud=f"late@{tenant.id}")
    assert await get(tenant, late) == (200, "Disk full")


async def test_webhooks_are_those_of_a_tokens_projects_and_the_audit_log_names_its_user(
    tenant: Tenant,
) -> None:
    web = await tenant.post("/api/v1/projects", {"name": "web"}, status=201)
    limited = token(tenant, projects=[web["id"]])

    async def call(verb: str, credential: str, **request: Any) -> Any:
        path = f"/monitoring/v1/webhook/{verb}"
        return (await tenant.ask("POST", path, json=request, credential=credential)).json()

    wanted = {"name": "icinga", "plugin_info": {"plugin_id": "auto"}}
    refused = await call("create", limited, project_id=tenant.source.project_id, **wanted)
    assert refused["detail"]["code"] == "ERROR_NOT_FOUND"
    made = await call("create", limited, project_id=web["id"], **wanted)
    assert made["access_key"]
    listed = await call("list", limited)
    assert [each["webhook_id"] for each in listed["results"]] == [made["webhook_id"]]
    for verb in ("disable", "delete"):
        refused = await call(verb, limited, webhook_id=tenant.source.id)
        assert refused["detail"]["code"] == "ERROR_NOT_FOUND"
    reader = token(tenant, user_type="USER", aud="app", permissions=["monitoring.Webhook.list"])
    assert {each["access_key"] for each in (await call("list", reader))["results"]} == {""}
    assert (await call("delete", reader, webhook_id=made["webhook_id"]))["detail"]["code"] == (
        "ERROR_PERMISSION_DENIED"
    )
    log = await tenant.get("/api/v1/audit")
    (entry,) = [each for each in log["items"] if each["subject_id"] == made["webhook_id"]]
    assert (entry["author"], entry["via"]) == ("ann", "identity service")
