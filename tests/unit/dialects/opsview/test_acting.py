"""Acknowledgements, downtimes and results by Opsview's API: what they do, and to whom they are open."""

import asyncio
import threading
import time
from typing import Any

import httpx2
import pytest

from tests.unit.dialects.opsview.asking import failed
from tests.unit.server.in_process import Tenant
from tocsin.dialects.opsview import downtime
from tocsin.dialects.opsview.downtime_times import read_window
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio

LOAD = {"kind": "check_result", "title": "Load", "host": "web", "service": "load", "state": "critical"}
DISK = {"kind": "check_result", "title": "Disk", "host": "web", "service": "disk", "state": "ok"}
DOWN = {"kind": "check_result", "title": "Host", "host": "web", "state": "up"}


@pytest.fixture
async def watched(tenant: Tenant) -> Tenant:
    """Give a tenant whose host web is up, with a service in trouble and one that is well."""
    await tenant.send({**DOWN, "key": "web"}, {**LOAD, "key": "web/load"}, {**DISK, "key": "web/disk"})
    return tenant


async def ask(tenant: Tenant, method: str, path: str, **params: Any) -> httpx2.Response:
    return await tenant.ask(method, f"/rest/{path}", params=params)


async def events(tenant: Tenant, *types: int) -> list[dict[str, str]]:
    answer = await tenant.ask("GET", "/rest/event", params={"eventtype": list(types)})
    return list(reversed(answer.json()["list"]))


async def alert_states(tenant: Tenant) -> list[str]:
    answer = await tenant.ask("GET", "/api/v1/alerts")
    return [alert["state"] for alert in answer.json()["items"]]


async def test_a_problem_is_acknowledged_and_given_back(watched: Tenant) -> None:
    answer = await ask(
        watched, "POST", "acknowledge", host="web", servicecheck="load", comment="on <it>; now", notify="True"
    )
    assert answer.status_code == 200, answer.text
    (service,) = answer.json()["list"]["services"]
    assert (service["hostname"], service["servicename"]) == ("web", "load")
    assert answer.json()["summary"] == {"num_hosts": "0", "num_services": "1"}
    (event,) = await events(watched, 1)
    assert (event["ack_author"], event["ack_comment"]) == (watched.user, "on it now")
    assert (event["state"], event["state_type"], event["objectid"]) == ("critical", "hard", service["id"])
    assert await alert_states(watched) == ["acknowledged"]
    answer = await ask(watched, "DELETE", "acknowledge", hs="web::load")
    assert answer.json()["summary"]["num_services"] == "1"
    assert await alert_states(watched) == ["open"]
    assert len(await events(watched, 1)) == 1


async def test_what_is_well_cannot_be_acknowledged(watched: Tenant) -> None:
    answer = await ask(watched, "POST", "acknowledge", hs="web::disk", comment="why")
    assert answer.json()["summary"] == {"num_hosts": "0", "num_services": "0"}
    assert await events(watched, 1) == []


async def test_an_acknowledgement_by_another_dialect_stands_on_the_service(watched: Tenant) -> None:
    await watched.send(
        {"kind": "acknowledgement", "key": "web/load", "title": "ack", "host": "web", "service": "load"}
    )
    answer = await ask(watched, "GET", "status/service", servicename="load")
    (service,) = answer.json()["list"][0]["services"]
    assert (service["acknowledged"], service["unhandled"]) == ("1", "0")
    assert len(await events(watched, 1)) == 1


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"comment": "x"}, "No objects chosen for acknowledgement"),
        ({"host": "nowhere", "comment": "x"}, "No objects chosen for acknowledgement"),
        ({"host": "web"}, "comment: a text is needed"),
        ({"host": "web", "comment": "<>"}, "comment: a text is needed"),
        ({"host": "web", "comment": "x", "sticky": "maybe"}, "sticky: expected 1 or 0"),
        ({"hs": "web", "comment": "x"}, "hs: expected HOST::SERVICE"),
        ({"serviceid": "x", "comment": "x"}, "serviceid: expected a number"),
        ({"keyword": "x", "comment": "x"}, "No objects chosen for acknowledgement"),
        ({"hostgroupname": "nowhere", "comment": "x"}, "No objects chosen for acknowledgement"),
        ({"monitoredby": "x", "comment": "x"}, "No objects chosen for acknowledgement"),
        ({"svc.servicecheckid": "x", "comment": "x"}, "svc.servicecheckid: expected a number"),
        ({"svc.servicecheckid": "999", "comment": "x"}, "No objects chosen for acknowledgement"),
    ],
)
async def test_what_is_wrong_with_an_acknowledgement_is_said(
    watched: Tenant, params: dict[str, str], message: str
) -> None:
    assert failed(await ask(watched, "POST", "acknowledge", **params)) == (400, message)


