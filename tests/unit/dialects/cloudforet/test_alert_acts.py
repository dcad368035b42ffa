"""What the methods of Alert do to alerts: events like those of any other way to act on them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.dialects.cloudforet.alert_calls import CPU, DISK, done, opened, refused
from tests.unit.server.in_process import Tenant
from tocsin.dialects.cloudforet.alert_acts import MERGE_LIMIT, TEXT_LIMIT
from tocsin.model.identifiers import event_id
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio

ODD = {"key": "e", "title": "odd", "kind": "error"}
SOON = "2999-01-01T00:00:00Z"
ACTS: dict[str, dict[str, Any]] = {
    "update": {"title": "changed", "state": "RESOLVED"},
    "update_state": {"state": "RESOLVED"},
    "snooze": {"end_time": SOON},
    "delete": {},
}


async def state(tenant: Tenant, alert_id: str) -> str:
    shown: str = (await tenant.get(f"/api/v1/alerts/{alert_id}"))["state"]
    return shown


async def act(tenant: Tenant, verb: str, alert_id: str, credential: str | None = None, **more: Any) -> Any:
    return await done(tenant, verb.replace("_", "-"), credential, alert_id=alert_id, **more)


async def refuse(tenant: Tenant, verb: str, alert_id: str, **request: Any) -> tuple[int, str, str]:
    return await refused(tenant, verb.replace("_", "-"), alert_id=alert_id, **request)


async def test_an_alert_is_opened_by_hand(tenant: Tenant) -> None:
    project_id = tenant.source.project_id
    told = {"title": "the door is open", "description": "of the cold store", "assignee": "ann"}
    made = await done(tenant, "create", project_id=project_id, urgency="HIGH", **told)
    assert {name: made[name] for name in told} == told
    assert (made["state"], made["urgency"], made["project_id"]) == ("TRIGGERED", "HIGH", project_id)
    other = await done(tenant, "create", project_id=project_id, title="it rattles")
    assert (other["urgency"], other["alert_id"] != made["alert_id"]) == ("LOW", True)
    items = (await tenant.get("/api/v1/alerts"))["items"]
    assert [(each["title"], each["severity"]) for each in items] == [
        ("it rattles", "warning"),
        ("the door is open", "critical"),
    ]
    (event, _) = await tenant.events()
    assert (event.author, event.outcome) == (tenant.user, "opened")
    why = await tenant.get(f"/api/v1/events/{event_id(event.seq)}/why")
    assert why["lines"][0]["says"] == f"{tenant.user} made it by hand."
    assert (await act(tenant, "update", made["alert_id"], state="RESOLVED"))["state"] == "RESOLVED"


async def test_an_alert_is_opened_where_somebody_may_act_alone(tenant: Tenant, stranger: Tenant) -> None:
    project_id, told = tenant.source.project_id, {"title": "the door is open"}
    viewer = await tenant.new_user(Permission.VIEWALL)
    assert (await refused(tenant, "create", viewer, project_id=project_id, **told))[0] == 403
    elsewhere = await tenant.new_user(Permission.VIEWALL, Permission.ACTIONSOME, scope="project:other")
    for credential in (elsewhere, stranger.token):
        assert (await refused(tenant, "create", credential, project_id=project_id, **told))[0] in {403, 404}
    assert (await refused(tenant, "create", project_id=project_id, title=" "))[:2] == (
        400,
        "ERROR_INVALID_PARAMETER",
    )
    assert await tenant.events() == []


async def test_a_state_is_changed_by_an_event(tenant: Tenant) -> None:
    (alert_id,) = await opened(tenant, DISK)
    shown = await act(tenant, "update", alert_id, state="ACKNOWLEDGED", status_message="looking")
    assert (shown["state"], shown["status_message"]) == ("ACKNOWLEDGED", "looking")
    assert shown["acknowledged_at"]
    assert (await act(tenant, "update", alert_id, state="TRIGGERED"))["acknowledged_at"] == ""
    assert (await act(tenant, "update", alert_id, state="TRIGGERED"))["state"] == "TRIGGERED"
    assert (await act(tenant, "update", alert_id, state="RESOLVED"))["resolved_at"]
    timeline = (await tenant.get(f"/api/v1/alerts/{alert_id}"))["timeline"]
    assert [(each["kind"], each["author"], each["comment"]) for each in timeline][:-1] == [
        ("recovery", tenant.user, ""),
        ("acknowledgement_end", tenant.user, ""),
        ("acknowledgement", tenant.user, "looking"),
    ]


async def test_a_state_is_changed_as_by_a_notification(tenant: Tenant) -> None:
    disk, cpu = await opened(tenant, DISK, CPU)
    assert (await act(tenant, "update_state", disk, state="ACKNOWLEDGED"))["state"] == "ACKNOWLEDGED"
    # Somebody is on it already: it stays as it is.
    assert (await act(tenant, "update_state", disk, state="RESOLVED"))["state"] == "ACKNOWLEDGED"
    assert await state(tenant, disk) == "acknowledged"
    assert (await act(tenant, "update_state", cpu, state="RESOLVED"))["state"] == "RESOLVED"


async def test_what_is_written_on_an_alert_stands_in_place_of_its_own(tenant: Tenant) -> None:
    (alert_id,) = await opened(tenant, DISK)
    written = {
        "title": "Disk of db1",
        "description": "grows",
        "assignee": "ann",
        "urgency": "LOW",
        "status_message": "bought one",
    }
    shown = await act(tenant, "update", alert_id, **written)
    assert {name: shown[name] for name in written} == written
    await tenant.send(DISK | {"title": "Disk fuller"})
    assert [each["alert_id"] for each in (await done(tenant, "list", assignee="ann"))["results"]] == [
        alert_id
    ]
    assert (await done(tenant, "list", title="Disk of db1"))["total_count"] == 1
    shown = await act(
        tenant, "update", alert_id, reset_description=True, reset_assignee=True, reset_status_message=True
    )
    assert [shown[name] for name in written] == ["Disk of db1", "97 %", "", "LOW", ""]
    audited = (await tenant.get("/api/v1/audit", q="action:alert.change"))["items"]
    assert [each["subject_id"] for each in audited] == [alert_id, alert_id]


async def test_a_snooze_silences_one_alert_until_its_end(tenant: Tenant) -> None:
    disk, cpu = await opened(tenant, DISK, CPU)
    shown = await act(tenant, "snooze", disk, end_time=SOON)
    assert (shown["is_snoozed"], shown["snoozed_end_time"]) == (True, "2999-01-01T00:00:00.000Z")
    receipts = await tenant.send(DISK, CPU)
    assert [bool(each["silenced_by"]) for each in receipts] == [True, False]
    (found,) = (await done(tenant, "list", is_snoozed="true"))["results"]
    assert found["alert_id"] == disk
    # Once more: another end takes the place of the first.
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="milliseconds")
    assert (await act(tenant, "snooze", disk, end_time=later))["snoozed_end_time"][:19] == later[:19]
    active = (await tenant.get("/api/v1/silences", state="active"))["items"]
    assert [each["expression"] for each in active] == [f"alert_id={disk}"]
    assert (await act(tenant, "snooze", disk, end_time="2001-01-01"))["is_snoozed"] is False
    assert (await refuse(tenant, "snooze", disk, end_time="2001-01-01"))[:2] == (
        400,
        "ERROR_INVALID_PARAMETER",
    )
    assert (await refuse(tenant, "snooze", cpu, end_time="soon"))[2].startswith(
        "Parameter is invalid. (key = end_time, reason = not ISO 8601"
    )


@pytest.mark.parametrize(
    ("item", "verb", "request_", "wanted"),
    [
        (DISK, "update", {"state": "ERROR"}, "Unsupported state. (TRIGGERED | ACKNOWLEDGED | RESOLVED)"),
        (ODD, "update", {"state": "RESOLVED"}, "The error state cannot be changed."),
        (ODD, "update_state", {"state": "RESOLVED"}, "The error state cannot be changed."),
        (DISK, "update_state", {"state": "TRIGGERED"}, "Unsupported state. (ACKNOWLEDGED | RESOLVED)"),
        (DISK, "update", {"title": "x" * (TEXT_LIMIT + 1)}, f"expected at most {TEXT_LIMIT} characters"),
    ],
)
async def test_what_is_not_possible_is_told(
    tenant: Tenant, item: dict[str, Any], verb: str, request_: dict[str, Any], wanted: str
) -> None:
    (alert_id,) = await opened(tenant, item)
    status, code, message = await refuse(tenant, verb, alert_id, **request_)
    assert (status, code) == (400, "ERROR_INVALID_PARAMETER")
    assert wanted in message
    assert await state(tenant, alert_id) == "open"


async def test_a_resolved_alert_never_opens_again(tenant: Tenant) -> None:
    (alert_id,) = await opened(tenant, DISK)
    await act(tenant, "update", alert_id, state="RESOLVED")
    for wanted in ("TRIGGERED", "ACKNOWLEDGED"):
        refusal = await refuse(tenant, "update", alert_id, state=wanted)
        assert refusal == (
            400,
            "ERROR_INVALID_PARAMETER",
            "Parameter is invalid. (key = state, reason = A resolved alert never opens again.)",
        )
    assert (await act(tenant, "update", alert_id, state="RESOLVED"))["state"] == "RESOLVED"


async def test_alerts_are_merged_into_one(tenant: Tenant) -> None:
    disk, cpu, odd = await opened(tenant, DISK, CPU, ODD)
    shown = await done(tenant, "merge", alerts=[cpu, disk, odd, cpu], merge_to=disk)
    assert (shown["alert_id"], shown["title"]) == (disk, "Disk full")
    assert [each["alert_id"] for each in (await done(tenant, "list"))["results"]] == [disk]
    assert (await refused(tenant, "get", alert_id=cpu))[:2] == (404, "ERROR_NOT_FOUND")
    assert (await tenant.ask("GET", f"/api/v1/alerts/{cpu}")).status_code == 404
    answer = await tenant.ask("POST", "/monitoring/event/list", json={"alert_id": disk})
    assert {each["event_key"] for each in answer.json()["results"]} == {"db1/disk", "db1/cpu", "e"}
    (receipt,) = await tenant.send(CPU)
    assert (receipt["outcome"], receipt["alert_id"]) == ("joined", disk)
    timeline = (await tenant.get(f"/api/v1/alerts/{disk}"))["timeline"]
    said = {each["comment"] for each in timeline if each["author"] == tenant.user and each["comment"]}
    assert said == {f"merged into {disk}", f"merged into it: {cpu}, {odd}"}
    audited = (await tenant.get("/api/v1/audit", q="action:alert.merge"))["items"]
    assert {each["subject_id"] for each in audited} == {cpu, odd}
    # With nothing but itself nothing is done.
    assert (await done(tenant, "merge", alerts=[disk], merge_to=disk))["alert_id"] == disk


async def test_what_cannot_be_merged_is_told(tenant: Tenant, stranger: Tenant) -> None:
    disk, cpu = await opened(tenant, DISK, CPU)
    message = f"Alert does not exist in merge list. (alert_id = {disk})"
    refusal = await refused(tenant, "merge", alerts=[cpu], merge_to=disk)
    assert refusal == (400, "ERROR_MERGE_ALERT_NOT_EXIST", message)
    many = [f"alert-{number:012x}" for number in range(MERGE_LIMIT + 1)]
    assert (await refused(tenant, "merge", alerts=many, merge_to=many[0]))[1] == "ERROR_INVALID_PARAMETER"
    some = await tenant.new_user(Permission.VIEWSOME, Permission.ACTIONSOME, scope="team:storage")
    viewer = await tenant.new_user(Permission.VIEWALL)
    for credential, alerts, status in (
        (None, [disk, "alert-00000000ffff"], 404),
        (some, [disk, cpu], 404),
        (viewer, [disk, cpu], 403),
        (stranger.token, [disk, cpu], 403),
    ):
        assert (await refused(tenant, "merge", credential, alerts=alerts, merge_to=disk))[0] == status
    assert (await refused(stranger, "merge", alerts=[disk, cpu], merge_to=disk))[0] == 404
    assert (await done(tenant, "list"))["total_count"] == 2


async def test_an_alert_is_deleted_with_its_events(tenant: Tenant) -> None:
    disk, cpu = await opened(tenant, DISK, CPU)
    assert await done(tenant, "delete", alert_id=disk) == {}
    assert (await refused(tenant, "delete", alert_id=disk))[:2] == (404, "ERROR_NOT_FOUND")
    assert [each["alert_id"] for each in (await done(tenant, "list"))["results"]] == [cpu]
    assert [each["key"] for each in (await tenant.get("/api/v1/events"))["items"]] == ["db1/cpu"]
    assert (await tenant.get("/api/v1/events/count"))["total"] == 1
    assert (await tenant.ask("GET", "/api/v1/events/event-000000000001")).status_code == 404
    (receipt,) = await tenant.send(DISK)
    assert receipt["outcome"] == "opened"


async def test_an_alert_is_moved_to_another_project(tenant: Tenant) -> None:
    (disk,) = await opened(tenant, DISK)
    project_id = (await tenant.post("/api/v1/projects", {"name": "storage"}, status=201))["id"]
    assert (await refuse(tenant, "update", disk, project_id="nope"))[:2] == (404, "ERROR_NOT_FOUND")
    shown = await act(tenant, "update", disk, project_id=project_id, state="ACKNOWLEDGED", title="moved")
    assert (shown["project_id"], shown["state"], shown["title"]) == (project_id, "ACKNOWLEDGED", "moved")
    answer = await tenant.ask("POST", "/monitoring/event/list", json={"project_id": project_id})
    assert [each["event_id"] for each in answer.json()["results"]] == ["event-000000000001"]
    some = await tenant.new_user(Permission.VIEWSOME, Permission.ACTIONSOME, scope="project:default")
    assert (await refused(tenant, "get", some, alert_id=disk))[0] == 404
    assert (await tenant.ask("GET", "/api/v1/events", credential=some)).json()["items"] == []
    # Nobody moves an alert to where they may not act.
    (cpu,) = await opened(tenant, CPU)
    assert (await refused(tenant, "update", some, alert_id=cpu, project_id=project_id))[0] == 404


@pytest.mark.parametrize(("scope", "status"), [("team:storage", 403), ("severity>=error", 200)])
async def test_nobody_opens_an_alert_beyond_what_they_may_act_on(
    tenant: Tenant, scope: str, status: int
) -> None:
    some = await tenant.new_user(Permission.VIEWSOME, Permission.ACTIONSOME, scope=scope)
    wanted = {"project_id": tenant.source.project_id, "title": "by hand", "urgency": "HIGH"}
    wanted["domain_id"] = tenant.id
    answer = await tenant.ask("POST", "/monitoring/alert/create", json=wanted, credential=some)
    assert answer.status_code == status, answer.text
    expected = int(status == 200)
    assert len((await tenant.get("/api/v1/events"))["items"]) == expected
    assert (await done(tenant, "list"))["total_count"] == expected


@pytest.mark.parametrize("verb", ACTS)
async def test_nobody_acts_on_what_is_not_theirs(tenant: Tenant, stranger: Tenant, verb: str) -> None:
    disk, cpu = await opened(tenant, DISK, CPU)
    path, request = verb.replace("_", "-"), ACTS[verb]
    missing = (404, "ERROR_NOT_FOUND")
    for asker, credential in (
        (stranger, None),
        (tenant, await tenant.new_user(*_some(verb), scope="team:storage")),
    ):
        assert (await refused(asker, path, credential, alert_id=cpu, **request))[:2] == missing
    viewer = await tenant.new_user(Permission.VIEWALL)
    assert (await refused(tenant, path, viewer, alert_id=disk, **request))[:2] == (
        403,
        "ERROR_PERMISSION_DENIED",
    )
    if verb != "update_state":
        assert (await refused(tenant, path, domain_id=stranger.id, alert_id=disk, **request))[0] == 403
    for alert_id in (disk, cpu):
        shown = await done(tenant, "get", alert_id=alert_id)
        assert (shown["state"], shown["title"] != "changed", shown["is_snoozed"]) == (
            "TRIGGERED",
            True,
            False,
        )


def _some(verb: str) -> tuple[Permission, ...]:
    act = Permission.DOWNTIMESOME if verb == "snooze" else Permission.ACTIONSOME
    return Permission.VIEWSOME, act
