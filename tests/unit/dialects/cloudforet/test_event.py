"""What Event's methods do, whichever transport asks."""

from typing import Any

import pytest

from tests.unit.server.in_process import Tenant
from tocsin.dialects.cloudforet.chosen import chosen
from tocsin.dialects.cloudforet.errors import CloudforetError
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.model.role import Permission
from tocsin.model.source import Source, SourceOptions
from tocsin.store import alert_configs

pytestmark = pytest.mark.anyio

DISK = {"key": "db1/disk", "title": "Disk full", "host": "db1"}


async def call(tenant: Tenant, name: str, request: Plain, token: str = "") -> Plain:
    service = tenant.served.cloudforet
    method = next(method for method in service.methods if method.name == name)
    return await service.call(method, request, token)


async def create(tenant: Tenant, source: Source, data: Plain, **other: str) -> None:
    keys = {"webhook_id": source.id, "access_key": source.access_key, **other}
    assert await call(tenant, "Event.create", {**keys, "data": data}) == {}


async def refused(tenant: Tenant, source: Source, data: Plain, **other: str) -> str:
    with pytest.raises(CloudforetError) as caught:
        await create(tenant, source, data, **other)
    return str(caught.value)


async def get(tenant: Tenant, seq: int, token: str | None = None, **more: Any) -> Plain:
    request = {"event_id": f"event-{seq:012x}", "domain_id": tenant.id, **more}
    return await call(tenant, "Event.get", request, tenant.token if token is None else token)


async def missing(tenant: Tenant, event_id: str, token: str | None = None) -> str:
    request = {"event_id": event_id, "domain_id": tenant.id}
    with pytest.raises(CloudforetError) as caught:
        await call(tenant, "Event.get", request, tenant.token if token is None else token)
    return str(caught.value)


async def test_what_a_webhook_is_sent_is_an_event(tenant: Tenant) -> None:
    source = await tenant.new_source("hook", "native")
    data = {**DISK, "$dollar": {"a.b": 1}, "n": 2**53 + 1}
    await create(tenant, source, data)
    shown = await get(tenant, 1)
    assert (shown["event_key"], shown["event_type"], shown["severity"]) == ("db1/disk", "ALERT", "CRITICAL")
    assert (shown["webhook_id"], shown["alert_id"]) == (source.id, "alert-000000000001")
    assert shown["raw_data"] == data
    (event,) = await tenant.events()
    assert (event.key, event.host) == ("db1/disk", "db1")


async def test_a_payload_that_is_not_understood_is_an_event_of_type_error(tenant: Tenant) -> None:
    source = await tenant.new_source("Prometheus of the shop", "native")
    data = {"odd": 1}
    await create(tenant, source, data)
    await create(tenant, source, data)
    first, second = await get(tenant, 1), await get(tenant, 2)
    assert first["title"] == "Webhook Event Parsing Error - Prometheus of the shop"
    assert (first["event_type"], first["severity"], first["raw_data"]) == ("ERROR", "CRITICAL", data)
    assert "`key`" in first["description"]
    assert first["event_key"].startswith("error-")
    assert len(first["event_key"]) == len("error-") + 12
    assert first["event_key"] != second["event_key"]
    assert first["alert_id"] != second["alert_id"]


async def test_a_payload_without_an_event_leaves_none(tenant: Tenant) -> None:
    source = await tenant.new_source(source_format="native")
    answer = await tenant.served.client.post(
        f"/monitoring/v1/webhook/{source.id}/{source.access_key}/events", json=[]
    )
    assert (answer.status_code, answer.json(), await tenant.events()) == (200, {}, [])


async def test_unknown_webhook_and_wrong_key_are_alike(tenant: Tenant, stranger: Tenant) -> None:
    denied = "ERROR_PERMISSION_DENIED: Permission denied."
    for other in (
        {"webhook_id": "webhook-000000000000"},
        {"access_key": "0" * 32},
        {"webhook_id": stranger.source.id},
        {"access_key": stranger.source.access_key},
        {"access_key": "\u00e9"},
    ):
        assert await refused(tenant, tenant.source, DISK, **other) == denied
    await tenant.disable(tenant.source)
    assert await refused(tenant, tenant.source, DISK, access_key="0" * 32) == denied
    assert await tenant.events() == []


async def test_a_disabled_webhook_takes_nothing(tenant: Tenant) -> None:
    await tenant.disable(tenant.source)
    said = await refused(tenant, tenant.source, DISK)
    assert said.startswith("ERROR_WEBHOOK_STATE_DISABLED: Webhook state is disabled. (webhook_id = ")
    assert tenant.source.id in said


