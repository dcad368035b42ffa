"""/rest/config: what is monitored, as Opsview's clients list and change it."""

from typing import Any

import pytest

from tests.unit.dialects.opsview.asking import failed
from tests.unit.server.in_process import Tenant
from tocsin.model.role import Permission
from tocsin.store import objects

pytestmark = pytest.mark.anyio


async def put(tenant: Tenant, kind: str, *given: dict[str, Any]) -> None:
    answer = await tenant.ask("PUT", f"/rest/config/{kind}", json={"list": list(given)})
    assert (answer.status_code, answer.json()) == (200, {"objects_updated": str(len(given))}), answer.text


async def names(tenant: Tenant, path: str, **params: Any) -> list[str]:
    return [each["name"] for each in (await tenant.get(f"/rest/config/{path}", **params))["list"]]


async def number(tenant: Tenant, kind: str, name: str) -> str:
    (found,) = (await tenant.get(f"/rest/config/{kind}", **{"s.name": name}))["list"]
    return str(found["id"])


async def monitored(tenant: Tenant) -> dict[tuple[str, str], tuple[int, int]]:
    """Give group and attempts of what is configured."""
    found = await tenant.served.hub.database.read(lambda c: objects.objects(c, tenant.id))
    return {(each.host, each.service): (each.group_id, each.max_attempts) for each in found if each.group_id}


async def fill(tenant: Tenant) -> None:
    await put(tenant, "hostgroup", {"name": "UK"}, {"name": "Leaf", "parent": {"name": "UK"}})
    await put(tenant, "keyword", {"name": "web", "all_hosts": "1"})
    await put(tenant, "servicegroup", {"name": "Base"})
    await put(
        tenant,
        "servicecheck",
        {"name": "Load", "servicegroup": {"name": "base"}, "keywords": [{"name": "web"}]},
        {"name": "Jobs", "checktype": {"name": "Passive"}, "alert_from_failure": "2"},
        {"name": "Disk", "attribute": {"name": "DISK"}, "check_attempts": 5},
    )
    await put(
        tenant, "hosttemplate", {"name": "Linux", "servicechecks": [{"name": "Load"}, {"name": "Disk"}]}
    )
    await put(
        tenant,
        "host",
        {
            "name": "web-1",
            "ip": "10.0.0.1",
            "hostgroup": {"name": "Leaf"},
            "hosttemplates": [{"name": "Linux"}],
            "servicechecks": [{"name": "Jobs"}],
            "hostattributes": [{"name": "DISK", "value": "/"}],
        },
        {"name": "db-1", "parents": [{"name": "web-1"}], "nonsense": {"is": "not looked at"}},
    )


async def test_a_world_is_made_and_shown(tenant: Tenant) -> None:
    await fill(tenant)
    leaf = int(await number(tenant, "hostgroup", "Leaf"))
    assert await monitored(tenant) == {
        ("db-1", ""): (1, 2),
        ("web-1", ""): (leaf, 2),
        ("web-1", "Disk: /"): (leaf, 5),
        ("web-1", "Jobs"): (leaf, 2),
        ("web-1", "Load"): (leaf, 3),
    }
    web, template = await number(tenant, "host", "web-1"), await number(tenant, "hosttemplate", "Linux")
    jobs = await number(tenant, "servicecheck", "Jobs")
    assert (await tenant.get(f"/rest/config/host/{web}"))["object"] == {
        "id": web,
        "name": "web-1",
        "alias": "",
        "ip": "10.0.0.1",
        "hostgroup": {"name": "Leaf", "ref": f"/rest/config/hostgroup/{leaf}"},
        "hosttemplates": [{"name": "Linux", "ref": f"/rest/config/hosttemplate/{template}"}],
        "servicechecks": [{"name": "Jobs", "ref": f"/rest/config/servicecheck/{jobs}"}],
        "keywords": [],
        "parents": [],
        "check_attempts": "2",
        "flap_detection_enabled": "1",
        "hostattributes": [{"name": "DISK", "value": "/"}],
        "business_components": [],
        "monitored_by": {"name": "Master Monitoring Server", "ref": "/rest/config/monitoringserver/1"},
        "ref": f"/rest/config/host/{web}",
        "uncommitted": "0",
    }
    group = (await tenant.get(f"/rest/config/hostgroup/{leaf}"))["object"]
    assert (group["matpath"], group["is_leaf"], group["children"]) == ("Tocsin,UK,Leaf,", "1", [])
    assert group["hosts"] == [{"name": "web-1", "ref": f"/rest/config/host/{web}"}]
    root = (await tenant.get("/rest/config/hostgroup/1"))["object"]
    assert (root["parent"], root["is_leaf"]) == (None, "0")
    assert {each["name"] for each in root["children"]} == {"Discovered", "UK"}


