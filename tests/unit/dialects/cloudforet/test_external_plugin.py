"""Webhooks whose payloads a plugin reads that runs elsewhere."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.dialects.cloudforet.plugin_server import PluginServer, running_plugin
from tests.unit.server.in_process import Served, Tenant, serving_on_sqlite
from tocsin.dialects.cloudforet import external_plugin
from tocsin.dialects.cloudforet.external_plugin import ExternalPlugins, PluginFailed, address, is_external
from tocsin.model.event import Event
from tocsin.server.settings import Settings

pytestmark = pytest.mark.anyio

EVENT = {"event_key": "disk", "event_type": "ALERT", "title": "Disk full", "severity": "ERROR"}


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """Run a server that may call plugins on this machine."""
    async with serving_on_sqlite(tmp_path_factory.mktemp("store"), Settings(private_targets=True)) as running:
        yield running


@pytest.fixture
async def tenant(served: Served) -> AsyncIterator[Tenant]:
    """Give a domain of the test's own."""
    made = await served.new_tenant()
    yield made
    await served.drop(made)


@pytest.fixture
async def plugin() -> AsyncIterator[PluginServer]:
    """Run a plugin."""
    async with running_plugin() as running:
        yield running


async def call(tenant: Tenant, verb: str, **request: Any) -> tuple[int, Any]:
    document = {"domain_id": tenant.id} | request
    answer = await tenant.ask("POST", f"/monitoring/v1/webhook/{verb}", json=document)
    return answer.status_code, answer.json()


async def created(tenant: Tenant, plugin: PluginServer) -> Any:
    info = {"plugin_id": plugin.plugin_id, "version": "1.0", "options": {"team": "blue"}}
    status, answer = await call(
        tenant, "create", name="outside", plugin_info=info, project_id=tenant.source.project_id
    )
    assert status == 200, answer
    return answer


async def posted(tenant: Tenant, webhook: Any, document: object) -> tuple[int, list[Event]]:
    answer = await tenant.served.client.post(webhook["webhook_url"], json=document)
    return answer.status_code, await tenant.events()


async def test_a_plugin_reads_what_its_webhook_is_sent(tenant: Tenant, plugin: PluginServer) -> None:
    plugin.metadata = {"note": "x", "duplicate_event_time": 600}
    made = await created(tenant, plugin)
    assert made["plugin_info"] == {
        "plugin_id": plugin.plugin_id,
        "version": "1.0",
        "options": {"team": "blue"},
        "metadata": plugin.metadata,
        "upgrade_mode": "AUTO",
    }
    native = await tenant.get(f"/api/v1/sources/{made['webhook_id']}")
    assert native["options"]["same_event_seconds"] == 600
    plugin.results = [
        EVENT | {"resource": {"resource_id": "vm-1", "name": "db1"}, "additional_info": {"a": "b"}},
        EVENT | {"event_key": "cpu", "event_type": "RECOVERY", "severity": "NONE"},
    ]
    status, (first, second) = await posted(tenant, made, {"any": ["thing"]})
    assert status == 200
    assert (first.key, first.title, first.severity, first.host) == ("disk", "Disk full", "error", "db1")
    assert (first.resource_id, first.labels, first.payload_index) == ("vm-1", {"a": "b"}, 0)
    assert (second.key, second.kind, second.payload_index) == ("cpu", "recovery", 1)
    assert [name for name, _ in plugin.seen] == ["init", "parse"]
    assert plugin.seen[1][1] == {"options": {"team": "blue"}, "data": {"any": ["thing"]}}
    shown = await tenant.ask(
        "POST", "/monitoring/v1/event/get", json={"event_id": "event-000000000002", "domain_id": tenant.id}
    )
    assert shown.json()["raw_data"] == {"any": ["thing"]}


async def test_what_holds_no_event_leaves_none(tenant: Tenant, plugin: PluginServer) -> None:
    made = await created(tenant, plugin)
    assert await posted(tenant, made, {"Type": "SubscriptionConfirmation"}) == (200, [])


@pytest.mark.parametrize(
    ("results", "trouble", "reason"),
    [
        ([], "no such field", "the plugin answers INVALID_ARGUMENT: no such field"),
        ([{"title": "x"}], "", "results[0]"),
        ([EVENT | {"title": "a\0b"}], "", "NUL"),
    ],
)
async def test_what_a_plugin_fails_at_is_an_event_of_kind_error(
    tenant: Tenant, plugin: PluginServer, results: list[dict[str, Any]], trouble: str, reason: str
) -> None:
    made = await created(tenant, plugin)
    plugin.results, plugin.trouble = results, trouble
    status, (event,) = await posted(tenant, made, {"a": 1})
    assert (status, event.kind) == (200, "error")
    assert event.title == "Webhook Event Parsing Error - outside"
    assert reason in event.description


