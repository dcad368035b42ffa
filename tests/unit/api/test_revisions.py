"""ETag, If-None-Match and If-Match: the same on everything that is configured."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import Struct, field

from tests.unit.server.in_process import Tenant
from tocsin.query.times import microseconds

pytestmark = pytest.mark.anyio


class Configured(Struct, frozen=True):
    """Something that is configured: where its kind stands, and what makes one."""

    path: str
    document: dict[str, Any]
    change: dict[str, Any] = field(default_factory=lambda: {"enabled": False})
    back: dict[str, Any] = field(default_factory=lambda: {"enabled": True})


SILENCE = {"expression": "host:web-*", "duration": 3600}
THINGS = [
    Configured("/api/v1/sources", {"name": "thing"}),
    Configured("/api/v1/targets", {"name": "thing", "kind": "webhook", "url": "https://pager.example.com/x"}),
    Configured("/api/v1/routes", {"name": "thing"}),
    Configured(
        "/api/v1/roles",
        {"name": "thing", "permissions": []},
        {"permissions": ["VIEWALL"]},
        {"permissions": []},
    ),
]


@pytest.fixture(params=THINGS, ids=lambda thing: thing.path.rpartition("/")[2])
def thing(request: pytest.FixtureRequest) -> Configured:
    found: Configured = request.param
    return found


async def made(tenant: Tenant, thing: Configured) -> str:
    """Make the thing, and give the tag that it has."""
    answer = await tenant.ask("POST", thing.path, json=thing.document)
    assert answer.status_code == 201, answer.text
    tag: str = answer.headers["etag"]
    return tag


async def test_a_tag_holds_until_something_changes(tenant: Tenant, thing: Configured) -> None:
    path, tag = f"{thing.path}/thing", await made(tenant, thing)
    assert tag.startswith('"')
    assert (await tenant.ask("GET", path)).headers["etag"] == tag
    changed = await tenant.ask("PATCH", path, json=thing.change)
    assert changed.headers["etag"] != tag
    assert (await tenant.ask("GET", path)).headers["etag"] == changed.headers["etag"]
    back = await tenant.ask("PATCH", path, json=thing.back)
    assert back.headers["etag"] == tag


@pytest.mark.parametrize("shown", ["{tag}", '"other", {tag}', "W/{tag}", "*"])
async def test_what_is_known_is_not_sent_again(tenant: Tenant, thing: Configured, shown: str) -> None:
    path, tag = f"{thing.path}/thing", await made(tenant, thing)
    headers = {"If-None-Match": shown.format(tag=tag)}
    answer = await tenant.ask("GET", path, headers=headers)
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)


async def test_what_has_changed_is_sent(tenant: Tenant, thing: Configured) -> None:
    path, tag = f"{thing.path}/thing", await made(tenant, thing)
    await tenant.ask("PATCH", path, json=thing.change)
    answer = await tenant.ask("GET", path, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.json() | thing.change) == (200, answer.json())


@pytest.mark.parametrize("shown", ["{tag}", '"other",{tag}', "*"])
async def test_what_is_as_it_was_seen_is_changed(tenant: Tenant, thing: Configured, shown: str) -> None:
    path, tag = f"{thing.path}/thing", await made(tenant, thing)
    headers = {"If-Match": shown.format(tag=tag)}
    answer = await tenant.ask("PATCH", path, json=thing.change, headers=headers)
    assert answer.status_code == 200
    headers = {"If-Match": shown.format(tag=answer.headers["etag"])}
    assert (await tenant.ask("DELETE", path, headers=headers)).status_code == 204


@pytest.mark.parametrize("shown", ['"other"', "W/{tag}", "nonsense"])
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_what_is_not_as_it_was_seen_stays(
    tenant: Tenant, thing: Configured, method: str, shown: str
) -> None:
    path, tag = f"{thing.path}/thing", await made(tenant, thing)
    body = {"json": thing.change} if method == "PATCH" else {}
    problem = await tenant.refuse(method, path, headers={"If-Match": shown.format(tag=tag)}, **body)
    assert (problem["status"], problem["code"]) == (412, "changed")
    assert "look at it again" in problem["detail"]
    assert (await tenant.ask("GET", path)).headers["etag"] == tag


async def test_a_silence_is_ended_as_it_was_seen(tenant: Tenant) -> None:
    made = await tenant.ask("POST", "/api/v1/silences", json=SILENCE)
    path, tag = f"/api/v1/silences/{made.json()['id']}", made.headers["etag"]
    shown = await tenant.ask("GET", path, headers={"If-None-Match": tag})
    assert (shown.status_code, shown.content, shown.headers["etag"]) == (304, b"", tag)
    problem = await tenant.refuse("POST", f"{path}/expire", headers={"If-Match": '"other"'})
    assert (problem["status"], problem["code"]) == (412, "changed")
    ended = await tenant.ask("POST", f"{path}/expire", headers={"If-Match": tag})
    assert (ended.status_code, ended.json()["state"]) == (200, "expired")
    seen = await tenant.ask("GET", path, headers={"If-None-Match": tag})
    assert (seen.status_code, seen.headers["etag"]) == (200, ended.headers["etag"])
    assert ended.headers["etag"] != tag


async def test_time_alone_makes_another_tag_of_a_silence(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts_at = datetime.now(UTC) + timedelta(hours=1)
    waiting = SILENCE | {"starts_at": starts_at.isoformat()}
    made = await tenant.ask("POST", "/api/v1/silences", json=waiting)
    path, tag = f"/api/v1/silences/{made.json()['id']}", made.headers["etag"]
    assert (await tenant.ask("GET", path)).headers["etag"] == tag
    later = microseconds(starts_at + timedelta(minutes=1))
    monkeypatch.setattr("tocsin.api.silences.clock", lambda: later)
    assert (await tenant.ask("GET", path)).headers["etag"] != tag