async def test_lists_are_paged_and_searched(tenant: Tenant) -> None:
    await fill(tenant)
    listed = await tenant.get("/rest/config/servicecheck", rows="2", page="2")
    assert [each["name"] for each in listed["list"]] == ["Load"]
    assert listed["summary"] == {
        "rows": "1",
        "allrows": "3",
        "totalrows": "3",
        "page": "2",
        "totalpages": "2",
    }
    assert await names(tenant, "servicecheck", rows="all") == ["Disk", "Jobs", "Load"]
    none = await tenant.get("/rest/config/servicecheck", rows="0")
    assert (none["list"], none["summary"]["totalrows"], none["summary"]["totalpages"]) == ([], "3", "0")
    for query, found in (
        ({"s.name": "LOAD"}, ["Load"]),
        ({"s.name": ["load", "di%"]}, ["Disk", "Load"]),
        ({"s.servicegroup.name": "Base"}, ["Load"]),
        ({"s.keywords": "web"}, ["Load"]),
        ({"s.nope": "x"}, []),
        ({"json_filter": '{"name": "jobs"}'}, ["Jobs"]),
        ({"json_filter": '{"name": {"-like": "%o%"}, "check_attempts": 3}'}, ["Jobs", "Load"]),
        ({"json_filter": '{"-or": [{"name": "Disk"}, {"name": ["Jobs"]}]}'}, ["Disk", "Jobs"]),
        ({"json_filter": '{"name": {"!=": "Disk"}}'}, ["Jobs", "Load"]),
        ({"json_filter": "{}"}, ["Disk", "Jobs", "Load"]),
    ):
        assert await names(tenant, "servicecheck", **query) == found, query
    assert await tenant.get("/rest/config/host/exists", name="WEB-1") == {"exists": "1"}
    assert await tenant.get("/rest/config/host/exists", name="nope") == {"exists": "0"}


async def test_things_are_changed_copied_and_deleted(tenant: Tenant) -> None:
    await fill(tenant)
    before = await tenant.served.hub.database.read(lambda c: objects.objects(c, tenant.id))
    web, load = await number(tenant, "host", "web-1"), await number(tenant, "servicecheck", "Load")
    # By its name, as if it were new: the same one is changed, and what is not said stays.
    shown = (await tenant.post("/rest/config/host", {"name": "web-1", "alias": "shop"}))["object"]
    assert (shown["id"], shown["alias"], shown["ip"]) == (web, "shop", "10.0.0.1")
    copy = (await tenant.post(f"/rest/config/host/{web}", {"name": "web-2"}))["object"]
    assert (copy["alias"], copy["hosttemplates"][0]["name"]) == ("shop", "Linux")
    # Whatever is called otherwise stays the same host and service.
    await tenant.ask("PUT", f"/rest/config/servicecheck/{load}", json={"name": "CPU"})
    await tenant.ask("PUT", f"/rest/config/host/{web}", json={"object": {"name": "www"}})
    after = await tenant.served.hub.database.read(lambda c: objects.objects(c, tenant.id))
    renamed = {(each.host, each.service): each.id for each in after}
    for each in before:
        host, service = {"web-1": "www"}.get(each.host, each.host), each.service.replace("Load", "CPU")
        assert renamed[host, service] == each.id
    answer = await tenant.ask("DELETE", f"/rest/config/host/{copy['id']}")
    assert answer.json() == {"success": "1"}
    left = await tenant.served.hub.database.read(lambda c: objects.objects(c, tenant.id))
    assert {each.host for each in left} == {"www", "db-1"}
    db = await number(tenant, "host", "db-1")
    answer = await tenant.ask("DELETE", "/rest/config/host", params={"id": [db, web]})
    assert answer.json() == {"objects_deleted": "2"}
    assert await monitored(tenant) == {}
    entries = (await tenant.get("/api/v1/audit"))["items"]
    assert {"host.create", "host.change", "host.delete"} <= {each["action"] for each in entries}


