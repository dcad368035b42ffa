"""On both stores: every route works, and odd ids in a path are no trouble."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.api.test_isolation import routes
from tests.unit.server.in_process import Tenant, serving
from tocsin.query.cursor import encode_cursor
from tocsin.store.database import Database

pytestmark = pytest.mark.anyio

ODD = (
    "%00",
    "a%00b",
    "%FF",
    "%F0%9F%92%A5",
    "..",
    "%2e%2e",
    "'%20OR%201=1%20--",
    "x" * 5_000,
    "%E2%80%AE",
    "%25",
)
IDS = sorted(name for name in routes() if "{" in name)
DISK = {"key": "db1/disk", "title": "Disk full \u2028 on \U0001f4a5", "host": "db1"}


@pytest.fixture
async def tenant(database: Database) -> AsyncIterator[Tenant]:
    """Give a domain, once on each engine."""
    async with serving(database) as served:
        yield await served.new_tenant()


async def test_an_odd_id_is_not_found(tenant: Tenant) -> None:
    assert len(IDS) >= 10
    for name in IDS:
        method, path = name.split()
        before, _, after = path.partition("{")
        for odd in ODD:
            asked = before + odd + after.partition("}")[2]
            options: dict[str, Any] = {"json": {}} if method == "PATCH" else {}
            if path.endswith("/note"):
                options = {"json": {"comment": "x"}}
            answer = await tenant.ask(method, asked, **options)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), asked


async def test_requests_that_come_together_with_a_key_make_one_thing(tenant: Tenant) -> None:
    options: dict[str, Any] = {"json": {"name": "one"}, "headers": {"Idempotency-Key": "once"}}
    answers = await asyncio.gather(*(tenant.ask("POST", "/api/v1/sources", **options) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_every_route_works(tenant: Tenant) -> None:
    asked = set()

    async def ask(method: str, path: str, status: int, document: object = None, route: str = "") -> Any:
        options: dict[str, Any] = {} if document is None else {"json": document}
        answer = await tenant.ask(method, path, **options)
        assert answer.status_code == status, answer.text
        asked.add(f"{method} {route or path.partition('?')[0]}")
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer.text

    receipts = (await ask("POST", "/api/v1/events", 200, [DISK, {}, DISK]))["receipts"]
    assert [each["outcome"] for each in receipts] == ["opened", "rejected", "joined"]
    told = await ask("GET", "/api/v1/receipts?q=source:first+-title:x&from=-1h&limit=2", 200)
    rest = await ask("GET", f"/api/v1/receipts?q=source:first&limit=2&cursor={told['next']}", 200)
    assert sorted(each["index"] for each in (*told["items"], *rest["items"])) == [0, 1, 2]
    found = await ask("GET", "/api/v1/events?q=disk+host:DB*+key~^db&from=-1h", 200)
    assert len(found["items"]) == 2
    one = await ask(
        "GET", f"/api/v1/events/{found['items'][0]['id']}", 200, route="/api/v1/events/{event_id}"
    )
    assert (one["title"], one["alert"]["count"]) == (DISK["title"], 2)
    seen = f"/api/v1/events/{found['items'][0]['id']}/why"
    assert "joined" in str(await ask("GET", seen, 200, route="/api/v1/events/{event_id}/why"))
    counted = await ask("GET", "/api/v1/events/count?by=severity&bucket=1h&q=host:DB*", 200)
    assert counted["total"] == 2
    assert (await ask("GET", "/api/v1/events/histogram?from=-1h&to=now", 200))["total"] == 2
    assert await ask("GET", "/api/v1/events/facets?fields=host", 200)
    exported = await ask("GET", "/api/v1/events/export?format=json&q=disk+host:DB*", 200)
    assert exported == found["items"]
    assert len(await ask("GET", "/api/v1/alerts/export?format=json", 200)) == 1
    assert (await ask("GET", "/api/v1/alerts/count?by=state", 200))["total"] == 1
    assert await ask("GET", "/api/v1/alerts/facets?fields=state", 200)
    (alert,) = (await ask("GET", "/api/v1/alerts?q=state:open", 200))["items"]
    at = f"/api/v1/alerts/{alert['id']}"
    many = {"q": "host:DB*", "action": "note", "comment": "\U0001f4a5", "expected": 1}
    assert (await ask("POST", "/api/v1/alerts/bulk", 200, many))["done"] == 1
    for action in ("acknowledge", "unacknowledge", "assign", "note", "resolve"):
        route = f"/api/v1/alerts/{{alert_id}}/{action}"
        await ask("POST", f"{at}/{action}", 200, {"comment": "\U0001f4a5"}, route)
    took = await ask("GET", "/api/v1/alerts/durations?q=host:DB*", 200)
    assert (took["acknowledged"]["total"]["count"], took["resolved"]["total"]["count"]) == (0, 1)
    shown = await ask("GET", at, 200, route="/api/v1/alerts/{alert_id}")
    assert len(shown["timeline"]) == 8
    project = await ask("POST", "/api/v1/projects", 201, {"name": "\xe4"})
    assert len((await ask("GET", "/api/v1/projects", 200))["items"]) == 2
    source = await ask("POST", "/api/v1/sources", 201, {"name": "\xe4", "project_id": project["id"]})
    assert len((await ask("GET", "/api/v1/sources", 200))["items"]) == 2
    route = "/api/v1/sources/{name_or_id}"
    assert await ask("GET", f"/api/v1/sources/{source['id']}", 200, route=route) == source
    assert await ask("GET", "/api/v1/sources/%C3%A4", 200, route=route) == source
    tried = await ask("POST", f"/api/v1/sources/{source['id']}/test", 200, [DISK, 5], f"{route}/test")
    assert [each["outcome"] for each in tried["items"]] == ["opened", "opened"]
    changed = await ask("PATCH", f"/api/v1/sources/{source['id']}", 200, {"enabled": False}, route)
    assert changed["enabled"] is False
    await ask("DELETE", f"/api/v1/sources/{source['id']}", 204, route=route)
    token = await ask("POST", "/api/v1/tokens", 201, {"name": "t"})
    assert len((await ask("GET", "/api/v1/tokens", 200))["items"]) == 2
    await ask("DELETE", f"/api/v1/tokens/{token['id']}", 204, route="/api/v1/tokens/{token_id}")
    await ask("GET", "/api/v1/session", 200)
    assert await ask("GET", "/api/v1/session/ways", 200) == {"provider": None}
    for step in ("", "/callback", "/end"):
        await ask("GET", f"/api/v1/session/oidc{step}", 404)
    await ask("DELETE", "/api/v1/session", 409)
    passwords = {"password": "\xe4", "new_password": "\U0001f4a5"}
    await ask("POST", "/api/v1/session/password", 401, passwords)
    await ask("POST", "/api/v1/session", 401, {"name": "\U0001f4a5", "password": "\xe4"})
    await ask(
        "POST", "/api/v1/roles", 201, {"name": "\xe4", "permissions": ["VIEWSOME"], "scope": "host:\xe4"}
    )
    await ask("POST", "/api/v1/users", 201, {"name": "\xe4", "role": "\xe4"})
    for kind, change in (("users", {"role": "viewer"}), ("roles", {"permissions": []})):
        listed = (await ask("GET", f"/api/v1/{kind}", 200))["items"]
        assert "\xe4" in {each["name"] for each in listed}
        path, route = f"/api/v1/{kind}/%C3%A4", f"/api/v1/{kind}/{{name_or_id}}"
        assert (await ask("GET", path, 200, route=route))["name"] == "\xe4"
        await ask("PATCH", path, 200, change | ({"scope": ""} if kind == "roles" else {}), route)
        await ask("DELETE", path, 204, route=route)
    assert len((await ask("GET", "/api/v1/audit?q=subject:user+details~role", 200))["items"]) == 3
    target = {"name": "\xe4", "kind": "webhook", "url": "https://pager.example.com/x"}
    target = await ask("POST", "/api/v1/targets", 201, target)
    await ask("POST", f"/api/v1/targets/{target['id']}/test", 202, route="/api/v1/targets/{name_or_id}/test")
    await tenant.give_up(target["id"])
    assert await ask("POST", "/api/v1/deliveries/retry", 202, {"target": "\xe4"}) == {"retried": 1}
    await tenant.give_up(target["id"])
    (delivery,) = (await ask("GET", "/api/v1/deliveries?target=%C3%A4&state=dead&limit=1", 200))["items"]
    at, route = f"/api/v1/deliveries/{delivery['id']}", "/api/v1/deliveries/{delivery_id}"
    assert (await ask("GET", at, 200, route=route))["log"] == []
    assert (await ask("POST", f"{at}/retry", 202, route=f"{route}/retry"))["state"] == "pending"
    for narrowed in (
        "alert=alert-000000000001",
        "event=event-000000000001",
        "state=pending",
        "target=%C3%A4",
        "from=-1h&to=-1m",
    ):
        await ask("GET", f"/api/v1/deliveries?{narrowed}", 200)
        counted = await ask("GET", f"/api/v1/deliveries/count?by=route_id,state&{narrowed}", 200)
        assert counted["total"] == sum(each["count"] for each in counted["items"])
    (standing,) = (await ask("GET", "/api/v1/deliveries/targets", 200))["items"]
    assert (standing["target_id"], standing["delivered_at"]) == (target["id"], None)
    (rejected,) = (await ask("GET", "/api/v1/rejected?limit=1", 200))["items"]
    at, route = f"/api/v1/rejected/{rejected['id']}", "/api/v1/rejected/{rejected_id}"
    assert (await ask("GET", at, 200, route=route))["payload"]["body"]
    assert (await ask("POST", f"{at}/replay", 422, route=f"{route}/replay"))["code"] == "not_replayed"
    cursor = encode_cursor([1 << 60, rejected["id"]])
    assert len((await ask("GET", f"/api/v1/rejected?cursor={cursor}", 200))["items"]) == 1
    await ask("DELETE", at, 204, route=route)
    await ask("POST", "/api/v1/routes", 201, {"name": "\xe4", "targets": ["\xe4"]})
    found = await ask("POST", "/api/v1/routes/test", 200, {"event": DISK})
    assert [each["name"] for each in found["routes"]] == ["\xe4"]
    for kind in ("routes", "targets"):
        (listed,) = (await ask("GET", f"/api/v1/{kind}", 200))["items"]
        at, route = f"/api/v1/{kind}/%C3%A4", f"/api/v1/{kind}/{{name_or_id}}"
        assert (await ask("GET", at, 200, route=route))["id"] == listed["id"]
        changed = await ask("PATCH", at, 200, {"enabled": False}, route)
        assert changed == listed | {"enabled": False}
        await ask("DELETE", at, 204, route=route)
    silence = await ask("POST", "/api/v1/silences", 201, {"expression": "host:db*", "duration": 60})
    assert [each["id"] for each in (await ask("GET", "/api/v1/silences", 200))["items"]] == [silence["id"]]
    at, route = f"/api/v1/silences/{silence['id']}", "/api/v1/silences/{silence_id}"
    assert (await ask("GET", at, 200, route=route))["state"] == "active"
    assert (await ask("PATCH", at, 200, {"comment": "\xe4"}, route))["comment"] == "\xe4"
    assert (await ask("POST", f"{at}/expire", 200, route=f"{route}/expire"))["state"] == "expired"
    page = {
        "name": "\xe4",
        "page": "events",
        "expression": "kind:problem title:*\U0001f4a5",
        "from": "-1h",
        "group": "host",
    }
    for shared in (False, True):
        view = await ask("POST", "/api/v1/views", 201, page | {"shared": shared})
    await ask("POST", "/api/v1/views", 409, page | {"shared": True})
    listed = (await ask("GET", "/api/v1/views?counts=true", 200))["items"]
    assert [(each["shared"], each["count"]) for each in listed] == [(False, 2), (True, 2)]
    at, route = f"/api/v1/views/{view['id']}", "/api/v1/views/{view_id}"
    assert await ask("GET", at, 200, route=route) == view
    assert (await ask("PATCH", at, 200, {"name": "\xf6"}, route))["name"] == "\xf6"
    await ask("DELETE", at, 204, route=route)
    await ask("POST", "/api/v1/events", 200, [DISK, DISK | {"key": "db2/disk", "host": "db2"}])
    tried = await ask("POST", "/api/v1/silences/preview", 200, {"expression": "host:db2 kind:problem"})
    assert [tried[name]["count"] for name in ("open_alerts", "events_of_24_hours")] == [1, 1]
    past = DISK | {"state": "down", "state_type": "soft", "occurred_at": 1_700_000_000}
    for known in (0, 1):
        told = await ask("POST", "/api/v1/history", 200, [past])
        assert told == {"recorded": 1 - known, "known": known}
    (standing,) = (await ask("GET", "/api/v1/objects?q=host=db2&limit=1", 200))["items"]
    assert (standing["host"], standing["state"], standing["unhandled"]) == ("db2", "down", True)
    given = {"expression": "host=db2", "comment": "\xe4", "duration": 60, "expected": 1}
    made = await ask("POST", "/api/v1/downtimes", 201, given)
    assert [each["host"] for each in made["objects"]] == ["db2"]
    assert (await ask("GET", "/api/v1/downtimes?q=db2", 200))["items"][0]["id"] == made["id"]
    await ask("DELETE", f"/api/v1/downtimes/{made['id']}", 204, route="/api/v1/downtimes/{downtime_id}")
    written = {"keywords": [{"name": "\xe4"}], "hosts": [{"name": "\U0001f4a5", "keywords": ["\xc4"]}]}
    for parameters, action in (("?dry_run=true", "create"), ("", "create"), ("?prune=true", "keep")):
        steps = (await ask("PATCH", f"/api/v1/world{parameters}", 200, written))["items"]
        assert {each["action"] for each in steps} == {action}
    assert (await ask("GET", "/api/v1/world", 200))["hosts"][0]["keywords"] == ["\xe4"]
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json"):
        assert await ask("GET", path, 200)
    assert routes() - asked == {"GET /api/v1/events/stream"}
