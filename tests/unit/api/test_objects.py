"""Hosts and services over the native API, and the downtimes that are put over them."""

from typing import Any

import pytest

from tests.unit.server.in_process import Tenant
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio


def result(host: str, state: str, service: str = "") -> dict[str, str]:
    key = f"{host}/{service}" if service else host
    return {
        "kind": "check_result",
        "key": key,
        "title": key,
        "host": host,
        "state": state,
        **({"service": service} if service else {}),
        "output": f"{key} is {state}",
    }


@pytest.fixture
async def watched(tenant: Tenant) -> Tenant:
    """Give a tenant with two hosts, of which one is in trouble."""
    await tenant.send(
        result("web", "up"),
        result("web", "critical", "load"),
        result("web", "ok", "disk"),
        result("db", "down"),
    )
    return tenant


async def names(tenant: Tenant, q: str = "", **params: Any) -> list[str]:
    items = (await tenant.get("/api/v1/objects", q=q, **params))["items"]
    return [f"{each['host']}/{each['service']}".rstrip("/") for each in items]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("", ["db", "web", "web/disk", "web/load"]),
        ("host:w*", ["web", "web/disk", "web/load"]),
        ('service:""', ["db", "web"]),
        ("state=critical OR state=down", ["db", "web/load"]),
        ("state_type=hard disk", ["web/disk"]),
        ("checked>-1h load", ["web/load"]),
        ('-downtime:""', []),
        ("output~^db", ["db"]),
    ],
)
async def test_an_expression_finds_what_it_says(watched: Tenant, expression: str, found: list[str]) -> None:
    assert await names(watched, expression) == found


async def test_a_host_or_service_is_shown_as_it_stands(watched: Tenant) -> None:
    (load,) = (await watched.get("/api/v1/objects", q="service=load"))["items"]
    assert (load["state"], load["output"], load["group"]) == (
        "critical",
        "web/load is critical",
        "Tocsin,Discovered,",
    )
    assert (load["unhandled"], load["in_downtime"], load["flapping"]) == (True, False, False)
    (alert,) = (await watched.get("/api/v1/alerts", q="service=load"))["items"]
    await watched.post(f"/api/v1/alerts/{alert['id']}/acknowledge", {"comment": "on it"})
    (load,) = (await watched.get("/api/v1/objects", q=f"acknowledged_by={watched.user}"))["items"]
    assert (load["service"], load["unhandled"], load["acknowledged_comment"]) == ("load", False, "on it")


async def test_pages_lead_through_all(watched: Tenant) -> None:
    page = await watched.get("/api/v1/objects", limit=3)
    rest = await watched.get("/api/v1/objects", limit=3, cursor=page["next"])
    assert [each["service"] for each in (*page["items"], *rest["items"])] == ["", "", "disk", "load"]
    assert rest["next"] is None
    refused = await watched.refuse("GET", "/api/v1/objects", params={"cursor": "WzFd"})
    assert refused["status"] == 400


async def test_what_a_role_does_not_see_is_not_there(watched: Tenant) -> None:
    some = await watched.new_user(Permission.VIEWSOME, Permission.DOWNTIMESOME, scope="host:web")

    async def ask(method: str, path: str, **options: Any) -> Any:
        return await watched.ask(method, path, credential=some, **options)

    items = (await ask("GET", "/api/v1/objects")).json()["items"]
    assert {each["host"] for each in items} == {"web"}
    later = {"starts_at": "2999-01-01T00:00:00Z", "duration": 60}
    given = {"expression": "host:*", "comment": "repairs", **later}
    made = (await ask("POST", "/api/v1/downtimes", json=given)).json()
    assert {each["host"] for each in made["objects"]} == {"web"}
    everything = await watched.post("/api/v1/downtimes", given, status=201)
    assert len(everything["objects"]) == 4
    shown = (await ask("GET", "/api/v1/downtimes")).json()["items"]
    assert [len(each["objects"]) for each in shown] == [3, 3]
    assert (await ask("DELETE", f"/api/v1/downtimes/{everything['id']}")).status_code == 204
    left = (await watched.get("/api/v1/downtimes"))["items"]
    assert sorted(len(each["objects"]) for each in left) == [1, 3]


async def test_a_downtime_is_made_listed_and_cancelled(watched: Tenant) -> None:
    given = {"expression": "host:web", "comment": "repairs", "starts_at": "2999-01-01T00:00:00Z"}
    made = await watched.post("/api/v1/downtimes", given | {"ends_at": "2999-01-01T01:00:00Z"}, status=201)
    assert (made["started"], made["starts_at"], made["author"]) == (
        False,
        "2999-01-01T00:00:00.000000Z",
        watched.user,
    )
    assert (await watched.get("/api/v1/downtimes", q="service=load"))["items"][0]["id"] == made["id"]
    assert (await watched.get("/api/v1/downtimes", q="host=db"))["items"] == []
    assert (await watched.ask("DELETE", f"/api/v1/downtimes/{made['id']}")).status_code == 204
    assert (await watched.get("/api/v1/downtimes"))["items"] == []
    assert (await watched.refuse("DELETE", f"/api/v1/downtimes/{made['id']}"))["status"] == 404


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"expression": "host:nowhere"}, 400, "no host or service that you may act on matches"),
        ({"expression": "hots:web"}, 400, "expected one of state,"),
        ({"expression": ""}, 400, "expression"),
        ({"comment": ""}, 400, "comment"),
        ({"expected": 2}, 409, "it would be over 3 hosts and services, not 2"),
        ({"duration": None}, 400, "expected either ends_at or duration"),
        ({"colour": "red"}, 400, "colour"),
    ],
)
async def test_what_cannot_be_put_into_downtime_is_refused(
    watched: Tenant, given: dict[str, Any], status: int, said: str
) -> None:
    wanted = {"expression": "host:web", "comment": "repairs", "duration": 60} | given
    refused = await watched.refuse("POST", "/api/v1/downtimes", json=wanted)
    assert refused["status"] == status
    assert said in str(refused)
    assert (await watched.get("/api/v1/downtimes"))["items"] == []
