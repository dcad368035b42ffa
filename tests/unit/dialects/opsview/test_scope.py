"""Whatever is beyond the scope of a role is not there: no answer tells whether it is, but for maxeventid."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.unit.dialects.opsview.test_config import names, number
from tests.unit.server.in_process import Tenant
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).resolve().parents[4] / "docs/reference/opsview.md").read_text(encoding="utf-8")
ALL_TYPES = [("eventtype", each) for each in "0123"]
HIDDEN: Final = "hidden"
"""Stands in the name of everything beyond the scope."""
MOVING: Final = frozenset({"maxeventid", "state_duration", "lastupdated", "status_update_time"})
"""What is said of the domain as a whole, or of the moment of the answer."""

EVENTS: list[list[tuple[str, str]]] = [
    [],
    ALL_TYPES,
    *([each] for each in ALL_TYPES),
    *(
        [*ALL_TYPES, (name, value)]
        for name, values in {
            "startTime": ["0", "1000000000", "2011-11-01 18:43:22"],
            "endTime": ["4000000000", "0"],
            "host_state": ["up", "down", "1", "unreachable"],
            "service_state": ["ok", "critical", "2"],
            "state_type": ["soft", "hard"],
            "host": ["web", "hidden", "%", "%d%"],
            "service": ["load", "hidden", "%"],
            "serviceonly": ["1", "0"],
            "search": ["load", "hidden", "e", "secret"],
            "rows": ["all", "0", "1", "2"],
            "page": ["1", "2", "99"],
            "sortby": [
                f'[{{"col": "{column}", "order": "{order}"}}]'
                for column in ("time", "hostname", "servicename", "state", "output", "eventid", "objectid")
                for order in ("asc", "desc")
            ],
            "saved_maxeventid": ["0", "2", "100000"],
            "cols": ["host_group", "host_group_id", "alias", "ip", "htid", "bcid", "bsid"],
            "host_group": ["Web", "hidden group", "Tocsin", "Tocsin,Web,", "1", "2"],
            "hostgroupid": ["1", "2", "{group}", "{hidden_group}"],
            "keyword": ["shop", "hidden word"],
            "htid": ["{template}", "{hidden_template}"],
            "bsid": ["{business}", "{hidden_business}"],
            "bcid": ["{component}", "{hidden_component}"],
        }.items()
        for value in values
    ),
    [*ALL_TYPES, ("search", "hidden"), ("rows", "0"), ("saved_maxeventid", "0")],
    [*ALL_TYPES, ("rows", "1"), ("page", "2"), ("sortby", '[{"col": "hostname"}]')],
]
SELECTORS: list[dict[str, str]] = [
    {},
    {"host": "web"},
    {"host": "hidden"},
    {"host": "%"},
    {"servicecheck": "load"},
    {"servicecheck": "hidden"},
    {"hs": "web::hidden"},
    {"hs": "hidden::load"},
    {"hostid": "{hidden_host}"},
    {"serviceid": "{hidden_service}"},
    {"hostgroupid": "1"},
    {"hostgroupid": "{hidden_group}"},
    {"hostgroupname": "hidden group"},
    {"keyword": "hidden word"},
    {"keyword": "shop"},
    {"monitoredby": "1"},
    {"monitoredby": "hidden"},
    {"svc.servicecheckid": "{hidden_check}"},
]
STANDING: Final = (
    "status/service",
    "status/service?includehosts=1&includeunhandledhosts=1",
    "status/service?filter=unhandled",
    "status/service?rows=0",
    "status/service?rows=1&page=2",
    "status/host",
    "status/host?host_state=down",
    "status/hostgroup",
    "status/hostgroup?only_leaves=1",
    "status/hostgroup?parentid=1",
    "status/viewport",
    "status/viewport/shop",
    "status/viewport/hidden word",
    "runtime/service",
    "runtime/service?group_by=service",
    "runtime/service?distinct=1&rows=1",
    "acknowledge",
    "downtime",
    "downtime?rows=0",
    "recheck",
)
SELECTED: Final = ("status/service", "status/hostgroup", "status/viewport", "runtime/service", "downtime")
"""Those that are asked with each selector."""
DETAILS: Final = (
    "detail?hostname=web",
    "detail?hostname=web&servicename=load",
    "detail?hostname=web&servicename=hidden",
    "detail?hostname=hidden",
    "detail?hostname=hidden&servicename=load",
    "info",
    "serverinfo",
    "reload",
    "user",
)
KINDS: Final = (
    *("host", "hostgroup", "servicecheck", "servicegroup", "hosttemplate", "keyword", "timeperiod"),
    *("attribute", "monitoringserver", "bsmcomponent", "bsmservice", "role", "contact"),
)
ACTS: Final[tuple[tuple[str, str, dict[str, str]], ...]] = (
    ("POST", "acknowledge", {"comment": "x"}),
    ("DELETE", "acknowledge", {}),
    ("POST", "downtime", {"comment": "x", "starttime": "now", "duration": "1h"}),
    ("DELETE", "downtime", {}),
    ("POST", "status", {"new_state": "1", "comment": "x"}),
    ("POST", "recheck", {}),
)


async def configure(tenant: Tenant, *documents: tuple[str, dict[str, Any]]) -> None:
    for kind, document in documents:
        await tenant.post(f"/rest/config/{kind}", document)


def called(*each: str) -> list[dict[str, str]]:
    return [{"name": name} for name in each]


async def make_what_is_seen(tenant: Tenant) -> None:
    await configure(
        tenant,
        ("hostgroup", {"name": "Web"}),
        ("keyword", {"name": "shop", "all_hosts": "1"}),
        ("servicegroup", {"name": "Base"}),
        ("servicecheck", {"name": "load", "keywords": called("shop"), "servicegroup": {"name": "Base"}}),
        ("hosttemplate", {"name": "Linux", "servicechecks": called("load")}),
        (
            "host",
            {"name": "web", "alias": "front", "hostgroup": {"name": "Web"}, "hosttemplates": called("Linux")},
        ),
        ("bsmcomponent", {"name": "fronts", "host_template": {"name": "Linux"}, "hosts": called("web")}),
        ("bsmservice", {"name": "sales", "components": called("fronts")}),
    )
    await say(tenant, "web", "", "down")
    await say(tenant, "web", "load", "critical")
    await say(tenant, "web", "load", "warning")
    await act(tenant, "acknowledge", servicecheck="load", comment="seen")
    await act(tenant, "downtime", host="web", comment="seen", starttime="now", duration="1h")


async def add_what_is_hidden(tenant: Tenant) -> None:
    """Add hosts, services of the host that is seen, what all of them belong to, and let things happen."""
    await configure(
        tenant,
        ("hostgroup", {"name": "hidden group", "parent": {"name": "Web"}}),
        ("keyword", {"name": "hidden word"}),
        ("servicegroup", {"name": "hidden services"}),
        ("timeperiod", {"name": "hidden hours"}),
        ("attribute", {"name": "hidden attribute", "value": "x"}),
        (
            "servicecheck",
            {
                "name": "hidden",
                "keywords": called("hidden word"),
                "servicegroup": {"name": "hidden services"},
            },
        ),
        ("servicecheck", {"name": "hidden of", "attribute": {"name": "hidden attribute"}}),
        ("hosttemplate", {"name": "hidden template", "servicechecks": called("hidden")}),
        (
            "host",
            {
                "name": "hidden",
                "hostgroup": {"name": "hidden group"},
                "keywords": called("hidden word"),
                "hosttemplates": called("hidden template"),
                "servicechecks": called("hidden of"),
                "hostattributes": [{"name": "hidden attribute", "value": "1"}],
            },
        ),
        (
            "host",
            {
                "name": "web",
                "hosttemplates": called("Linux", "hidden template"),
                "servicechecks": called("hidden of"),
                "keywords": called("hidden word"),
                "parents": called("hidden"),
                "hostattributes": [{"name": "hidden attribute", "value": "2"}],
            },
        ),
        (
            "bsmcomponent",
            {
                "name": "hidden part",
                "host_template": {"name": "hidden template"},
                "hosts": called("hidden", "web"),
            },
        ),
        ("bsmservice", {"name": "hidden business", "components": called("hidden part")}),
        ("role", {"name": "hidden role", "accesses": []}),
    )
    for host, service in (
        *(("hidden", ""), ("hidden", "hidden"), ("web", "hidden"), ("web", "hidden of: 2")),
        *(("hidden heard", ""), ("hidden heard", "load")),
    ):
        for _ in range(2):
            await say(tenant, host, service, "critical" if service else "down")
    await act(tenant, "acknowledge", servicecheck="hidden", comment="hidden")
    await act(tenant, "downtime", host="hidden", comment="hidden", starttime="now", duration="2h")
    await act(tenant, "downtime", hs="web::hidden", comment="seen", starttime="now", duration="1h")


async def say(tenant: Tenant, host: str, service: str, state: str) -> None:
    said = {"kind": "check_result", "key": f"{host}/{service}", "title": "e", "host": host, "state": state}
    (receipt,) = await tenant.send({**said, "service": service, "output": f"{host} {service} secret"})
    assert receipt["outcome"] != "rejected"


async def act(tenant: Tenant, path: str, **params: str) -> None:
    answer = await tenant.ask("POST", f"/rest/{path}", params=params)
    assert answer.status_code == 200, answer.text


def settled(answer: Any) -> Any:
    """Give an answer without what moves whatever there is."""
    if isinstance(answer, dict):
        return {name: settled(value) for name, value in answer.items() if name not in MOVING}
    return [settled(each) for each in answer] if isinstance(answer, list) else answer


async def told(tenant: Tenant, secret: str, numbers: dict[str, str]) -> dict[str, Any]:
    """Give all that somebody is told, by what they ask."""
    found: dict[str, Any] = {}

    async def ask(path: str, params: list[tuple[str, str]]) -> None:
        filled = [(name, numbers.get(value.strip("{}"), value)) for name, value in params]
        answer = await tenant.ask("GET", f"/rest/{path}", credential=secret, params=filled or None)
        found[f"{path} {json.dumps(params)}"] = (answer.status_code, settled(answer.json()))

    for params in EVENTS:
        await ask("event", params)
    for path in STANDING:
        plain, _, query = path.partition("?")
        given = [tuple(each.split("=")) for each in query.split("&") if each]
        for selector in SELECTORS if path in SELECTED else [{}]:
            await ask(plain, [*given, *selector.items()])  # type: ignore[list-item]
    for path in DETAILS:
        await ask(path, [])
    for kind in KINDS:
        for asked in (
            "",
            "?s.name=%25hidden%25",
            "?rows=1&page=2",
            "?order=name desc",
            "/exists?name=hidden",
        ):
            await ask(f"config/{kind}{asked}", [])
    return found


async def numbered(tenant: Tenant) -> dict[str, str]:
    """Give the numbers of what is configured; 0 for what is not yet."""
    found = {}
    for name, (kind, called_so) in {
        "group": ("hostgroup", "Web"),
        "hidden_group": ("hostgroup", "hidden group"),
        "template": ("hosttemplate", "Linux"),
        "hidden_template": ("hosttemplate", "hidden template"),
        "business": ("bsmservice", "sales"),
        "hidden_business": ("bsmservice", "hidden business"),
        "component": ("bsmcomponent", "fronts"),
        "hidden_component": ("bsmcomponent", "hidden part"),
        "hidden_host": ("host", "hidden"),
        "hidden_check": ("servicecheck", "hidden"),
    }.items():
        is_there = called_so in await names(tenant, kind, rows="all")
        found[name] = await number(tenant, kind, called_so) if is_there else "0"
    listed = (await tenant.get("/rest/status/service", hs="web::hidden"))["list"]
    found["hidden_service"] = listed[0]["services"][0]["service_object_id"] if listed else "0"
    return found


async def test_every_parameter_of_events_is_asked() -> None:
    section = PAGE.split("## GET /rest/event")[1].split("\n## ")[0].split("An item:")[0]
    documented = {
        name
        for row in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    assert documented == {name for params in EVENTS for name, _ in params}


@pytest.mark.parametrize(
    "scope", ["keyword:shop OR hostgroup:Web servicegroup:Base", "host:web service:load"]
)
async def test_no_answer_tells_of_what_is_beyond_the_scope(tenant: Tenant, scope: str) -> None:
    await make_what_is_seen(tenant)
    permissions = (Permission.VIEWSOME, Permission.ACTIONSOME, Permission.DOWNTIMESOME)
    secret = await tenant.new_user(*permissions, scope=scope)
    before = await told(tenant, secret, await numbered(tenant))
    await add_what_is_hidden(tenant)
    numbers = await numbered(tenant)
    assert "0" not in numbers.values()
    after = await told(tenant, secret, numbers)
    assert [
        (asked, before[asked], answer) for asked, answer in after.items() if answer != before[asked]
    ] == []
    listed = await tenant.get("/rest/event", rows="all", eventtype=list("0123"))
    assert sum(HIDDEN in str(each) for each in listed["list"]) > 10
    for method, path, params in ACTS:
        for selector in SELECTORS:
            if HIDDEN not in str(selector):
                continue
            nowhere = {
                name: "0" if "{" in value else value.replace(HIDDEN, "none")
                for name, value in selector.items()
            }
            chosen = {name: numbers.get(value.strip("{}"), value) for name, value in selector.items()}
            answers = [
                await tenant.ask(method, f"/rest/{path}", credential=secret, params=params | each)
                for each in (chosen, nowhere)
            ]
            assert answers[0].status_code == 400
            assert answers[0].json() == answers[1].json(), (path, selector)
    missing = await tenant.ask("POST", "/rest/detail?hostname=none", credential=secret, json={})
    for query in ("hostname=hidden", "hostname=web&servicename=hidden"):
        answer = await tenant.ask("POST", f"/rest/detail?{query}", credential=secret, json={})
        assert (answer.status_code, answer.json()) == (missing.status_code, missing.json())


async def test_a_scope_that_says_nothing_of_hosts_leaves_groups_to_ask_for(tenant: Tenant) -> None:
    await make_what_is_seen(tenant)
    said = {"kind": "check_result", "key": "web/load", "title": "e", "host": "web", "service": "load"}
    for region in ("eu", "us"):
        await tenant.send({**said, "state": "critical" if region == "eu" else "ok", "region": region})
    secret = await tenant.new_user(Permission.VIEWSOME, scope="region=eu")
    for params, count in (({"keyword": "shop"}, 1), ({"host_group": "Web"}, 1), ({"keyword": "none"}, 0)):
        answer = await tenant.ask("GET", "/rest/event", credential=secret, params=params)
        assert answer.json()["summary"]["total_entries"] == str(count), params
    assert (await tenant.ask("GET", "/rest/config/keyword", credential=secret)).json()["list"] == []
