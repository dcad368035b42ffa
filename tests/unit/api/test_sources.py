"""Sources: made, listed, changed, switched off, deleted."""

from typing import Any

import pytest
from sqlalchemy import Connection

from tests.unit.server.in_process import ADDRESS, Tenant
from tocsin.api.shapes import moment
from tocsin.hub.hub import clock
from tocsin.model.role import FIRST_ROLES, Permission
from tocsin.model.source import Source
from tocsin.store import gaps, pulls

pytestmark = pytest.mark.anyio

SOURCES = "/api/v1/sources"
AT = 1_767_268_800_000_000
"""2026-01-01 12:00 UTC, in microseconds."""
DEEP: dict[str, Any] = {"a": [[[[[[[[]]]]]]]]}


def at(seconds: int) -> str | None:
    """Give a time so many seconds after noon as the API shows it."""
    return moment(AT + seconds * 1_000_000)


async def names(tenant: Tenant) -> list[str]:
    return [source["name"] for source in (await tenant.get(SOURCES))["items"]]


async def created(tenant: Tenant, **wanted: Any) -> Any:
    return await tenant.post(SOURCES, {"name": "probe"} | wanted, status=201)


async def test_a_source_is_made_with_its_key_and_its_addresses(tenant: Tenant) -> None:
    options: dict[str, Any] = {
        "warning_opens": False,
        "rate_limit": 5,
        "resolve_after": 3600,
        "silent_after": 600,
    }
    options |= {"same_event_seconds": 600, "format_options": {"load_json": ["a.b"], "n": 2**60}}
    made = await created(tenant, format="victorops", options=options)
    key = made["access_key"]
    assert (made["name"], made["format"], made["enabled"]) == ("probe", "victorops", True)
    assert made["options"] == options
    assert made["project_id"] == tenant.source.project_id
    assert made["urls"] == {
        "webhook": f"{ADDRESS}/in/{made['id']}/{key}",
        "victorops": f"{ADDRESS}/integrations/generic/20131114/alert/{key}",
    }
    assert await tenant.get(f"{SOURCES}/probe") == made == await tenant.get(f"{SOURCES}/{made['id']}")


@pytest.mark.parametrize(("source_format", "kinds"), [("auto", 2), ("native", 1), ("victorops", 2)])
async def test_the_addresses_that_fit_its_format_work_at_once(
    tenant: Tenant, source_format: str, kinds: int
) -> None:
    urls = (await created(tenant, format=source_format))["urls"]
    assert len(urls) == kinds
    bodies = {
        "webhook": {"key": "k", "title": "t"} if source_format == "native" else {"message_type": "CRITICAL"},
        "victorops": {"message_type": "CRITICAL"},
    }
    for name, url in urls.items():
        answer = await tenant.served.client.post(url, json=bodies[name])
        assert answer.status_code == 200, answer.text
    assert len(await tenant.events()) == kinds


async def test_a_source_of_nrdp_names_the_address_that_takes_its_key_as_a_token(tenant: Tenant) -> None:
    made = await created(tenant, format="nrdp")
    assert made["urls"]["nrdp"] == f"{ADDRESS}/nrdp/"
    form = {"token": made["access_key"], "cmd": "submitcmd", "command": "PROCESS_HOST_CHECK_RESULT;web;1;x"}
    answer = await tenant.served.client.post(made["urls"]["nrdp"], data=form)
    assert answer.status_code == 200, answer.text
    assert [event.host for event in await tenant.events()] == ["web"]


async def test_the_list_has_no_keys(tenant: Tenant) -> None:
    made = await created(tenant)
    listed = await tenant.ask("GET", SOURCES)
    assert made["access_key"] not in listed.text
    assert await names(tenant) == ["first", "probe"]


async def test_an_old_client_that_names_no_host_is_told_the_paths(tenant: Tenant) -> None:
    answer = await tenant.ask("POST", SOURCES, json={"name": "probe"}, headers={"Host": ""})
    assert answer.json()["urls"]["webhook"].startswith("/in/source-")


async def test_a_source_belongs_to_a_project(tenant: Tenant) -> None:
    project = await tenant.post("/api/v1/projects", {"name": "shop"}, status=201)
    made = await created(tenant, project_id="shop")
    assert made["project_id"] == project["id"]
    problem = await tenant.refuse("POST", SOURCES, json={"name": "x", "project_id": "nowhere"})
    assert (problem["status"], problem["detail"]) == (404, "there is no project nowhere")


