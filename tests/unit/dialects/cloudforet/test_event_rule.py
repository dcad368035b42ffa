"""Event rules by the methods of Cloudforet, and what they do to what comes in."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.server.in_process import Served, Tenant, serving_on_sqlite
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio

DISK = [{"key": "title", "value": "disk", "operator": "contain"}]


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """Run a server for the tests of this file."""
    async with serving_on_sqlite(tmp_path_factory.mktemp("store")) as running:
        yield running


@pytest.fixture
async def tenant(served: Served) -> AsyncIterator[Tenant]:
    """Give a domain of the test's own."""
    made = await served.new_tenant()
    yield made
    await served.drop(made)


async def call(tenant: Tenant, verb: str, credential: str | None = None, **request: Any) -> tuple[int, Any]:
    path = f"/monitoring/v1/event-rule/{verb}"
    answer = await tenant.ask("POST", path, json={"domain_id": tenant.id} | request, credential=credential)
    return answer.status_code, answer.json()


async def done(tenant: Tenant, verb: str, credential: str | None = None, **request: Any) -> Any:
    status, answer = await call(tenant, verb, credential, **request)
    assert status == 200, answer
    return answer


async def refused(
    tenant: Tenant, verb: str, credential: str | None = None, **request: Any
) -> tuple[int, str, str]:
    status, answer = await call(tenant, verb, credential, **request)
    return status, answer["detail"]["code"], answer["detail"]["message"]


def rule(tenant: Tenant, **fields: Any) -> dict[str, Any]:
    """Give what makes a rule that keeps what is said of disks from everybody."""
    return {
        "project_id": tenant.source.project_id,
        "conditions": DISK,
        "conditions_policy": "ALL",
        "actions": {"no_notification": True},
    } | fields


async def made(tenant: Tenant, name: str, **fields: Any) -> str:
    found = await done(tenant, "create", name=name, **rule(tenant, **fields))
    rule_id: str = found["event_rule_id"]
    return rule_id


async def names(tenant: Tenant, credential: str | None = None, **request: Any) -> list[str]:
    found = await done(tenant, "list", credential, **request)
    assert found["total_count"] == len(found["results"])
    return [each["name"] for each in found["results"]]


async def test_one_is_made_shown_changed_and_deleted(tenant: Tenant) -> None:
    wanted = rule(
        tenant,
        conditions=[*DISK, {"key": "additional_info.env", "value": "test", "operator": "eq"}],
        conditions_policy="ANY",
        options={"stop_processing": True},
        actions={"add_additional_info": {"team": "blue", "level": 3}},
        tags={"a": 1},
    )
    found = await done(tenant, "create", name="disks", **wanted)
    assert found["event_rule_id"].startswith("er-")
    assert (found["order"], found["scope"], found["conditions"]) == (1, "PROJECT", wanted["conditions"])
    assert (found["conditions_policy"], found["options"]) == ("ANY", {"stop_processing": True})
    assert found["actions"]["add_additional_info"] == {"team": "blue", "level": "3"}
    assert found["tags"] == {"a": 1}
    rule_id = found["event_rule_id"]
    assert await done(tenant, "get", event_rule_id=rule_id) == found
    changed = await done(tenant, "update", event_rule_id=rule_id, name="2", conditions_policy="ALWAYS")
    assert changed == found | {"name": "2", "conditions_policy": "ALWAYS"}
    assert await done(tenant, "update", event_rule_id=rule_id) == changed
    changed = await done(
        tenant,
        "update",
        event_rule_id=rule_id,
        actions={"no_notification": True},
        options={},
        conditions=DISK,
    )
    assert (changed["options"], changed["conditions"]) == ({"stop_processing": False}, DISK)
    assert (changed["actions"]["no_notification"], changed["actions"]["add_additional_info"]) == (True, {})
    assert await done(tenant, "delete", event_rule_id=rule_id) == {}
    assert (await refused(tenant, "get", event_rule_id=rule_id))[:2] == (404, "ERROR_NOT_FOUND")
    log = await tenant.get("/api/v1/audit")
    actions = [each["action"] for each in log["items"] if each["subject"] == "intake_rule"]
    assert actions == [
        "intake_rule.delete",
        "intake_rule.change",
        "intake_rule.change",
        "intake_rule.create",
    ]


