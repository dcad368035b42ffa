"""Alerts: searched, shown with their timeline, and acted on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.server.in_process import Tenant

pytestmark = pytest.mark.anyio

ALERTS = "/api/v1/alerts"
FIRST = f"{ALERTS}/alert-000000000001"
DISK = {"key": "db1/disk", "title": "Disk full on db1", "host": "db1", "service": "disk"}
WELL = DISK | {"kind": "recovery"}
ACTIONS = ("acknowledge", "unacknowledge", "resolve", "note")


def later(**span: float) -> datetime:
    return datetime.now(UTC) + timedelta(**span)


async def act(tenant: Tenant, action: str, document: object = None) -> Any:
    return await tenant.post(f"{FIRST}/{action}", document)


async def test_an_alert_is_shown_with_everything(tenant: Tenant) -> None:
    await tenant.send(DISK | {"rule": "DiskFull", "labels": {"region": "eu"}}, DISK | {"severity": "warning"})
    (alert,) = (await tenant.get(ALERTS))["items"]
    events = await tenant.events()
    opened_at, changed_at = (event.recorded_at for event in events)
    times = {name: alert.pop(name) for name in ("opened_at", "changed_at", "last_at")}
    assert [datetime.fromisoformat(each).timestamp() * 1e6 for each in times.values()] == [
        opened_at,
        changed_at,
        changed_at,
    ]
    assert alert == {
        "id": "alert-000000000001",
        "key": "db1/disk",
        "title": "Disk full on db1",
        "state": "open",
        "severity": "warning",
        "host": "db1",
        "service": "disk",
        "rule": "DiskFull",
        "labels": {"region": "eu"},
        "count": 2,
        "project_id": tenant.source.project_id,
        "source_id": tenant.source.id,
        "object_id": events[0].object_id,
        "acknowledged_at": None,
        "acknowledged_until": None,
        "acknowledged_by": "",
        "acknowledged_comment": "",
        "until_change": False,
        "silenced_by": "",
        "resolved_at": None,
        "resolved_by": "",
        "assignee": "",
    }


async def test_alerts_are_searched_and_paged(tenant: Tenant) -> None:
    await tenant.send(*(DISK | {"key": f"{n}"} for n in range(5)), DISK | {"key": "3", "kind": "recovery"})
    first = await tenant.get(ALERTS, limit=3, q="state:open")
    second = await tenant.get(ALERTS, limit=3, q="state:open", cursor=first["next"])
    assert [alert["key"] for alert in first["items"] + second["items"]] == ["4", "2", "1", "0"]
    assert second["next"] is None
    (resolved,) = (await tenant.get(ALERTS, q="state:resolved"))["items"]
    assert resolved["resolved_at"] is not None


async def test_the_timeline_has_the_newest_events_of_the_alert(tenant: Tenant) -> None:
    await tenant.send(DISK, DISK | {"key": "other"}, *[DISK] * 204)
    await act(tenant, "note", {"comment": "seen"})
    shown = await tenant.get(FIRST)
    assert len(shown["timeline"]) == 200
    assert [event["kind"] for event in shown["timeline"][:2]] == ["note", "problem"]
    assert {event["alert_id"] for event in shown["timeline"]} == {"alert-000000000001"}
    (listed,) = (await tenant.get(ALERTS, q="key=db1/disk"))["items"]
    assert {name: shown[name] for name in listed} == listed


async def test_what_people_do_is_recorded_as_theirs(tenant: Tenant) -> None:
    await tenant.send(DISK)
    until = later(hours=1)
    acknowledged = await act(tenant, "acknowledge", {"comment": "mine", "until": until.isoformat()})
    assert (acknowledged["state"], acknowledged["acknowledged_by"]) == ("acknowledged", tenant.user)
    assert acknowledged["acknowledged_comment"] == "mine"
    assert datetime.fromisoformat(acknowledged["acknowledged_until"]) == until
    released = await act(tenant, "unacknowledge", {"comment": "yours"})
    assert (released["state"], released["acknowledged_at"]) == ("open", None)
    noted = await act(tenant, "note", {"comment": "a word"})
    assert (noted["state"], noted["count"]) == ("open", 1)
    resolved = await act(tenant, "resolve", {"comment": "done"})
    assert (resolved["state"], resolved["resolved_by"]) == ("resolved", tenant.user)
    said = [(event.kind, event.author, event.comment) for event in await tenant.events()]
    assert said == [
        ("problem", "", ""),
        ("acknowledgement", tenant.user, "mine"),
        ("acknowledgement_end", tenant.user, "yours"),
        ("note", tenant.user, "a word"),
        ("recovery", tenant.user, "done"),
    ]


async def test_an_acknowledgement_can_end_with_a_change_for_the_better(tenant: Tenant) -> None:
    await tenant.send(DISK | {"severity": "critical"})
    acknowledged = await act(tenant, "acknowledge", {"until_change": True})
    assert (acknowledged["state"], acknowledged["until_change"]) == ("acknowledged", True)
    await tenant.send(DISK | {"severity": "warning"})
    shown = await tenant.get(FIRST)
    assert (shown["state"], shown["until_change"]) == ("open", False)


async def test_an_alert_is_given_to_somebody_until_somebody_else_has_it(tenant: Tenant) -> None:
    await tenant.send(DISK)
    assert (await act(tenant, "assign", {}))["assignee"] == tenant.user
    given = await act(tenant, "assign", {"assignee": "Ann", "comment": "knows the vendor"})
    assert (given["assignee"], given["state"], given["count"]) == ("Ann", "open", 1)
    await tenant.send(DISK)
    for q, found in {"assignee:ann": 1, "assignee=Ann": 1, 'assignee:""': 0, "assignee!=Ann": 0}.items():
        assert len((await tenant.get(ALERTS, q=q))["items"]) == found, q
    assert (await act(tenant, "assign", {"assignee": ""}))["assignee"] == ""
    said = [event.comment for event in await tenant.events() if event.kind == "note"]
    assert said == [f"assigned to {tenant.user}", "assigned to Ann: knows the vendor", "assigned to nobody"]
    await act(tenant, "resolve", {})
    problem = await tenant.refuse("POST", f"{FIRST}/assign")
    assert (problem["status"], problem["detail"]) == (409, "the alert is resolved already")


async def test_nobody_has_a_name_that_is_too_long(tenant: Tenant) -> None:
    await tenant.send(DISK)
    problem = await tenant.refuse("POST", f"{FIRST}/assign", json={"assignee": "a" * 256})
    assert (problem["status"], problem["errors"][0]["pointer"]) == (400, "/assignee")


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
async def test_an_action_needs_no_body(tenant: Tenant, action: str) -> None:
    await tenant.send(DISK)
    answer = await tenant.ask("POST", f"{FIRST}/{action}")
    assert (answer.status_code, answer.json()["state"]) == (200, f"{action}d")


async def test_an_action_can_be_said_with_plain_curl(tenant: Tenant) -> None:
    await tenant.send(DISK)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await tenant.ask("POST", f"{FIRST}/acknowledge", content=b'{"comment": "x"}', headers=headers)
    assert answer.json()["acknowledged_comment"] == "x"


async def test_a_time_without_an_offset_is_utc(tenant: Tenant) -> None:
    await tenant.send(DISK)
    until = later(hours=1).replace(microsecond=0)
    acknowledged = await act(tenant, "acknowledge", {"until": until.replace(tzinfo=None).isoformat()})
    assert datetime.fromisoformat(acknowledged["acknowledged_until"]) == until


async def test_an_acknowledgement_can_be_given_anew(tenant: Tenant) -> None:
    await tenant.send(DISK)
    await act(tenant, "acknowledge", {"comment": "one", "until": later(hours=1).isoformat()})
    again = await act(tenant, "acknowledge", {"comment": "two"})
    assert (again["acknowledged_comment"], again["acknowledged_until"]) == ("two", None)


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_resolved_alert_stays_as_it_is(tenant: Tenant, action: str) -> None:
    await tenant.send(DISK, WELL, DISK)
    before = await tenant.get(FIRST)
    problem = await tenant.refuse("POST", f"{FIRST}/{action}", json={"comment": "x"})
    assert (problem["status"], problem["code"]) == (409, "conflict")
    assert problem["detail"] == "the alert is resolved already"
    assert await tenant.get(FIRST) == before
    assert len(await tenant.events()) == 3
    assert await tenant.rejected() == []


async def test_what_is_not_acknowledged_cannot_be_released(tenant: Tenant) -> None:
    await tenant.send(DISK)
    problem = await tenant.refuse("POST", f"{FIRST}/unacknowledge", json={})
    assert (problem["status"], problem["detail"]) == (409, "the alert is not acknowledged")
    assert len(await tenant.events()) == 1


@pytest.mark.parametrize(
    ("action", "document", "pointer"),
    [
        ("acknowledge", {"until": "tomorrow"}, "/until"),
        ("acknowledge", {"until": "2020-01-01T00:00:00Z"}, "/until"),
        ("acknowledge", {"until": "1970-01-01T00:00:00Z"}, "/until"),
        ("acknowledge", {"until": 4102444800}, "/until"),
        ("acknowledge", {"until": "0001-01-01T00:00:00+23:59"}, "/until"),
        ("acknowledge", {"comment": 5}, "/comment"),
        ("acknowledge", {"coment": "x"}, ""),
        ("resolve", {"comment": "x" * 20_481}, "/comment"),
        ("resolve", [], ""),
        ("unacknowledge", {"until": None}, ""),
        ("note", {"comment": ""}, "/comment"),
        ("note", {}, ""),
        ("note", None, ""),
    ],
)
async def test_a_bad_body_is_pointed_at(tenant: Tenant, action: str, document: object, pointer: str) -> None:
    await tenant.send(DISK)
    problem = await tenant.refuse("POST", f"{FIRST}/{action}", json=document)
    assert (problem["status"], problem["code"]) == (400, "bad_request")
    assert [each["pointer"] for each in problem["errors"]] == [pointer]
    assert len(await tenant.events()) == 1


@pytest.mark.parametrize(
    "body", [b"{", b'{"comment": "\\u0000"}', b'{"comment": "\xff"}', b"[" * 100_000, b"comment=x"]
)
async def test_a_body_that_is_no_json_is_refused(tenant: Tenant, body: bytes) -> None:
    await tenant.send(DISK)
    problem = await tenant.refuse("POST", f"{FIRST}/resolve", content=body)
    assert (problem["status"], problem["code"]) == (400, "bad_payload")
    assert len(await tenant.events()) == 1


async def test_a_body_beyond_the_limit_of_a_message_is_too_large(tenant: Tenant) -> None:
    await tenant.send(DISK)
    problem = await tenant.refuse("POST", f"{FIRST}/note", json={"comment": "x" * 1024 * 1024})
    assert (problem["status"], problem["code"]) == (413, "too_large")


@pytest.mark.parametrize("name", ["alert-000000000002", "alert-1", "event-000000000001", "nonsense", "a%00"])
async def test_an_unknown_alert_is_not_found(tenant: Tenant, name: str) -> None:
    await tenant.send(DISK)
    for method, path in [("GET", ""), *(("POST", f"/{action}") for action in ACTIONS)]:
        options = {"json": {"comment": "x"}} if method == "POST" else {}
        problem = await tenant.refuse(method, f"{ALERTS}/{name}{path}", **options)
        assert (problem["status"], problem["code"]) == (404, "not_found")
