"""`/api/v1/routes`: made, shown, changed, moved, deleted, refused, and asked what they would do."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import insert

from tests.unit.server.in_process import Tenant
from tocsin.hub.hub import clock
from tocsin.store import tables
from tocsin.store.explanation import BEGINS_LATER, DISABLED, NO_CHANGE, NOT_NEEDED

pytestmark = pytest.mark.anyio

ROUTES = "/api/v1/routes"
TARGETS = "/api/v1/targets"
HOUR = 3_600_000_000


async def new_target(tenant: Tenant, name: str = "pager") -> Any:
    target = {"name": name, "kind": "webhook", "url": "https://pager.example.com/s3cret"}
    return await tenant.post(TARGETS, target, status=201)


async def created(tenant: Tenant, name: str = "night", **given: Any) -> Any:
    return await tenant.post(ROUTES, {"name": name, **given}, status=201)


async def tried(tenant: Tenant, event: Mapping[str, Any]) -> Any:
    return await tenant.post(f"{ROUTES}/test", {"event": {"key": "k", "title": "t", **event}})


async def new_silence(tenant: Tenant, name: str, expression: str, *, starts_at: int = 0) -> None:
    """Write a silence of an hour down, as it stands in the store."""
    starts_at = starts_at or clock() - 1
    row = {
        "domain_id": tenant.id,
        "id": name,
        "expression": expression,
        "starts_at": starts_at,
        "ends_at": starts_at + HOUR,
        "comment": f"why {name}",
    }
    await tenant.served.hub.database.write(lambda c: c.execute(insert(tables.silence).values(**row)))


def names(items: Any) -> list[str]:
    return [item["name"] for item in items]


async def test_targets_come_by_name_and_by_id(tenant: Tenant) -> None:
    pager, chat = await new_target(tenant), await new_target(tenant, "chat")
    made = await created(tenant, targets=["chat", pager["id"], "pager"], expression="severity>=error")
    assert made["targets"] == [
        {"id": chat["id"], "name": "chat"},
        {"id": pager["id"], "name": "pager"},
    ]
    assert (made["expression"], made["enabled"], made["every_event"]) == ("severity>=error", True, False)
    for name_or_id in ("night", made["id"]):
        assert await tenant.get(f"{ROUTES}/{name_or_id}") == made
    assert "s3cret" not in str(made)


async def test_they_are_listed_in_their_order(tenant: Tenant) -> None:
    for name, position in (("b", None), ("c", None), ("a", 0)):
        await created(tenant, name, position=position)
    assert names((await tenant.get(ROUTES))["items"]) == ["a", "b", "c"]
    await tenant.ask("PATCH", f"{ROUTES}/a", json={"position": 9})
    assert names((await tenant.get(ROUTES))["items"]) == ["b", "c", "a"]


async def test_what_is_changed_changes_and_all_else_stays(tenant: Tenant) -> None:
    await new_target(tenant)
    made = await created(tenant, targets=["pager"], expression="host:db*")
    answer = await tenant.ask(
        "PATCH", f"{ROUTES}/night", json={"name": "day", "fallback": True, "every_event": True}
    )
    changed = made | {"name": "day", "fallback": True, "every_event": True}
    assert answer.json() == changed
    answer = await tenant.ask("PATCH", f"{ROUTES}/day", json={"targets": [], "expression": ""})
    assert answer.json() == changed | {"targets": [], "expression": ""}
    assert (await tenant.ask("PATCH", f"{ROUTES}/day", json={})).json() == answer.json()


async def test_a_deleted_route_is_gone_and_its_target_free(tenant: Tenant) -> None:
    await new_target(tenant)
    await created(tenant, targets=["pager"])
    problem = await tenant.refuse("DELETE", f"{TARGETS}/pager")
    assert problem["detail"] == "the target pager is still named by the routes night"
    assert (await tenant.ask("DELETE", f"{ROUTES}/night")).status_code == 204
    assert (await tenant.get(ROUTES))["items"] == []
    assert (await tenant.ask("DELETE", f"{TARGETS}/pager")).status_code == 204


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(
    ("expression", "position"), [("severity>=warnin", 10), ("host:a occurred>-2h", 7), ("(host:a", 0)]
)
async def test_an_expression_is_refused_with_its_character(
    tenant: Tenant, method: str, expression: str, position: int
) -> None:
    made = await created(tenant)
    path = ROUTES if method == "POST" else f"{ROUTES}/night"
    problem = await tenant.refuse(method, path, json={"name": "x", "expression": expression})
    assert (problem["status"], problem["code"], problem["position"]) == (400, "invalid_query", position)
    assert (await tenant.get(ROUTES))["items"] == [made]


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"name": ""}, 400, "name"),
        ({"name": "test"}, 400, "expected another name"),
        ({"name": "x", "targets": ["nowhere"]}, 404, "there is no target nowhere"),
        ({"name": "x", "targets": ["t"] * 51}, 400, "targets"),
        ({"name": "x", "position": -1}, 400, "position"),
        ({"name": "x", "position": 1.5}, 400, "position"),
        ({"name": "x", "colour": "red"}, 400, "unknown field `colour`"),
        ({"name": "night"}, 409, "a route named night exists already"),
    ],
)
async def test_a_bad_route_is_refused(tenant: Tenant, given: dict[str, Any], status: int, said: str) -> None:
    made = await created(tenant)
    problem = await tenant.refuse("POST", ROUTES, json=given)
    assert problem["status"] == status
    assert said in problem["detail"]
    assert (await tenant.get(ROUTES))["items"] == [made]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_an_unknown_route_is_not_found(tenant: Tenant, method: str) -> None:
    problem = await tenant.refuse(method, f"{ROUTES}/nobody", **({"json": {}} if method == "PATCH" else {}))
    assert (problem["status"], problem["detail"]) == (404, "there is no route nobody")


async def test_a_test_says_who_takes_it_who_just_missed_and_why(tenant: Tenant) -> None:
    await new_target(tenant)
    await created(tenant, "databases", expression="host:db* severity>=error", targets=["pager"])
    await created(tenant, "nights", expression="host:db* service:backup")
    await created(tenant, "far", expression="host:web* service:backup")
    await created(tenant, "off", expression="host:db1", enabled=False)
    await created(tenant, "rest", fallback=True)
    result = await tried(tenant, {"host": "db1", "severity": "critical"})
    assert names(result["routes"]) == ["databases"]
    assert names(result["routes"][0]["targets"]) == ["pager"]
    assert {miss["name"]: miss["why"] for miss in result["near_misses"]} == {
        "nights": "service:backup does not match",
        "off": DISABLED,
        "rest": NOT_NEEDED,
    }
    assert result["silences"] == []
    result = await tried(tenant, {"host": "web1"})
    assert names(result["routes"]) == ["rest"]
    assert await tenant.events() == []


async def test_a_test_says_which_silences_match(tenant: Tenant) -> None:
    await created(tenant)
    await new_silence(tenant, "now", "host:db1")
    await new_silence(tenant, "later", "host:db1", starts_at=clock() + HOUR)
    await new_silence(tenant, "near", "host:db1 service:backup")
    await new_silence(tenant, "far", "host:web1")
    result = await tried(tenant, {"host": "db1"})
    assert result["silences"] == ["now"]
    assert names(result["routes"]) == ["night"]
    assert {miss["id"]: (miss["name"], miss["why"]) for miss in result["near_misses"]} == {
        "later": ("why later", BEGINS_LATER),
        "near": ("why near", "service:backup does not match"),
    }


async def test_what_changes_no_alert_goes_where_every_event_goes(tenant: Tenant) -> None:
    await created(tenant, "all", every_event=True)
    await created(tenant, "changes")
    result = await tried(tenant, {"kind": "info"})
    assert names(result["routes"]) == ["all"]
    assert [(miss["name"], miss["why"]) for miss in result["near_misses"]] == [("changes", NO_CHANGE)]


async def test_a_test_knows_sources_and_routing_keys(tenant: Tenant) -> None:
    await created(tenant, "first", expression="source:first")
    await created(tenant, "other", expression="source:other routing_key:web")
    result = await tried(tenant, {"labels": {"routing_key": "db"}})
    assert (names(result["routes"]), result["remark"]) == (["first"], "")
    await tenant.ask("DELETE", "/api/v1/routes/first")
    result = await tried(tenant, {"labels": {"routing_key": "db"}})
    assert (names(result["routes"]), result["remark"]) == ([], "no route names its routing key")


async def test_a_recorded_event_can_be_asked_about(tenant: Tenant) -> None:
    (receipt,) = await tenant.send({"key": "k", "title": "t", "host": "db1"})
    await created(tenant, expression="host:db1")
    result = await tenant.post(f"{ROUTES}/test", {"event_id": receipt["id"]})
    assert names(result["routes"]) == ["night"]


@pytest.mark.parametrize(
    ("document", "status", "said"),
    [
        ({}, 400, "expected an event or an event_id"),
        ({"event": {"key": "k", "title": "t"}, "event_id": "event-000000000001"}, 400, "expected an event"),
        ({"event": {"title": "t"}}, 400, "event: "),
        ({"event": {"key": "k", "title": "t", "source_id": "nobody"}}, 404, "nobody"),
        ({"event_id": "event-0000000000ff"}, 404, "there is no such event"),
        ({"event_id": "nonsense"}, 404, "there is no event nonsense"),
    ],
)
async def test_a_bad_test_is_refused(tenant: Tenant, document: object, status: int, said: str) -> None:
    problem = await tenant.refuse("POST", f"{ROUTES}/test", json=document)
    assert problem["status"] == status
    assert said in problem["detail"]
