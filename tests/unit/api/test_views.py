"""Views: saved, shared, counted for each reader, changed by their owners."""

from typing import Any

import pytest

from tests.unit.server.in_process import Tenant
from tocsin.model.role import FIRST_ROLES, Permission
from tocsin.store import views

pytestmark = pytest.mark.anyio

VIEWS = "/api/v1/views"
EVENTS: dict[str, Any] = {"name": "Disks", "page": "events", "expression": "host:db*"}
ALERTS: dict[str, Any] = {"name": "Disks", "page": "alerts", "expression": "host:db*"}
OLD = "2020-01-01T00:00:00Z"


async def save(tenant: Tenant, document: dict[str, Any], credential: str | None = None) -> Any:
    answer = await tenant.ask("POST", VIEWS, json=document, credential=credential)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def listed(tenant: Tenant, credential: str | None = None, **params: Any) -> list[Any]:
    answer = await tenant.ask("GET", VIEWS, params=params, credential=credential)
    assert answer.status_code == 200, answer.text
    items: list[Any] = answer.json()["items"]
    return items


async def counts(tenant: Tenant, credential: str | None = None) -> dict[str, int | None]:
    return {view["name"]: view["count"] for view in await listed(tenant, credential, counts="true")}


async def test_a_view_holds_the_whole_state_of_its_page(tenant: Tenant) -> None:
    state = {
        "expression": 'severity>=warning "disk full"',
        "from": "-6h",
        "to": "now",
        "columns": "time:120,object:200,labels.data%2Ccentre:150,title",
        "group": "labels.team",
    }
    made = await save(tenant, {"name": "Disks", "page": "events"} | state)
    assert {name: made[name] for name in state} == state
    assert (made["shared"], made["owner"], made["changeable"]) == (False, tenant.user, True)
    assert await tenant.get(f"{VIEWS}/{made['id']}") == made
    (shown,) = await listed(tenant)
    assert shown == made | {"count": None}
    document = ALERTS | {"name": "Mine", "show": "acknowledged", "order": "oldest", "group": "assignee"}
    board = await save(tenant, document)
    assert board | document == board
    assert board["from"] == ""
    # By how long ago something was.
    assert (await save(tenant, ALERTS | {"name": "Ages", "group": "opened"}))["group"] == "opened"


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        (EVENTS | {"name": ""}, "/name"),
        (EVENTS | {"name": "x" * 256}, "/name"),
        (EVENTS | {"page": "hosts"}, "/page"),
        (EVENTS | {"from": "yesterday"}, "/from"),
        (EVENTS | {"from": OLD, "to": "2019-01-01"}, "/to"),
        (EVENTS | {"to": OLD}, "/to"),
        (EVENTS | {"columns": "time:120,nonsense"}, "/columns"),
        (EVENTS | {"columns": "labels."}, "/columns"),
        (EVENTS | {"columns": "time:wide"}, "/columns"),
        (EVENTS | {"columns": "time,"}, "/columns"),
        (EVENTS | {"columns": ",".join(["time"] * 21)}, "/columns"),
        (EVENTS | {"columns": "x" * 4_001}, "/columns"),
        (EVENTS | {"group": "occurred"}, "/group"),
        (EVENTS | {"order": "oldest"}, "/order"),
        (ALERTS | {"order": "best"}, "/order"),
        (ALERTS | {"show": "some"}, "/show"),
        (ALERTS | {"from": "-1h"}, "/from"),
        (ALERTS | {"group": "hostgroup"}, "/group"),
        (ALERTS | {"shared": 1}, "/shared"),
    ],
)
async def test_a_bad_view_is_pointed_at(tenant: Tenant, document: dict[str, Any], pointer: str) -> None:
    problem = await tenant.refuse("POST", VIEWS, json=document)
    assert (problem["status"], [fault["pointer"] for fault in problem["errors"]]) == (400, [pointer])
    assert await listed(tenant) == []


async def test_a_bad_expression_is_pointed_at_to_the_character(tenant: Tenant) -> None:
    made = await save(tenant, ALERTS)
    for method, path in (("POST", VIEWS), ("PATCH", f"{VIEWS}/{made['id']}")):
        document = {"expression": "host:db1 severity:much"}
        problem = await tenant.refuse(method, path, json=(ALERTS if method == "POST" else {}) | document)
        assert (problem["code"], problem["position"], problem["length"]) == ("invalid_query", 18, 4)
    # What an alert does not have cannot be asked of its page.
    problem = await tenant.refuse("POST", VIEWS, json=ALERTS | {"expression": "occurred>-1h"})
    assert problem["code"] == "invalid_query"