async def test_a_change_leaves_the_rest_as_it_is(tenant: Tenant) -> None:
    made = await created(tenant, options={"rate_limit": 5})
    answer = await tenant.ask("PATCH", f"{SOURCES}/probe", json={"name": "renamed"})
    shown = {name: value for name, value in made.items() if name not in {"access_key", "urls"}}
    assert answer.json() == shown | {"name": "renamed"}
    answer = await tenant.ask("PATCH", f"{SOURCES}/renamed", json={"options": {"source_time": True}})
    changed = shown | {"name": "renamed", "options": {"rate_limit": 5, "source_time": True}}
    assert answer.json() == changed
    answer = await tenant.ask("PATCH", f"{SOURCES}/renamed", json={"options": {}})
    assert answer.json() == changed
    answer = await tenant.ask("PATCH", f"{SOURCES}/renamed", json={"options": {"rate_limit": 0}})
    assert answer.json()["options"] == {"source_time": True}
    answer = await tenant.ask("PATCH", f"{SOURCES}/renamed", json={})
    assert answer.status_code == 200
    assert (await tenant.get(f"{SOURCES}/renamed"))["access_key"] == made["access_key"]


async def test_the_options_of_its_format_are_kept_and_replaced_as_a_whole(tenant: Tenant) -> None:
    given = {"load_json": ["data.Message"], "deep": {"a": [1, None, {"b": 2.5}]}}
    made = await created(tenant, options={"format_options": given, "rate_limit": 5})
    assert made["options"] == {"format_options": given, "rate_limit": 5}
    assert (await tenant.get(f"{SOURCES}/probe"))["options"] == made["options"]
    answer = await tenant.ask("PATCH", f"{SOURCES}/probe", json={"options": {"format_options": {"a": 1}}})
    assert answer.json()["options"] == {"format_options": {"a": 1}, "rate_limit": 5}
    answer = await tenant.ask("PATCH", f"{SOURCES}/probe", json={"options": {"format_options": {}}})
    assert answer.json()["options"] == {"rate_limit": 5}


async def test_a_source_is_switched_off_and_on_at_once(tenant: Tenant) -> None:
    made = await created(tenant)
    statuses = []
    for enabled in (False, True):
        await tenant.ask("PATCH", f"{SOURCES}/probe", json={"enabled": enabled})
        event = {"key": "k", "title": "t"}
        answer = await tenant.ask("POST", "/api/v1/events", json=event, credential=made["access_key"])
        statuses.append(answer.status_code)
    assert statuses == [403, 200]


async def test_a_deleted_source_is_gone_and_its_events_stay(tenant: Tenant) -> None:
    made = await created(tenant)
    event = {"key": "k", "title": "t"}
    await tenant.ask("POST", "/api/v1/events", json=event, credential=made["access_key"])
    answer = await tenant.ask("DELETE", f"{SOURCES}/{made['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert await names(tenant) == ["first"]
    assert len(await tenant.events()) == 1
    answer = await tenant.ask("POST", "/api/v1/events", json=event, credential=made["access_key"])
    assert answer.status_code == 401


async def test_a_name_is_taken_once(tenant: Tenant) -> None:
    await created(tenant)
    for method, path, wanted in (("POST", SOURCES, "probe"), ("PATCH", f"{SOURCES}/probe", "first")):
        problem = await tenant.refuse(method, path, json={"name": wanted})
        assert (problem["status"], problem["code"]) == (409, "conflict")
        assert problem["detail"] == f"a source named {wanted} exists already"
    assert await names(tenant) == ["first", "probe"]


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({}, ""),
        ({"name": ""}, "/name"),
        ({"name": "x" * 256}, "/name"),
        ({"name": 5}, "/name"),
        ({"name": "x", "format": "nagios"}, "/format"),
        ({"name": "x", "colour": "red"}, ""),
        ({"name": "x", "options": {"nonsense": 1}}, "/options"),
        ({"name": "x", "options": {"rate_limit": -1}}, "/options/rate_limit"),
        ({"name": "x", "options": {"rate_limit": 10**9}}, "/options/rate_limit"),
        ({"name": "x", "options": {"rate_limit": "5"}}, "/options/rate_limit"),
        ({"name": "x", "options": {"resolve_after": -1}}, "/options/resolve_after"),
        ({"name": "x", "options": {"resolve_after": 10**9}}, "/options/resolve_after"),
        ({"name": "x", "options": {"silent_after": -1}}, "/options/silent_after"),
        ({"name": "x", "options": {"check_attempts": 0}}, "/options/check_attempts"),
        ({"name": "x", "options": {"check_attempts": 101}}, "/options/check_attempts"),
        ({"name": "x", "options": {"silent_after": 10**9}}, "/options/silent_after"),
        ({"name": "x", "options": {"same_event_seconds": 10**9}}, "/options/same_event_seconds"),
        ({"name": "x", "options": {"format_options": []}}, "/options/format_options"),
        ({"name": "x", "options": {"source_time": 1}}, "/options/source_time"),
        ({"name": "x", "options": {"identity": ["host", 5]}}, "/options/identity/1"),
        ({"name": "x", "options": {"identity": ["hostname"]}}, "/options/identity"),
        ({"name": "x", "options": {"identity": ["labels."]}}, "/options/identity"),
        ({"name": "x", "options": {"identity": ["host"] * 11}}, "/options/identity"),
        ({"name": "x", "options": {"format_options": ["a"]}}, "/options/format_options"),
        ({"name": "x", "options": {"format_options": {"a": "x" * 16 * 1024}}}, "/options/format_options"),
        ({"name": "x", "options": {"format_options": DEEP}}, "/options/format_options"),
    ],
)
async def test_a_bad_source_is_pointed_at(tenant: Tenant, document: object, pointer: str) -> None:
    problem = await tenant.refuse("POST", SOURCES, json=document)
    assert (problem["status"], problem["code"]) == (400, "bad_request")
    assert [each["pointer"] for each in problem["errors"]] == [pointer]
    assert await names(tenant) == ["first"]


