"""Webhooks by the methods of Cloudforet: made, changed, shown, deleted; and never another domain's."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.server.in_process import Served, Tenant, serving_on_sqlite
from tocsin.model.access import Action
from tocsin.model.role import Permission
from tocsin.server.settings import Settings
from tocsin.store import alert_configs

pytestmark = pytest.mark.anyio

PUBLIC = "https://tocsin.example.com"


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """Run a server that says where it is reached."""
    async with serving_on_sqlite(
        tmp_path_factory.mktemp("store"), Settings(public_url=f"{PUBLIC}/")
    ) as running:
        yield running


@pytest.fixture
async def tenant(served: Served) -> Tenant:
    """Give a domain of the test's own."""
    return await served.new_tenant()


async def call(
    tenant: Tenant, verb: str, request: dict[str, Any], credential: str | None = None
) -> tuple[int, Any]:
    path = f"/monitoring/v1/webhook/{verb}"
    answer = await tenant.ask("POST", path, json=request, credential=credential)
    return answer.status_code, answer.json()


async def done(tenant: Tenant, verb: str, request: dict[str, Any], credential: str | None = None) -> Any:
    status, answer = await call(tenant, verb, request, credential)
    assert status == 200, answer
    return answer


async def refused(
    tenant: Tenant, verb: str, request: dict[str, Any], credential: str | None = None
) -> tuple[int, str, str]:
    status, answer = await call(tenant, verb, request, credential)
    return status, answer["detail"]["code"], answer["detail"]["message"]


def wanted(tenant: Tenant, **more: Any) -> dict[str, Any]:
    return {
        "name": "icinga",
        "plugin_info": {"plugin_id": "native", "version": "1.0", "options": {"a": 2**60}},
        "project_id": tenant.source.project_id,
    } | more


def one(webhook: Any) -> dict[str, str]:
    return {"webhook_id": webhook["webhook_id"], "domain_id": webhook["domain_id"]}


async def test_a_webhook_is_made_shown_and_works(tenant: Tenant) -> None:
    made = await done(tenant, "create", wanted(tenant, tags={"team": "blue"}, domain_id=tenant.id))
    webhook_id, key = made["webhook_id"], made["access_key"]
    assert re.fullmatch("webhook-[0-9a-f]{12}", webhook_id)
    assert re.fullmatch("[0-9a-f]{32}", key)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", made["created_at"])
    assert made == {
        "webhook_id": webhook_id,
        "name": "icinga",
        "state": "ENABLED",
        "access_key": key,
        "webhook_url": f"{PUBLIC}/monitoring/v1/webhook/{webhook_id}/{key}/events",
        "capability": {},
        "plugin_info": {
            "plugin_id": "native",
            "version": "1.0",
            "options": {"a": 2**60},
            "metadata": {},
            "upgrade_mode": "AUTO",
        },
        "tags": {"team": "blue"},
        "project_id": tenant.source.project_id,
        "domain_id": tenant.id,
        "created_at": made["created_at"],
    }
    assert await done(tenant, "get", one(made)) == made
    answer = await tenant.served.client.post(
        made["webhook_url"].removeprefix(PUBLIC), json={"key": "k", "title": "t"}
    )
    assert (answer.status_code, answer.json()) == (200, {})
    assert [event.source_id for event in await tenant.events()] == [webhook_id]


async def test_the_native_api_shows_the_same_source(tenant: Tenant) -> None:
    window = {"plugin_id": "victorops", "metadata": {"duplicate_event_time": 600, "note": "x"}}
    made = await done(tenant, "create", wanted(tenant, plugin_info=window))
    assert made["plugin_info"]["metadata"] == {"duplicate_event_time": 600, "note": "x"}
    native = await tenant.get("/api/v1/sources/icinga")
    assert (native["id"], native["access_key"]) == (made["webhook_id"], made["access_key"])
    assert (native["format"], native["options"]) == ("victorops", {"same_event_seconds": 600})
    first = await done(tenant, "get", {"webhook_id": tenant.source.id, "domain_id": tenant.id})
    assert (first["name"], first["plugin_info"]["plugin_id"]) == ("first", "auto")


