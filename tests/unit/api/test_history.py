"""Events of the past, posted afterwards: all of them or none, once, and passed on to nobody."""

from typing import Any

import pytest

from tests.unit.server.in_process import Tenant

pytestmark = pytest.mark.anyio

HISTORY = "/api/v1/history"
DISK = {
    "kind": "problem",
    "key": "web1/Disk",
    "title": "web1/Disk is critical",
    "host": "web1",
    "service": "Disk",
    "state": "critical",
    "occurred_at": 1_700_000_000,
}
WINDOW = {"window_start": 1_700_000_000, "window_end": "2023-11-15T00:00:00Z"}


async def test_the_past_is_recorded_once_and_changes_nothing_else(tenant: Tenant) -> None:
    url = "https://pager.example.com/x"
    await tenant.post("/api/v1/targets", {"name": "pager", "kind": "webhook", "url": url}, status=201)
    everything = {"name": "all", "targets": ["pager"], "every_event": True}
    await tenant.post("/api/v1/routes", everything, status=201)
    downtime = DISK | {"kind": "downtime_start", "state_type": "soft"} | WINDOW
    assert await tenant.post(HISTORY, [DISK, downtime, DISK]) == {"recorded": 2, "known": 1}
    assert await tenant.post(HISTORY, [DISK, downtime]) == {"recorded": 0, "known": 2}
    newest, oldest = (await tenant.get("/api/v1/events"))["items"]
    assert (oldest["occurred_at"], oldest["alert_id"]) == ("2023-11-14T22:13:20.000000Z", "")
    assert (newest["kind"], newest["state"], newest["window_end"]) == (
        "downtime_start",
        "critical",
        "2023-11-15T00:00:00.000000Z",
    )
    assert (await tenant.get("/api/v1/alerts"))["items"] == []
    assert (await tenant.get("/api/v1/deliveries"))["items"] == []


async def test_the_line_of_a_log_tells_facts_of_one_object_apart(tenant: Tenant) -> None:
    line = DISK | {"labels": {"log_line": "7"}}
    again = line | {"title": "told otherwise"}
    assert await tenant.post(HISTORY, [line, line | {"host": "web2"}, again]) == {"recorded": 2, "known": 1}


async def test_a_source_can_be_named(tenant: Tenant) -> None:
    source = await tenant.new_source("nagios")
    for name in (source.id, "nagios"):
        answer = await tenant.ask("POST", HISTORY, json=[DISK], params={"source": name})
        assert answer.status_code == 200, answer.text
    (event,) = (await tenant.get("/api/v1/events"))["items"]
    assert event["source_id"] == source.id
    await tenant.refuse("POST", HISTORY, json=[DISK], params={"source": "nobody's"})


@pytest.mark.parametrize(
    ("item", "pointer", "reason"),
    [
        ({"occurred_at": None}, "/1/occurred_at", "has a time"),
        ({"occurred_at": -1}, "/1/occurred_at", "not a time"),
        ({"state": ""}, "/1/state", "expected one of ok, warning, critical, unknown for a service"),
        ({"service": "", "state": "ok"}, "/1/state", "expected one of up, down, unreachable for a host"),
        ({"host": ""}, "/1/host", "needs the host"),
        ({"kind": "note"}, "/1/kind", "cannot be posted"),
        ({"window_end": 1e99}, "/1/window_end", "not a time"),
        ({"state_type": "firm"}, "/1/state_type", "invalid enum value"),
        ({"links": [{"href": "x" * 2000}]}, "/1/links", "longer than"),
        ({"colour": "red"}, "/1", "unknown field"),
    ],
)
async def test_a_bad_item_is_pointed_at_and_none_is_recorded(
    tenant: Tenant, item: dict[str, Any], pointer: str, reason: str
) -> None:
    problem = await tenant.refuse("POST", HISTORY, json=[DISK, DISK | item])
    assert problem["status"] == 400
    (error,) = problem["errors"]
    assert error["pointer"] == pointer
    assert reason in error["detail"]
    assert (await tenant.get("/api/v1/events"))["items"] == []


async def test_a_request_holds_so_many_at_most(tenant: Tenant) -> None:
    problem = await tenant.refuse("POST", HISTORY, json=[DISK] * 10_001)
    assert problem["status"] == 400