async def test_a_bad_change_is_pointed_at(tenant: Tenant) -> None:
    problem = await tenant.refuse("PATCH", f"{SOURCES}/first", json={"options": {"rate_limit": -1}})
    assert [each["pointer"] for each in problem["errors"]] == ["/options/rate_limit"]
    problem = await tenant.refuse("PATCH", f"{SOURCES}/first", json={"options": {"nonsense": 1}})
    assert (problem["status"], problem["errors"][0]["pointer"]) == (400, "/options")
    assert "`nonsense`" in problem["detail"]
    problem = await tenant.refuse("PATCH", f"{SOURCES}/first", json={"format": "native"})
    assert problem["detail"] == "body: object contains unknown field `format`"


async def test_every_identity_that_is_taken_works(tenant: Tenant) -> None:
    await created(tenant, options={"identity": ["host", "labels.region"]})
    source = await tenant.get(f"{SOURCES}/probe")
    event = {"key": "k", "title": "t", "host": "db1", "region": "eu", "source_id": source["id"]}
    await tenant.send(event)
    (recorded,) = await tenant.events()
    assert recorded.key == "db1/eu"


@pytest.mark.parametrize("name", ["nobody", "source-000000000000", "a%00b", "a%2Fb"])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_an_unknown_source_is_not_found(tenant: Tenant, method: str, name: str) -> None:
    options = {"json": {"enabled": False}} if method == "PATCH" else {}
    problem = await tenant.refuse(method, f"{SOURCES}/{name}", **options)
    assert (problem["status"], problem["code"]) == (404, "not_found")


ICINGA = {"url": "https://icinga.example.org:5665", "user": "tocsin"}


async def test_a_secret_is_kept_and_never_told(tenant: Tenant) -> None:
    wanted: dict[str, Any] = {"name": "icinga", "format": "icinga2", "secret": "open sesame"}
    wanted["options"] = {"format_options": ICINGA}
    answers = [await tenant.ask("POST", SOURCES, json=wanted)]
    answers += [
        await tenant.ask("PATCH", f"{SOURCES}/icinga", json={"secret": "open barley"}),
        await tenant.ask("GET", f"{SOURCES}/icinga"),
        await tenant.ask("GET", SOURCES),
        await tenant.ask("GET", "/api/v1/audit"),
    ]
    for answer in answers:
        assert answer.is_success, answer.text
        assert "open" not in answer.text.replace('"opens"', "").replace("warning_opens", "")
    assert (await tenant.get(f"{SOURCES}/icinga"))["pull"] is None


async def test_a_secret_goes_nowhere_else_unless_it_is_given_anew(tenant: Tenant) -> None:
    wanted: dict[str, Any] = {"name": "icinga", "format": "icinga2", "secret": "open sesame"}
    wanted["options"] = {"format_options": ICINGA}
    await tenant.post(SOURCES, wanted, status=201)
    elsewhere = {"options": {"format_options": ICINGA | {"url": "https://elsewhere.example.org:5665"}}}
    refused = await tenant.refuse("PATCH", f"{SOURCES}/icinga", json=elsewhere)
    assert refused["errors"][0]["pointer"] == "/secret"
    shown = await tenant.get(f"{SOURCES}/icinga")
    assert shown["options"]["format_options"] == ICINGA
    answer = await tenant.ask("PATCH", f"{SOURCES}/icinga", json=elsewhere | {"secret": "open barley"})
    assert answer.status_code == 200, answer.text


