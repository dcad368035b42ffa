"""Webhooks found, listed and counted by queries; and never another domain's."""

from typing import Any

import pytest

from tests.unit.dialects.cloudforet.webhooks import done, one, refused, wanted
from tests.unit.server.in_process import Served, Tenant
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio

NAMES = ["Nagios", "first", "icinga", "zabbix"]


async def listed(tenant: Tenant, credential: str | None = None, **request: Any) -> list[str]:
    answer = await done(tenant, "list", request, credential)
    assert answer["total_count"] == len(answer["results"])
    return [each["name"] for each in answer["results"]]


@pytest.fixture
async def several(tenant: Tenant) -> Tenant:
    """Give the domain with the webhooks first, icinga, Nagios and zabbix; the last is disabled."""
    await done(tenant, "create", wanted(tenant, tags={"team": "blue", "levels": [1, 2]}))
    await done(tenant, "create", wanted(tenant, name="Nagios", plugin_info={"plugin_id": "victorops"}))
    web = await tenant.post("/api/v1/projects", {"name": "web", "id": f"web-{tenant.id}"}, status=201)
    last = await done(tenant, "create", wanted(tenant, name="zabbix", project_id=web["id"]))
    await done(tenant, "disable", one(last))
    return tenant


async def test_all_are_listed_by_name(several: Tenant) -> None:
    assert await listed(several) == NAMES
    assert await listed(several, domain_id=several.id) == NAMES
    answer = await done(several, "list", {})
    for shown in answer["results"]:
        assert await done(several, "get", one(shown)) == shown


async def test_each_parameter_filters(several: Tenant) -> None:
    (shown,) = (await done(several, "list", {"name": "icinga"}))["results"]
    for name in ("webhook_id", "access_key", "webhook_url"):
        assert await listed(several, **{name: shown[name]}) == ["icinga"]
    assert await listed(several, state="DISABLED") == ["zabbix"]
    assert await listed(several, project_id=f"web-{several.id}") == ["zabbix"]
    assert await listed(several, state="ENABLED", name="zabbix") == []


def condition(key: str, operator: str, value: object = None) -> dict[str, Any]:
    return {"key": key, "value": value, "operator": operator}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"filter": [condition("name", "contain", "AG")]}, ["Nagios"]),
        ({"filter": [condition("name", "not_in", ["first", "zabbix"])]}, ["Nagios", "icinga"]),
        ({"filter": [condition("name", "regex", "^[iz]")]}, ["icinga", "zabbix"]),
        ({"filter": [condition("plugin_info.plugin_id", "eq", "victorops")]}, ["Nagios"]),
        ({"filter": [condition("tags.team", "eq", "blue")]}, ["icinga"]),
        ({"filter": [condition("tags.levels", "gt", 1)]}, ["icinga"]),
        ({"filter": [condition("tags.team", "exists", False)]}, ["Nagios", "first", "zabbix"]),
        ({"filter": [condition("tags.none", "eq", "x")]}, []),
        ({"filter": [condition("nope", "regex", "x")]}, []),
        (
            {"filter": [condition("created_at", "timediff_gt", "now-1h")]},
            NAMES,
        ),
        ({"filter": [condition("created_at", "lt", "2020-01-01")]}, []),
        (
            {"filter": [condition("created_at", "gt", "2020-01-01"), condition("name", "eq", "first")]},
            ["first"],
        ),
        ({"filter": [condition("created_at", "gt", "no date")]}, []),
        (
            {"filter_or": [condition("name", "eq", "first"), condition("state", "eq", "DISABLED")]},
            ["first", "zabbix"],
        ),
        ({"keyword": "ICI bix"}, ["icinga", "zabbix"]),
        ({"keyword": " "}, NAMES),
        ({"sort": {"key": "name", "desc": True}}, NAMES[::-1]),
        (
            {"sort": {"keys": [{"key": "state"}, {"key": "name", "desc": True}]}},
            NAMES[::-1],
        ),
    ],
)
async def test_a_query_finds_and_sorts(several: Tenant, query: dict[str, Any], names: list[str]) -> None:
    assert await listed(several, query=query) == names


async def test_a_page_is_a_part_of_what_was_counted(several: Tenant) -> None:
    answer = await done(several, "list", {"query": {"page": {"start": 2, "limit": 2}}})
    assert [each["name"] for each in answer["results"]] == ["first", "icinga"]
    assert answer["total_count"] == 4
    answer = await done(several, "list", {"query": {"page": {"start": 9, "limit": 2}}})
    assert (answer["results"], answer["total_count"]) == ([], 4)
    answer = await done(several, "list", {"query": {"count_only": True}})
    assert (answer["results"], answer["total_count"]) == ([], 4)