async def test_update_changes_what_is_given(tenant: Tenant) -> None:
    made = await done(tenant, "create", wanted(tenant, tags={"team": "blue"}))
    changed = await done(tenant, "update", one(made) | {"name": "nagios"})
    assert changed == made | {"name": "nagios"}
    changed = await done(tenant, "update", one(made) | {"tags": {}})
    assert changed == made | {"name": "nagios", "tags": {}}
    assert await done(tenant, "get", one(made)) == changed


async def test_options_have_a_limit(tenant: Tenant) -> None:
    made = await done(tenant, "create", wanted(tenant))
    long = {"a": "x" * 16 * 1024}
    reason = "expected at most 16384 bytes of JSON"
    plugin = {"plugin_id": "native", "version": "1.0", "options": long}
    for verb, request, key in (
        ("create", wanted(tenant, name="other", plugin_info=plugin), "plugin_info.options"),
        ("update-plugin", one(made) | {"options": long}, "options"),
    ):
        message = f"Parameter is invalid. (key = {key}, reason = {reason})"
        assert await refused(tenant, verb, request) == (400, "ERROR_INVALID_PARAMETER", message)


async def test_update_plugin_replaces_the_options_as_a_whole(tenant: Tenant) -> None:
    made = await done(tenant, "create", wanted(tenant))
    plugin = made["plugin_info"]
    changed = await done(tenant, "update-plugin", one(made) | {"options": {"b": 1}})
    assert changed["plugin_info"] == plugin | {"options": {"b": 1}}
    changed = await done(tenant, "update-plugin", one(made) | {"version": "2", "upgrade_mode": "MANUAL"})
    wanted_info = plugin | {"options": {"b": 1}, "version": "2", "upgrade_mode": "MANUAL"}
    assert changed == made | {"plugin_info": wanted_info}
    changed = await done(tenant, "update-plugin", one(made) | {"options": {}})
    assert changed["plugin_info"]["options"] == {}
    assert await done(tenant, "verify-plugin", one(made)) == {}


async def test_disable_and_enable_flip_the_state_at_once(tenant: Tenant) -> None:
    made = await done(tenant, "create", wanted(tenant))
    path = made["webhook_url"].removeprefix(PUBLIC)
    for verb, state, status in (("disable", "DISABLED", 400), ("enable", "ENABLED", 200)):
        assert await done(tenant, verb, one(made)) == made | {"state": state}
        answer = await tenant.served.client.post(path, json={"key": "k", "title": "t"})
        assert answer.status_code == status


async def test_delete_leaves_the_events(tenant: Tenant) -> None:
    made = await done(tenant, "create", wanted(tenant))
    path = made["webhook_url"].removeprefix(PUBLIC)
    await tenant.served.client.post(path, json={"key": "k", "title": "t"})
    assert await done(tenant, "delete", one(made)) == {}
    answer = await tenant.served.client.post(path, json={"key": "k", "title": "t"})
    assert answer.status_code == 403
    assert len(await tenant.events()) == 1
    assert (await refused(tenant, "delete", one(made)))[1] == "ERROR_NOT_FOUND"


async def test_only_shows_a_part(tenant: Tenant) -> None:
    made = await done(tenant, "create", wanted(tenant))
    shown = await done(tenant, "get", one(made) | {"only": ["name", "plugin_info.version"]})
    assert (shown["name"], shown["access_key"], shown["plugin_info"]["version"]) == ("icinga", "", "1.0")
    assert await refused(tenant, "get", one(made) | {"only": ["nope"]}) == (
        500,
        "ERROR_UNKNOWN",
        'Cannot resolve field "nope"',
    )


