"""`/api/v1/deliveries`: listed, one with its attempts, tried again."""

from typing import Any

import pytest
from sqlalchemy import insert, select, update

from tests.unit.server.in_process import Tenant
from tocsin.api import deliveries
from tocsin.model.delivery import DeliveryState, SentOutcome
from tocsin.store import tables

pytestmark = pytest.mark.anyio

DELIVERIES = "/api/v1/deliveries"


async def sent(tenant: Tenant, target: str = "pager", *, times: int = 1) -> list[str]:
    """Make a target, send tests to it that are dead at once, and give the ids of their deliveries."""
    document = {"name": target, "kind": "webhook", "url": "https://pager.example.com/s3cret"}
    made = await tenant.post("/api/v1/targets", document, status=201)
    trials = [await tenant.post(f"/api/v1/targets/{made['id']}/test", status=202) for _ in range(times)]
    await tenant.give_up(made["id"])
    return [trial["delivery_id"] for trial in trials]


async def listed(tenant: Tenant, **narrowed: Any) -> list[str]:
    return [each["id"] for each in (await tenant.get(DELIVERIES, **narrowed))["items"]]


async def test_they_are_listed_the_newest_first_and_narrowed(tenant: Tenant) -> None:
    pager, chat = await sent(tenant, times=2), await sent(tenant, "chat")
    assert await listed(tenant) == [*chat, *pager[::-1]]
    assert await listed(tenant, target="pager") == pager[::-1]
    assert await listed(tenant, target="chat", state="dead") == chat
    assert await listed(tenant, state="delivered") == []
    assert await listed(tenant, event="event-000000000001") == [pager[0]]
    assert await listed(tenant, alert="alert-000000000001") == []


async def test_pages_follow_one_another(tenant: Tenant) -> None:
    made = await sent(tenant, times=3)
    page = await tenant.get(DELIVERIES, limit=2)
    assert [each["id"] for each in page["items"]] == made[:0:-1]
    page = await tenant.get(DELIVERIES, limit=2, cursor=page["next"])
    assert ([each["id"] for each in page["items"]], page["next"]) == ([made[0]], None)


async def test_one_is_shown_with_its_attempts(tenant: Tenant) -> None:
    (made,) = await sent(tenant)
    row = (
        await tenant.served.hub.database.read(
            lambda c: c.execute(select(tables.delivery).where(tables.delivery.c.domain_id == tenant.id)).all()
        )
    )[0]
    attempt = {
        "domain_id": tenant.id,
        "seq": row.seq,
        "target_id": row.target_id,
        "number": 1,
        "day": row.day,
        "started_at": row.created_at,
        "duration": 12_500,
        "status": 503,
        "outcome": SentOutcome.RETRY.value,
        "reason": "HTTP status 503",
        "answer": "come later",
    }
    await tenant.served.hub.database.write(lambda c: c.execute(insert(tables.attempt).values(attempt)))
    shown = await tenant.get(f"{DELIVERIES}/{made}")
    assert (shown["state"], shown["target"], shown["reason"]) == ("dead", "pager", "it never came")
    assert (shown["event_id"], shown["alert_id"], shown["due_at"]) == ("event-000000000001", "", None)
    (log,) = shown["log"]
    assert log.pop("started_at").endswith("Z")
    assert log == {
        "number": 1,
        "milliseconds": 12.5,
        "outcome": "retry",
        "status": 503,
        "reason": "HTTP status 503",
        "answer": "come later",
    }
    (item,) = (await tenant.get(DELIVERIES))["items"]
    assert item == {name: value for name, value in shown.items() if name != "log"}
    assert (await tenant.get(DELIVERIES, log="true"))["items"] == [await tenant.get(f"{DELIVERIES}/{made}")]
    assert "s3cret" not in str(shown)


async def test_what_is_dead_is_tried_again(tenant: Tenant) -> None:
    (made,) = await sent(tenant)
    again = await tenant.post(f"{DELIVERIES}/{made}/retry", status=202)
    assert (again["state"], again["done_at"]) == ("pending", None)
    problem = await tenant.refuse("POST", f"{DELIVERIES}/{made}/retry")
    assert (problem["status"], problem["detail"]) == (409, "it is pending, not dead")
    (entry,) = (await tenant.get("/api/v1/audit", q="action=delivery.retry"))["items"]
    assert (entry["subject_id"], entry["author"]) == (made, tenant.user)


async def test_all_dead_ones_of_a_target_are_tried_again(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "RETRY_LIMIT", 2)
    pager, chat = await sent(tenant, times=5), await sent(tenant, "chat")
    delivered = (
        update(tables.delivery)
        .where(tables.delivery.c.domain_id == tenant.id, tables.delivery.c.seq == 1)
        .values(state=DeliveryState.DELIVERED.value)
    )
    await tenant.served.hub.database.write(lambda c: c.execute(delivered))
    assert await tenant.post(f"{DELIVERIES}/retry", {"target": "pager"}, status=202) == {"retried": 4}
    assert await listed(tenant, state="dead") == chat
    assert await listed(tenant, state="delivered") == [pager[0]]
    entries = (await tenant.get("/api/v1/audit", q="action=target.retry"))["items"]
    assert [entry["subject_name"] for entry in entries] == ["pager"]


