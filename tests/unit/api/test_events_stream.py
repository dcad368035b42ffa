"""The live stream of events: from where, what of it, and until when."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.unit.server.in_process import Stream, Tenant, serving_on_sqlite, streaming
from tocsin.api import events
from tocsin.hub import feed
from tocsin.model.role import Permission
from tocsin.store import accounts

pytestmark = pytest.mark.anyio

PATH = "/api/v1/events/stream"
DISK = {"key": "disk", "title": "Disk full"}


@asynccontextmanager
async def stream(tenant: Tenant, query: str = "", **headers: str) -> AsyncIterator[Stream]:
    """Follow the events of a tenant."""
    shown = {"Authorization": f"Bearer {tenant.token}"} | headers
    async with streaming(tenant.served.application, PATH, query, shown) as begun:
        assert begun.status == 200
        yield begun


async def send(tenant: Tenant, *keys: str) -> None:
    await tenant.send(*(DISK | {"key": key} for key in keys))


async def keys(following: Stream, count: int) -> list[str]:
    return [(await following.event())["key"] for _ in range(count)]


def last_seen(number: str) -> dict[str, str]:
    return {"Last-Event-ID": number}


async def test_it_begins_now(tenant: Tenant) -> None:
    await send(tenant, "before")
    async with stream(tenant) as following:
        assert following.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert following.headers["cache-control"] == "no-cache"
        await send(tenant, "a", "b")
        await send(tenant, "c")
        assert await keys(following, 3) == ["a", "b", "c"]


async def test_a_message_is_an_event_as_it_is_listed(tenant: Tenant) -> None:
    async with stream(tenant, "after=0") as following:
        await tenant.send(DISK | {"title": "line\nbreak\r\n\u2028"})
        comment, number, kind, data = (await following.message()).split("\r\n")
        assert (comment, number, kind) == (": tocsin", "id: 1", "event: event")
        assert data.startswith("data: {")
    async with stream(tenant, "after=0") as following:
        assert [await following.event()] == (await tenant.get("/api/v1/events"))["items"]


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("after=2", {}),
        ("", last_seen("2")),
        ("after=0", last_seen("2")),
        ("after=2", last_seen("nonsense")),
        ("after=2", last_seen("\xb2")),
        ("after=2", last_seen("9" * 5_000)),
        ("after=2", last_seen("-1")),
    ],
)
async def test_it_resumes_after_what_was_seen(tenant: Tenant, query: str, headers: dict[str, str]) -> None:
    await send(tenant, "a", "b", "c", "d")
    async with stream(tenant, query, **headers) as following:
        assert await keys(following, 2) == ["c", "d"]
        await send(tenant, "e")
        assert await keys(following, 1) == ["e"]


async def test_what_is_yet_to_come_is_waited_for(tenant: Tenant) -> None:
    async with stream(tenant, "", **last_seen("2")) as following:
        await send(tenant, "a", "b", "c")
        assert await keys(following, 1) == ["c"]


@pytest.mark.parametrize("after", ["-1", "999999999999999999999", "x", ""])
async def test_what_is_no_number_of_an_event_is_refused(tenant: Tenant, after: str) -> None:
    problem = await tenant.refuse("GET", f"{PATH}?after={after}")
    assert (problem["status"], problem["errors"][0]["pointer"]) == (400, "/after")


async def test_an_expression_narrows_it(tenant: Tenant) -> None:
    source = await tenant.new_source("the source")
    async with stream(tenant, "q=severity>=warning+source:%22the+source%22") as following:
        await tenant.send(
            DISK | {"key": "elsewhere"},
            DISK | {"key": "harmless", "severity": "info", "source_id": source.id},
            DISK | {"key": "bad", "source_id": source.id},
        )
        assert await keys(following, 1) == ["bad"]


async def test_several_expressions_are_followed_at_once(tenant: Tenant) -> None:
    async with stream(tenant, "q=severity=critical&q=key:a*&q=host:nowhere") as following:
        await tenant.send(
            DISK | {"key": "b", "severity": "info"},
            DISK | {"key": "b", "severity": "critical"},
            DISK | {"key": "a1", "severity": "critical"},
            DISK | {"key": "a2", "severity": "info"},
        )
        found = [await following.event() for _ in range(3)]
        assert [(each["key"], each["matches"]) for each in found] == [("b", [0]), ("a1", [0, 1]), ("a2", [1])]


async def test_one_wrong_expression_of_several_is_refused(tenant: Tenant) -> None:
    problem = await tenant.refuse("GET", f"{PATH}?q=key:a&q=severity>=bad")
    assert (problem["status"], problem["code"]) == (400, "invalid_query")


async def test_a_stream_has_an_end_of_expressions(tenant: Tenant) -> None:
    problem = await tenant.refuse("GET", f"{PATH}?{'&'.join(['q=key:a'] * 65)}")
    assert problem["status"] == 400


async def test_it_gives_a_sign_of_life(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(events, "_HEARTBEAT_SECONDS", 0.05)
    async with stream(tenant, "q=key:wanted") as following:
        assert await following.message() == ": tocsin\r\n: still here"
        # What does not match the expression is no sign of life for its listener.
        for _ in range(20):
            await send(tenant, "unwanted")
        assert await following.message() == ": still here"


async def test_it_ends_when_tocsin_stops(tmp_path: Path) -> None:
    async with serving_on_sqlite(tmp_path) as served:
        tenant = await served.new_tenant()
        async with stream(tenant) as following:
            served.hub.feed.end()
            assert await following.message() == ""


async def test_it_ends_when_its_token_is_revoked(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "POLL_SECONDS", 0.02)
    token, secret = await tenant.new_token()
    shown = {"Authorization": f"Bearer {secret}"}
    async with streaming(tenant.served.application, PATH, "", shown) as following:
        await send(tenant, "a")
        assert await keys(following, 1) == ["a"]
        await tenant.served.hub.database.write(lambda c: accounts.delete_token(c, tenant.id, token.id))
        await tenant.served.hub.authentication.refresh()
        await send(tenant, "b")
        assert await following.message() == ""


async def test_it_ends_when_its_reader_may_see_less(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "POLL_SECONDS", 0.02)
    secret = await tenant.new_user(Permission.VIEWALL)
    (reader,) = [
        each for each in (await tenant.get("/api/v1/users"))["items"] if each["role"].startswith("role of")
    ]
    narrow = {"name": "narrow", "permissions": ["VIEWSOME"], "scope": "host:nowhere"}
    await tenant.post("/api/v1/roles", narrow, status=201)
    shown = {"Authorization": f"Bearer {secret}"}
    async with streaming(tenant.served.application, PATH, "", shown) as following:
        await send(tenant, "a")
        assert await keys(following, 1) == ["a"]
        answer = await tenant.ask("PATCH", f"/api/v1/users/{reader['id']}", json={"role": "narrow"})
        assert answer.status_code == 200, answer.text
        await send(tenant, "b")
        assert await following.message() == ""


async def test_a_listener_that_hangs_up_is_forgotten(tenant: Tenant) -> None:
    listeners = tenant.served.hub.metrics.listeners
    async with stream(tenant, "after=0") as following:
        await send(tenant, "a")
        await keys(following, 1)
        assert listeners._value.get() == 1
    async with asyncio.timeout(5):
        while listeners._value.get():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def test_what_a_group_holds_is_looked_up_anew_when_the_configuration_changes(tenant: Tenant) -> None:
    async def put(kind: str, **document: object) -> None:
        answer = await tenant.ask("PUT", f"/rest/config/{kind}", json={"list": [document]})
        assert answer.status_code == 200, answer.text

    await put("hostgroup", name="Berlin")
    web = DISK | {"host": "web"}
    async with stream(tenant, "q=hostgroup:berlin OR key:first") as following:
        await tenant.send(web | {"key": "beyond"}, web | {"key": "first"})
        assert await keys(following, 1) == ["first"]
        await put("host", name="web", hostgroup={"name": "Berlin"})
        await tenant.send(web | {"key": "within"})
        assert await keys(following, 1) == ["within"]
