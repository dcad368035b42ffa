"""/rest/event over HTTP: who may ask, what is refused, and events that came by other dialects."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.unit.dialects.opsview.asking import failed, log_in
from tests.unit.server.in_process import Tenant, serving_on_sqlite
from tocsin.dialects.opsview import event
from tocsin.hub.archive import Archive
from tocsin.hub.errors import TooSlow
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio

DISK = {"key": "db1/disk", "title": "Disk full", "host": "db1", "service": "disk", "severity": "critical"}
MANDATORY = {"eventid", "eventtype", "objectid", "time", "hostname", "state", "state_type"}


async def listed(tenant: Tenant, credential: str = "", **params: Any) -> dict[str, Any]:
    answer = await tenant.ask("GET", "/rest/event", credential=credential or None, params=params)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def test_a_script_logs_in_and_reads_events(tenant: Tenant) -> None:
    await tenant.send(DISK, {**DISK, "kind": "recovery", "severity": "none", "title": "Fine"})
    headers = await log_in(tenant)
    answer = await tenant.ask("GET", "/rest/event/", credential="", headers=headers)
    document = answer.json()
    assert document["summary"] == {
        "entries": "2",
        "page": "1",
        "pages": "1",
        "total_entries": "2",
        "maxeventid": "2",
        "filtered_maxeventid": "2",
    }
    recovery, problem = document["list"]
    assert set(problem) == MANDATORY | {"servicename", "output", "markdown"}
    assert (recovery["state"], recovery["output"]) == ("ok", "Fine")
    assert (problem["state"], problem["state_type"]) == ("critical", "hard")
    assert (problem["hostname"], problem["servicename"]) == ("db1", "disk")
    assert all(isinstance(value, str) for item in document["list"] for value in item.values())


async def test_parameters_may_stand_in_the_body(tenant: Tenant) -> None:
    await tenant.send(DISK, {**DISK, "host": "db2", "key": "db2/disk"})
    for options in (
        {"json": {"host": ["db2"], "rows": 5}},
        {"content": b"host=db2", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"json": {"host": "db2"}, "params": {"host": "db1"}},
    ):
        answer = await tenant.ask("GET", "/rest/event", **options)
        assert [item["hostname"] for item in answer.json()["list"]] == ["db2"]


async def test_who_acknowledges_is_shown(tenant: Tenant) -> None:
    (receipt,) = await tenant.send(DISK)
    await tenant.post(
        f"/api/v1/alerts/{receipt['alert_id']}/acknowledge", {"comment": "Due to: power failure"}
    )
    (item,) = (await listed(tenant, eventtype=1))["list"]
    assert set(item) == MANDATORY | {"servicename", "ack_author", "ack_comment"}
    assert (item["ack_author"], item["ack_comment"]) == (tenant.user, "Due to: power failure")
    assert item["state"] == "critical"
    assert (await listed(tenant))["summary"]["total_entries"] == "1"
    both = await tenant.ask("GET", "/rest/event?eventtype=0&eventtype=1")
    assert [each["eventtype"] for each in both.json()["list"]] == ["1", "0"]


async def test_events_of_other_dialects_have_every_mandatory_key(tenant: Tenant) -> None:
    key = tenant.source.access_key
    message = {"message_type": "CRITICAL", "entity_id": "web1/http", "state_message": "HTTP 500"}
    answer = await tenant.ask("POST", f"/integrations/generic/1/alert/{key}", json=message, credential="")
    assert answer.status_code == 200
    await tenant.send(
        {"key": "a", "title": "News", "kind": "info"}, {"key": "b", "title": "Broken", "kind": "error"}
    )
    answer = await tenant.ask(
        "POST", f"/in/{tenant.source.id}/{key}", json={"nobody": "knows"}, credential=""
    )
    assert answer.status_code == 200
    items = (await listed(tenant, rows="all"))["list"]
    assert len(items) == 4
    for item in items:
        assert set(item) >= MANDATORY | {"output", "markdown"}
        assert item["output"]
        assert item["state"] in {"ok", "warning", "critical", "unknown", "up", "down", "unreachable"}
        assert int(item["objectid"]) > 0
    victorops = items[-1]
    assert (victorops["state"], victorops["output"]) == ("critical", "HTTP 500")


async def test_another_domain_is_not_seen(tenant: Tenant, stranger: Tenant) -> None:
    await stranger.send(DISK)
    assert await listed(tenant, rows="all", saved_maxeventid=0) == {
        "list": [],
        "summary": {
            "entries": "0",
            "page": "1",
            "pages": "1",
            "total_entries": "0",
            "maxeventid": "0",
            "filtered_new_event_count": "0",
        },
    }
    headers = await log_in(stranger)
    mixed = {**headers, "X-Opsview-Username": tenant.user}
    assert failed(await tenant.ask("GET", "/rest/event", credential="", headers=mixed))[0] == 401


async def test_who_sees_some_sees_counts_and_newest_of_those_alone(tenant: Tenant) -> None:
    await tenant.send(
        DISK, {**DISK, "host": "db2", "key": "db2/disk"}, {**DISK, "host": "db2", "key": "db2/more"}
    )
    secret = await tenant.new_user(Permission.VIEWSOME, scope="host:db1")
    for params in ({}, {"host": "db1"}, {"rows": "0"}, {"search": "disk"}):
        summary = (await listed(tenant, secret, saved_maxeventid=0, **params))["summary"]
        assert summary["total_entries"] == summary["filtered_maxeventid"] == "1"
        assert summary["filtered_new_event_count"] == "1"
        assert summary["maxeventid"] == "3"
    hidden = await listed(tenant, secret, host="db2", saved_maxeventid=0)
    assert hidden == await listed(tenant, secret, host="no-such-host", saved_maxeventid=0)
    assert hidden["list"] == []


async def test_who_may_not_see_is_refused(tenant: Tenant) -> None:
    secret = await tenant.new_user(Permission.ACTIONALL)
    assert failed(await tenant.ask("GET", "/rest/event", credential=secret))[0] == 403
    assert failed(await tenant.ask("GET", "/rest/event", credential=tenant.source.access_key))[0] == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_events_are_only_read(tenant: Tenant, method: str) -> None:
    answer = await tenant.ask(method, "/rest/event")
    assert failed(answer) == (405, "only GET can be asked here")
    assert answer.headers["allow"] == "GET"


async def test_more_than_one_answer_holds_is_refused(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event, "MOST", 2)
    await tenant.send(*({**DISK, "key": f"disk-{number}"} for number in range(3)))
    status, message = failed(await tenant.ask("GET", "/rest/event?rows=all"))
    assert (status, message) == (400, "rows: 3 events match, and one answer lists 2 at most: ask for pages")
    assert len((await listed(tenant, rows="all", search="disk-1"))["list"]) == 0


async def test_a_search_that_takes_too_long_is_told(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def survey(*_: Any, **__: Any) -> None:
        raise TooSlow("the search took too long: narrow it")

    monkeypatch.setattr(Archive, "survey", survey)
    assert failed(await tenant.ask("GET", "/rest/event")) == (503, "the search took too long: narrow it")


async def test_whatever_is_asked_is_no_fault_of_the_servers(tmp_path: Path) -> None:
    chance = Random(5)
    names = (
        *(
            "cols",
            "startTime",
            "endTime",
            "rows",
            "page",
            "sortby",
            "host_state",
            "service_state",
            "state_type",
        ),
        *("host", "service", "serviceonly", "host_group", "hostgroupid", "keyword", "htid", "bsid", "bcid"),
        *("search", "saved_maxeventid", "eventtype", "nope"),
    )
    values = (
        *(
            "",
            "0",
            "1",
            "-1",
            "9" * 40,
            "all",
            "hard",
            "ok",
            "db1",
            "%",
            "%%",
            "a,b,",
            "*",
            "1,2",
            "null",
            "\U0001f525",
        ),
        *(
            "2011-11-01 18:43:22",
            "9999-99-99 99:99",
            "[]",
            "{}",
            '[{"col":"time"}]',
            "[[[",
            "'; drop table event",
            "\\",
        ),
        *("x" * 5000, "\u0130", "\ufffe", "1e9", "true", "host_group"),
    )
    async with serving_on_sqlite(tmp_path) as served:
        tenant = await served.new_tenant()
        await tenant.send(DISK)
        statuses = set()
        for _ in range(300):
            params = [(chance.choice(names), chance.choice(values)) for _ in range(chance.randrange(1, 5))]
            answer = await tenant.ask("GET", "/rest/event", params=params)
            assert answer.status_code in {200, 400}, (params, answer.text)
            statuses.add(answer.status_code)
            if answer.status_code == 400:
                assert failed(answer)[1].split(":")[0] in names
        assert statuses == {200, 400}


async def test_events_are_found_by_the_group_that_somebody_configures(tenant: Tenant) -> None:
    await tenant.send(DISK, {**DISK, "host": "db2", "key": "db2/disk"})
    for kind, document in (
        ("hostgroup", {"name": "Berlin"}),
        ("host", {"name": "db1", "ip": "10.0.0.1", "hostgroup": {"name": "Berlin"}}),
    ):
        answer = await tenant.ask("PUT", f"/rest/config/{kind}", json={"list": [document]})
        assert answer.status_code == 200, answer.text
    await tenant.send({**DISK, "service": "", "key": "db1"})
    # Its service is where it is, although nobody configured that.
    items = (await listed(tenant, host_group="berlin", cols="host_group"))["list"]
    assert [(each["hostname"], each.get("servicename"), each["host_group"]) for each in items] == [
        ("db1", None, "Tocsin,Berlin,"),
        ("db1", DISK["service"], "Tocsin,Berlin,"),
    ]
    some = await tenant.new_user(Permission.VIEWSOME, scope="hostgroup:Berlin")
    answer = await tenant.ask("GET", "/rest/event", params={"cols": "host_group"}, credential=some)
    assert answer.json()["list"] == items
    shown = await tenant.ask("GET", "/rest/status/service", credential=some)
    assert [each["name"] for each in shown.json()["list"]] == ["db1"]
    assert shown.json()["summary"]["service"]["total"] == "1"
    others = (await listed(tenant, hostgroupid=2, host="db2", cols="host_group_id"))["list"]
    assert [(each["hostname"], each["host_group_id"]) for each in others] == [("db2", "2")]
    assert (await listed(tenant, hostgroupid=1))["summary"]["total_entries"] == "3"
