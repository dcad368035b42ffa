"""Webhooks by the methods of Cloudforet: made, changed, shown, deleted; and never another domain's."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.dialects.cloudforet.webhooks import done, one, refused, wanted
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
async def tenant(served: Served) -> AsyncIterator[Tenant]:
    """Give a domain of the test's own."""
    made = await served.new_tenant()
    yield made
    await served.drop(made)


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
