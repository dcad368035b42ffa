"""Posting events: one, an array, lines, compressed; what is bad is rejected alone and kept."""

import gzip
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.unit.server.in_process import Served, Tenant, lines, serving_on_sqlite
from tocsin.model.source import SourceOptions
from tocsin.model.submission import WHOLE
from tocsin.server.settings import Settings
from tocsin.store import directory

pytestmark = pytest.mark.anyio

EVENTS = "/api/v1/events"
DISK = {"key": "db1/disk", "title": "Disk full on db1"}
WELL = DISK | {"kind": "recovery", "title": "Disk is well"}


async def post(tenant: Tenant, content: bytes, content_type: str = "", **headers: str) -> list[Any]:
    """Post a body that must be taken, and give the receipts."""
    named = {"Content-Type": content_type} if content_type else {}
    answer = await tenant.ask("POST", EVENTS, content=content, headers=named | headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    receipts: list[Any] = answer.json()["receipts"]
    return receipts


def rejected(served: Served, reason: str) -> float:
    named = {"reason": reason}
    return served.hub.metrics.registry.get_sample_value("tocsin_signals_rejected_total", named) or 0


async def test_one_event_gets_a_receipt(tenant: Tenant) -> None:
    assert await post(tenant, b'{"key": "db1/disk", "title": "Disk full"}', "application/json") == [
        {
            "index": 0,
            "outcome": "opened",
            "reason": "",
            "id": "event-000000000001",
            "seq": 1,
            "alert_id": "alert-000000000001",
            "silenced_by": "",
        }
    ]
    (event,) = await tenant.events()
    assert (event.key, event.title, event.source_id) == ("db1/disk", "Disk full", tenant.source.id)


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "nonsense"])
async def test_json_is_taken_whatever_the_content_type_says(tenant: Tenant, content_type: str) -> None:
    receipts = await post(tenant, b'{"key": "k", "title": "t"}', content_type)
    assert [receipt["outcome"] for receipt in receipts] == ["opened"]


async def test_the_receipts_of_an_array_come_in_its_order(tenant: Tenant) -> None:
    receipts = await tenant.send(DISK, DISK, WELL, WELL, DISK | {"kind": "info"})
    assert [(each["index"], each["seq"], each["outcome"]) for each in receipts] == [
        (0, 1, "opened"),
        (1, 2, "joined"),
        (2, 3, "resolved"),
        (3, 4, "recorded"),
        (4, 5, "recorded"),
    ]
    assert receipts[3]["reason"] == "no alert is open for this key"
    assert [each["alert_id"] for each in receipts] == ["alert-000000000001"] * 3 + ["", ""]


async def test_an_empty_array_is_nothing_to_record(tenant: Tenant) -> None:
    assert await post(tenant, b"[]") == []
    assert await tenant.events() == []


@pytest.mark.parametrize(
    "content_type", ["application/x-ndjson", "Application/NDJSON; charset=utf-8", "application/jsonl"]
)
async def test_lines_are_an_event_each(tenant: Tenant, content_type: str) -> None:
    body = b"\n" + lines(DISK, WELL).replace(b"\n", b"\r\n") + b"\n"
    receipts = await post(tenant, body, content_type)
    assert [(each["index"], each["outcome"]) for each in receipts] == [(0, "opened"), (1, "resolved")]


async def test_a_bad_line_is_rejected_alone(tenant: Tenant) -> None:
    body = lines(DISK) + b"{broken\n" + lines([], WELL)
    receipts = await post(tenant, body, "application/x-ndjson")
    assert [(each["index"], each["outcome"]) for each in receipts] == [
        (0, "opened"),
        (1, "rejected"),
        (2, "rejected"),
        (3, "resolved"),
    ]
    assert await tenant.rejected() == [(each["index"], each["reason"]) for each in receipts[1:3]]


async def test_lines_without_their_content_type_get_a_hint(tenant: Tenant) -> None:
    problem = await tenant.refuse("POST", EVENTS, content=lines(DISK, DISK))
    assert "Content-Type: application/x-ndjson" in problem["detail"]