async def test_nothing_goes_to_a_deleted_target(tenant: Tenant) -> None:
    (made,) = await sent(tenant)
    assert (await tenant.ask("DELETE", "/api/v1/targets/pager")).status_code == 204
    assert (await tenant.get(f"{DELIVERIES}/{made}"))["target"] == ""
    problem = await tenant.refuse("POST", f"{DELIVERIES}/{made}/retry")
    assert (problem["status"], problem["detail"]) == (409, "its target is deleted")


@pytest.mark.parametrize(
    ("narrowed", "status", "said"),
    [
        ("state=gone", 400, "state"),
        ("limit=0", 400, "limit"),
        ("cursor=WzFd", 400, "cursor"),
        ("target=nobody", 404, "there is no target nobody"),
        ("alert=event-000000000001", 404, "there is no alert event-000000000001"),
        ("event=1", 404, "there is no event 1"),
    ],
)
async def test_what_narrows_nothing_is_refused(tenant: Tenant, narrowed: str, status: int, said: str) -> None:
    problem = await tenant.refuse("GET", f"{DELIVERIES}?{narrowed}")
    assert problem["status"] == status
    assert said in problem["detail"]


NO_SUCH = {
    "nonsense": "there is no delivery nonsense",
    "delivery-000000000001-00000000000a": "there is no such delivery",
}


@pytest.mark.parametrize("name", NO_SUCH)
async def test_an_unknown_delivery_is_not_found(tenant: Tenant, name: str) -> None:
    for method, path in (("GET", f"{DELIVERIES}/{name}"), ("POST", f"{DELIVERIES}/{name}/retry")):
        problem = await tenant.refuse(method, path)
        assert (problem["status"], problem["detail"]) == (404, NO_SUCH[name])


async def test_they_are_counted_as_they_are_listed(tenant: Tenant) -> None:
    await sent(tenant, times=2)
    await sent(tenant, "chat")
    counted = await tenant.get(f"{DELIVERIES}/count", by="target_id, state", **{"from": "-1h"})
    ids = [each["id"] for each in (await tenant.get("/api/v1/targets"))["items"]]
    assert counted == {
        "total": 3,
        "groups": 2,
        "items": [
            {"start": None, "values": {"target_id": ids[0], "state": "dead"}, "count": 2},
            {"start": None, "values": {"target_id": ids[1], "state": "dead"}, "count": 1},
        ],
    }
    assert (await tenant.get(f"{DELIVERIES}/count", target="chat"))["total"] == 1
    assert (await tenant.get(f"{DELIVERIES}/count", to="-1h"))["total"] == 0
    assert await listed(tenant, to="-1h") == []
    assert len(await listed(tenant, **{"from": "-1h"})) == 3


@pytest.mark.parametrize(
    ("asked", "member"),
    [
        ("count?by=key", "by"),
        ("count?by=state,state", "by"),
        ("count?from=soon", "from"),
        ("count?state=x", "state"),
    ],
)
async def test_what_cannot_be_counted_is_refused(tenant: Tenant, asked: str, member: str) -> None:
    problem = await tenant.refuse("GET", f"{DELIVERIES}/{asked}")
    assert problem["status"] == 400
    assert member in str(problem)


async def test_those_of_all_targets_are_tried_again_if_they_are_as_many_as_expected(tenant: Tenant) -> None:
    await sent(tenant, times=2)
    await sent(tenant, "chat")
    problem = await tenant.refuse("POST", f"{DELIVERIES}/retry", json={"expected": 2})
    assert (problem["status"], problem["detail"]) == (
        409,
        "3 dead deliveries are meant, not 2: look at them again",
    )
    assert len(await listed(tenant, state="dead")) == 3
    none = await tenant.post(
        f"{DELIVERIES}/retry", {"target": "", "route": "", "to": "-1h", "expected": 0}, status=202
    )
    assert none == {"retried": 0}
    made = await tenant.post(f"{DELIVERIES}/retry", {"from": "-1h", "expected": 3}, status=202)
    assert made == {"retried": 3}
    noted = (await tenant.get("/api/v1/audit", q="action:target.retry"))["items"]
    assert sorted(each["subject_name"] for each in noted) == ["chat", "pager"]


async def test_each_target_says_how_it_does(tenant: Tenant) -> None:
    await sent(tenant)
    (pager,) = (await tenant.get(f"{DELIVERIES}/targets"))["items"]
    assert (pager["waiting"], pager["failing"], pager["delivered_at"]) == (0, False, None)
