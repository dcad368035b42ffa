"""`/in/`: any format, and answers in one shape."""

import gzip
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.unit.server.in_process import Served, Tenant, serving_on_sqlite
from tocsin.hub.recorder import Recorder
from tocsin.model.source import Source, SourceOptions
from tocsin.model.submission import WHOLE
from tocsin.server.settings import Settings
from tocsin.store import reading

pytestmark = pytest.mark.anyio

NATIVE = {"key": "db1/disk", "title": "Disk full on db1"}
VICTOROPS = {"message_type": "critical", "entity_id": "db1/disk", "entity_display_name": "Disk full"}


async def deliver(tenant: Tenant, source: Source, **body: Any) -> httpx2.Response:
    path = f"/in/{source.id}/{source.access_key}"
    return await tenant.served.client.post(path, **body)


def problem_of(answer: httpx2.Response) -> tuple[int, str]:
    """Give status and code of a problem in its whole shape."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"status", "type", "title", "detail", "code"}
    assert problem["status"] == answer.status_code
    assert problem["type"].endswith(f"#{problem['code']}")
    return answer.status_code, problem["code"]


def rejected(served: Served, reason: str) -> float:
    named = {"reason": reason}
    return served.hub.metrics.registry.get_sample_value("tocsin_signals_rejected_total", named) or 0


@pytest.mark.parametrize(
    ("source_format", "document", "understood"),
    [
        ("auto", NATIVE, "native"),
        ("auto", [NATIVE], "native"),
        ("auto", VICTOROPS, "victorops"),
        ("native", NATIVE, "native"),
        ("victorops", VICTOROPS, "victorops"),
    ],
)
async def test_a_payload_is_taken_in_the_format_of_its_source(
    tenant: Tenant, source_format: str, document: object, understood: str
) -> None:
    source = await tenant.new_source(source_format=source_format)
    answer = await deliver(tenant, source, json=document)
    assert answer.status_code == 200
    (receipt,) = answer.json()["receipts"]
    assert (receipt["outcome"], receipt["id"]) == ("opened", "event-000000000001")
    (event,) = await tenant.events()
    assert (event.key, event.source_id) == ("db1/disk", source.id)
    payload = await tenant.served.hub.database.read(lambda c: reading.payload(c, tenant.id, 1))
    assert payload.format == understood


@pytest.mark.parametrize(
    ("source_format", "document"),
    [
        ("auto", {}),
        ("auto", 5),
        ("auto", None),
        ("auto", "text"),
        ("auto", {"message_type": 5}),
        ("auto", {"message_type": ""}),
        ("native", VICTOROPS),
        ("victorops", NATIVE),
        ("victorops", [VICTOROPS]),
    ],
)
async def test_what_its_format_does_not_understand_is_an_event_of_kind_error(
    tenant: Tenant, source_format: str, document: object
) -> None:
    source = await tenant.new_source(source_format=source_format)
    answer = await deliver(tenant, source, content=json.dumps(document).encode())
    assert answer.status_code == 200
    assert [each["outcome"] for each in answer.json()["receipts"]] == ["opened"]
    (event,) = await tenant.events()
    assert (event.kind, event.severity) == ("error", "critical")
    assert event.title.startswith("payload not understood: ")
    assert (event.host, event.service) == (source.name, "")


async def test_a_bad_item_of_an_array_is_an_event_of_kind_error_in_its_place(tenant: Tenant) -> None:
    answer = await deliver(tenant, tenant.source, json=[NATIVE, 5, NATIVE, {"key": "k"}])
    receipts = answer.json()["receipts"]
    assert [(each["index"], each["outcome"]) for each in receipts] == [
        (0, "opened"),
        (1, "opened"),
        (2, "joined"),
        (3, "opened"),
    ]
    events = sorted(await tenant.events(), key=lambda event: event.seq)
    assert [event.kind for event in events] == ["problem", "error", "problem", "error"]
    assert events[1].title == "payload not understood: not an event: a JSON object is expected"
    assert "`title`" in events[3].title
    assert await tenant.rejected() == []


async def test_a_payload_that_holds_no_event_is_one_of_kind_error(tenant: Tenant) -> None:
    answer = await deliver(tenant, tenant.source, json=[])
    assert [each["outcome"] for each in answer.json()["receipts"]] == ["opened"]
    (event,) = await tenant.events()
    assert (event.kind, event.title) == ("error", "payload not understood: it holds no event")


async def test_bad_payloads_count_against_the_rate_of_their_source(tenant: Tenant) -> None:
    source = await tenant.new_source(options=SourceOptions(rate_limit=1))
    answers = [await deliver(tenant, source, content=b"{") for _ in range(3)]
    assert [answer.status_code for answer in answers][::2] == [400, 429]
    assert len(await tenant.rejected()) < 3


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"key": "\\u0000"}', b"[" * 100_000])
async def test_what_is_no_json_is_refused_and_kept(tenant: Tenant, body: bytes) -> None:
    answer = await deliver(tenant, tenant.source, content=body)
    assert problem_of(answer) == (400, "bad_payload")
    assert await tenant.rejected() == [(WHOLE, answer.json()["detail"])]
    assert await tenant.events() == []


async def test_a_compressed_payload_is_read(tenant: Tenant) -> None:
    headers = {"Content-Encoding": "gzip"}
    body = gzip.compress(b'{"key": "k", "title": "t"}')
    answer = await deliver(tenant, tenant.source, content=body, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_slash_at_the_end_does_not_matter(tenant: Tenant, slash: str) -> None:
    path = f"/in/{tenant.source.id}/{tenant.source.access_key}{slash}"
    assert (await tenant.served.client.post(path, json=NATIVE)).status_code == 200


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/in/{id}/wrong", "unknown_key"),
        ("/in/source-nope/{key}", "unknown_key"),
        ("/in/{id}/{key}%00", "unknown_key"),
        ("/in/{id}/%C3%A4", "unknown_key"),
        ("/in//{key}", "not_found"),
        ("/in/{key}", "not_found"),
        ("/in/{id}/{key}/more", "not_found"),
        ("/in/", "not_found"),
    ],
)
async def test_an_unknown_key_or_path_is_not_found(tenant: Tenant, path: str, code: str) -> None:
    path = path.format(id=tenant.source.id, key=tenant.source.access_key)
    before = rejected(tenant.served, code)
    answer = await tenant.served.client.post(path, json=NATIVE)
    assert problem_of(answer) == (404, code)
    assert rejected(tenant.served, code) == before + 1
    assert tenant.source.access_key not in answer.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_only_post_is_taken(tenant: Tenant, method: str) -> None:
    path = f"/in/{tenant.source.id}/{tenant.source.access_key}"
    answer = await tenant.served.client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_the_key_of_a_disabled_source_is_forbidden(tenant: Tenant) -> None:
    await tenant.disable(tenant.source)
    assert problem_of(await deliver(tenant, tenant.source, json=NATIVE)) == (403, "source_disabled")


async def test_a_source_has_the_rate_that_its_options_say(tenant: Tenant) -> None:
    source = await tenant.new_source(options=SourceOptions(rate_limit=1))
    await deliver(tenant, source, json=[NATIVE] * 3)
    answer = await deliver(tenant, source, json=NATIVE)
    assert problem_of(answer) == (429, "too_many")
    assert int(answer.headers["retry-after"]) >= 1


async def test_a_body_is_bounded(tmp_path: Path) -> None:
    async with serving_on_sqlite(tmp_path, Settings(batch_bytes=100)) as served:
        tenant = await served.new_tenant()
        answer = await deliver(tenant, tenant.source, content=b"x" * 101)
        assert problem_of(answer) == (413, "too_large")
        answer = await deliver(tenant, tenant.source, content=b"x", headers={"Content-Encoding": "br"})
        assert problem_of(answer) == (415, "unsupported")


async def test_trouble_of_its_own_is_no_fault_of_the_sender(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: object, __: object) -> None:
        raise RuntimeError("a fault in the code")

    monkeypatch.setattr(Recorder, "record", broken)
    answer = await deliver(tenant, tenant.source, json=NATIVE)
    assert problem_of(answer) == (503, "internal")
    assert int(answer.headers["retry-after"]) >= 1
    assert "fault in the code" not in answer.text


async def test_a_server_that_stops_is_unavailable(tmp_path: Path) -> None:
    async with serving_on_sqlite(tmp_path) as served:
        tenant = await served.new_tenant()
        await served.hub.recorder.stop()
        answer = await deliver(tenant, tenant.source, json=NATIVE)
        assert problem_of(answer) == (503, "unavailable")
        assert answer.headers["retry-after"] == "1"