async def test_they_have_an_order_that_can_be_changed(tenant: Tenant) -> None:
    one, _, three = [await made(tenant, name) for name in ("one", "two", "three")]
    moved = await done(tenant, "change-order", event_rule_id=three, order=1)
    assert (moved["name"], moved["order"]) == ("three", 1)
    assert await names(tenant) == ["three", "one", "two"]
    await done(tenant, "change-order", event_rule_id=one, order=3)
    assert await names(tenant) == ["three", "two", "one"]
    await done(tenant, "delete", event_rule_id=three)
    orders = [each["order"] for each in (await done(tenant, "list"))["results"]]
    assert orders == [1, 2]
    assert await refused(tenant, "change-order", event_rule_id=one, order=3) == (
        400,
        "ERROR_INVALID_PARAMETER",
        "Parameter is invalid. (key = order, reason = There is no event rules greater than the 3 order.)",
    )
    assert (await refused(tenant, "change-order", event_rule_id=one, order=-1))[
        1
    ] == "ERROR_INVALID_PARAMETER"
    assert (await refused(tenant, "change-order", event_rule_id=one))[1] == "ERROR_REQUIRED_PARAMETER"
    assert (await refused(tenant, "change-order", event_rule_id="er-1", order=9))[1] == "ERROR_NOT_FOUND"


async def test_what_it_holds_for_is_labelled_and_moved(tenant: Tenant) -> None:
    web = await tenant.post("/api/v1/projects", {"name": "web"}, status=201)
    await made(tenant, "team", actions={"add_additional_info": {"team": "blue"}, "change_project": web["id"]})
    moved, stayed = await tenant.send({"key": "a", "title": "Disk full"}, {"key": "b", "title": "cpu"})
    assert moved["reason"] == f"the rule team moved it to the project {web['id']} and set team"
    shown = await tenant.get(f"/api/v1/events/{moved['id']}")
    assert (shown["project_id"], shown["labels"]) == (web["id"], {"team": "blue"})
    assert (await tenant.get(f"/api/v1/events/{stayed['id']}"))["project_id"] != web["id"]
    why = await tenant.get(f"/api/v1/events/{moved['id']}/why")
    assert any(moved["reason"] in line["says"] for line in why["lines"])
    answer = await tenant.ask("POST", "/monitoring/v1/event/list", json={"project_id": web["id"]})
    assert [each["event_id"] for each in answer.json()["results"]] == [moved["id"]]
    (resolved,) = await tenant.send({"key": "a", "title": "Disk is well", "kind": "recovery"})
    assert (resolved["outcome"], resolved["alert_id"]) == ("resolved", moved["alert_id"])


async def test_a_new_alert_is_assigned_and_has_its_urgency(tenant: Tenant) -> None:
    actions = {"change_assignee": "ann", "change_urgency": "LOW"}
    await made(tenant, "assign", actions=actions)
    (opened,) = await tenant.send({"key": "a", "title": "disk full", "severity": "critical"})
    assert opened["reason"] == "a rule gave the alert to ann; a rule made its urgency LOW"
    asked = {"alert_id": opened["alert_id"], "domain_id": tenant.id}

    async def shown() -> tuple[str, str]:
        alert = (await tenant.ask("POST", "/monitoring/v1/alert/get", json=asked)).json()
        return alert["assignee"], alert["urgency"]

    assert await shown() == ("ann", "LOW")
    await tenant.ask("POST", "/monitoring/v1/alert/update", json=asked | {"assignee": "bob"})
    (joined,) = await tenant.send({"key": "a", "title": "disk full", "severity": "critical"})
    assert (joined["outcome"], joined["reason"], await shown()) == ("joined", "", ("bob", "LOW"))
    found = (await done(tenant, "list"))["results"][0]["actions"]
    assert {name: found[name] for name in actions} == actions


async def test_what_it_keeps_back_goes_to_nobody_and_why_says_so(tenant: Tenant) -> None:
    target = {"name": "pager", "kind": "webhook", "url": "https://pager.test/"}
    await tenant.post("/api/v1/targets", target, status=201)
    await tenant.post("/api/v1/routes", {"name": "all", "targets": ["pager"]}, status=201)
    await made(tenant, "noise")
    quiet, loud = await tenant.send({"key": "a", "title": "disk full"}, {"key": "b", "title": "cpu"})
    assert (quiet["reason"], loud["reason"]) == ("a rule of its project passes it on to nobody", "")
    sent = (await tenant.get("/api/v1/deliveries"))["items"]
    assert [each["event_id"] for each in sent] == [loud["id"]]
    why = await tenant.get(f"/api/v1/events/{quiet['id']}/why")
    says = [line["says"] for line in why["lines"]]
    assert "It was passed on to no target." in says
    assert "By today's rules a rule of its project passes it on to nobody." in says
    posted = {"event": {"key": "x", "title": "disk of another", "source": tenant.source.name}}
    assert (await tenant.post("/api/v1/routes/test", posted))["routes"] == []


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"conditions": [{"key": "nope", "value": "a", "operator": "eq"}]}, "conditions.0.key"),
        ({"conditions": [{"key": "additional_info.", "value": "a", "operator": "eq"}]}, "conditions.0.key"),
        ({"conditions": [{"key": "title", "value": "a", "operator": "gt"}]}, "conditions.0.operator"),
        ({"actions": {"change_urgency": "SOON"}}, "actions.change_urgency"),
        ({"actions": {"change_assignee": "a" * 300}}, "actions.change_assignee"),
        ({"actions": {"add_responder": [{"resource_id": "a"}]}}, "actions.add_responder"),
        ({"actions": {"add_project_dependency": ["a"]}}, "actions.add_project_dependency"),
        ({"actions": {"match_service_account": {"source": "a"}}}, "actions.match_service_account"),
        ({"actions": {"add_additional_info": {"a": "b" * 30_000}}}, "actions.add_additional_info"),
    ],
)
async def test_what_tocsin_cannot_do_is_refused(tenant: Tenant, fields: dict[str, Any], place: str) -> None:
    rule_id = await made(tenant, "known")
    for verb, request in (
        ("create", rule(tenant, **fields)),
        ("update", fields | {"event_rule_id": rule_id}),
    ):
        status, code, message = await refused(tenant, verb, **request)
        assert (status, code) == (400, "ERROR_INVALID_PARAMETER")
        assert f"key = {place}," in message
    assert await names(tenant) == ["known"]


