"""Event.list over HTTP: who sees what, pages, order, and what is shown of each event."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.server.in_process import Served, Tenant, serving_on_sqlite
from tocsin.model.role import Permission
from tocsin.server.settings import Settings

pytestmark = pytest.mark.anyio

MOST = 10


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """Run a server with a small limit."""
    async with serving_on_sqlite(tmp_path_factory.mktemp("store"), Settings(list_limit=MOST)) as running:
        yield running


@pytest.fixture
async def tenant(served: Served) -> Tenant:
    """Give a domain with five events."""
    tenant = await served.new_tenant()
    await tenant.send(
        {"key": "db/disk", "title": "Disk full", "severity": "critical", "labels": {"team": "b"}},
        {
            "key": "db/cpu",
            "title": "CPU load",
            "severity": "warning",
            "labels": {"team": "a"},
            "note": {"n": 7},
        },
        {"key": "db/cpu", "title": "CPU load gone", "kind": "recovery", "description": "well again"},
        {
            "key": "web/cpu",
            "title": "CPU load",
            "severity": "error",
            "resource": {"id": "i-1", "name": "web"},
        },
        {"key": "web/net", "title": "Net", "severity": "info", "provider": "aws", "account": "42"},
    )
    return tenant


async def listed(tenant: Tenant, credential: str | None = None, **request: Any) -> Any:
    answer = await tenant.ask("POST", "/monitoring/v1/event/list", json=request, credential=credential)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def keys(tenant: Tenant, credential: str | None = None, **request: Any) -> list[int]:
    """Give the numbers of the events that are listed."""
    found = await listed(tenant, credential, **request)
    assert found["total_count"] == len(found["results"])
    return [int(event["event_id"][6:], 16) for event in found["results"]]


async def refused(tenant: Tenant, **request: Any) -> tuple[int, str, str]:
    answer = await tenant.ask("POST", "/monitoring/v1/event/list", json=request)
    detail = answer.json()["detail"]
    return answer.status_code, detail["code"], detail["message"]


async def test_the_newest_come_first(tenant: Tenant) -> None:
    assert await keys(tenant) == [5, 4, 3, 2, 1]
    assert await keys(tenant, domain_id=tenant.id) == [5, 4, 3, 2, 1]


async def test_an_event_is_shown_whole(tenant: Tenant) -> None:
    (event,) = (await listed(tenant, event_id="event-000000000002"))["results"]
    assert event.pop("created_at").endswith("Z")
    assert event.pop("webhook_id") == tenant.source.id
    assert event == {
        "event_id": "event-000000000002",
        "event_key": "db/cpu",
        "event_type": "ALERT",
        "title": "CPU load",
        "description": "",
        "severity": "WARNING",
        "rule": "",
        "resource": None,
        "provider": "",
        "account": "",
        "image_url": "",
        "raw_data": {
            "key": "db/cpu",
            "title": "CPU load",
            "severity": "warning",
            "labels": {"team": "a"},
            "note": {"n": 7},
        },
        "additional_info": {"team": "a", "note": '{"n":7}'},
        "alert_id": "alert-000000000002",
        "project_id": event["project_id"],
        "domain_id": tenant.id,
        "occurred_at": "",
    }


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        ({"event_key": "db/cpu"}, [3, 2]),
        ({"event_type": "RECOVERY"}, [3]),
        ({"severity": "CRITICAL"}, [1]),
        ({"severity": "critical"}, []),
        ({"resource_id": "i-1"}, [4]),
        ({"provider": "aws"}, [5]),
        ({"account": "42", "provider": "gcp"}, []),
        ({"alert_id": "alert-000000000002"}, [3, 2]),
        ({"event_id": ""}, [5, 4, 3, 2, 1]),
        ({"query": {"keyword": "disk net"}}, [5, 1]),
        ({"query": {"keyword": "0004"}}, [4]),
        ({"query": {"filter": [{"k": "title", "v": "cpu", "o": "contain"}]}}, [4, 3, 2]),
        ({"query": {"filter": [{"k": "raw_data.note.n", "v": 6, "o": "gt"}]}}, [2]),
        ({"query": {"filter": [{"k": "raw_data.note", "v": None, "o": "eq"}]}}, [5, 4, 3, 1]),
        ({"query": {"filter": [{"k": "additional_info.team", "v": ["a", "b"], "o": "in"}]}}, [2, 1]),
        ({"query": {"filter": [{"k": "title", "v": "^CPU", "o": "regex"}], "keyword": "gone"}}, [3]),
        ({"query": {"filter": [{"k": "created_at", "v": "now - 1h", "o": "timediff_gt"}]}}, [5, 4, 3, 2, 1]),
        ({"query": {"sort": {"key": "title"}}}, [2, 4, 3, 1, 5]),
        ({"query": {"sort": {"key": "created_at"}}}, [1, 2, 3, 4, 5]),
        ({"query": {"sort": {"key": "additional_info.team"}}}, [3, 4, 5, 2, 1]),
        ({"query": {"sort": {"key": "additional_info.team", "desc": True}}}, [1, 2, 5, 4, 3]),
        (
            {"query": {"sort": {"keys": [{"key": "severity"}, {"key": "title", "desc": True}]}}},
            [1, 4, 5, 3, 2],
        ),
    ],
)
async def test_what_is_asked_for_is_listed(
    tenant: Tenant, request_: dict[str, Any], wanted: list[int]
) -> None:
    assert await keys(tenant, **request_) == wanted


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"limit": 2}, [5, 4]),
        ({"start": 1, "limit": 2}, [5, 4]),
        ({"start": 2, "limit": 2}, [4, 3]),
        ({"start": 5, "limit": 2}, [1]),
        ({"start": 6, "limit": 2}, []),
        ({"start": 4}, [5, 4, 3, 2, 1]),
        ({"start": 1, "limit": 10}, [5, 4, 3, 2, 1]),
        ({"start": 4_294_967_295, "limit": 4_294_967_295}, []),
    ],
)
@pytest.mark.parametrize("sort", [{}, {"key": "webhook_id", "desc": True}])
@pytest.mark.parametrize("regex", [False, True])
async def test_a_page_begins_at_a_row(
    tenant: Tenant, page: dict[str, int], wanted: list[int], sort: dict[str, Any], regex: bool
) -> None:
    conditions = [{"k": "title", "v": ".", "o": "regex"}] if regex else []
    found = await listed(tenant, query={"page": page, "sort": sort, "filter": conditions})
    assert [int(event["event_id"][6:], 16) for event in found["results"]] == wanted
    assert found["total_count"] == 5


async def test_a_count_alone(tenant: Tenant) -> None:
    query = {"count_only": True, "page": {"limit": 2}}
    assert await listed(tenant, query=query) == {"results": [], "total_count": 5}
    assert await listed(tenant, severity="NONE", event_type="ALERT") == {"results": [], "total_count": 0}


async def shown(tenant: Tenant, **query: Any) -> dict[str, Any]:
    """Give what is shown of the fourth event that is not empty."""
    (event,) = (await listed(tenant, event_id="event-000000000004", query=query))["results"]
    return {name: value for name, value in event.items() if value not in ("", None)}


async def test_only_what_is_asked_for_is_shown(tenant: Tenant) -> None:
    whole = await shown(tenant)
    created = {"created_at": whole["created_at"]}
    assert await shown(tenant, only=["title"]) == {"title": "CPU load", **created}
    resource = {"resource_id": "", "resource_type": "", "name": "web"}
    assert await shown(tenant, only=["resource.name"]) == {"resource": resource, **created}
    assert await shown(tenant, only=["raw_data.resource.id"]) == {
        "raw_data": {"resource": {"id": "i-1"}},
        **created,
    }
    sort = {"keys": [{"key": "severity"}, {"key": "nope"}]}
    assert await shown(tenant, only=["event_key"], sort=sort) == {"event_key": "web/cpu", "severity": "ERROR"}


async def test_the_least_is_shown_and_wins(tenant: Tenant) -> None:
    assert await shown(tenant, minimal=True, only=["created_at"]) == {
        "event_id": "event-000000000004",
        "event_key": "web/cpu",
        "event_type": "ALERT",
        "title": "CPU load",
        "severity": "ERROR",
        "alert_id": "alert-000000000004",
    }


@pytest.mark.parametrize("field", ["nope", "resource.nope", "resource_id"])
async def test_only_names_fields(tenant: Tenant, field: str) -> None:
    reason = f'Cannot resolve field "{field.removeprefix("resource.")}"'
    message = f"Database query failed. (reason = {reason})"
    assert await refused(tenant, query={"only": [field]}) == (500, "ERROR_DB_QUERY", message)


async def test_too_many_at_once_are_refused_and_never_cut(tenant: Tenant) -> None:
    await tenant.send(*({"key": f"more-{n}", "title": "More"} for n in range(MOST - 5)))
    assert len((await listed(tenant))["results"]) == MOST
    await tenant.send({"key": "last", "title": "Last"})
    reason = f"more than {MOST} events are asked for at once: ask for a page of them"
    message = f"Parameter is invalid. (key = query.page, reason = {reason})"
    assert await refused(tenant) == (400, "ERROR_INVALID_PARAMETER", message)
    assert (await refused(tenant, query={"page": {"limit": MOST + 1}}))[1] == "ERROR_INVALID_PARAMETER"
    assert (await listed(tenant, query={"page": {"limit": MOST}}))["total_count"] == MOST + 1
    assert (await listed(tenant, query={"count_only": True}))["total_count"] == MOST + 1


async def test_what_cloudforet_does_not_know_is_not_listed(tenant: Tenant) -> None:
    await tenant.post("/api/v1/alerts/alert-000000000001/acknowledge", {})
    assert len(await tenant.events()) == 6
    assert await keys(tenant) == [5, 4, 3, 2, 1]


async def test_another_domain_sees_nothing(tenant: Tenant, served: Served) -> None:
    stranger = await served.new_tenant()
    assert await keys(stranger) == []
    assert (await refused(stranger, domain_id=tenant.id))[:2] == (403, "ERROR_PERMISSION_DENIED")


async def test_a_role_sees_its_scope(tenant: Tenant) -> None:
    token = await tenant.new_user(Permission.VIEWSOME, scope="key:db/*")
    assert await keys(tenant, token) == [3, 2, 1]
    assert await keys(tenant, token, event_key="web/cpu") == []
    regex = [{"k": "title", "v": ".", "o": "regex"}, {"k": "event_id", "v": "", "o": "not"}]
    assert await keys(tenant, token, query={"filter_or": regex}) == [3, 2, 1]


async def test_who_may_not_read_is_refused(tenant: Tenant) -> None:
    answer = await tenant.ask("POST", "/monitoring/v1/event/list", json={}, credential="")
    assert (answer.status_code, answer.json()["detail"]["code"]) == (401, "ERROR_AUTHENTICATE_FAILURE")
    token = await tenant.new_user(Permission.ACTIONALL)
    answer = await tenant.ask("POST", "/monitoring/v1/event/list", json={}, credential=token)
    assert (answer.status_code, answer.json()["detail"]["code"]) == (403, "ERROR_PERMISSION_DENIED")


async def test_a_query_that_takes_too_long_is_no_partial_answer(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.hub.archive._SECONDS", -1.0)
    query = {"filter": [{"k": "raw_data.a", "v": "x", "o": "eq"}]}
    message = "the search took too long: narrow it"
    assert await refused(tenant, query=query) == (504, "ERROR_TIMEOUT", message)