@pytest.mark.parametrize(
    ("selector", "total"),
    [
        ({"monitoredby": "master monitoring SERVER"}, "2"),
        ({"monitoredby": "1"}, "2"),
        ({"monitoredby": "another"}, "0"),
        ({"monitoredby": ["another", "1"], "servicename": "load"}, "1"),
    ],
)
async def test_tocsin_monitors_all_of_them(watched: Tenant, selector: dict[str, Any], total: str) -> None:
    answer = await ask(watched, "GET", "status/service", **selector)
    assert answer.json()["summary"]["service"]["total"] == total


async def test_services_are_selected_by_their_check(watched: Tenant) -> None:
    for kind, document in (
        ("servicecheck", {"name": "load"}),
        ("host", {"name": "web", "servicechecks": [{"name": "load"}]}),
    ):
        answer = await watched.ask("PUT", f"/rest/config/{kind}", json={"list": [document]})
        assert answer.status_code == 200, answer.text
    found = (await ask(watched, "GET", "config/servicecheck", **{"s.name": "load"})).json()["list"]
    answer = await ask(watched, "GET", "status/service", **{"svc.servicecheckid": found[0]["id"]})
    (host,) = answer.json()["list"]
    assert [each["name"] for each in host["services"]] == ["load"]


async def test_words_are_read_beside_the_event_loop(watched: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []

    def read(*given: Any) -> tuple[int, int]:
        threads.append(threading.current_thread())
        return read_window(*given)

    monkeypatch.setattr(downtime, "read_window", read)
    await ask(watched, "POST", "downtime", host="web", comment="x", starttime="tomorrow 2pm", duration="1h")
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()


async def test_a_host_is_in_downtime_with_its_services_until_it_is_cancelled(watched: Tenant) -> None:
    now = int(time.time())
    answer = await ask(
        watched, "POST", "downtime", host="web", starttime=now, duration="2h", comment="repairs"
    )
    assert answer.json()["summary"] == {"num_hosts": "1", "num_services": "2"}
    begun = await until(watched, 3)
    assert {(event["eventtype"], event["downtime_comment"]) for event in begun} == {("2", "repairs")}
    assert [event.get("servicename", "") for event in begun] == ["", "disk", "load"]
    assert begun[2]["downtime_end"] == str(now + 7200)
    (listed,) = (await ask(watched, "GET", "downtime")).json()["list"]
    assert (listed["started"], listed["comment"], listed["author"]) == ("1", "repairs", watched.user)
    assert len(listed["objects"]["services"]) == 2
    status = (await ask(watched, "GET", "status/service")).json()["list"][0]
    assert (status["downtime"], {each["downtime"] for each in status["services"]}) == ("2", {"2"})
    answer = await ask(watched, "DELETE", "downtime", host="web", only_objects_set=1, comment="other")
    assert answer.json()["summary"] == {"num_hosts": "0", "num_services": "0"}
    answer = await ask(watched, "DELETE", "downtime", host="web")
    assert answer.json()["summary"] == {"num_hosts": "1", "num_services": "2"}
    ended = (await until(watched, 6))[3:]
    assert {event["eventtype"] for event in ended} == {"3"}
    assert (await ask(watched, "GET", "downtime")).json()["list"] == []


async def test_to_cancel_a_host_s_downtime_leaves_what_was_put_on_its_services_alone(watched: Tenant) -> None:
    given = {"starttime": "now", "duration": "2h"}
    await ask(watched, "POST", "downtime", host="web", comment="the host", **given)
    await ask(watched, "POST", "downtime", hs="web::disk", comment="the disk", **given)
    answer = await ask(watched, "DELETE", "downtime", host="web")
    assert answer.json()["summary"] == {"num_hosts": "1", "num_services": "2"}
    await until(watched, 7)
    (left,) = (await ask(watched, "GET", "downtime")).json()["list"]
    assert left["comment"] == "the disk"
    items = (await watched.get("/api/v1/audit", q="action:downtime.*"))["items"]
    assert [(item["action"], item["author"]) for item in items] == [
        ("downtime.delete", watched.user),
        ("downtime.create", watched.user),
        ("downtime.create", watched.user),
    ]
    assert items[0]["details"]["before"] == items[2]["details"]["after"]
    assert (items[0]["details"]["before"]["comment"], items[0]["details"]["before"]["services"]) == (
        "the host",
        2,
    )


async def until(tenant: Tenant, count: int) -> list[dict[str, str]]:
    """Give the events of downtimes once there are so many."""
    for _ in range(200):
        found = await events(tenant, 2, 3)
        if len(found) >= count:
            return found
        await asyncio.sleep(0.01)
    return found


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"endtime": "+2h"}, "starttime: the start is missing"),
        ({"starttime": "now"}, "endtime: the end is missing: give endtime or duration"),
        ({"starttime": "1262304000", "duration": "1h"}, "starttime: the start is more than an hour ago"),
        ({"starttime": "2030-01-01 10:00", "endtime": "2030-01-01 10:00"}, "endtime: the end is the start"),
        (
            {"starttime": "2030-01-01 10:00", "endtime": "2030-01-01 09:00"},
            "endtime: the end is before the start",
        ),
        (
            {"starttime": "2030-01-01 10:00", "duration": "59s"},
            "endtime: a downtime lasts a minute at least",
        ),
        ({"starttime": "2030-01-01 10:00", "duration": "long"}, "duration: expected a time as 2h, 1d or 30m"),
        (
            {"starttime": "sometime soonish", "duration": "1h"},
            "starttime: expected a time as 2011-11-01 18:43, seconds since 1970, or words as tomorrow 2pm",
        ),
        (
            {"starttime": "1 January 0001", "duration": "1h"},
            "starttime: expected a time as 2011-11-01 18:43, seconds since 1970, or words as tomorrow 2pm",
        ),
        (
            {"starttime": "9999-12-30 10:00", "duration": "3d"},
            "starttime: the start is more than ten years from now",
        ),
        ({"starttime": "now", "duration": "1 month"}, "duration: expected a time as 2h, 1d or 30m"),
        (
            {"starttime": "now", "duration": "1h", "comment_prefix": "p" * 20_480},
            "comment: at most 20480 characters",
        ),
        ({"starttime": "2030-01-01 10:00", "duration": "1h", "comment": ""}, "comment: a text is needed"),
        (
            {"starttime": "2030-01-01 10:00", "duration": "1h", "host": "nowhere"},
            "No objects chosen for downtime",
        ),
    ],
)
async def test_what_is_wrong_with_a_downtime_is_said(
    watched: Tenant, params: dict[str, str], message: str
) -> None:
    given = {"host": "web", "comment": "repairs", **params}
    assert failed(await ask(watched, "POST", "downtime", **given)) == (400, message)