async def test_names_are_taken_once_in_private_and_once_shared(tenant: Tenant) -> None:
    bob = await tenant.new_user(*FIRST_ROLES["viewer"])
    private = await save(tenant, EVENTS)
    shared = await save(tenant, ALERTS | {"shared": True})
    await save(tenant, EVENTS, bob)
    problem = await tenant.refuse("POST", VIEWS, json=ALERTS)
    assert (problem["status"], problem["detail"]) == (409, "a private view named Disks exists already")
    problem = await tenant.refuse("POST", VIEWS, json=EVENTS | {"shared": True}, credential=bob)
    assert (problem["status"], problem["detail"]) == (409, "a shared view named Disks exists already")
    for view, change in ((private, {"shared": True}), (shared, {"shared": False})):
        assert (await tenant.refuse("PATCH", f"{VIEWS}/{view['id']}", json=change))["status"] == 409


async def test_a_private_view_is_its_owners_alone(tenant: Tenant) -> None:
    bob = await tenant.new_user(*FIRST_ROLES["viewer"])
    made = await save(tenant, EVENTS, bob)
    at = f"{VIEWS}/{made['id']}"
    assert [view["id"] for view in await listed(tenant, bob)] == [made["id"]]
    assert await listed(tenant) == []
    for method, options in (("GET", {}), ("PATCH", {"json": {"name": "x"}}), ("DELETE", {})):
        assert (await tenant.refuse(method, at, **options))["status"] == 404
    answer = await tenant.ask("PATCH", at, json={"name": "Databases"}, credential=bob)
    assert answer.json() == made | {"name": "Databases"}
    assert (await tenant.ask("DELETE", at, credential=bob)).status_code == 204
    assert await listed(tenant, bob) == []


async def test_a_shared_view_is_changed_by_its_owner_or_an_administrator(tenant: Tenant) -> None:
    bob = await tenant.new_user(*FIRST_ROLES["viewer"])
    eve = await tenant.new_user(*FIRST_ROLES["operator"])
    made = await save(tenant, EVENTS | {"shared": True}, bob)
    at, rename = f"{VIEWS}/{made['id']}", {"json": {"name": "x"}}
    (seen,) = await listed(tenant, eve)
    assert (seen["id"], seen["owner"], seen["changeable"]) == (made["id"], made["owner"], False)
    for method, options in (("PATCH", rename), ("DELETE", {})):
        problem = await tenant.refuse(method, at, credential=eve, **options)
        assert (problem["status"], problem["code"]) == (403, "forbidden")
    assert (await tenant.ask("PATCH", at, credential=bob, **rename)).json()["name"] == "x"
    withdrawn = await tenant.ask("PATCH", at, json={"shared": False})
    assert withdrawn.status_code == 200
    assert (await tenant.refuse("GET", at))["status"] == 404
    assert [view["id"] for view in await listed(tenant, bob)] == [made["id"]]


async def test_each_reader_is_told_what_they_may_see(tenant: Tenant) -> None:
    scoped = await tenant.new_user(Permission.VIEWSOME, scope="host:db1")
    await save(tenant, EVENTS | {"name": "events", "shared": True})
    await save(tenant, EVENTS | {"name": "before", "shared": True, "from": OLD, "to": "-1h"})
    await save(tenant, ALERTS | {"name": "open", "shared": True})
    await save(tenant, ALERTS | {"name": "taken", "show": "acknowledged", "shared": True})
    await save(tenant, ALERTS | {"name": "all", "show": "all", "shared": True})
    receipts = await tenant.send(
        *({"key": f"{host}/disk", "title": "t", "host": host} for host in ("db1", "db2", "db3", "web1"))
    )
    await tenant.send({"key": "db2/disk", "kind": "recovery", "title": "t", "host": "db2"})
    await tenant.post(f"/api/v1/alerts/{receipts[2]['alert_id']}/acknowledge")
    assert await counts(tenant) == {"events": 5, "before": 0, "open": 2, "taken": 1, "all": 3}
    assert await counts(tenant, scoped) == {"events": 1, "before": 0, "open": 1, "taken": 0, "all": 1}
    assert {view["count"] for view in await listed(tenant)} == {None}


async def test_what_a_view_finds_is_what_its_page_counts(tenant: Tenant) -> None:
    await tenant.send(*({"key": f"{n}", "title": "t", "host": f"db{n}"} for n in range(3)))
    await save(tenant, EVENTS | {"expression": "host~db[12]", "name": "two", "from": "-1h"})
    page = await tenant.get("/api/v1/events/histogram", **{"q": "host~db[12]", "from": "-1h"})
    assert await counts(tenant) == {"two": page["total"]} == {"two": 2}