async def test_options_that_its_format_cannot_work_with_are_refused(tenant: Tenant) -> None:
    wanted = {"name": "icinga", "format": "icinga2", "options": {"format_options": {"user": "tocsin"}}}
    answer = await tenant.ask("POST", SOURCES, json=wanted)
    assert answer.status_code == 400
    assert "the option url is missing" in answer.text
    await created(tenant, name="icinga", format="icinga2", options={"format_options": ICINGA})
    changed = {"options": {"format_options": ICINGA | {"url": "http://icinga.example.org"}}}
    answer = await tenant.ask("PATCH", f"{SOURCES}/icinga", json=changed)
    assert answer.status_code == 400
    assert "expected https" in answer.text


async def fetched(tenant: Tenant, *, connected: bool) -> Source:
    """Make a source of which a node has fetched, with a gap: connected again, or not any more."""
    source = await tenant.new_source("icinga", "icinga2")
    key = (tenant.id, source.id, AT)

    def work(connection: Connection) -> None:
        pulls.claim(connection, [source], "node-1", clock(), clock() + 60_000_000)
        pulls.tell_connected(connection, source, "node-1", AT, AT)
        gaps.open_gap(connection, key, "it ended the stream")
        gaps.add_differences(connection, {key: 3})
        if connected:
            pulls.tell_connected(connection, source, "node-1", AT + 5_000_000, AT + 5_000_000)
            gaps.close_gap(connection, key, AT + 5_000_000, keeps=True)
        else:
            pulls.tell_failed(connection, source, "node-1", "no answer", AT + 1_000_000, AT + 2_000_000)

    await tenant.served.hub.database.write(work)
    return source


async def test_how_it_goes_with_what_is_fetched_from_is_shown(tenant: Tenant, stranger: Tenant) -> None:
    source = await fetched(tenant, connected=True)
    gap = {"began_at": at(0), "ended_at": at(5), "differences": 3, "reason": "it ended the stream"}
    shown = (await tenant.get(f"{SOURCES}/icinga"))["pull"]
    assert shown == {
        "node": "node-1",
        "connected_at": at(5),
        "heard_at": at(5),
        "trouble": "",
        "failed_at": None,
        "next_attempt_at": None,
        "gaps": [gap],
    }
    # Whoever may only read sees it in the list.
    reader = await tenant.new_user(*FIRST_ROLES["viewer"])
    listed = (await tenant.ask("GET", SOURCES, credential=reader)).json()["items"]
    assert {each["name"]: each["pull"] for each in listed} == {"first": None, "icinga": shown}
    assert (await tenant.ask("GET", f"{SOURCES}/icinga", credential=reader)).status_code == 403
    nothing = await tenant.new_user(Permission.VIEWSOME, scope="project:shop")
    assert (await tenant.ask("GET", SOURCES, credential=nothing)).json()["items"] == []
    assert [each["name"] for each in (await stranger.get(SOURCES))["items"]] == ["first"]
    assert (await stranger.ask("GET", f"{SOURCES}/{source.id}")).status_code == 404
    await tenant.ask("DELETE", f"{SOURCES}/icinga")
    await tenant.new_source("icinga", "icinga2")
    assert (await tenant.get(f"{SOURCES}/icinga"))["pull"] is None


async def test_why_what_is_fetched_from_is_not_connected_is_shown(tenant: Tenant) -> None:
    source = await fetched(tenant, connected=False)
    shown = (await tenant.get(f"{SOURCES}/icinga"))["pull"]
    gap = {"began_at": at(0), "ended_at": None, "differences": 3, "reason": "it ended the stream"}
    assert shown == {
        "node": "node-1",
        "connected_at": None,
        "heard_at": at(0),
        "trouble": "no answer",
        "failed_at": at(1),
        "next_attempt_at": at(2),
        "gaps": [gap],
    }

    # A node that died says nothing more: when its lease has run out, nobody is connected.
    def die(connection: Connection) -> None:
        pulls.tell_connected(connection, source, "node-1", AT, AT)
        pulls.claim(connection, [source], "node-1", clock(), clock())

    await tenant.served.hub.database.write(die)
    shown = (await tenant.get(f"{SOURCES}/icinga"))["pull"]
    assert (shown["node"], shown["connected_at"], shown["heard_at"]) == ("", None, at(0))