async def test_bad_items_are_rejected_alone_and_kept(tenant: Tenant) -> None:
    receipts = await tenant.send(
        DISK, {"key": "no title"}, DISK | {"severity": "terrible"}, DISK | {"kind": "note"}, WELL
    )
    assert [each["outcome"] for each in receipts] == [
        "opened",
        "rejected",
        "rejected",
        "rejected",
        "resolved",
    ]
    assert [(each["id"], each["seq"], each["alert_id"]) for each in receipts[1:4]] == [("", 0, "")] * 3
    assert await tenant.rejected() == [
        (1, "object missing required field `title`"),
        (2, "severity: expected one of critical, error, warning, info, none, not_available"),
        (
            3,
            "kind: note cannot be posted, only acknowledgement, check_result, error, info, problem, recovery",
        ),
    ]
    assert len(await tenant.events()) == 2


async def test_a_single_bad_event_is_a_bad_request_and_kept(tenant: Tenant) -> None:
    problem = await tenant.refuse("POST", EVENTS, json={"key": "no title"})
    assert (problem["status"], problem["code"]) == (400, "bad_payload")
    assert problem["detail"] == "object missing required field `title`"
    assert await tenant.rejected() == [(WHOLE, problem["detail"])]
    assert await tenant.events() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"not json",
        b"5",
        b'"text"',
        b"null",
        b'{"key": "a\xff", "title": "t"}',
        b'{"key": "a\\u0000", "title": "t"}',
        b'[{"key": "a\\u0000", "title": "t"}]',
        b'{"key": "a\\ud800", "title": "t"}',
        b"[" * 100_000,
        b'{"key": "k", "title": "t", "deep": ' + b"[" * 100 + b"]" * 100 + b"}",
        b'{"key": "k", "title": "t", "occurred_at": 1' + b"0" * 400 + b"}",
        b'{"key": "k", "title": "t", "occurred_at": -1}',
        b'{"key": "k", "title": "t"} {"key": "k", "title": "t"}',
    ],
)
async def test_what_is_no_event_is_a_bad_request_and_kept(tenant: Tenant, body: bytes) -> None:
    problem = await tenant.refuse("POST", EVENTS, content=body)
    assert (problem["status"], problem["code"]) == (400, "bad_payload")
    assert await tenant.rejected() == [(WHOLE, problem["detail"])]
    assert await tenant.events() == []


async def test_too_many_events_are_refused_as_one(tenant: Tenant) -> None:
    problem = await tenant.refuse("POST", EVENTS, content=b"[" + b"0," * 10_000 + b"0]")
    assert problem["detail"] == "10001 events in one request: at most 10000 are taken"
    assert len(await tenant.rejected()) == 1


async def test_unknown_fields_become_labels(tenant: Tenant) -> None:
    item = DISK | {"region": "eu", "shard": 7, "nested": {"a": [1]}, "none": None, "labels": {"region": "us"}}
    await tenant.send(item)
    (event,) = await tenant.events()
    assert event.labels == {"region": "us", "shard": "7", "nested": '{"a":[1]}', "none": ""}


async def test_a_compressed_body_is_read(tenant: Tenant) -> None:
    members = gzip.compress(lines(DISK)) + gzip.compress(lines(WELL))
    receipts = await post(tenant, members, "application/x-ndjson", **{"Content-Encoding": "gzip"})
    assert [each["outcome"] for each in receipts] == ["opened", "resolved"]


@pytest.mark.parametrize(
    ("encoding", "body", "status", "code"),
    [
        ("br", b"{}", 415, "unsupported"),
        ("gzip", b"{}", 400, "bad_payload"),
        ("gzip", gzip.compress(b"{}")[:-4], 400, "bad_payload"),
        ("gzip", gzip.compress(b"x" * 200_000), 413, "too_large"),
        ("", b"x" * 100_001, 413, "too_large"),
        ("deflate", zlib.compress(b"{}"), 415, "unsupported"),
    ],
    ids=["other", "not gzip", "cut off", "bomb", "large", "deflate"],
)
async def test_what_cannot_be_read_is_refused_and_counted(
    tmp_path: Path, encoding: str, body: bytes, status: int, code: str
) -> None:
    async with serving_on_sqlite(tmp_path, Settings(batch_bytes=100_000)) as served:
        tenant = await served.new_tenant()
        headers = {"Content-Encoding": encoding} if encoding else {}
        problem = await tenant.refuse("POST", EVENTS, content=body, headers=headers)
        assert (problem["status"], problem["code"]) == (status, code)
        assert rejected(served, code) == 1
        assert await tenant.rejected() == []