async def test_what_takes_too_long_to_count_has_no_count(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tenant.send({"key": "k", "title": "t", "host": "db1"})
    await save(tenant, EVENTS | {"expression": "host~db[12]"})
    assert await counts(tenant) == {"Disks": 1}
    for limit in ("_SECONDS_OF_ONE", "_SECONDS_OF_ALL"):
        with monkeypatch.context() as patched:
            patched.setattr(f"tocsin.api.views.{limit}", -1.0)
            assert await counts(tenant) == {"Disks": None}


async def test_views_are_listed_own_first_and_by_name(tenant: Tenant) -> None:
    for name, shared in (("b", True), ("A", True), ("z", False), ("Y", False)):
        await save(tenant, EVENTS | {"name": name, "shared": shared})
    assert [view["name"] for view in await listed(tenant)] == ["Y", "z", "A", "b"]


async def test_a_change_by_somebody_else_is_not_lost(tenant: Tenant) -> None:
    answer = await tenant.ask("POST", VIEWS, json=EVENTS)
    at, tag = f"{VIEWS}/{answer.json()['id']}", answer.headers["etag"]
    assert (await tenant.ask("GET", at, headers={"If-None-Match": tag})).status_code == 304
    mine: dict[str, Any] = {"headers": {"If-Match": tag}}
    assert (await tenant.ask("PATCH", at, json={"name": "first"}, **mine)).status_code == 200
    assert (await tenant.refuse("PATCH", at, json={"name": "second"}, **mine))["code"] == "changed"
    assert (await tenant.refuse("DELETE", at, **mine))["code"] == "changed"
    assert (await tenant.get(at))["name"] == "first"


async def test_a_repeated_request_saves_once(tenant: Tenant) -> None:
    once: dict[str, Any] = {"json": EVENTS, "headers": {"Idempotency-Key": "once"}}
    first, again = [await tenant.ask("POST", VIEWS, **once) for _ in range(2)]
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    assert len(await listed(tenant)) == 1


async def test_a_user_has_so_many_views_and_no_more(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "VIEW_LIMIT", 2)
    for number in range(2):
        await save(tenant, EVENTS | {"name": f"{number}", "shared": bool(number)})
    problem = await tenant.refuse("POST", VIEWS, json=EVENTS)
    assert (problem["status"], problem["code"]) == (409, "conflict")
    await save(tenant, EVENTS, await tenant.new_user(*FIRST_ROLES["viewer"]))


async def test_what_a_deleted_user_shared_stays(tenant: Tenant) -> None:
    name = f"bob-{tenant.id}"
    await tenant.post("/api/v1/users", {"name": name, "role": "viewer"}, status=201)
    bob = await tenant.token_of(name)
    shared = await save(tenant, EVENTS | {"shared": True}, bob)
    private = await save(tenant, EVENTS, bob)
    assert (await tenant.ask("DELETE", f"/api/v1/users/{name}")).status_code == 204
    (left,) = await listed(tenant)
    assert (left["id"], left["owner"], left["changeable"]) == (shared["id"], "", True)
    assert (await tenant.refuse("GET", f"{VIEWS}/{private['id']}"))["status"] == 404


async def test_the_audit_log_knows_what_was_shared_and_nothing_else(tenant: Tenant) -> None:
    private = await save(tenant, EVENTS | {"name": "Mine alone", "expression": "host:mine"})
    await tenant.ask("PATCH", f"{VIEWS}/{private['id']}", json={"expression": "host:mine-too"})
    await tenant.ask("DELETE", f"{VIEWS}/{private['id']}")
    at = f"{VIEWS}/{(await save(tenant, EVENTS))['id']}"
    for change in (
        {"shared": True, "name": "Ours"},
        {"expression": "host:ours"},
        {"shared": False, "name": "Mine again", "expression": "host:mine"},
        {"name": "Mine for good"},
    ):
        await tenant.ask("PATCH", at, json=change)
    await tenant.ask("DELETE", at)
    withdrawn, changed, shared = (await tenant.get("/api/v1/audit", q="subject=view"))["items"]
    assert {entry["action"] for entry in (withdrawn, changed, shared)} == {"view.change"}
    assert {entry["subject_name"] for entry in (withdrawn, changed, shared)} == {"Ours"}
    assert list(shared["details"]) == ["after"]
    assert changed["details"] == {"before": {"expression": "host:db*"}, "after": {"expression": "host:ours"}}
    assert list(withdrawn["details"]) == ["before"]
    assert "mine" not in str((withdrawn, changed, shared)).casefold()
    assert (await tenant.get("/api/v1/audit", q="mine"))["items"] == []
