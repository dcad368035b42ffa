"""What the methods of Alert do to alerts: events like those of any other way to act on them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.dialects.cloudforet.alert_calls import CPU, DISK, done, opened, refused
from tests.unit.server.in_process import Tenant
from tocsin.dialects.cloudforet.alert_acts import TEXT_LIMIT
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio

ODD = {"key": "e", "title": "odd", "kind": "error"}
SOON = "2999-01-01T00:00:00Z"
ACTS: dict[str, dict[str, Any]] = {
    "update": {"title": "changed", "state": "RESOLVED"},
    "update_state": {"state": "RESOLVED"},
    "snooze": {"end_time": SOON},
}


async def state(tenant: Tenant, alert_id: str) -> str:
    shown: str = (await tenant.get(f"/api/v1/alerts/{alert_id}"))["state"]
    return shown


async def act(tenant: Tenant, verb: str, alert_id: str, credential: str | None = None, **more: Any) -> Any:
    return await done(tenant, verb.replace("_", "-"), credential, alert_id=alert_id, **more)


async def refuse(tenant: Tenant, verb: str, alert_id: str, **request: Any) -> tuple[int, str, str]:
    return await refused(tenant, verb.replace("_", "-"), alert_id=alert_id, **request)


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
        (DISK, "update", {"project_id": "nope"}, "alerts stay in their project"),
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
