"""`/api/v1/silences`: made, listed, ended, refused, and tried before they silence."""

from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest

from tests.unit.server.in_process import Tenant
from tocsin.model.role import Permission
from tocsin.store import silences

pytestmark = pytest.mark.anyio

SILENCES = "/api/v1/silences"


def in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


async def created(tenant: Tenant, expression: str = "host:web-*", **given: Any) -> Any:
    given = given or {"duration": 3600}
    return await tenant.post(SILENCES, {"expression": expression, **given}, status=201)


def event(key: str, **given: Any) -> dict[str, Any]:
    return {"key": key, "title": key, **given}


async def ids(tenant: Tenant, **params: Any) -> list[str]:
    return [item["id"] for item in (await tenant.get(SILENCES, **params))["items"]]


async def test_a_silence_is_made_and_shown(tenant: Tenant) -> None:
    made = await created(tenant, duration=3600, comment="moving")
    assert made["author"] == tenant.user
    assert (made["state"], made["scope"], made["comment"]) == ("active", "", "moving")
    start, end = (datetime.fromisoformat(made[name]) for name in ("starts_at", "ends_at"))
    assert end - start == timedelta(hours=1)
    assert await tenant.get(f"{SILENCES}/{made['id']}") == made


async def test_it_flags_what_it_matches_from_the_next_event_on(tenant: Tenant) -> None:
    made = await created(tenant)
    receipts = await tenant.send(event("a", host="web-1"), event("b", host="db-1"))
    assert [receipt["silenced_by"] for receipt in receipts] == [made["id"], ""]
    (held,) = (await tenant.get("/api/v1/alerts", q="key=a"))["items"]
    assert held["silenced_by"] == made["id"]
    await tenant.post(f"{SILENCES}/{made['id']}/expire")
    (receipt,) = await tenant.send(event("c", host="web-1"))
    assert receipt["silenced_by"] == ""


async def test_ending_it_lets_go_of_what_it_held_at_once(tenant: Tenant) -> None:
    made = await created(tenant)
    await tenant.send(event("a", host="web-1"))
    await tenant.post(f"{SILENCES}/{made['id']}/expire")
    with anyio.fail_after(10):
        while (await tenant.get("/api/v1/alerts"))["items"][0]["silenced_by"]:  # noqa: ASYNC110 - nobody tells
            await anyio.sleep(0.01)


async def test_they_are_listed_by_state_and_end(tenant: Tenant) -> None:
    long = await created(tenant, duration=7200)
    short = await created(tenant, duration=600)
    pending = await created(tenant, starts_at=in_hours(1), ends_at=in_hours(3))
    expired = await created(tenant)
    ended = await tenant.post(f"{SILENCES}/{expired['id']}/expire")
    assert (pending["state"], ended["state"]) == ("pending", "expired")
    assert await ids(tenant) == [each["id"] for each in (pending, long, short, expired)]
    assert await ids(tenant, state="active") == [short["id"], long["id"]]
    assert await ids(tenant, state="pending") == [pending["id"]]
    assert await ids(tenant, state="expired") == [expired["id"]]
    assert await ids(tenant, state="active", ends_before=in_hours(1)) == [short["id"]]
    assert await ids(tenant, limit=1) == [pending["id"]]


async def test_a_start_that_lies_in_the_past_is_now(tenant: Tenant) -> None:
    made = await created(tenant, starts_at=in_hours(-1), duration=60)
    assert made["starts_at"] == made["created_at"]


async def test_one_that_is_pending_can_be_called_off(tenant: Tenant) -> None:
    made = await created(tenant, starts_at=in_hours(1), ends_at=in_hours(2))
    ended = await tenant.post(f"{SILENCES}/{made['id']}/expire")
    assert ended["state"] == "expired"
    again = await tenant.refuse("POST", f"{SILENCES}/{made['id']}/expire")
    assert (again["status"], again["detail"]) == (409, "the silence has ended already")


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({}, "/ends_at"),
        ({"duration": 60, "ends_at": "2999-01-01T00:00:00Z"}, "/ends_at"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "/ends_at"),
        ({"starts_at": "2999-01-02T00:00:00Z", "ends_at": "2999-01-01T00:00:00Z"}, "/ends_at"),
        ({"duration": 0}, "/duration"),
        ({"duration": 40_000_000}, "/duration"),
        ({"duration": 60, "comment": "x" * 20_481}, "/comment"),
    ],
)
async def test_a_window_that_is_none_is_refused(tenant: Tenant, given: dict[str, Any], pointer: str) -> None:
    problem = await tenant.refuse("POST", SILENCES, json={"expression": "host:db1", **given})
    assert (problem["status"], problem["errors"][0]["pointer"]) == (400, pointer)
    assert await ids(tenant) == []