async def test_what_was_discovered_is_adopted_with_its_state(tenant: Tenant) -> None:
    said = {"kind": "problem", "severity": "critical", "title": "t", "key": "web-1/Load"}
    await tenant.send({**said, "host": "web-1", "service": "Load"})
    (heard,) = [
        each
        for each in await tenant.served.hub.database.read(lambda c: objects.objects(c, tenant.id))
        if each.service == "Load"
    ]
    await fill(tenant)
    found = await tenant.served.hub.database.read(lambda c: objects.objects(c, tenant.id))
    (adopted,) = [each for each in found if (each.host, each.service) == ("web-1", "Load")]
    assert (adopted.id, adopted.state, adopted.discovered) == (heard.id, "critical", False)
    assert adopted.max_attempts == 3
    (host,) = [each for each in found if (each.host, each.service) == ("web-1", "")]
    assert str(host.id) == await number(tenant, "host", "web-1")
    assert len({each.id for each in found}) == len(found)


async def test_business_services_have_components(tenant: Tenant) -> None:
    await fill(tenant)
    component = {"name": "fronts", "host_template": {"name": "linux"}, "quorum_pct": "66.67"}
    await put(tenant, "bsmcomponent", component | {"hosts": [{"name": "web-1"}, {"name": "db-1"}]})
    await put(tenant, "bsmservice", {"name": "shop", "components": [{"name": "fronts"}]})
    numbers = [
        await number(tenant, *each)
        for each in (
            ("bsmcomponent", "fronts"),
            ("bsmservice", "shop"),
            ("hosttemplate", "Linux"),
            ("host", "web-1"),
            ("host", "db-1"),
        )
    ]
    fronts, shop, linux, web, db = numbers
    assert (await tenant.get(f"/rest/config/bsmcomponent/{fronts}"))["object"] == {
        "id": fronts,
        "name": "fronts",
        "host_template": {"name": "Linux", "ref": f"/rest/config/hosttemplate/{linux}"},
        "host_template_id": linux,
        "hosts": [
            {"name": "web-1", "ref": f"/rest/config/host/{web}"},
            {"name": "db-1", "ref": f"/rest/config/host/{db}"},
        ],
        "quorum_pct": "66.67",
        "has_icon": "0",
        "ref": f"/rest/config/bsmcomponent/{fronts}",
        "uncommitted": "0",
    }
    (named,) = (await tenant.get(f"/rest/config/bsmservice/{shop}"))["object"]["components"]
    assert named == {"name": "fronts", "ref": f"/rest/config/businesscomponent/{fronts}"}
    assert (await tenant.get(named["ref"]))["object"]["id"] == fronts
    host = (await tenant.get(f"/rest/config/host/{web}"))["object"]
    assert host["business_components"] == [{"name": "fronts", "ref": f"/rest/config/bsmcomponent/{fronts}"}]
    for path, status in ((f"host/{web}", 400), (f"bsmcomponent/{fronts}", 400), (f"bsmservice/{shop}", 200)):
        answer = await tenant.ask("DELETE", f"/rest/config/{path}")
        assert answer.status_code == status, answer.text


async def test_time_periods_attributes_and_the_monitoring_server_are_there(tenant: Tenant) -> None:
    await fill(tenant)
    await put(
        tenant, "timeperiod", {"name": "office", "alias": "Office", "monday": "08:00-12:00, 13:00-17:00"}
    )
    assert await names(tenant, "timeperiod") == ["24x7", "office"]
    always = (await tenant.get("/rest/config/timeperiod/1"))["object"]
    assert (always["sunday"], always["host_check_periods"]) == ("00:00-24:00", [])
    (office,) = (await tenant.get("/rest/config/timeperiod", **{"s.name": "office"}))["list"]
    assert (office["monday"], office["sunday"]) == ("08:00-12:00,13:00-17:00", "")
    await put(tenant, "attribute", {"name": "DISK", "value": "/", "arg1": "not looked at"})
    (disk,) = (await tenant.get("/rest/config/attribute"))["list"]
    assert (disk["value"], [each["name"] for each in disk["servicechecks"]]) == ("/", ["Disk"])
    assert (await tenant.get("/rest/config/attribute/exists", name="disk")) == {"exists": "1"}
    (server,) = (await tenant.get("/rest/config/monitoringserver"))["list"]
    assert server == {
        "id": "1",
        "name": "Master Monitoring Server",
        "activated": "1",
        "passive": "0",
        "ref": "/rest/config/monitoringserver/1",
        "uncommitted": "0",
    }


