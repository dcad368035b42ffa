import gzip
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.unit.server.in_process import Served, Tenant, serving_on_sqlite
from tocsin.hub.errors import Unavailable
from tocsin.hub.recorder import Recorder
from tocsin.server.settings import Settings

pytestmark = pytest.mark.anyio

DISK = {"key": "db1/disk", "title": "Disk full"}


def failed(answer: httpx2.Response) -> tuple[int, str, str]:
    """Give status, code and message of a failure in its whole shape."""
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert list(document) == ["detail"]
    assert list(document["detail"]) == ["code", "message"]
    return answer.status_code, document["detail"]["code"], document["detail"]["message"]


def webhook(tenant: Tenant) -> str:
    return f"/monitoring/v1/webhook/{tenant.source.id}/{tenant.source.access_key}/events"


def rejected(served: Served, reason: str) -> float:
    named = {"reason": reason}
    return served.hub.metrics.registry.get_sample_value("tocsin_signals_rejected_total", named) or 0


@pytest.mark.parametrize("prefix", ["/monitoring/v1", "/monitoring"])
async def test_a_method_takes_and_gives_json(tenant: Tenant, prefix: str) -> None:
    keys = {"webhook_id": tenant.source.id, "access_key": tenant.source.access_key}
    data = {**DISK, "n": 2**60 + 1}
    created = await tenant.ask("POST", f"{prefix}/event/create", credential="", json={**keys, "data": data})
    assert (created.status_code, created.json()) == (200, {})
    wanted = {"event_id": "event-000000000001", "domain_id": tenant.id}
    answer = await tenant.ask("POST", f"{prefix}/event/get", json=wanted)
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["raw_data"], shown["rule"], shown["resource"]) == (data, "", None)
    assert len(shown) == 19


@pytest.mark.parametrize(
    ("path", "body", "failure"),
    [
        ("event/get", {}, (400, "ERROR_REQUIRED_PARAMETER")),
        ("event/get", {"nope": 1}, (400, "ERROR_INVALID_PARAMETER")),
        ("event/get", {"event_id": 1}, (400, "ERROR_INVALID_PARAMETER_TYPE")),
        ("event/get", [], (400, "ERROR_INVALID_PARAMETER_TYPE")),
        ("event/get", {"event_id": "event-1", "domain_id": "other"}, (403, "ERROR_PERMISSION_DENIED")),
        ("alert/add-responder", {}, (501, "ERROR_UNSUPPORTED_API")),
        ("event/nope", {}, (404, "ERROR_UNKNOWN")),
        ("webhook/a/b", {}, (404, "ERROR_UNKNOWN")),
        ("webhook/a/b/events", {}, (403, "ERROR_PERMISSION_DENIED")),
        ("webhook/%00/%00/events", {}, (403, "ERROR_PERMISSION_DENIED")),
    ],
)
async def test_what_fails_says_why(tenant: Tenant, path: str, body: object, failure: tuple[int, str]) -> None:
    answer = await tenant.ask("POST", f"/monitoring/v1/{path}", json=body)
    assert failed(answer)[:2] == failure


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"event_id":"\\u0000"}', b"[" * 70 + b"]" * 70, b"NaN"])
async def test_a_body_that_is_no_json_is_refused(tenant: Tenant, body: bytes) -> None:
    answer = await tenant.ask("POST", "/monitoring/event/get", content=body)
    assert failed(answer)[:2] == (400, "ERROR_INVALID_PARAMETER")


async def test_an_empty_body_is_an_empty_request(tenant: Tenant) -> None:
    answer = await tenant.ask("POST", "/monitoring/event/get", content=b"")
    assert failed(answer) == (400, "ERROR_REQUIRED_PARAMETER", "Required parameter. (key = event_id)")


async def test_a_token_is_shown_as_a_bearer(tenant: Tenant) -> None:
    for given in ({}, {"Authorization": "Basic x"}, {"Authorization": f"bearer {tenant.token}x"}):
        answer = await tenant.served.client.post("/monitoring/event/get", json={}, headers=given)
        assert failed(answer)[:2] == (401, "ERROR_AUTHENTICATE_FAILURE")


async def test_only_post_is_taken(tenant: Tenant) -> None:
    for path in ("/monitoring/event/get", webhook(tenant)):
        answer = await tenant.ask("GET", path)
        assert failed(answer)[:2] == (405, "ERROR_UNKNOWN")
        assert answer.headers["allow"] == "POST"