@pytest.mark.parametrize(
    ("change", "status", "code", "message"),
    [
        ({"name": None}, 400, "ERROR_REQUIRED_PARAMETER", "Required parameter. (key = name)"),
        ({"plugin_info": None}, 400, "ERROR_REQUIRED_PARAMETER", "Required parameter. (key = plugin_info)"),
        ({"project_id": ""}, 400, "ERROR_REQUIRED_PARAMETER", "Required parameter. (key = project_id)"),
        (
            {"plugin_info": {}},
            400,
            "ERROR_REQUIRED_PARAMETER",
            "Required parameter. (key = plugin_info.plugin_id)",
        ),
        (
            {"plugin_info": {"plugin_id": "nope"}},
            404,
            "ERROR_NOT_FOUND",
            "Value not found. (plugin_id = nope)",
        ),
        (
            {"project_id": "nowhere"},
            404,
            "ERROR_NOT_FOUND",
            "Value not found. (project_id = nowhere)",
        ),
        ({"domain_id": "elsewhere"}, 403, "ERROR_PERMISSION_DENIED", "Permission denied."),
        ({"name": "x" * 256}, 400, "ERROR_INVALID_PARAMETER", ""),
        ({"name": 5}, 400, "ERROR_INVALID_PARAMETER_TYPE", ""),
        ({"colour": "red"}, 400, "ERROR_INVALID_PARAMETER", ""),
        (
            {"plugin_info": {"plugin_id": "auto", "metadata": {"duplicate_event_time": "600"}}},
            400,
            "ERROR_INVALID_PARAMETER",
            "",
        ),
        (
            {"plugin_info": {"plugin_id": "auto", "upgrade_mode": "SOMETIMES"}},
            400,
            "ERROR_INVALID_PARAMETER",
            "",
        ),
        (
            {"name": "first"},
            409,
            "ERROR_SAVE_UNIQUE_VALUES",
            "Tried to save duplicate unique values. (keys = ['name', 'project_id', 'domain_id'])",
        ),
    ],
)
async def test_a_webhook_that_cannot_be_made_is_told_why(
    tenant: Tenant, change: dict[str, Any], status: int, code: str, message: str
) -> None:
    found = await refused(tenant, "create", wanted(tenant, **change))
    assert found[:2] == (status, code)
    assert message in found[2]
    assert [each["name"] for each in (await tenant.get("/api/v1/sources"))["items"]] == ["first"]


async def test_a_name_is_taken_once_in_its_project(tenant: Tenant) -> None:
    web = await tenant.post("/api/v1/projects", {"name": "web"}, status=201)
    made = await done(tenant, "create", wanted(tenant))
    other = await done(tenant, "create", wanted(tenant, project_id=web["id"]))
    assert other["webhook_id"] != made["webhook_id"]
    code = (await refused(tenant, "update", one(made) | {"name": "first"}))[1]
    assert code == "ERROR_SAVE_UNIQUE_VALUES"
    ambiguous = await tenant.refuse("GET", "/api/v1/sources/icinga")
    assert (ambiguous["status"], ambiguous["detail"]) == (
        404,
        "several projects have a source icinga: name it by its id",
    )


async def test_a_project_without_an_alert_configuration_gets_no_webhook(tenant: Tenant) -> None:
    database, project_id = tenant.served.hub.database, tenant.source.project_id
    config = await database.read(lambda c: alert_configs.find(c, tenant.id, project_id))
    await database.write(lambda c: alert_configs.remove(c, config))
    assert await refused(tenant, "create", wanted(tenant)) == (
        400,
        "ERROR_ALERT_FEATURE_IS_NOT_ACTIVATED",
        f"The alert feature is not activated in the project. (project_id = {project_id})",
    )


VERBS = ("update", "update-plugin", "verify-plugin", "enable", "disable", "delete", "get")