async def test_of_several_events_one_that_is_none_fails_alone(tenant: Tenant, plugin: PluginServer) -> None:
    made = await created(tenant, plugin)
    plugin.results = [EVENT, {"title": "x"}]
    _, (first, second) = await posted(tenant, made, {"a": 1})
    assert (first.kind, second.kind) == ("problem", "error")
    assert "results[1]" in second.description


async def test_what_a_plugin_cannot_be_given_is_told(tenant: Tenant, plugin: PluginServer) -> None:
    made = await created(tenant, plugin)
    _, (event,) = await posted(tenant, made, [1, 2])
    assert event.description == "the body must be a JSON object, not an array"
    answer = await tenant.served.client.post(made["webhook_url"], content=b"{")
    assert answer.status_code == 400
    assert [name for name, _ in plugin.seen] == ["init"]


async def test_a_plugin_that_is_gone_or_slow_is_an_event_of_kind_error(
    tenant: Tenant, plugin: PluginServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await created(tenant, plugin)
    monkeypatch.setattr(external_plugin, "SECONDS", 0.2)
    plugin.seconds = 5
    _, (slow,) = await posted(tenant, made, {"a": 1})
    assert slow.description == "the plugin did not answer within 0.2 s"


async def test_plugins_are_given_their_options_and_verified(tenant: Tenant, plugin: PluginServer) -> None:
    made = await created(tenant, plugin)
    one = {"webhook_id": made["webhook_id"]}
    plugin.metadata = {"note": "newer"}
    _, changed = await call(tenant, "update-plugin", **one, options={"team": "red"}, version="2.0")
    info = changed["plugin_info"]
    assert (info["metadata"], info["version"]) == ({"note": "newer"}, "2.0")
    assert await call(tenant, "verify-plugin", **one) == (200, {})
    assert plugin.seen[1:] == [
        ("init", {"options": {"team": "red"}}),
        ("verify", {"options": {"team": "red"}}),
    ]
    plugin.trouble = "team is no colour"
    for verb in ("verify-plugin", "update-plugin"):
        status, answer = await call(tenant, verb, **one)
        assert (status, answer["detail"]["code"]) == (400, "ERROR_PLUGIN_FAILED")
        assert "the plugin answers INVALID_ARGUMENT: team is no colour" in answer["detail"]["message"]


@pytest.mark.parametrize(
    ("plugin_id", "reason"),
    [
        ("grpc://", "expected grpc://HOST:PORT"),
        ("grpc://host", "expected grpc://HOST:PORT"),
        ("grpc://host:0", "expected grpc://HOST:PORT"),
        ("grpc://user@host:1", "expected grpc://HOST:PORT"),
        ("grpc://127.0.0.1:1", "UNAVAILABLE"),
    ],
)
async def test_a_plugin_that_is_not_there_makes_no_webhook(
    tenant: Tenant, plugin_id: str, reason: str
) -> None:
    status, answer = await call(
        tenant,
        "create",
        name="outside",
        plugin_info={"plugin_id": plugin_id},
        project_id=tenant.source.project_id,
    )
    assert (status, answer["detail"]["code"]) == (400, "ERROR_PLUGIN_FAILED")
    assert reason in answer["detail"]["message"]
    assert len((await tenant.get("/api/v1/sources"))["items"]) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "[::ffff:10.0.0.1]"])
async def test_private_addresses_are_called_only_where_they_are_allowed(
    plugin: PluginServer, host: str
) -> None:
    plugins = ExternalPlugins(allow_private=False)
    with pytest.raises(PluginFailed, match="is a private address: the operator can allow it"):
        await plugins.init(f"grpc://{host}:{plugin.port}", {})
    assert plugin.seen == []


def test_an_address_has_a_host_and_a_port() -> None:
    assert address("grpc://plugin.example.com:50051") == ("plugin.example.com", 50051)
    assert address("grpc://[::1]:80/") == ("[::1]", 80)
    assert is_external("grpc://x:1")
    assert not is_external("plugin-zabbix-mon-webhook")
