"""Trying payloads: what would become of them is told, and nothing is written, on both stores."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.api.test_isolation import everything
from tests.unit.server.in_process import Tenant, serving
from tocsin.model.source import Source
from tocsin.store.database import Database

pytestmark = pytest.mark.anyio

DISK = {"key": "db1/disk", "title": "Disk full", "host": "db1", "service": "disk", "severity": "critical"}
LOAD = DISK | {"key": "db1/load", "title": "Load is high"}


@pytest.fixture
async def tenant(database: Database) -> AsyncIterator[Tenant]:
    """Give a domain, once on each engine."""
    async with serving(database) as served:
        yield await served.new_tenant()


async def tried(tenant: Tenant, payload: Any, source: Source | None = None) -> Any:
    name = (source or tenant.source).name
    return await tenant.post(f"/api/v1/sources/{name}/test", payload)


async def routed(tenant: Tenant) -> dict[str, str]:
    """Make a route to a target, and give them as a trial shows them."""
    target = {"name": "pager", "kind": "webhook", "url": "https://pager.example.com/s3cret"}
    pager = await tenant.post("/api/v1/targets", target, status=201)
    night = {"name": "night", "targets": ["pager"], "expression": "host:db*"}
    route = await tenant.post("/api/v1/routes", night, status=201)
    return {"id": pager["id"], "name": "pager", "route_id": route["id"], "route": "night"}


async def written(tenant: Tenant) -> Any:
    """Give every row of the domain, but for when its token was used."""
    rows = await everything(tenant.served, tenant.id)
    assert {"event", "payload", "rejected", "alert", "delivery", "domain", "activity"} <= rows.keys()
    return {name: found for name, found in rows.items() if name != "token"}


async def test_an_item_is_told_as_it_would_be_recorded(tenant: Tenant) -> None:
    chosen = await routed(tenant)
    assert await tried(tenant, DISK) == {
        "format": "native",
        "items": [
            {
                "index": 0,
                "refused": "",
                "kind": "problem",
                **DISK,
                "outcome": "opened",
                "reason": "",
                "alert_id": "",
                "new_alert": True,
                "alert_state": "open",
                "silenced_by": "",
                "targets": [chosen],
            }
        ],
    }


async def test_nothing_is_written(tenant: Tenant) -> None:
    await tenant.send(DISK)
    await routed(tenant)
    before = await written(tenant)
    metrics = tenant.served.hub.metrics.registry
    names = ("tocsin_signals_received_total", {"format": "native"})
    received = metrics.get_sample_value(*names)
    assert len((await tried(tenant, [DISK, LOAD, 5, LOAD | {"host": "web1"}]))["items"]) == 4
    await tenant.refuse("POST", f"/api/v1/sources/{tenant.source.id}/test", content=b"{")
    assert await written(tenant) == before
    assert metrics.get_sample_value(*names) == received
    receipts = await tenant.send(LOAD)
    assert [receipt["id"] for receipt in receipts] == ["event-000000000002"]


async def test_what_stands_already_is_considered(tenant: Tenant) -> None:
    await tenant.send(DISK)
    items = (await tried(tenant, [DISK, LOAD, LOAD, DISK | {"kind": "recovery"}, DISK]))["items"]
    told = [(each["outcome"], each["alert_id"], each["new_alert"], each["alert_state"]) for each in items]
    assert told == [
        ("joined", "alert-000000000001", False, "resolved"),
        ("opened", "", True, "open"),
        ("joined", "", True, "open"),
        ("resolved", "alert-000000000001", False, "resolved"),
        ("opened", "", True, "open"),
    ]


async def test_a_silence_keeps_it_from_its_targets(tenant: Tenant) -> None:
    await routed(tenant)
    wanted = {"expression": "service:disk", "duration": 3600}
    silence = await tenant.post("/api/v1/silences", wanted, status=201)
    silenced, told = (await tried(tenant, [DISK, LOAD | {"service": "load"}]))["items"]
    assert (silenced["silenced_by"], silenced["targets"]) == (silence["id"], [])
    assert told["silenced_by"] == ""
    assert [each["name"] for each in told["targets"]] == ["pager"]


async def test_what_is_not_understood_is_told_with_why(tenant: Tenant) -> None:
    good, bad = (await tried(tenant, [DISK, 5]))["items"]
    assert good["refused"] == ""
    assert bad["refused"] == "not an event: a JSON object is expected"
    assert (bad["kind"], bad["outcome"]) == ("error", "opened")
    (empty,) = (await tried(tenant, []))["items"]
    assert empty["refused"] == "it holds no event"


async def test_the_format_is_that_of_the_source_or_detected(tenant: Tenant) -> None:
    message = {"message_type": "CRITICAL", "entity_id": "db1/disk"}
    found = await tried(tenant, message)
    assert (found["format"], found["items"][0]["key"]) == ("victorops", "db1/disk")
    native = await tenant.new_source("probe", source_format="native")
    found = await tried(tenant, message, native)
    assert found["format"] == "native"
    assert found["items"][0]["refused"]


async def test_what_is_no_json_gets_the_answer_of_the_inlet(tenant: Tenant) -> None:
    source = tenant.source
    tested = await tenant.ask("POST", f"/api/v1/sources/{source.id}/test", content=b"{")
    sent = await tenant.served.client.post(f"/in/{source.id}/{source.access_key}", content=b"{")
    assert tested.status_code == 400
    assert tested.json() == sent.json()
