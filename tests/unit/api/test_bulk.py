"""One action on many alerts: guarded by their count, within the scope, with what was missed."""

import asyncio
from typing import Any

import pytest

from tests.unit.server.in_process import Tenant
from tocsin.api import bulk
from tocsin.hub.errors import Unavailable
from tocsin.model.receipt import Receipt
from tocsin.model.role import Permission
from tocsin.model.submission import Submission

pytestmark = pytest.mark.anyio

BULK = "/api/v1/alerts/bulk"


def disk(host: str, **more: Any) -> dict[str, Any]:
    return {"key": f"{host}/disk", "title": "Disk full", "host": host, **more}


async def states(tenant: Tenant) -> list[str]:
    return [alert["state"] for alert in (await tenant.get("/api/v1/alerts"))["items"]][::-1]


@pytest.mark.parametrize(
    ("action", "state"),
    [("acknowledge", "acknowledged"), ("resolve", "resolved"), ("note", "open")],
)
async def test_all_that_is_found_is_acted_on(tenant: Tenant, action: str, state: str) -> None:
    await tenant.send(disk("a"), disk("b"), disk("c"), disk("d"), disk("d", kind="recovery"))
    asked = {"q": "-host:c", "action": action, "comment": "mine", "expected": 2}
    assert await tenant.post(BULK, asked) == {"matched": 2, "done": 2, "missed": []}
    assert await states(tenant) == [state, state, "open", "resolved"]
    first, second = (await tenant.events())[-2:]
    assert {first.host, second.host} == {"a", "b"}
    assert (first.author, first.comment) == (second.author, second.comment) == (tenant.user, "mine")
    assert first.payload_seq == second.payload_seq


async def test_all_that_is_found_is_given_to_somebody(tenant: Tenant) -> None:
    await tenant.send(disk("a"), disk("b"), disk("c"))
    asked = {"q": "-host:c", "action": "assign", "assignee": "ann", "expected": 2}
    assert await tenant.post(BULK, asked) == {"matched": 2, "done": 2, "missed": []}
    mine = (await tenant.get("/api/v1/alerts", q="assignee=ann"))["items"]
    assert [alert["host"] for alert in mine] == ["b", "a"]


@pytest.mark.parametrize("expected", [0, 1, 3])
async def test_another_count_than_expected_stops_it(tenant: Tenant, expected: int) -> None:
    await tenant.send(disk("a"), disk("b"))
    asked = {"q": "", "action": "resolve", "expected": expected}
    problem = await tenant.refuse("POST", BULK, json=asked)
    assert (problem["status"], problem["code"]) == (409, "count_changed")
    assert problem["detail"] == f"{expected} alerts were expected, and there are 2: nothing was done"
    assert await states(tenant) == ["open", "open"]


async def test_without_an_expectation_they_are_counted_only(tenant: Tenant) -> None:
    await tenant.send(disk("a"), disk("b"))
    answer = await tenant.post(BULK, {"q": "", "action": "resolve"})
    assert answer == {"matched": 2, "done": 0, "missed": []}
    assert await states(tenant) == ["open", "open"]


async def test_what_lies_outside_the_scope_is_not_there(tenant: Tenant) -> None:
    await tenant.send(disk("a"), disk("b"))
    some = (Permission.VIEWSOME, Permission.ACTIONSOME)
    credential = await tenant.new_user(*some, scope="host:a")
    asked = {"q": "host:b OR host:a", "action": "resolve", "expected": 1}
    answer = await tenant.ask("POST", BULK, json=asked, credential=credential)
    assert answer.json() == {"matched": 1, "done": 1, "missed": []}
    assert await states(tenant) == ["resolved", "open"]


async def test_what_was_missed_is_named(tenant: Tenant) -> None:
    _, taken = await tenant.send(disk("a"), disk("b"))
    await tenant.post(f"/api/v1/alerts/{taken['alert_id']}/acknowledge")
    answer = await tenant.post(BULK, {"q": "", "action": "unacknowledge", "expected": 2})
    assert (answer["matched"], answer["done"]) == (2, 1)
    assert answer["missed"] == [{"alert_id": "alert-000000000001", "reason": "the alert is not acknowledged"}]
    assert await states(tenant) == ["open", "open"]


