"""How hosts and services stand: viewports, details and names, and results for one of them."""

from typing import Any

import pytest

from tests.unit.dialects.opsview.asking import failed
from tests.unit.server.in_process import Tenant
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio


def said(state: str, service: str = "", **fields: str) -> dict[str, str]:
    key = f"web/{service}" if service else "web"
    return {"kind": "check_result", "title": key, "key": key, "host": "web", "state": state} | (
        {"service": service, **fields} if service else fields
    )


@pytest.fixture
async def shop(tenant: Tenant) -> Tenant:
    """Give a tenant whose configured host web has two services, one in trouble and of a keyword."""
    for kind, document in (
        ("keyword", {"name": "shop", "description": "what sells", "all_hosts": "1"}),
        ("servicecheck", {"name": "load", "keywords": [{"name": "shop"}], "checktype": {"name": "Passive"}}),
        ("servicecheck", {"name": "disk", "checktype": {"name": "Passive"}}),
        (
            "host",
            {
                "name": "web",
                "alias": "the shop",
                "ip": "192.0.2.1",
                "servicechecks": [{"name": "load"}, {"name": "disk"}],
            },
        ),
    ):
        answer = await tenant.ask("POST", f"/rest/config/{kind}", json=document)
        assert answer.status_code == 200, answer.text
    await tenant.send(said("up"), said("critical", "load", output="load 42|load=42;5"), said("ok", "disk"))
    return tenant


async def read(tenant: Tenant, path: str, **params: Any) -> Any:
    answer = await tenant.ask("GET", f"/rest/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_viewport_is_a_keyword_with_what_stands_under_it(shop: Tenant) -> None:
    (item,) = (await read(shop, "status/viewport"))["list"]
    assert (item["keyword"], item["description"], item["computed_state"]) == (
        "shop",
        "what sells",
        "critical",
    )
    assert (item["services"]["total"], item["services"]["critical"]) == ("1", {"unhandled": "1"})
    assert (item["hosts"]["total"], item["hosts"]["up"]) == ("1", {"handled": "1"})
    (host,) = (await read(shop, "status/viewport/shop"))["list"]
    assert [each["name"] for each in host["services"]] == ["load"]
    assert (host["alias"], host["ip"]) == ("the shop", "192.0.2.1")
    assert (await read(shop, "status/viewport/none"))["list"] == []
    assert (await shop.ask("GET", "/rest/status/viewport/shop/more")).status_code == 404


async def test_a_viewport_counts_what_is_seen_alone(shop: Tenant) -> None:
    other = await shop.new_user(Permission.VIEWSOME, scope="host:db")
    for path in ("status/viewport", "status/viewport/shop", "runtime/service"):
        answer = await shop.ask("GET", f"/rest/{path}", credential=other)
        assert (answer.status_code, answer.json()["list"]) == (200, [])
    answer = await shop.ask("GET", "/rest/detail", credential=other, params={"hostname": "web"})
    assert failed(answer) == (404, "there is no such host or service")


async def test_another_domain_is_told_nothing_and_changes_nothing(shop: Tenant, stranger: Tenant) -> None:
    for path in ("status/viewport", "runtime/service"):
        assert (await read(stranger, path))["list"] == []
    for method in ("GET", "POST"):
        answer = await stranger.ask(method, "/rest/detail", params={"hostname": "web"}, json={})
        assert failed(answer) == (404, "there is no such host or service")


async def test_a_detail_is_all_that_is_known_of_one(shop: Tenant) -> None:
    detail = (await read(shop, "detail", hostname="WEB", servicename="load"))["object"]
    assert (detail["hostname"], detail["servicename"], detail["state"]) == ("web", "load", "CRITICAL")
    assert (detail["output"], detail["perfdata"], detail["ip"]) == ("load 42", "load=42;5", "192.0.2.1")
    assert (detail["state_type"], detail["current_attempt"], detail["max_attempts"]) == (1, 1, 1)
    host = (await read(shop, "detail", hostname="web"))["object"]
    assert (host["state"], "servicename" in host) == ("UP", False)


async def test_a_result_for_one_is_recorded(shop: Tenant) -> None:
    answer = await shop.ask(
        "POST",
        "/rest/detail",
        params={"hostname": "web", "servicename": "disk"},
        json={"set_state": {"result": 1, "output": "it fills up"}},
    )
    assert answer.json() == {"success": "1"}
    event = (await shop.events())[-1]
    assert (event.service, event.state, event.output, event.author) == (
        "disk",
        "warning",
        "it fills up",
        shop.user,
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, 'set_state: expected {"result": NUMBER, "output": TEXT}'),
        ({"set_state": {"result": 3, "output": "x"}}, "set_state.result: expected a number from 0 to 2"),
        ({"set_state": {"result": 1}}, "set_state.output: expected a text"),
        ({"set_state": {"result": 1, "output": " "}}, "set_state.output: a text is needed"),
        (
            {"notifications": {"enable": 0}},
            "notifications: results are sent to Tocsin: it runs no checks that could be switched",
        ),
    ],
)
async def test_what_is_wrong_with_a_result_is_said(
    shop: Tenant, document: dict[str, Any], message: str
) -> None:
    answer = await shop.ask("POST", "/rest/detail", params={"hostname": "web"}, json=document)
    assert failed(answer) == (400, message)


