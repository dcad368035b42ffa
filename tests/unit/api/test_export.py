"""The whole result of a search as a file, as it comes over HTTP."""

import asyncio
import csv
import io
import json
import re
from typing import Any

import pytest

from tests.unit.server.in_process import ADDRESS, Tenant
from tocsin.api import export
from tocsin.model.role import Permission
from tocsin.store import scanning
from tocsin.store.errors import TookTooLong

pytestmark = pytest.mark.anyio

EVENTS = "/api/v1/events/export"
ALERTS = "/api/v1/alerts/export"


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_PAGE", 3)


async def fill(tenant: Tenant, number: int = 7) -> None:
    await tenant.send(*({"key": f"k{n}", "title": f"t{n}", "host": "a" if n else "b"} for n in range(number)))


async def lines(tenant: Tenant, path: str, **params: str) -> list[Any]:
    answer = await tenant.ask("GET", path, params={"format": "ndjson", **params})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.mark.parametrize("q", ["", "host:a", "host~^a$", "key:k* title:t*"])
@pytest.mark.parametrize("kind", ["events", "alerts"])
async def test_it_is_what_the_list_shows(tenant: Tenant, kind: str, q: str) -> None:
    await fill(tenant)
    listed = (await tenant.get(f"/api/v1/{kind}", q=q))["items"]
    assert len(listed) >= 6
    assert await lines(tenant, f"/api/v1/{kind}/export", q=q) == listed


@pytest.mark.parametrize("number", [0, 3, 4, 6])
async def test_every_number_of_pages_is_whole(tenant: Tenant, number: int) -> None:
    await fill(tenant, number)
    answer = await tenant.ask("GET", EVENTS, params={"format": "json"})
    assert [each["key"] for each in answer.json()] == [f"k{n}" for n in reversed(range(number))]
    answer = await tenant.ask("GET", EVENTS, params={"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [each["key"] for each in rows] == [f"k{n}" for n in reversed(range(number))]


async def test_the_time_narrows_events(tenant: Tenant) -> None:
    times = ("2026-01-02T11:00:00Z", "2026-01-02T12:00:00Z", "2026-01-02T13:00:00Z")
    await tenant.send(*({"key": time, "title": "t", "occurred_at": time} for time in times))
    bounds = {"from": "2026-01-02T12:00:00Z", "to": "2026-01-02T13:00:00Z"}
    assert [each["key"] for each in await lines(tenant, EVENTS, **bounds)] == [times[1]]


async def test_it_is_a_file_with_a_name(tenant: Tenant) -> None:
    for format_, media_type in (("csv", "text/csv"), ("json", "application/json")):
        answer = await tenant.ask("GET", ALERTS, params={"format": format_})
        assert answer.headers["content-type"].startswith(media_type)
        name = rf'attachment; filename="tocsin-alerts-\d{{8}}T\d{{6}}Z\.{format_}"'
        assert re.fullmatch(name, answer.headers["content-disposition"])


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "bad_request"),
        ({"format": "xml"}, "bad_request"),
        ({"format": "csv", "q": "severity>="}, "invalid_query"),
        ({"format": "csv", "from": "soon"}, "bad_request"),
    ],
)
async def test_what_is_wrong_is_told_before_it_begins(
    tenant: Tenant, params: dict[str, str], code: str
) -> None:
    assert (await tenant.refuse("GET", EVENTS, params=params))["code"] == code


async def test_nobody_exports_what_is_outside_their_scope(tenant: Tenant) -> None:
    await fill(tenant)
    token = await tenant.new_user(Permission.VIEWSOME, scope="host=b")
    for path in (EVENTS, ALERTS):
        answer = await tenant.ask("GET", path, params={"format": "ndjson"}, credential=token)
        assert [json.loads(line)["key"] for line in answer.text.splitlines()] == ["k0"]


class Transfer:
    """An export that is taken part by part, as slowly as one likes."""

    def __init__(self, tenant: Tenant, credential: str) -> None:
        self._tenant = tenant
        self._credential = credential
        self.sent: list[dict[str, Any]] = []
        self._wanted = asyncio.Semaphore(0)
        self._given = asyncio.Semaphore(0)

    async def run(self) -> None:
        """Ask, and hold each part back until it is wanted."""
        headers = [
            (b"host", ADDRESS.removeprefix("http://").encode()),
            (b"authorization", f"Bearer {self._credential}".encode()),
        ]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": "GET",
            "path": EVENTS,
            "raw_path": EVENTS.encode(),
            "root_path": "",
            "query_string": b"format=ndjson",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        received = iter([{"type": "http.request", "body": b"", "more_body": False}])
        ended = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if (message := next(received, None)) is not None:
                return message
            await ended.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            await self._wanted.acquire()
            self.sent.append(message)
            self._given.release()
            if not message.get("more_body", True):
                ended.set()

        await self._tenant.served.application(scope, receive, send)

    async def take(self, number: int) -> None:
        """Take some more messages."""
        for _ in range(number):
            self._wanted.release()
            await asyncio.wait_for(self._given.acquire(), 10)

    def take_all(self) -> None:
        """Take whatever comes."""
        for _ in range(100):
            self._wanted.release()

    @property
    def is_whole(self) -> bool:
        """Whether the answer has come to its end."""
        return not self.sent[-1].get("more_body", True)


async def test_no_page_is_read_ahead_of_who_takes_it(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    await fill(tenant, 12)
    read, events = [], scanning.events

    async def counted(*args: Any, **named: Any) -> Any:
        read.append(named["before"])
        return await events(*args, **named)

    monkeypatch.setattr(scanning, "events", counted)
    transfer = Transfer(tenant, tenant.token)
    running = asyncio.create_task(transfer.run())
    await transfer.take(2)  # the head and the first page
    await asyncio.sleep(0.05)
    assert read == [0, 10]
    transfer.take_all()
    await asyncio.wait_for(running, 10)
    assert transfer.is_whole
    assert read == [0, 10, 7, 4, 1]


async def test_a_failure_midway_does_not_look_like_the_end(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(tenant)
    events = scanning.events

    async def failing(*args: Any, **named: Any) -> Any:
        if named["before"]:
            raise TookTooLong("too long")
        return await events(*args, **named)

    monkeypatch.setattr(scanning, "events", failing)
    transfer = Transfer(tenant, tenant.token)
    running = asyncio.create_task(transfer.run())
    transfer.take_all()
    with pytest.raises(Exception, match="after response started"):
        await asyncio.wait_for(running, 10)
    assert not transfer.is_whole


async def test_who_is_revoked_midway_gets_no_more(tenant: Tenant) -> None:
    await fill(tenant, 12)
    token, secret = await tenant.new_token()
    transfer = Transfer(tenant, secret)
    running = asyncio.create_task(transfer.run())
    await transfer.take(2)
    assert (await tenant.ask("DELETE", f"/api/v1/tokens/{token.id}")).status_code == 204
    transfer.take_all()
    with pytest.raises(Exception, match="after response started"):
        await asyncio.wait_for(running, 10)
    assert not transfer.is_whole
    assert len(transfer.sent) <= 3