async def test_what_somebody_else_resolved_meanwhile_is_missed(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tenant.send(disk("a"), disk("b"))
    recorder = tenant.served.hub.recorder
    record = recorder.record_together

    async def after_another(submissions: list[Submission]) -> list[list[Receipt]]:
        monkeypatch.undo()
        await tenant.send(disk("b", kind="recovery"))
        return await record(submissions)

    monkeypatch.setattr(recorder, "record_together", after_another)
    answer = await tenant.post(BULK, {"q": "", "action": "note", "comment": "mine", "expected": 2})
    assert (answer["done"], [each["alert_id"] for each in answer["missed"]]) == (1, ["alert-000000000002"])
    assert await states(tenant) == ["open", "resolved"]


async def test_a_store_that_fails_on_the_way_leaves_what_was_done(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tenant.send(disk("a"), disk("b"), disk("c"))
    recorder = tenant.served.hub.recorder
    record, failing = recorder.record_together, [False, True, True]

    async def sometimes(submissions: list[Submission]) -> list[list[Receipt]]:
        if failing.pop(0):
            raise Unavailable("the store does not take events now")
        return await record(submissions)

    monkeypatch.setattr(recorder, "record_together", sometimes)
    monkeypatch.setattr(bulk, "_TOGETHER", 1)
    asked = {"q": "", "action": "resolve", "expected": 3}
    answer = await tenant.post(BULK, asked)
    assert (answer["done"], len(answer["missed"])) == (1, 2)
    assert {each["reason"] for each in answer["missed"]} == {"the store does not take events now"}
    problem = await tenant.refuse("POST", BULK, json=asked | {"expected": 2})
    assert (problem["status"], failing) == (503, [])
    assert await states(tenant) == ["open", "open", "resolved"]


async def test_there_are_limits(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    await tenant.send(disk("a"), disk("b"), disk("c"))
    monkeypatch.setattr(bulk, "LIMIT", 2)
    problem = await tenant.refuse("POST", BULK, json={"q": "", "action": "resolve", "expected": 3})
    assert (problem["status"], problem["errors"][0]["pointer"]) == (400, "/q")
    assert problem["detail"] == "q: finds 3 alerts, and at most 2 can be acted on at once"
    assert await states(tenant) == ["open"] * 3


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"action": "delete"}, "/action"),
        ({"action": "note"}, "/comment"),
        ({"action": "assign"}, "/assignee"),
        ({"action": "resolve", "assignee": "ann"}, "/assignee"),
        ({"until": "2999-01-01T00:00:00Z"}, "/until"),
        ({"until_change": True}, "/until_change"),
        ({"action": "acknowledge", "until": "2020-01-01T00:00:00Z"}, "/until"),
        ({"expected": -1}, "/expected"),
        ({"q": None}, "/q"),
        ({"q": "x" * 20_481}, "/q"),
    ],
)
async def test_a_bad_member_is_pointed_at(tenant: Tenant, wrong: dict[str, Any], pointer: str) -> None:
    problem = await tenant.refuse("POST", BULK, json={"q": "", "action": "resolve", "expected": 0} | wrong)
    assert (problem["status"], [each["pointer"] for each in problem["errors"]]) == (400, [pointer])


async def test_a_bad_expression_is_refused(tenant: Tenant) -> None:
    problem = await tenant.refuse("POST", BULK, json={"q": "severity>=", "action": "resolve", "expected": 0})
    assert (problem["status"], problem["code"]) == (400, "invalid_query")


KEY = {"Idempotency-Key": "once"}


@pytest.mark.parametrize("action", ["acknowledge", "resolve", "note"])
async def test_a_repeated_request_is_done_once_and_answered_alike(tenant: Tenant, action: str) -> None:
    await tenant.send(disk("a"), disk("b"))
    asked = {"q": "", "action": action, "comment": "mine", "expected": 2}
    first, again = [await tenant.ask("POST", BULK, json=asked, headers=KEY) for _ in range(2)]
    assert first.json() == {"matched": 2, "done": 2, "missed": []}
    assert (again.status_code, again.content) == (200, first.content)
    assert [each.headers.get("idempotency-replayed") for each in (first, again)] == [None, "true"]
    assert len(await tenant.events()) == 4


