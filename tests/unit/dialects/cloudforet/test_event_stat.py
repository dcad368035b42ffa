"""Event.stat as its callers reach it; what it answers is tested over both stores."""

from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from spaceone.api.monitoring.v1 import event_pb2, event_pb2_grpc

from tests.unit.dialects.cloudforet.test_rpc import listening
from tests.unit.server.in_process import Tenant

pytestmark = pytest.mark.anyio

BY_SEVERITY = [
    {
        "group": {
            "keys": [
                {"k": "severity", "n": "severity"},
                {"key": "created_at", "name": "year", "date_format": "%Y"},
            ],
            "fields": [{"n": "events", "o": "count"}, {"name": "v", "operator": "sum", "key": "raw_data.v"}],
        }
    },
    {"sort": {"key": "events", "desc": True}},
    {"project": {"fields": [{"key": "events", "name": "events"}, {"key": "v", "name": "v"}]}},
]


async def fill(tenant: Tenant) -> None:
    for number in range(5):
        event = {"key": f"key-{number}", "title": "Disk full", "severity": ["critical", "error"][number % 2]}
        assert (await tenant.ask("POST", "/api/v1/events", json={**event, "v": number})).status_code == 200


async def over_rest(tenant: Tenant, query: dict[str, Any], **options: Any) -> Any:
    body = {"query": query, "domain_id": tenant.id}
    return await tenant.ask("POST", "/monitoring/v1/event/stat", json=body, **options)


async def over_grpc(tenant: Tenant, query: dict[str, Any]) -> dict[str, Any]:
    request = ParseDict({"query": query, "domain_id": tenant.id}, event_pb2.EventStatQuery())
    async with listening(tenant) as channel:
        answer = await event_pb2_grpc.EventStub(channel).stat(request, metadata=(("token", tenant.token),))
    return MessageToDict(answer)


@pytest.mark.parametrize(
    "query",
    [
        {"aggregate": BY_SEVERITY},
        {"aggregate": BY_SEVERITY, "page": {"start": 2, "limit": 1}},
        {"aggregate": [{"count": {"name": "n"}}], "filter": [{"k": "severity", "v": "ERROR", "o": "eq"}]},
        {"aggregate": [{"skip": 0}, {"limit": 1}]},
        {"distinct": "severity"},
    ],
    ids=["aggregate", "page", "filter", "whole", "distinct"],
)
async def test_both_transports_answer_alike(tenant: Tenant, query: dict[str, Any]) -> None:
    await fill(tenant)
    answer = await over_rest(tenant, query)
    assert answer.status_code == 200, answer.text
    assert answer.json()["results"]
    assert await over_grpc(tenant, query) == answer.json()


async def test_counts_by_severity(tenant: Tenant) -> None:
    await fill(tenant)
    results = (await over_rest(tenant, {"aggregate": BY_SEVERITY})).json()["results"]
    year = f"{datetime.now(UTC):%Y}"
    assert results == [
        {"severity": "CRITICAL", "year": year, "events": 3, "v": 6},
        {"severity": "ERROR", "year": year, "events": 2, "v": 4},
    ]


async def test_a_limit_of_zero_is_there(tenant: Tenant) -> None:
    refused = await over_rest(tenant, {"aggregate": [{"limit": 0}]})
    assert refused.status_code == 500
    assert (
        refused.json()["detail"]["message"] == "Database query failed. (reason = the limit must be positive)"
    )
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await over_grpc(tenant, {"aggregate": [{"limit": 0}]})
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert caught.value.details() == (
        "ERROR_DB_QUERY: Database query failed. (reason = the limit must be positive)"
    )


async def test_query_and_domain_are_required(tenant: Tenant) -> None:
    for body, key in (
        ({"domain_id": tenant.id}, "query"),
        ({"query": {}}, "domain_id"),
        ({"query": {}, "domain_id": tenant.id}, "aggregate"),
    ):
        refused = await tenant.ask("POST", "/monitoring/v1/event/stat", json=body)
        assert refused.status_code == 400
        assert refused.json()["detail"]["message"] == f"Required parameter. (key = {key})"


async def test_nobody_counts_what_is_not_theirs(tenant: Tenant, stranger: Tenant) -> None:
    await fill(tenant)
    count = {"aggregate": [{"count": {"name": "n"}}]}
    assert (await over_rest(stranger, count)).json() == {"results": []}
    assert (await over_rest(tenant, count, credential=stranger.token)).status_code == 403
    assert (await over_rest(tenant, count, credential="")).status_code == 401
    assert (await over_rest(tenant, count)).json() == {"results": [{"n": 5}]}