class TestSources:
    """Which source a posted event belongs to."""

    async def test_an_event_names_its_source(self, tenant: Tenant) -> None:
        other = await tenant.new_source()
        receipts = await tenant.send(
            DISK,
            DISK | {"source_id": other.id, "key": "theirs"},
            DISK | {"source_id": "source-nope"},
            DISK | {"source_id": tenant.source.id},
        )
        assert [each["outcome"] for each in receipts] == ["opened", "opened", "rejected", "joined"]
        assert receipts[2]["reason"] == "source_id: there is no source source-nope"
        owners = {event.key: event.source_id for event in await tenant.events()}
        assert owners == {DISK["key"]: tenant.source.id, "theirs": other.id}
        assert await tenant.rejected() == [(2, receipts[2]["reason"])]

    async def test_a_single_event_of_an_unknown_source_is_a_bad_request(self, tenant: Tenant) -> None:
        problem = await tenant.refuse("POST", EVENTS, json=DISK | {"source_id": "source-nope"})
        assert (problem["status"], problem["code"]) == (400, "bad_payload")
        assert await tenant.rejected() == [(WHOLE, "source_id: there is no source source-nope")]

    async def test_a_key_sends_for_its_own_source_only(self, tenant: Tenant) -> None:
        other = await tenant.new_source()
        items = [DISK | {"source_id": named} for named in ("", other.id, tenant.source.id)]
        answer = await tenant.ask("POST", EVENTS, json=items, credential=other.access_key)
        outcomes = [each["outcome"] for each in answer.json()["receipts"]]
        assert outcomes == ["opened", "joined", "rejected"]
        assert {event.source_id for event in await tenant.events()} == {other.id}

    @pytest.mark.parametrize("how", ["disabled", "gone"])
    async def test_without_the_first_source_events_must_name_theirs(self, tenant: Tenant, how: str) -> None:
        other = await tenant.new_source()
        if how == "disabled":
            await tenant.disable(tenant.source)
        else:
            await tenant.served.hub.database.write(lambda c: directory.delete_source(c, tenant.source))
            await tenant.served.hub.authentication.refresh()
        receipts = await tenant.send(
            DISK, DISK | {"source_id": other.id}, DISK | {"source_id": tenant.source.id}
        )
        assert [each["outcome"] for each in receipts] == ["rejected", "opened", "rejected"]
        assert "first" in receipts[0]["reason"]
        assert len(await tenant.rejected()) == 2
        problem = await tenant.refuse("POST", EVENTS, json=DISK)
        assert problem["status"] == 400

    async def test_the_key_of_a_disabled_source_is_forbidden(self, tenant: Tenant) -> None:
        await tenant.disable(tenant.source)
        problem = await tenant.refuse("POST", EVENTS, json=DISK, credential=tenant.source.access_key)
        assert (problem["status"], problem["code"]) == (403, "source_disabled")

    async def test_a_source_has_the_rate_that_its_options_say(self, tenant: Tenant) -> None:
        slow = await tenant.new_source(options=SourceOptions(rate_limit=2))
        before = rejected(tenant.served, "too_many")
        items = [DISK | {"source_id": slow.id}] * 20
        await tenant.send(*items)
        answer = await tenant.ask("POST", EVENTS, json=items)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
        assert 1 <= int(answer.headers["retry-after"]) <= 10
        assert len(await tenant.events()) == 20
        assert rejected(tenant.served, "too_many") == before + 1


async def test_a_store_that_fails_is_unavailable(tmp_path: Path) -> None:
    async with serving_on_sqlite(tmp_path) as served:
        tenant = await served.new_tenant()
        await served.hub.recorder.stop()
        answer = await tenant.ask("POST", EVENTS, json=DISK)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"] == "1"


async def test_the_payload_is_kept_as_it_came(tenant: Tenant) -> None:
    body = b'{ "key": "k",\n "title": "\xc3\xa4" }'
    await post(tenant, body, "application/json; charset=utf-8")
    shown = await tenant.get(f"{EVENTS}/event-000000000001")
    assert shown["payload"] == {
        "format": "native",
        "content_type": "application/json; charset=utf-8",
        "context": {},
        "size": len(body),
        "body": body.decode(),
        "body_base64": "",
    }