async def test_what_was_missed_is_told_again(tenant: Tenant) -> None:
    _, taken = await tenant.send(disk("a"), disk("b"))
    await tenant.post(f"/api/v1/alerts/{taken['alert_id']}/acknowledge")
    asked = {"q": "", "action": "unacknowledge", "expected": 2}
    first, again = [await tenant.ask("POST", BULK, json=asked, headers=KEY) for _ in range(2)]
    assert (first.json()["done"], len(first.json()["missed"])) == (1, 1)
    assert again.json() == first.json()


async def test_a_repetition_goes_on_where_the_request_broke_off(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tenant.send(disk("a"), disk("b"), disk("c"))
    recorder = tenant.served.hub.recorder
    record, failing = recorder.record_together, [False, True]

    async def sometimes(submissions: list[Submission]) -> list[list[Receipt]]:
        if failing and failing.pop(0):
            raise Unavailable("the store does not take events now")
        return await record(submissions)

    monkeypatch.setattr(recorder, "record_together", sometimes)
    monkeypatch.setattr(bulk, "_TOGETHER", 1)
    asked = {"q": "", "action": "resolve", "expected": 3}
    answers = [await tenant.ask("POST", BULK, json=asked, headers=KEY) for _ in range(3)]
    assert [answer.json()["done"] for answer in answers] == [1, 3, 3]
    assert answers[2].content == answers[1].content
    assert await states(tenant) == ["resolved"] * 3
    assert len(await tenant.events()) == 6


async def test_a_repetition_keeps_to_a_scope_that_has_shrunk(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, kept, lost = await tenant.send(disk("c"), disk("a"), disk("b"))
    credential = await tenant.new_user(Permission.VIEWSOME, Permission.ACTIONSOME, scope="host:a OR host:b")
    role = (await tenant.ask("GET", "/api/v1/session", credential=credential)).json()["role"]["id"]

    async def never(_: object) -> list[list[Receipt]]:
        raise Unavailable("the store does not take events now")

    asked: dict[str, Any] = {
        "json": {"q": "", "action": "resolve", "expected": 2},
        "headers": KEY,
        "credential": credential,
    }
    with monkeypatch.context() as broken:
        broken.setattr(tenant.served.hub.recorder, "record_together", never)
        assert (await tenant.refuse("POST", BULK, **asked))["status"] == 503
    await tenant.ask("PATCH", f"/api/v1/roles/{role}", json={"scope": "host:a"})
    answer = (await tenant.ask("POST", BULK, **asked)).json()
    assert (answer["matched"], answer["done"]) == (2, 1)
    assert [each["alert_id"] for each in answer["missed"]] == [lost["alert_id"]]
    resolved = await tenant.get("/api/v1/alerts", q="state=resolved")
    assert [each["id"] for each in resolved["items"]] == [kept["alert_id"]]


async def test_the_same_request_twice_at_a_time_is_done_once(tenant: Tenant) -> None:
    await tenant.send(disk("a"), disk("b"))
    asked = {"q": "", "action": "note", "comment": "mine", "expected": 2}
    answers = await asyncio.gather(*(tenant.ask("POST", BULK, json=asked, headers=KEY) for _ in range(4)))
    assert {answer.text for answer in answers} == {answers[0].text}
    assert len(await tenant.events()) == 4


async def test_the_key_of_another_request_is_refused(tenant: Tenant) -> None:
    await tenant.send(disk("a"))
    asked = {"q": "", "action": "note", "comment": "mine", "expected": 1}
    await tenant.ask("POST", BULK, json=asked, headers=KEY)
    problem = await tenant.refuse("POST", BULK, json=asked | {"comment": "other"}, headers=KEY)
    assert (problem["status"], problem["code"]) == (422, "key_reused")


async def test_a_count_that_was_not_as_expected_is_not_remembered(tenant: Tenant) -> None:
    await tenant.send(disk("a"))
    asked = {"q": "", "action": "resolve", "expected": 2}
    assert (await tenant.ask("POST", BULK, json=asked, headers=KEY)).status_code == 409
    await tenant.send(disk("b"))
    answer = await tenant.ask("POST", BULK, json=asked, headers=KEY)
    assert answer.json()["done"] == 2
    assert "idempotency-replayed" not in answer.headers