@pytest.mark.parametrize(
    ("method", "path", "document", "status", "message"),
    [
        ("GET", "nope", None, 404, "there is no such path: below /rest/config are"),
        ("GET", "host/0", None, 404, "there is no host 0"),
        ("GET", "host/x", None, 404, "there is no host x"),
        ("GET", "host?json_filter=[", None, 400, "json_filter: expected JSON"),
        ("GET", "host?json_filter=" + '{"-or":[' * 2_000, None, 400, "json_filter: expected JSON"),
        ("GET", "host?json_filter=" + "[" * 50 + "]" * 50, None, 400, "json_filter: expected JSON"),
        ("GET", "host?json_filter=[]", None, 400, "json_filter: expected an object"),
        ("GET", 'host?json_filter={"name":{"-x":1}}', None, 400, "json_filter: there is no -x here"),
        ("GET", 'host?json_filter={"name":null}', None, 400, "json_filter: expected texts"),
        ("GET", "host?rows=x", None, 400, "rows: expected a whole number"),
        ("POST", "host", None, 400, "expected an object in the body"),
        ("POST", "host", {}, 400, "name: expected a name"),
        ("POST", "host", {"name": "a,b"}, 400, "a name has up to 255 letters, no commas"),
        ("POST", "host", {"name": "a", "check_attempts": "0"}, 400, "check_attempts: expected a number"),
        ("POST", "host", {"name": "a", "hostgroup": {"name": "x"}}, 400, "hostgroup: there is no hostgroup"),
        ("POST", "host", {"name": "a", "hostgroup": None}, 400, "the host a would be in no group"),
        ("POST", "host", {"name": "a", "hosttemplates": ["x"]}, 400, "hosttemplates: Error when parsing"),
        ("POST", "host", {"name": "a", "hostattributes": "x"}, 400, "hostattributes: Error when parsing"),
        ("POST", "host", {"name": "a", "alias": {}}, 400, "alias: expected a text"),
        ("POST", "host", {"name": "a", "flap_detection_enabled": "x"}, 400, "flap_detection_enabled: expect"),
        ("POST", "servicecheck", {"name": "a", "checktype": 1}, 400, "checktype: expected"),
        ("POST", "hostgroup/2", {"name": "Discovered"}, 400, "there is another hostgroup called Discovered"),
        ("PUT", "hostgroup/1", {"parent": {"name": "Discovered"}}, 400, "the host group Tocsin would not be"),
        ("PUT", "host", {}, 400, 'expected {"list"'),
        ("PUT", "host/99999", {"name": "a"}, 404, "there is no host 99999"),
        ("DELETE", "host", None, 400, "id: expected which to delete"),
        ("DELETE", "host/99999", None, 404, "there is no host 99999"),
        ("DELETE", "hostgroup/1", None, 400, "every domain has the hostgroup Tocsin"),
        ("POST", "timeperiod", {"name": "a", "monday": "8-9"}, 400, "monday: expected hours"),
        (
            "POST",
            "bsmcomponent",
            {"name": "a", "quorum_pct": "101"},
            400,
            "quorum_pct: expected a number from 0",
        ),
        (
            "POST",
            "bsmcomponent",
            {"name": "a", "quorum_pct": "nan"},
            400,
            "quorum_pct: expected a number from 0",
        ),
        (
            "POST",
            "bsmservice",
            {"name": "a", "components": [{"name": "x"}]},
            400,
            "components: there is no bsmco",
        ),
        ("POST", "monitoringserver", {"name": "a"}, 400, "Tocsin is the one monitoring server"),
        ("PUT", "monitoringserver/1", {"name": "a"}, 400, "Tocsin is the one monitoring server"),
        ("DELETE", "monitoringserver/1", None, 400, "every domain has the monitoringserver"),
        ("DELETE", "timeperiod/1", None, 400, "every domain has the timeperiod 24x7"),
        ("PATCH", "host", None, 405, "only DELETE and GET and POST and PUT"),
    ],
)
async def test_what_cannot_be_done_is_told(
    tenant: Tenant, method: str, path: str, document: Any, status: int, message: str
) -> None:
    answer = await tenant.ask(method, f"/rest/config/{path}", json=document)
    told = failed(answer)
    assert told[0] == status, told
    assert told[1].startswith(message), told


async def test_other_domains_are_not_touched(tenant: Tenant, stranger: Tenant) -> None:
    await fill(tenant)
    await put(stranger, "host", {"name": "web-1"})
    assert await names(stranger, "host") == ["web-1"]
    assert await names(stranger, "hostgroup") == ["Discovered", "Tocsin"]
    assert await names(stranger, "servicecheck") == []
    web = await number(tenant, "host", "db-1")
    for method in ("GET", "PUT", "DELETE", "POST"):
        answer = await stranger.ask(method, f"/rest/config/host/{web}", json={"name": "mine"})
        assert failed(answer)[0] == 404
    assert await names(tenant, "host") == ["db-1", "web-1"]


