"""Alerts by the methods of Cloudforet: those that Tocsin has, whoever sent their events."""

from typing import Any

import pytest

from tests.unit.dialects.cloudforet.alert_calls import CPU, DISK, done, opened, refused
from tests.unit.server.in_process import Tenant
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio


async def listed(tenant: Tenant, credential: str | None = None, **request: Any) -> list[str]:
    found = await done(tenant, "list", credential, **request)
    return [each["title"] for each in found["results"]]


async def test_an_alert_is_shown_with_what_the_event_said_that_opened_it(tenant: Tenant) -> None:
    (alert_id,) = await opened(tenant, DISK)
    await tenant.send(DISK | {"description": "98 %", "severity": "warning"})
    native = await tenant.get(f"/api/v1/alerts/{alert_id}")
    shown = await done(tenant, "get", alert_id=alert_id)
    assert shown["created_at"][:23] == native["opened_at"][:23]
    assert shown["updated_at"] >= shown["created_at"]
    assert {name: value for name, value in shown.items() if value and not name.endswith("_at")} == {
        "alert_number": 1,
        "alert_id": alert_id,
        "title": "Disk full",
        "description": "97 %",
        "state": "TRIGGERED",
        "severity": "WARNING",
        "urgency": "LOW",
        "rule": "disk",
        "provider": "aws",
        "account": "42",
        "resource": {"resource_id": "i-1", "resource_type": "", "name": "db1"},
        "additional_info": {"team": "storage"},
        "triggered_by": tenant.source.id,
        "webhook_id": tenant.source.id,
        "project_id": tenant.source.project_id,
        "domain_id": tenant.id,
    }
    few = await done(tenant, "get", alert_id=alert_id, only=["resource.name"])
    assert (few["resource"]["name"], few["title"]) == ("db1", "")


async def test_states_and_urgencies_are_those_of_cloudforet(tenant: Tenant) -> None:
    disk, cpu, _ = await opened(tenant, DISK, CPU, {"key": "e", "title": "odd", "kind": "error"})
    await tenant.post(f"/api/v1/alerts/{disk}/acknowledge")
    await tenant.post(f"/api/v1/alerts/{cpu}/resolve")
    found = (await done(tenant, "list"))["results"]
    assert [(each["title"], each["state"], each["urgency"]) for each in found][1:] == [
        ("CPU load", "RESOLVED", "LOW"),
        ("Disk full", "ACKNOWLEDGED", "HIGH"),
    ]
    assert found[0]["state"] == "ERROR"
    assert found[1]["resolved_at"]
    assert not found[2]["resolved_at"]


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        ({}, ["CPU load", "Disk full"]),
        ({"alert_number": 1}, ["Disk full"]),
        ({"alert_id": "alert-000000000002"}, ["CPU load"]),
        ({"state": "TRIGGERED", "urgency": "HIGH"}, ["Disk full"]),
        ({"state": "RESOLVED"}, []),
        ({"severity": "WARNING"}, ["CPU load"]),
        ({"resource_id": "i-1"}, ["Disk full"]),
        ({"provider": "gcp"}, []),
        ({"is_snoozed": "true"}, []),
        ({"is_snoozed": "false", "title": "CPU load"}, ["CPU load"]),
        ({"webhook_id": "source-0"}, []),
        ({"assignee": "ann"}, []),
        ({"query": {"keyword": "disk"}}, ["Disk full"]),
        ({"query": {"sort": {"key": "severity"}}}, ["Disk full", "CPU load"]),
        ({"query": {"sort": {"key": "additional_info.team"}}}, ["CPU load", "Disk full"]),
        ({"query": {"page": {"start": 2, "limit": 1}}}, ["Disk full"]),
        ({"query": {"filter": [{"k": "resolved_at", "v": None, "o": "eq"}]}}, ["CPU load", "Disk full"]),
        ({"query": {"filter": [{"k": "created_at", "v": "now-1h", "o": "timediff_lt"}]}}, []),
        ({"query": {"filter": [{"k": "additional_info.team", "v": "stor", "o": "contain"}]}}, ["Disk full"]),
    ],
)
async def test_lists_what_is_asked_for(tenant: Tenant, request_: dict[str, Any], wanted: list[str]) -> None:
    await opened(tenant, DISK, CPU)
    assert await listed(tenant, **request_) == wanted


async def test_counts_and_shows_as_much_as_is_asked_for(tenant: Tenant) -> None:
    await opened(tenant, DISK, CPU)
    assert (await done(tenant, "list", query={"count_only": True}))["total_count"] == 2
    page = await done(tenant, "list", query={"page": {"limit": 1}, "minimal": True})
    assert (page["total_count"], len(page["results"]), page["results"][0]["created_at"]) == (2, 1, "")
    group = {"keys": [{"key": "urgency", "name": "u"}], "fields": [{"name": "n", "operator": "count"}]}
    stages = [{"group": group}, {"sort": {"key": "u"}}]
    assert (await done(tenant, "stat", query={"aggregate": stages}))["results"] == [
        {"u": "HIGH", "n": 1},
        {"u": "LOW", "n": 1},
    ]
    few = {"distinct": "title", "filter": [{"k": "rule", "v": "disk", "o": "eq"}]}
    assert (await done(tenant, "stat", query=few))["results"] == ["Disk full"]


async def test_what_there_is_not_is_told(tenant: Tenant) -> None:
    missing = f"Value not found. (('alert_id', 'domain_id') = ('nope', '{tenant.id}'))"
    assert await refused(tenant, "get", alert_id="nope") == (404, "ERROR_NOT_FOUND", missing)
    assert (await refused(tenant, "get", alert_id="nope", only=["nope"]))[1] == "ERROR_UNKNOWN"
    assert (await refused(tenant, "list", query={"only": ["nope"]}))[1] == "ERROR_DB_QUERY"
    unknown = {"filter": [{"k": "nope", "v": 1, "o": "eq"}]}
    assert (await refused(tenant, "stat", query=unknown | {"distinct": "title"}))[1] == "ERROR_DB_QUERY"


async def test_another_domain_sees_nothing(tenant: Tenant, stranger: Tenant) -> None:
    (alert_id,) = await opened(tenant, DISK)
    assert (await refused(stranger, "get", alert_id=alert_id))[0] == 404
    assert await listed(stranger) == []
    assert (await done(stranger, "stat", query={"distinct": "title"}))["results"] == []
    requests: dict[str, dict[str, Any]] = {
        "get": {"alert_id": alert_id},
        "list": {},
        "stat": {"query": {"distinct": "title"}},
    }
    for verb, request in requests.items():
        assert (await refused(tenant, verb, stranger.token, **request))[:2] == (
            403,
            "ERROR_PERMISSION_DENIED",
        )


async def test_a_role_sees_what_its_scope_holds(tenant: Tenant) -> None:
    disk, cpu = await opened(tenant, DISK, CPU)
    some = await tenant.new_user(Permission.VIEWSOME, scope="team:storage")
    assert await listed(tenant, some) == ["Disk full"]
    assert (await done(tenant, "get", some, alert_id=disk))["description"] == "97 %"
    assert (await refused(tenant, "get", some, alert_id=cpu))[0] == 404
    assert (await done(tenant, "stat", some, query={"distinct": "title"}))["results"] == ["Disk full"]