async def test_a_host_that_is_down_is_listed_where_it_is_asked_for(shop: Tenant) -> None:
    await shop.send(said("down"), said("down"))
    asked = {"filter": "unhandled"}
    assert (await read(shop, "status/service", **asked))["list"] == []
    (host,) = (await read(shop, "status/service", **asked, includeunhandledhosts=1))["list"]
    assert (host["name"], host["state"], host["services"]) == ("web", "down", [])
    assert (await read(shop, "status/service", includehosts=1))["summary"]["total"] == "3"


async def test_names_are_listed_from_either_side(shop: Tenant) -> None:
    document = await read(shop, "runtime/service")
    assert document["list"] == [{"name": "web", "list": ["disk", "load"]}]
    document = await read(shop, "runtime/service", group_by="service", rows=1)
    assert document == {
        "list": [{"name": "disk", "list": ["web"]}],
        "rows": "1",
        "allrows": "2",
        "total": "2",
    }
    document = await read(shop, "runtime/service", group_by="service", distinct=1)
    assert document["list"] == [{"name": "disk"}, {"name": "load"}]
    answer = await shop.ask("GET", "/rest/runtime/service", params={"group_by": "x"})
    assert failed(answer) == (400, "group_by: expected host or service")


async def test_of_a_host_that_is_not_seen_its_services_show_the_name_alone(shop: Tenant) -> None:
    await shop.send(said("down"), said("down"))
    part = await shop.new_user(Permission.VIEWSOME, scope="service:load")
    for params, services in (
        ({}, ["load"]),
        ({"includehosts": 1, "filter": "unhandled"}, ["load"]),
        ({"host_state": "up"}, ["load"]),
        ({"host_state": "down"}, []),
        ({"state": "critical", "rows": 10}, ["load"]),
    ):
        answer = await shop.ask("GET", "/rest/status/service", credential=part, params=params)
        document = answer.json()
        assert [each["name"] for host in document["list"] for each in host["services"]] == services
        assert document["summary"]["service"]["total"] == str(len(services))
        assert document["summary"]["host"]["total"] == "0"
        for host in document["list"]:
            assert (host["name"], host["alias"], host["ip"], host["output"]) == ("web", "", "", "")
            assert (host["state"], host["state_type"], host["unhandled"], host["id"]) == (
                "up",
                "hard",
                "0",
                "0",
            )
    hosts = (await shop.ask("GET", "/rest/status/host", credential=part)).json()
    assert (hosts["list"], hosts["summary"]["total"]) == ([], "0")