async def test_words_say_when_a_downtime_begins(watched: Tenant) -> None:
    answer = await ask(
        watched, "POST", "downtime", host="web", starttime="tomorrow 2pm", endtime="+1d", comment="repairs"
    )
    assert answer.status_code == 200, answer.text
    (listed,) = (await ask(watched, "GET", "downtime")).json()["list"]
    assert (listed["started"], listed["start_time"][11:]) == ("0", "14:00:00")


async def test_a_result_is_set_by_a_script(watched: Tenant) -> None:
    answer = await ask(watched, "POST", "status", hs="web::disk", new_state=1, comment="it fills up")
    assert answer.json()["summary"]["num_services"] == "1"
    *_, event = await events(watched, 0)
    assert (event["servicename"], event["state"], event["output"]) == ("disk", "warning", "it fills up")
    assert failed(await ask(watched, "POST", "status", host="web", new_state=3, comment="x")) == (
        400,
        "new_state: expected a number from 0 to 2",
    )


async def test_the_status_of_services_counts_what_is_unhandled(watched: Tenant) -> None:
    document = (await ask(watched, "GET", "status/service", state=[1, 2, 3])).json()
    (host,) = document["list"]
    assert [(each["name"], each["state"], each["unhandled"]) for each in host["services"]] == [
        ("load", "critical", "1")
    ]
    assert document["summary"]["service"] == {
        "ok": "0",
        "warning": "0",
        "critical": "1",
        "unknown": "0",
        "handled": "0",
        "unhandled": "1",
        "total": "1",
    }
    assert "acknowledged" not in host["services"][0]
    hosts = (await ask(watched, "GET", "status/host", state=0)).json()
    assert [(each["name"], each["state"]) for each in hosts["list"]] == [("web", "up")]
    assert (await ask(watched, "GET", "status/host", rows=0)).json().keys() == {"summary"}