@pytest.mark.parametrize("verb", VERBS)
async def test_another_domains_webhook_is_not_there(served: Served, tenant: Tenant, verb: str) -> None:
    stranger = await served.new_tenant()
    made = await done(tenant, "create", wanted(tenant))
    asked = {"webhook_id": made["webhook_id"], "domain_id": stranger.id}
    text = f"Value not found. (('webhook_id', 'domain_id') = ('{made['webhook_id']}', '{stranger.id}'))"
    assert await refused(stranger, verb, asked) == (404, "ERROR_NOT_FOUND", text)
    assert await refused(stranger, verb, one(made)) == (
        403,
        "ERROR_PERMISSION_DENIED",
        "Permission denied.",
    )
    assert await done(tenant, "get", one(made)) == made


@pytest.mark.parametrize("verb", ["create", *VERBS])
async def test_each_method_needs_a_token(tenant: Tenant, verb: str) -> None:
    request = wanted(tenant) if verb == "create" else {"webhook_id": tenant.source.id}
    assert (await refused(tenant, verb, request, ""))[:2] == (401, "ERROR_AUTHENTICATE_FAILURE")
    key = tenant.source.access_key
    assert (await refused(tenant, verb, request, key))[:2] == (401, "ERROR_AUTHENTICATE_FAILURE")


@pytest.mark.parametrize("verb", ["create", *VERBS[:-1]])
async def test_who_only_reads_changes_nothing_and_sees_no_key(tenant: Tenant, verb: str) -> None:
    viewer = await tenant.new_user(Permission.VIEWALL)
    request = wanted(tenant) if verb == "create" else {"webhook_id": tenant.source.id}
    assert (await refused(tenant, verb, request, viewer))[:2] == (403, "ERROR_PERMISSION_DENIED")
    asked = {"webhook_id": tenant.source.id, "domain_id": tenant.id}
    shown = await done(tenant, "get", asked, viewer)
    assert (shown["name"], shown["access_key"], shown["webhook_url"]) == ("first", "", "")


async def test_a_token_limited_to_reading_shows_no_key(tenant: Tenant) -> None:
    limited = await tenant.new_user(Permission.VIEWALL, Permission.ADMINACCESS, scopes=(Action.READ,))
    asked = {"webhook_id": tenant.source.id, "domain_id": tenant.id}
    assert (await done(tenant, "get", asked, limited))["access_key"] == ""


async def test_a_role_limited_to_a_project_has_that_ones_webhooks_alone(tenant: Tenant) -> None:
    web = await tenant.post("/api/v1/projects", {"name": "web"}, status=201)
    made = await done(tenant, "create", wanted(tenant, project_id=web["id"]))
    limited = await tenant.new_user(Permission.VIEWSOME, Permission.ADMINACCESS, scope="project:web")
    assert (await done(tenant, "get", one(made), limited))["name"] == "icinga"
    first = {"webhook_id": tenant.source.id, "domain_id": tenant.id}
    for verb in VERBS:
        assert (await refused(tenant, verb, first, limited))[1] == "ERROR_NOT_FOUND"
    outside = wanted(tenant, name="other")
    assert (await refused(tenant, "create", outside, limited))[1] == "ERROR_NOT_FOUND"
    assert (await done(tenant, "create", outside | {"project_id": web["id"]}, limited))["name"] == "other"


async def test_the_audit_log_tells_of_each_change_and_of_no_key(tenant: Tenant) -> None:
    made = await done(tenant, "create", wanted(tenant))
    for verb, more in (("update", {"name": "nagios"}), ("disable", {}), ("disable", {}), ("delete", {})):
        await done(tenant, verb, one(made) | more)
    log = await tenant.get("/api/v1/audit")
    entries = [each for each in log["items"] if each["subject_id"] == made["webhook_id"]]
    assert [each["action"] for each in entries] == [
        "source.delete",
        "source.change",
        "source.change",
        "source.create",
    ]
    assert {each["author"] for each in entries} == {tenant.user}
    assert made["access_key"] not in str(entries)


# --- list

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