@pytest.mark.parametrize("path", [SILENCES, f"{SILENCES}/preview"])
@pytest.mark.parametrize(
    ("expression", "position", "length"),
    [
        ("severity>=warnin", 10, 6),
        ("host:db1 recorded>-2h", 9, 8),
        ("host:db1 outcome:opened", 9, 7),
        ("silenced_by:x", 0, 11),
    ],
)
async def test_an_expression_that_cannot_decide_is_refused_with_its_place(
    tenant: Tenant, path: str, expression: str, position: int, length: int
) -> None:
    given = {"expression": expression} | ({"duration": 60} if path == SILENCES else {})
    problem = await tenant.refuse("POST", path, json=given)
    assert (problem["code"], problem["position"], problem["length"]) == ("invalid_query", position, length)


async def test_what_does_not_exist_is_not_found(tenant: Tenant) -> None:
    for method, path in (("GET", f"{SILENCES}/silence-1"), ("POST", f"{SILENCES}/silence-1/expire")):
        assert (await tenant.refuse(method, path))["code"] == "not_found"
    assert (await tenant.refuse("GET", f"{SILENCES}?state=asleep"))["status"] == 400


async def test_there_is_an_end_to_how_many_there_can_be(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silences, "SILENCE_LIMIT", 2)
    await created(tenant)
    made = await created(tenant)
    given = {"expression": "", "duration": 60}
    assert (await tenant.refuse("POST", SILENCES, json=given))["code"] == "conflict"
    await tenant.post(f"{SILENCES}/{made['id']}/expire")
    await created(tenant)


async def test_a_preview_tells_what_is_open_and_what_came_lately(tenant: Tenant) -> None:
    await tenant.send(
        event("a", host="web-1", description="out of memory"),
        event("b", host="web-2"),
        event("c", host="web-3"),
        event("c", host="web-3", kind="recovery"),
        event("d", host="db-1"),
    )
    note = {"comment": "still on it"}
    (noted,) = (await tenant.get("/api/v1/alerts", q="key=a"))["items"]
    await tenant.post(f"/api/v1/alerts/{noted['id']}/note", note)
    found = await tenant.post(f"{SILENCES}/preview", {"expression": "host:web-*"})
    assert [alert["key"] for alert in found["open_alerts"]["items"]] == ["b", "a"]
    assert (found["open_alerts"]["count"], found["events_of_24_hours"]["count"]) == (2, 5)
    assert found["events_of_24_hours"]["items"][0]["kind"] == "note"
    # What only an event has decides too: the last problem of the alert says it.
    found = await tenant.post(f"{SILENCES}/preview", {"expression": 'description:"*memory" source:first'})
    assert [alert["key"] for alert in found["open_alerts"]["items"]] == ["a"]
    assert await ids(tenant) == []


async def test_a_preview_shows_the_newest_and_counts_all(tenant: Tenant) -> None:
    await tenant.send(*(event(f"k{number}") for number in range(15)))
    found = await tenant.post(f"{SILENCES}/preview", {"expression": ""})
    for part in found.values():
        assert (part["count"], len(part["items"])) == (15, 10)
        assert part["items"][0]["key"] == "k14"


async def test_whoever_may_silence_some_silences_no_more(tenant: Tenant) -> None:
    limited = await tenant.new_user(Permission.VIEWALL, Permission.DOWNTIMESOME, scope="host:web-*")
    wide = await created(tenant)
    answer = await tenant.ask("POST", SILENCES, credential=limited, json={"expression": "", "duration": 60})
    assert (answer.status_code, answer.json()["scope"]) == (201, "host:web-*")
    own = answer.json()["id"]
    await tenant.post(f"{SILENCES}/{wide['id']}/expire")
    receipts = await tenant.send(event("a", host="web-1"), event("b", host="db-1"))
    assert [receipt["silenced_by"] for receipt in receipts] == [own, ""]
    preview = await tenant.ask("POST", f"{SILENCES}/preview", credential=limited, json={"expression": ""})
    assert [alert["key"] for alert in preview.json()["open_alerts"]["items"]] == ["a"]
    assert preview.json()["events_of_24_hours"]["count"] == 1