async def test_what_cannot_be_is_told(served: Served, tenant: Tenant) -> None:
    wanted = rule(tenant)
    for name in ("conditions_policy", "actions", "project_id", "conditions"):
        part = {key: value for key, value in wanted.items() if key != name}
        assert (await refused(tenant, "create", **part))[2] == f"Required parameter. (key = {name})"
    assert (await refused(tenant, "create", **rule(tenant, conditions=[{"key": "title"}])))[2] == (
        "Required parameter. (key = conditions.0.value)"
    )
    assert (await refused(tenant, "create", **rule(tenant, project_id="nowhere")))[2] == (
        "Value not found. (project_id = nowhere)"
    )
    foreign = (await served.new_tenant()).source.project_id
    moving: dict[str, Any] = {"actions": {"change_project": foreign}}
    missing = f"Value not found. (actions.change_project = {foreign})"
    assert (await refused(tenant, "create", **rule(tenant, **moving)))[2] == missing
    rule_id = await made(tenant, "known")
    assert (await refused(tenant, "update", event_rule_id=rule_id, **moving))[2] == missing
    always = await made(tenant, "always", conditions=[], conditions_policy="ALWAYS")
    unasked = await refused(tenant, "update", event_rule_id=always, conditions_policy="ALL")
    assert unasked[2] == "Required parameter. (key = conditions)"


async def test_they_are_listed_found_and_counted(tenant: Tenant) -> None:
    web = await tenant.post("/api/v1/projects", {"name": "web"}, status=201)
    await made(tenant, "one")
    await made(tenant, "two", project_id=web["id"])
    assert await names(tenant, project_id=web["id"]) == ["two"]
    assert await names(tenant, name="one", scope="PROJECT") == ["one"]
    assert await names(tenant, query={"keyword": "tw"}) == ["two"]
    asked = {"key": "conditions.value", "value": "disk", "operator": "eq"}
    assert sorted(await names(tenant, query={"filter": [asked]})) == ["one", "two"]
    found = await done(tenant, "stat", query={"aggregate": [{"count": {"name": "n"}}]})
    assert found == {"results": [{"n": 2}]}


@pytest.mark.parametrize("verb", ["get", "update", "change-order", "delete"])
async def test_another_domains_is_not_there(served: Served, tenant: Tenant, verb: str) -> None:
    stranger = await served.new_tenant()
    rule_id = await made(tenant, "mine")
    more: dict[str, Any] = {"order": 1} if verb == "change-order" else {}
    found = await refused(stranger, verb, event_rule_id=rule_id, **more)
    assert found[:2] == (404, "ERROR_NOT_FOUND")
    found = await refused(stranger, verb, event_rule_id=rule_id, domain_id=tenant.id, **more)
    assert found[:2] == (403, "ERROR_PERMISSION_DENIED")
    assert (await names(stranger), await names(tenant)) == ([], ["mine"])


async def test_who_may_not_is_refused(tenant: Tenant) -> None:
    web = await tenant.post("/api/v1/projects", {"name": "web"}, status=201)
    mine = await made(tenant, "mine")
    viewer = await tenant.new_user(Permission.VIEWALL)
    assert (await refused(tenant, "create", viewer, **rule(tenant)))[0] == 403
    assert await names(tenant, viewer) == ["mine"]
    limited = await tenant.new_user(Permission.VIEWSOME, Permission.ADMINACCESS, scope="project:web")
    assert await names(tenant, limited) == []
    assert (await refused(tenant, "create", limited, **rule(tenant)))[0] == 404
    assert (await refused(tenant, "delete", limited, event_rule_id=mine))[0] == 404
    await done(tenant, "create", limited, name="theirs", **rule(tenant, project_id=web["id"]))
    away = rule(tenant, project_id=web["id"], actions={"change_project": tenant.source.project_id})
    assert (await refused(tenant, "create", limited, **away))[0] == 404, "into what they do not see"
    assert await names(tenant, limited) == ["theirs"]