async def test_it_says_that_it_serves(tenant: Tenant) -> None:
    answer = await tenant.served.client.get("/check")
    assert (answer.status_code, answer.json()) == (200, {"status": "SERVING"})


@pytest.mark.parametrize("document", [DISK, [DISK, DISK], {"odd": 1}, "text", 5, None, True, {}])
async def test_a_webhook_takes_any_json(tenant: Tenant, document: object) -> None:
    answer = await tenant.served.client.post(
        webhook(tenant), content=json.dumps(document).encode(), headers={"Content-Type": "text/plain"}
    )
    assert (answer.status_code, answer.content) == (200, b"{}")
    assert len(await tenant.events()) == (2 if isinstance(document, list) else 1)


async def test_a_webhook_takes_gzip(tenant: Tenant) -> None:
    answer = await tenant.served.client.post(
        webhook(tenant),
        content=gzip.compress(json.dumps(DISK).encode()),
        headers={"Content-Encoding": "gzip"},
    )
    assert (answer.status_code, len(await tenant.events())) == (200, 1)


@pytest.mark.parametrize(
    ("body", "headers", "failure", "reason"),
    [
        (b"", {}, (400, "ERROR_INVALID_PARAMETER"), "bad_payload"),
        (b"\xff", {}, (400, "ERROR_INVALID_PARAMETER"), "bad_payload"),
        (b'["\\u0000"]', {}, (400, "ERROR_INVALID_PARAMETER"), "bad_payload"),
        (b"x", {"Content-Encoding": "br"}, (415, "ERROR_UNKNOWN"), "unsupported"),
        (b"x", {"Content-Encoding": "gzip"}, (400, "ERROR_UNKNOWN"), "bad_payload"),
    ],
)
async def test_what_a_webhook_does_not_take_is_told_and_counted(
    tenant: Tenant, body: bytes, headers: dict[str, str], failure: tuple[int, str], reason: str
) -> None:
    before = rejected(tenant.served, reason)
    answer = await tenant.served.client.post(webhook(tenant), content=body, headers=headers)
    assert failed(answer)[:2] == failure
    assert rejected(tenant.served, reason) == before + 1
    assert await tenant.events() == []


async def test_nothing_is_answered_before_the_commit(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: Any) -> None:
        raise Unavailable("too much is waiting to be written: try again", 7)

    monkeypatch.setattr(Recorder, "record", full)
    before = rejected(tenant.served, "unavailable")
    answer = await tenant.served.client.post(webhook(tenant), json=DISK)
    assert failed(answer)[:2] == (503, "ERROR_UNAVAILABLE")
    assert answer.headers["retry-after"] == "7"
    assert rejected(tenant.served, "unavailable") == before + 1


async def test_a_fault_of_ours_is_told_without_a_word_of_it(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise ValueError("s3cret")

    monkeypatch.setattr(Recorder, "record", broken)
    answer = await tenant.served.client.post(webhook(tenant), json=DISK)
    assert failed(answer)[:2] == (503, "ERROR_UNAVAILABLE")
    assert "s3cret" not in answer.text
    assert answer.headers["retry-after"] == "5"


async def test_webhooks_can_be_told_from_wrong_keys(tmp_path: Path) -> None:
    async with serving_on_sqlite(tmp_path, Settings(reveal_webhooks=True)) as served:
        tenant = await served.new_tenant()
        keys = {"webhook_id": "webhook-1", "access_key": tenant.source.access_key, "data": DISK}
        answer = await served.client.post("/monitoring/event/create", json=keys)
        assert failed(answer) == (404, "ERROR_NOT_FOUND", "Value not found. (webhook_id = webhook-1)")
        keys |= {"webhook_id": tenant.source.id, "access_key": "0" * 32}
        answer = await served.client.post("/monitoring/event/create", json=keys)
        assert failed(answer)[:2] == (403, "ERROR_PERMISSION_DENIED")


async def test_a_body_beyond_the_limit_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("small")
    async with serving_on_sqlite(folder, Settings(batch_bytes=100)) as served:
        tenant = await served.new_tenant()
        for path in (webhook(tenant), "/monitoring/event/get"):
            answer = await tenant.ask("POST", path, content=b" " * 101)
            assert failed(answer)[:2] == (413, "ERROR_UNKNOWN")
