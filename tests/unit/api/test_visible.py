"""Scopes: of what lies outside, nothing is seen and nothing can be done."""

from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from tests.unit.server.in_process import Tenant, streaming
from tocsin.model.role import Permission
from tocsin.store import directory

pytestmark = pytest.mark.anyio

EVENTS, ALERTS = "/api/v1/events", "/api/v1/alerts"
OURS = {"key": "ours", "title": "t", "host": "web-1"}
THEIRS = {"key": "theirs", "title": "t", "host": "db-1"}
SOME = (Permission.VIEWSOME, Permission.ACTIONSOME, Permission.DOWNTIMESOME)


@pytest.fixture
async def scoped(tenant: Tenant) -> str:
    """Record an alert within a scope and one outside, and give the token of a user with that scope."""
    await tenant.send(OURS, THEIRS)
    return await tenant.new_user(*SOME, scope="host:web-*")


async def keys(tenant: Tenant, credential: str, path: str) -> list[str]:
    answer = await tenant.ask("GET", path, credential=credential)
    assert answer.status_code == 200, answer.text
    return [item["key"] for item in answer.json()["items"]]


@pytest.mark.parametrize("path", [EVENTS, ALERTS])
@pytest.mark.parametrize("query", ["", "key=theirs OR key=ours", "host:*", "key~ours|theirs", "title:t"])
async def test_a_search_finds_what_is_within(tenant: Tenant, scoped: str, path: str, query: str) -> None:
    assert await keys(tenant, scoped, f"{path}?q={query}") == ["ours"]
    assert await keys(tenant, tenant.token, f"{path}?q={query}") == ["theirs", "ours"]


@pytest.mark.parametrize("path", [f"{EVENTS}/event-00000000000", f"{ALERTS}/alert-00000000000"])
async def test_one_by_its_id_is_there_or_not(tenant: Tenant, scoped: str, path: str) -> None:
    assert (await tenant.ask("GET", f"{path}1", credential=scoped)).json()["key"] == "ours"
    outside = await tenant.refuse("GET", f"{path}2", credential=scoped)
    nowhere = await tenant.refuse("GET", f"{path}3", credential=scoped)
    assert (outside["status"], outside["detail"]) == (404, nowhere["detail"])


@pytest.mark.parametrize("action", ["acknowledge", "unacknowledge", "resolve", "note"])
async def test_an_alert_outside_is_not_there_to_act_on(tenant: Tenant, scoped: str, action: str) -> None:
    path = f"{ALERTS}/alert-00000000000"
    body = {"comment": "mine"}
    answer = await tenant.refuse("POST", f"{path}2/{action}", credential=scoped, json=body)
    assert answer["status"] == 404
    assert len(await tenant.events()) == 2
    await tenant.post(f"{path}1/acknowledge")
    answered = await tenant.ask("POST", f"{path}1/{action}", credential=scoped, json=body)
    assert answered.status_code == 200


async def test_who_sees_all_and_acts_on_some_acts_within(tenant: Tenant, scoped: str) -> None:
    mixed = await tenant.new_user(Permission.VIEWALL, Permission.ACTIONSOME, scope="host:web-*")
    assert await keys(tenant, mixed, ALERTS) == ["theirs", "ours"]
    for number, status in (("1", 200), ("2", 404)):
        path = f"{ALERTS}/alert-00000000000{number}/acknowledge"
        assert (await tenant.ask("POST", path, credential=mixed, json={})).status_code == status
    assert scoped


async def test_a_timeline_has_the_events_within(tenant: Tenant) -> None:
    await tenant.send(OURS, OURS | {"host": "db-1"}, OURS)
    scoped = await tenant.new_user(*SOME, scope="host:web-*")
    path = f"{ALERTS}/alert-000000000001"
    shown = (await tenant.ask("GET", path, credential=scoped)).json()["timeline"]
    assert [event["seq"] for event in shown] == [3, 1]
    assert len((await tenant.get(path))["timeline"]) == 3


async def test_an_event_within_hides_its_payload_and_an_alert_outside(tenant: Tenant) -> None:
    await tenant.send(THEIRS, THEIRS | {"host": "web-1"})
    scoped = await tenant.new_user(*SOME, scope="host:web-*")
    shown = (await tenant.ask("GET", f"{EVENTS}/event-000000000002", credential=scoped)).json()
    assert (shown["host"], shown["payload"], shown["alert"]) == ("web-1", None, None)


async def test_a_scope_by_the_name_of_a_project(tenant: Tenant) -> None:
    def make(connection: Connection) -> Any:
        project = directory.create_project(connection, tenant.id, "shop", 1)
        return directory.create_source(
            connection, domain_id=tenant.id, project_id=project.id, name="till", source_format="auto", now=1
        )

    source = await tenant.served.hub.database.write(make)
    await tenant.served.hub.authentication.refresh()
    await tenant.send(OURS | {"source_id": source.id}, THEIRS)
    scoped = await tenant.new_user(*SOME, scope="project:shop")
    for path in (EVENTS, ALERTS):
        assert await keys(tenant, scoped, path) == ["ours"]
        assert await keys(tenant, scoped, f"{path}?q=project:default") == []


async def test_the_stream_has_what_is_within(tenant: Tenant, scoped: str) -> None:
    headers = {"Authorization": f"Bearer {scoped}"}
    async with streaming(
        tenant.served.application, f"{EVENTS}/stream", "after=0", headers=headers
    ) as following:
        assert (await following.event())["key"] == "ours"
        await tenant.send(THEIRS, OURS | {"key": "ours too"})
        assert (await following.event())["key"] == "ours too"


async def test_the_stream_of_some_ends_when_the_configuration_changes(tenant: Tenant, scoped: str) -> None:
    headers = {"Authorization": f"Bearer {scoped}"}
    async with streaming(
        tenant.served.application, f"{EVENTS}/stream", "after=0", headers=headers
    ) as following:
        assert (await following.event())["key"] == "ours"
        renamed = replace(tenant.source, name="renamed")
        await tenant.served.hub.database.write(lambda c: directory.change_source(c, renamed))
        await tenant.served.hub.authentication.refresh()
        while message := await following.message():
            assert "data:" not in message