async def test_a_recheck_is_refused_and_says_why(watched: Tenant) -> None:
    status, message = failed(await ask(watched, "POST", "recheck", host="web"))
    assert (status, message) == (400, "Errors setting recheck")


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("POST", "acknowledge", {"comment": "x"}),
        ("DELETE", "acknowledge", {}),
        ("POST", "downtime", {"starttime": "now", "duration": "1h", "comment": "x"}),
        ("DELETE", "downtime", {}),
        ("POST", "status", {"new_state": "2", "comment": "x"}),
        ("POST", "recheck", {}),
    ],
)
async def test_another_domain_acts_on_nothing_of_this_one(
    watched: Tenant, stranger: Tenant, method: str, path: str, params: dict[str, str]
) -> None:
    answer = await ask(stranger, method, path, host="web", **params)
    assert failed(answer)[1].startswith("No objects chosen")
    for shown in ("status/service", "status/host", "downtime", "acknowledge"):
        assert (await ask(stranger, "GET", shown)).json()["list"] == []


async def test_who_sees_some_only_acts_on_no_more(watched: Tenant) -> None:
    await watched.send({**LOAD, "key": "db/load", "host": "db"})
    some = await watched.new_user(
        Permission.VIEWSOME, Permission.ACTIONSOME, Permission.DOWNTIMESOME, scope="host:web"
    )

    async def asked(method: str, path: str, **params: Any) -> httpx2.Response:
        return await watched.ask(method, f"/rest/{path}", credential=some, params=params)

    document = (await asked("GET", "status/service")).json()
    assert [each["name"] for each in document["list"]] == ["web"]
    assert document["summary"]["total"] == "3"
    acted = (await asked("POST", "acknowledge", servicename="load", comment="mine")).json()
    assert acted["summary"]["num_services"] == "1"
    refused = await asked("POST", "downtime", host="db", starttime="now", duration="1h", comment="x")
    assert failed(refused) == (400, "No objects chosen for downtime")
    assert (await asked("POST", "status", host="db", new_state=1, comment="x")).status_code == 400
    of_a_project = await watched.new_user(Permission.VIEWSOME, scope="project:default")
    hidden = await watched.ask("GET", "/rest/status/service", credential=of_a_project)
    assert hidden.json()["list"] == []


async def test_who_may_only_look_does_nothing(watched: Tenant) -> None:
    viewer = await watched.new_user(Permission.VIEWALL)
    for method, path in (
        ("POST", "acknowledge"),
        ("POST", "downtime"),
        ("POST", "status"),
        ("POST", "recheck"),
    ):
        answer = await watched.ask(method, f"/rest/{path}", credential=viewer, params={"host": "web"})
        assert answer.status_code == 403


