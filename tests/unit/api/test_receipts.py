"""Receipts are found again: of what was recorded and of what was rejected, the newest first."""

from typing import Any

import pytest

from tests.unit.server.in_process import Tenant
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio

RECEIPTS = "/api/v1/receipts"
DISK = {"key": "db1/disk", "title": "Disk full", "host": "db1", "severity": "critical"}
BAD = {"key": "no title"}


async def listed(tenant: Tenant, **params: Any) -> list[Any]:
    items: list[Any] = (await tenant.get(RECEIPTS, **params))["items"]
    return items


def places(items: list[Any]) -> list[tuple[str, int]]:
    return [(each["outcome"], each["index"]) for each in items]


async def test_each_signal_has_the_receipt_that_its_sender_got(tenant: Tenant) -> None:
    told = [*await tenant.send(DISK, BAD), *await tenant.send(DISK)]
    found = await listed(tenant)
    assert [{name: each[name] for name in told[0]} for each in found] == [
        told[2],
        *sorted(told[:2], key=lambda each: each["outcome"]),
    ]
    assert {each["source_id"] for each in found} == {tenant.source.id}
    assert all(each["recorded_at"].endswith("Z") for each in found)
    (rejected,) = (await tenant.get("/api/v1/rejected"))["items"]
    assert [each["rejected_id"] for each in found if each["outcome"] == "rejected"] == [rejected["id"]]
    assert [each["rejected_id"] for each in found if each["outcome"] != "rejected"] == ["", ""]


async def test_pages_leave_nothing_out_and_give_nothing_twice(tenant: Tenant) -> None:
    for number in range(4):
        await tenant.send(DISK | {"key": f"{number}"}, BAD, BAD)
    whole = await listed(tenant)
    assert len(whole) == 12
    for limit in (1, 2, 5, 11, 12):
        found, following = list[Any](), {"limit": str(limit)}
        while following:
            page = await tenant.get(RECEIPTS, **following)
            assert len(page["items"]) <= limit
            found += page["items"]
            following = following | {"cursor": page["next"]} if page["next"] else {}
        assert found == whole


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("outcome:rejected", [("rejected", 1)]),
        ("outcome:opened", [("opened", 0)]),
        ("host:db*", [("opened", 0)]),
        ("-host:db*", [("rejected", 1)]),
        ("severity>=warning", [("opened", 0)]),
        ("reason:*title*", [("rejected", 1)]),
        ("reason~title", [("rejected", 1)]),
        ("source:first project:default", [("opened", 0), ("rejected", 1)]),
        ("source:other", []),
        ("recorded>-1h occurred>-1h", [("opened", 0), ("rejected", 1)]),
        ("recorded<-1h", []),
        ("disk", [("opened", 0)]),
        ("labels.a:b", []),
    ],
)
async def test_an_expression_narrows_both_kinds(tenant: Tenant, q: str, expected: Any) -> None:
    await tenant.send(DISK, BAD)
    await tenant.new_source("other")
    assert sorted(places(await listed(tenant, q=q))) == expected


async def test_a_time_narrows_both_kinds(tenant: Tenant) -> None:
    await tenant.send(DISK, BAD)
    assert len(await listed(tenant, **{"from": "-1h", "to": "+1h"})) == 2
    assert await listed(tenant, to="-1h") == []
    assert await listed(tenant, **{"from": "+1h"}) == []


async def test_whoever_sees_a_part_sees_no_rejected_ones(tenant: Tenant) -> None:
    await tenant.send(DISK, BAD, DISK | {"key": "web", "host": "web1"})
    part = await tenant.new_user(Permission.VIEWSOME, scope="-host:web*")
    answer = await tenant.ask("GET", RECEIPTS, credential=part)
    assert places(answer.json()["items"]) == [("opened", 0)]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"q": "severity>=bad"}, "invalid_query"),
        ({"cursor": "WzJd"}, "invalid_cursor"),
        ({"from": "soon"}, "bad_request"),
    ],
)
async def test_what_is_wrong_is_told(tenant: Tenant, params: dict[str, str], code: str) -> None:
    problem = await tenant.refuse("GET", RECEIPTS, params=params)
    assert (problem["status"], problem["code"]) == (400, code)
