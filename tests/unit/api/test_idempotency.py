"""Idempotency-Key: a post that is repeated is answered as the first time, and recorded once."""

import asyncio
import json
from typing import Any

import httpx2
import pytest

from tests.unit.server.in_process import Served, Tenant

pytestmark = pytest.mark.anyio

EVENTS = "/api/v1/events"
DISK = {"key": "db1/disk", "title": "Disk full on db1"}


async def post(tenant: Tenant, document: object, key: str, **options: Any) -> httpx2.Response:
    return await tenant.ask("POST", EVENTS, json=document, headers={"Idempotency-Key": key}, **options)


def recorded(served: Served) -> float:
    registry = served.hub.metrics.registry
    return registry.get_sample_value("tocsin_signals_recorded_total", {"outcome": "opened"}) or 0


async def test_a_repeated_request_gets_the_same_receipts_and_says_so(served: Served, tenant: Tenant) -> None:
    first = await post(tenant, [DISK, {"key": "bad"}, DISK], "once")
    counted = recorded(served)
    again = await post(tenant, [DISK, {"key": "bad"}, DISK], "once")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert [event.seq for event in await tenant.events()] == [1, 2]
    assert len(await tenant.rejected()) == 1
    assert counted > 0
    assert recorded(served) == counted


async def test_requests_that_come_together_are_recorded_once(tenant: Tenant) -> None:
    answers = await asyncio.gather(*(post(tenant, DISK, "once") for _ in range(5)))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 4
    assert len(await tenant.events()) == 1


@pytest.mark.parametrize("other", ["body", "content type"])
async def test_the_key_of_another_request_is_refused(tenant: Tenant, other: str) -> None:
    await post(tenant, DISK, "once")
    body = DISK | {"title": "another"} if other == "body" else DISK
    kind = "application/x-ndjson" if other == "content type" else "application/json"
    problem = await tenant.refuse(
        "POST",
        EVENTS,
        content=json.dumps(body, separators=(",", ":")).encode(),
        headers={"Idempotency-Key": "once", "Content-Type": kind},
    )
    assert (problem["status"], problem["code"]) == (422, "key_reused")
    assert len(await tenant.events()) == 1


async def test_a_request_for_several_sources_is_repeated_whole(tenant: Tenant) -> None:
    source = await tenant.new_source()
    items = [DISK, DISK | {"source_id": source.id}, DISK | {"source_id": "none"}, DISK]
    first, again = [await post(tenant, items, "once") for _ in range(2)]
    assert [receipt["outcome"] for receipt in first.json()["receipts"]] == [
        "opened",
        "joined",
        "rejected",
        "joined",
    ]
    assert again.content == first.content
    assert len(await tenant.events()) == 3


async def test_the_same_key_of_somebody_else_is_another(served: Served, tenant: Tenant) -> None:
    await post(tenant, DISK, "once")
    other = await served.new_tenant()
    by_source = await post(tenant, DISK, "once", credential=tenant.source.access_key)
    assert by_source.json()["receipts"][0]["outcome"] == "joined"
    assert (await post(other, DISK, "once")).json()["receipts"][0]["outcome"] == "opened"


async def test_a_request_that_was_refused_is_not_remembered(tenant: Tenant) -> None:
    assert (await post(tenant, {"key": "no title"}, "once")).status_code == 400
    answer = await post(tenant, DISK, "once")
    assert answer.json()["receipts"][0]["outcome"] == "opened"


@pytest.mark.parametrize("key", ["", "a b", "é", "a" * 256])
async def test_a_key_that_is_none_is_refused(tenant: Tenant, key: str) -> None:
    headers = {"Idempotency-Key": key.encode("latin-1")}
    problem = await tenant.refuse("POST", EVENTS, json=DISK, headers=headers)
    assert (problem["status"], problem["code"]) == (400, "bad_request")
    assert "Idempotency-Key" in problem["detail"]
    assert await tenant.events() == []


async def test_the_longest_key_is_taken(tenant: Tenant) -> None:
    assert (await post(tenant, DISK, "~" * 255)).status_code == 200