async def test_who_sees_a_part_sees_its_hosts_and_changes_nothing(tenant: Tenant) -> None:
    await fill(tenant)
    secret = await tenant.new_user(Permission.VIEWSOME, Permission.ADMINACCESS, scope="host:db-*")
    listed = (await tenant.ask("GET", "/rest/config/host", credential=secret)).json()["list"]
    assert [(each["name"], each["parents"]) for each in listed] == [("db-1", [])]
    web = await number(tenant, "host", "web-1")
    assert failed(await tenant.ask("GET", f"/rest/config/host/{web}", credential=secret))[0] == 404
    made = await tenant.ask("POST", "/rest/config/host", credential=secret, json={"name": "new"})
    assert failed(made)[0] == 403
    viewer = await tenant.new_user(Permission.VIEWALL)
    assert failed(await tenant.ask("DELETE", f"/rest/config/host/{web}", credential=viewer))[0] == 403


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (
            "host:web-1 service:Load",
            {
                "host": [],
                "hostgroup": ["Leaf", "Tocsin", "UK"],
                "servicecheck": ["Load"],
                "servicegroup": ["Base"],
                "hosttemplate": ["Linux"],
                "keyword": ["web"],
            },
        ),
        ("host:db-1", {"host": ["db-1"], "hostgroup": ["Tocsin"]}),
        ("host:heard", {"hostgroup": ["Discovered", "Tocsin"]}),
        (
            "host:web-1 service:Jobs OR host=nope",
            {"hostgroup": ["Leaf", "Tocsin", "UK"], "servicecheck": ["Jobs"]},
        ),
        (
            "keyword:web",
            {
                "host": ["web-1"],
                "hostgroup": ["Leaf", "Tocsin", "UK"],
                "servicecheck": ["Load"],
                "servicegroup": ["Base"],
                "hosttemplate": ["Linux"],
                "keyword": ["web"],
            },
        ),
        ("labels.team:core", {}),
    ],
)
async def test_who_sees_a_part_sees_what_that_belongs_to(
    tenant: Tenant, scope: str, seen: dict[str, list[str]]
) -> None:
    await fill(tenant)
    await put(tenant, "keyword", {"name": "secret"})
    await put(tenant, "timeperiod", {"name": "nights"})
    await put(tenant, "attribute", {"name": "DISK"})
    await put(
        tenant,
        "bsmcomponent",
        {"name": "fronts", "host_template": {"name": "Linux"}, "hosts": [{"name": "web-1"}]},
    )
    await put(tenant, "bsmservice", {"name": "sales", "components": [{"name": "fronts"}]})
    await tenant.send({"kind": "problem", "severity": "critical", "title": "t", "key": "k", "host": "heard"})
    secret = await tenant.new_user(Permission.VIEWSOME, scope=scope)
    sees_load = "Load" in seen.get("servicecheck", [])
    always = {
        "timeperiod": ["24x7"],
        "monitoringserver": ["Master Monitoring Server"],
        "bsmcomponent": ["fronts"] if sees_load else [],
        "bsmservice": ["sales"] if sees_load else [],
    }
    for kind in (
        "host",
        "hostgroup",
        "servicecheck",
        "servicegroup",
        "hosttemplate",
        "keyword",
        "attribute",
        *always,
    ):
        document = (await tenant.ask("GET", f"/rest/config/{kind}", credential=secret)).json()
        wanted = seen.get(kind, always.get(kind, []))
        assert [each["name"] for each in document["list"]] == wanted, kind
        assert document["summary"]["allrows"] == str(len(wanted))
        text = str(document)
        for hidden in ("Disk", "DISK", "secret", "nights", *(["Jobs"] if sees_load else ["Load", "Linux"])):
            assert hidden not in text, kind
        every = (await tenant.get(f"/rest/config/{kind}", rows="all"))["list"]
        for each in every:
            known = each["name"] in wanted
            answer = await tenant.ask("GET", f"/rest/config/{kind}/{each['id']}", credential=secret)
            assert answer.status_code == (200 if known else 404), each
            answer = await tenant.ask(
                "GET", f"/rest/config/{kind}/exists", credential=secret, params={"name": each["name"]}
            )
            assert answer.json() == {"exists": str(int(known))}