async def test_only_and_minimal_show_a_part_of_each(several: Tenant) -> None:
    answer = await done(several, "list", {"name": "icinga", "query": {"only": ["tags.team"]}})
    (shown,) = answer["results"]
    assert (shown["tags"], shown["name"]) == ({"team": "blue"}, "")
    answer = await done(several, "list", {"name": "icinga", "query": {"minimal": True, "only": ["nope"]}})
    (shown,) = answer["results"]
    assert {name for name, value in shown.items() if value and value != "NONE"} == {
        *("webhook_id", "name", "state", "webhook_url", "project_id"),
    }


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"filter": [condition("nope", "eq", 1)]}, 500, "ERROR_DB_QUERY"),
        ({"filter": [condition("name", "like", 1)]}, 500, "ERROR_DB_QUERY"),
        ({"filter": [condition("name", "in", "x")]}, 400, "ERROR_OPERATOR_LIST_VALUE_TYPE"),
        ({"filter": [condition("name", "regex", "(")]}, 500, "ERROR_DB_QUERY"),
        ({"only": ["nope"]}, 500, "ERROR_DB_QUERY"),
        ({"page": {"start": -1}}, 400, "ERROR_INVALID_PARAMETER"),
    ],
)
async def test_a_bad_query_is_told(several: Tenant, query: dict[str, Any], status: int, code: str) -> None:
    assert (await refused(several, "list", {"query": query}))[:2] == (status, code)


async def test_nobody_lists_another_domains(served: Served, several: Tenant) -> None:
    stranger = await served.new_tenant()
    assert await listed(stranger) == ["first"]
    asked = {"domain_id": several.id}
    assert (await refused(stranger, "list", asked))[:2] == (403, "ERROR_PERMISSION_DENIED")
    assert (await refused(several, "list", {}, ""))[:2] == (401, "ERROR_AUTHENTICATE_FAILURE")
    limited = await several.new_user(Permission.VIEWSOME, scope="project:web")
    assert await listed(several, limited) == ["zabbix"]


async def test_who_may_not_see_keys_cannot_look_for_them_either(several: Tenant) -> None:
    key = several.source.access_key
    viewer = await several.new_user(Permission.VIEWALL)
    assert await listed(several, access_key=key) == ["first"]
    assert await listed(several, viewer, access_key=key) == []
    for path in ("access_key", "webhook_url"):
        query = {"filter": [condition(path, "contain", key)]}
        assert await listed(several, viewer, query=query) == []
    answer = await done(several, "list", {}, viewer)
    assert {each["access_key"] for each in answer["results"]} == {""}


# --- stat


def grouped(key: str, **fields: str) -> dict[str, Any]:
    counts = [{"name": name, "operator": operator} for name, operator in fields.items()]
    return {"group": {"keys": [{"key": key, "name": "by"}], "fields": counts}}


async def stat(tenant: Tenant, credential: str | None = None, **query: Any) -> Any:
    return await done(tenant, "stat", {"domain_id": tenant.id, "query": query}, credential)


async def test_webhooks_are_counted_in_groups(several: Tenant) -> None:
    stages = [grouped("state", n="count"), {"sort": {"key": "by"}}]
    assert await stat(several, aggregate=stages) == {
        "results": [{"by": "DISABLED", "n": 1}, {"by": "ENABLED", "n": 3}]
    }
    found = await stat(several, aggregate=[grouped("plugin_info.plugin_id", n="count")], page={"limit": 1})
    assert (len(found["results"]), found["total_count"]) == (1, 3)
    filtered = [condition("state", "eq", "ENABLED")]
    assert await stat(several, distinct="name", filter=filtered) == {"results": NAMES[:3]}
    assert await stat(several, aggregate=[{"count": {"name": "n"}}], keyword="ici") == {"results": [{"n": 1}]}


async def test_nobody_counts_another_domains(served: Served, several: Tenant) -> None:
    stranger = await served.new_tenant()
    assert await stat(stranger, distinct="name") == {"results": ["first"]}
    asked = {"domain_id": several.id, "query": {"distinct": "name"}}
    assert (await refused(stranger, "stat", asked))[:2] == (403, "ERROR_PERMISSION_DENIED")
    assert (await refused(several, "stat", asked, ""))[:2] == (401, "ERROR_AUTHENTICATE_FAILURE")
    limited = await several.new_user(Permission.VIEWSOME, scope="project:web")
    assert await stat(several, limited, distinct="name") == {"results": ["zabbix"]}
    viewer = await several.new_user(Permission.VIEWALL)
    assert await stat(several, viewer, distinct="access_key") == {"results": [""]}


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ({}, 400, "Required parameter. (key = aggregate)"),
        ({"aggregate": [{"group": {}}]}, 500, "aggregate.group.keys || aggregate.group.fields"),
        ({"distinct": "name", "filter": [condition("nope", "eq", 1)]}, 500, 'Cannot resolve field "nope"'),
    ],
)
async def test_a_bad_count_is_told(several: Tenant, query: dict[str, Any], status: int, message: str) -> None:
    found = await refused(several, "stat", {"domain_id": several.id, "query": query})
    assert found[0] == status
    assert message in found[2]
    missing = await refused(several, "stat", {"query": {"distinct": "name"}})
    assert missing[2] == "Required parameter. (key = domain_id)"