async def test_nobody_ends_what_reaches_beyond_what_they_may_silence(tenant: Tenant) -> None:
    limited = await tenant.new_user(Permission.VIEWALL, Permission.DOWNTIMESOME, scope="host:web-*")
    wide = await created(tenant)
    problem = await tenant.refuse("POST", f"{SILENCES}/{wide['id']}/expire", credential=limited)
    assert problem["status"] == 403
    own = await tenant.ask("POST", SILENCES, credential=limited, json={"expression": "", "duration": 60})
    ended = await tenant.ask("POST", f"{SILENCES}/{own.json()['id']}/expire", credential=limited)
    assert ended.json()["state"] == "expired"
    viewer = await tenant.new_user(Permission.VIEWALL)
    problem = await tenant.refuse(
        "POST", SILENCES, credential=viewer, json={"expression": "", "duration": 60}
    )
    assert problem["status"] == 403
    assert (await tenant.ask("GET", SILENCES, credential=viewer)).status_code == 200


async def test_it_ends_later_or_sooner_and_says_something_else(tenant: Tenant) -> None:
    made = await created(tenant, duration=60)
    longer = await tenant.ask("PATCH", f"{SILENCES}/{made['id']}", json={"duration": 7200, "comment": "more"})
    shown = longer.json()
    assert longer.status_code == 200, longer.text
    assert shown["comment"] == "more"
    left = datetime.fromisoformat(shown["ends_at"]) - datetime.fromisoformat(made["starts_at"])
    assert timedelta(hours=2) <= left < timedelta(hours=2, minutes=5)
    assert await tenant.get(f"{SILENCES}/{made['id']}") == shown
    until = in_hours(1)
    sooner = await tenant.ask("PATCH", f"{SILENCES}/{made['id']}", json={"ends_at": until})
    assert datetime.fromisoformat(sooner.json()["ends_at"]) == datetime.fromisoformat(until)
    changes = (await tenant.get("/api/v1/audit", q="action:silence.change"))["items"]
    assert changes[-1]["details"]["after"]["comment"] == "more"


async def test_one_to_come_lasts_from_its_begin(tenant: Tenant) -> None:
    made = await created(tenant, starts_at=in_hours(1), ends_at=in_hours(2))
    changed = (await tenant.ask("PATCH", f"{SILENCES}/{made['id']}", json={"duration": 60})).json()
    start, end = (datetime.fromisoformat(changed[name]) for name in ("starts_at", "ends_at"))
    assert (changed["state"], end - start) == ("pending", timedelta(minutes=1))


async def test_what_has_ended_or_is_another_by_now_is_not_changed(tenant: Tenant) -> None:
    made = await created(tenant)
    path = f"{SILENCES}/{made['id']}"
    for wrong in ({"ends_at": in_hours(-1)}, {"ends_at": in_hours(1), "duration": 60}, {"expression": ""}):
        assert (await tenant.refuse("PATCH", path, json=wrong))["status"] == 400
    problem = await tenant.refuse("PATCH", path, json={"duration": 60}, headers={"If-Match": '"other"'})
    assert problem["status"] == 412
    await tenant.post(f"{path}/expire")
    problem = await tenant.refuse("PATCH", path, json={"duration": 60})
    assert (problem["status"], problem["detail"]) == (409, "the silence has ended already")


async def test_alerts_are_found_by_what_silences_them(tenant: Tenant) -> None:
    made = await created(tenant)
    await tenant.send(event("a", host="web-1"), event("b", host="db-1"))
    held = (await tenant.get("/api/v1/alerts", q=f"silenced_by={made['id']}"))["items"]
    assert [each["key"] for each in held] == ["a"]
    counted = await tenant.get("/api/v1/alerts/count", by="silenced_by", q='-silenced_by:""')
    assert counted["items"] == [{"start": None, "values": {"silenced_by": made["id"]}, "count": 1}]