async def test_hosts_and_services_are_chosen_by_group_and_keyword(watched: Tenant) -> None:
    async def config(kind: str, **document: Any) -> None:
        answer = await watched.ask("POST", f"/rest/config/{kind}", json=document)
        assert answer.status_code == 200, answer.text

    async def chosen(**params: Any) -> list[str]:
        document = (await ask(watched, "GET", "status/service", **params)).json()
        return [f"{host['name']}/{each['name']}" for host in document["list"] for each in host["services"]]

    await config("keyword", name="shop", all_servicechecks="1")
    await config("hostgroup", name="Europe")
    await config("hostgroup", name="Berlin", parent={"name": "Europe"})
    await config("servicegroup", name="OS")
    await config("servicecheck", name="load", servicegroup={"name": "OS"})
    await config(
        "host",
        name="web2",
        ip="192.0.2.2",
        hostgroup={"name": "Berlin"},
        keywords=[{"name": "shop"}],
        servicechecks=[{"name": "load"}],
    )
    assert await chosen(hostgroupname="Europe") == ["web2/load"]
    assert await chosen(hostgroupname="Discovered") == ["web/disk", "web/load"]
    assert await chosen(keyword="shop") == ["web2/load"]
    assert await chosen(**{"svc.servicegroupname": "os"}) == ["web2/load"]
    assert await chosen(servicegroupname="none") == []
    assert await chosen(**{"svc.hostgroupname": "Europe"}) == []
    groups = (await ask(watched, "GET", "status/hostgroup")).json()
    shown = {each["name"]: (each["computed_state"], each["services"]["total"]) for each in groups["list"]}
    assert shown == {
        "Tocsin": ("critical", "3"),
        "Discovered": ("critical", "2"),
        "Europe": ("ok", "1"),
        "Berlin": ("ok", "1"),
    }
    europe = next(each for each in groups["list"] if each["name"] == "Europe")
    document = (
        await ask(watched, "GET", "status/hostgroup", parentid=europe["hostgroupid"], only_leaves=1)
    ).json()
    (berlin,) = document["list"]
    assert (berlin["leaf"], [each["name"] for each in berlin["matpath"]]) == (
        "1",
        ["Tocsin", "Europe", "Berlin"],
    )
    assert berlin["hosts"]["up"]["handled"] == "1"
    answer = await ask(
        watched, "POST", "downtime", hostgroupname="Berlin", starttime="now", duration="1h", comment="x"
    )
    assert answer.json()["summary"] == {"num_hosts": "1", "num_services": "1"}


async def test_a_number_that_no_group_has_selects_nothing(watched: Tenant) -> None:
    for name in ("hostgroupid", "hst.hostgroupid"):
        shown = await ask(watched, "GET", "status/service", **{name: "9" * 5000})
        assert (shown.status_code, shown.json()["list"]) == (200, [])


async def test_names_with_wildcards_are_bounded(watched: Tenant) -> None:
    shown = await ask(watched, "GET", "status/host", host=["w%", "WEB"])
    assert [each["name"] for each in shown.json()["list"]] == ["web"]
    refused = await ask(watched, "GET", "status/host", host=["w%"] * 21)
    assert failed(refused) == (400, "host: at most 20 names with %")


async def test_a_selector_without_a_value_widens_no_action(watched: Tenant) -> None:
    for method, path in (("POST", "acknowledge"), ("DELETE", "downtime"), ("POST", "status")):
        answer = await ask(watched, method, path, host="web", service="", comment="x", new_state="0")
        assert failed(answer) == (400, "service: a value is needed, for it would select all")


async def test_results_need_the_source_that_they_belong_to(watched: Tenant) -> None:
    first = watched.served.hub.authentication.first_source(watched.id)
    await watched.disable(first)
    answer = await ask(watched, "POST", "status", hs="web::disk", new_state=1, comment="x")
    assert answer.status_code == 403
    renamed = await watched.ask("PATCH", "/api/v1/sources/first", json={"name": "second"})
    assert renamed.status_code == 200
    answer = await ask(watched, "POST", "status", hs="web::disk", new_state=1, comment="x")
    assert answer.status_code == 404