async def test_a_project_without_alert_configuration_takes_nothing(tenant: Tenant) -> None:
    project = tenant.source.project_id
    hub = tenant.served.hub
    config = hub.authentication.alert_config(project)
    assert config is not None
    await hub.database.write(lambda connection: alert_configs.remove(connection, config))
    await hub.authentication.refresh()
    said = await refused(tenant, tenant.source, DISK)
    assert said.startswith("ERROR_ALERT_FEATURE_IS_NOT_ACTIVATED: ")
    assert f"(project_id = {project})" in said
    assert await tenant.events() == []


async def test_what_cannot_be_stored_is_refused_and_kept(tenant: Tenant) -> None:
    said = await refused(tenant, tenant.source, {**DISK, "description": "a\x00b"})
    assert said.startswith("ERROR_INVALID_PARAMETER: ")
    assert "(key = data, reason = a text holds NUL" in said
    deep: Plain = {}
    for _ in range(70):
        deep = {"a": deep}
    assert "nested more than 64 deep" in await refused(tenant, tenant.source, deep)
    assert len(await tenant.rejected()) == 2


async def test_the_rate_of_a_source_holds(tenant: Tenant) -> None:
    source = await tenant.new_source(source_format="native", options=SourceOptions(rate_limit=1))
    for _ in range(2):  # the second uses up what has come since the first
        await create(tenant, source, DISK)
    assert (await refused(tenant, source, DISK)).startswith("ERROR_TOO_MANY_REQUESTS: ")


async def test_the_missing_parameter_is_named(tenant: Tenant) -> None:
    with pytest.raises(CloudforetError, match=r"Required parameter\. \(key = data\)"):
        await call(tenant, "Event.create", {"webhook_id": "w", "access_key": "k"})


async def test_only_shows_no_more(tenant: Tenant) -> None:
    await create(tenant, tenant.source, {**DISK, "resource": {"id": "i-1", "name": "db1"}, "team": "dba"})
    only = ["title", "resource.name", "additional_info.team", "additional_info.nope", "raw_data.host"]
    assert await get(tenant, 1, only=only) == {
        "title": "Disk full",
        "resource": {"name": "db1"},
        "additional_info": {"team": "dba"},
        "raw_data": {"host": "db1"},
    }
    with pytest.raises(CloudforetError) as caught:
        await get(tenant, 1, only=["title", "nope"])
    assert str(caught.value) == 'ERROR_UNKNOWN: Cannot resolve field "nope"'


@pytest.mark.parametrize(
    ("only", "shown"),
    [
        ([], {"resource": {"name": "a", "resource_id": "b"}, "rule": None}),
        (["resource", "resource.name"], {"resource": {"name": "a", "resource_id": "b"}}),
        (["resource.name", "resource"], {"resource": {"name": "a", "resource_id": "b"}}),
        (["resource.name", "resource.resource_id"], {"resource": {"name": "a", "resource_id": "b"}}),
        (["rule.x"], {"rule": None}),
        (["title"], {}),
    ],
)
def test_paths_of_only(only: list[str], shown: Plain) -> None:
    assert chosen({"resource": {"name": "a", "resource_id": "b"}, "rule": None}, only) == shown


async def test_what_is_not_there_is_not_found(tenant: Tenant, stranger: Tenant) -> None:
    await create(stranger, stranger.source, DISK)
    for event_id in ("event-000000000001", "event-1", "alert-000000000001", "event-ffffffffffff"):
        said = await missing(tenant, event_id)
        assert said == (
            f"ERROR_NOT_FOUND: Value not found. (('event_id', 'domain_id') = ('{event_id}', '{tenant.id}'))"
        )


async def test_kinds_without_a_type_are_not_shown(tenant: Tenant) -> None:
    await create(tenant, tenant.source, DISK)
    await tenant.send({"key": "db1/disk", "title": "seen", "kind": "acknowledgement"})
    assert (await missing(tenant, "event-000000000002")).startswith("ERROR_NOT_FOUND")


async def test_what_is_outside_a_role_is_not_there(tenant: Tenant) -> None:
    await create(tenant, tenant.source, DISK)
    await create(tenant, tenant.source, {"key": "web1/cpu", "title": "CPU", "host": "web1"})
    token = await tenant.new_user(Permission.VIEWSOME, scope="host:db*")
    assert (await get(tenant, 1, token))["title"] == "Disk full"
    assert (await missing(tenant, "event-000000000002", token)).startswith("ERROR_NOT_FOUND")
