"""Notes by the methods of Cloudforet: those that were written by any way there is."""

from functools import partial
from typing import Any

import pytest

from tests.unit.dialects.cloudforet import alert_calls
from tests.unit.dialects.cloudforet.alert_calls import CPU, DISK, opened
from tests.unit.server.in_process import Tenant
from tocsin.dialects.cloudforet.alert_acts import TEXT_LIMIT
from tocsin.hub import notes
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio

done = partial(alert_calls.done, resource="note")
refused = partial(alert_calls.refused, resource="note")
MISSING = (404, "ERROR_NOT_FOUND")


async def write(tenant: Tenant, alert_id: str, text: str) -> str:
    note_id: str = (await done(tenant, "create", alert_id=alert_id, note=text))["note_id"]
    return note_id


async def listed(tenant: Tenant, credential: str | None = None, **request: Any) -> list[str]:
    return [each["note"] for each in (await done(tenant, "list", credential, **request))["results"]]


async def test_a_note_is_an_event_on_the_timeline_of_its_alert(tenant: Tenant) -> None:
    (disk,) = await opened(tenant, DISK)
    shown = await done(tenant, "create", alert_id=disk, note="looking")
    timeline = (await tenant.get(f"/api/v1/alerts/{disk}"))["timeline"]
    assert (timeline[0]["kind"], timeline[0]["comment"]) == ("note", "looking")
    assert shown == {
        "note_id": timeline[0]["id"].replace("event", "note"),
        "alert_id": disk,
        "note": "looking",
        "created_by": tenant.user,
        "project_id": tenant.source.project_id,
        "domain_id": tenant.id,
        "created_at": timeline[0]["recorded_at"][:23] + "Z",
    }
    assert await done(tenant, "get", note_id=shown["note_id"]) == shown
    few = await done(tenant, "get", note_id=shown["note_id"], only=["note"])
    assert (few["note"], few["alert_id"]) == ("looking", "")
    # One that was written natively is a note as well.
    await tenant.post(f"/api/v1/alerts/{disk}/note", {"comment": "natively"})
    assert await listed(tenant) == ["natively", "looking"]


async def test_a_note_is_changed_and_deleted(tenant: Tenant) -> None:
    (disk,) = await opened(tenant, DISK)
    note_id = await write(tenant, disk, "looking")
    changed = await done(tenant, "update", note_id=note_id, note="found it")
    assert changed["note"] == "found it"
    assert await done(tenant, "update", note_id=note_id) == changed
    assert await listed(tenant) == ["found it"]
    # What was recorded stays as it is.
    assert (await tenant.get(f"/api/v1/alerts/{disk}"))["timeline"][0]["comment"] == "looking"
    assert await done(tenant, "delete", note_id=note_id) == {}
    assert await listed(tenant) == []
    for verb, request in (("get", {}), ("update", {"note": "x"}), ("delete", {})):
        assert (await refused(tenant, verb, note_id=note_id, **request))[:2] == MISSING
    audited = (await tenant.get("/api/v1/audit", q="action:note.*"))["items"]
    assert [(each["action"], each["subject_id"]) for each in audited] == [
        ("note.delete", note_id),
        ("note.change", note_id),
    ]


async def test_lists_what_is_asked_for(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    disk, cpu = await opened(tenant, DISK, CPU)
    first, _ = await write(tenant, disk, "one"), await write(tenant, cpu, "two")
    for request, wanted in (
        ({}, ["two", "one"]),
        ({"note_id": first}, ["one"]),
        ({"note_id": "nope"}, []),
        ({"alert_id": cpu}, ["two"]),
        ({"created_by": tenant.user}, ["two", "one"]),
        ({"created_by": "nobody"}, []),
        ({"project_id": "nope"}, []),
        ({"query": {"keyword": "ON"}}, ["one"]),
        ({"query": {"filter": [{"k": "note", "v": "one", "o": "not"}]}}, ["two"]),
        ({"query": {"sort": {"key": "note"}, "page": {"start": 1, "limit": 1}}}, ["one"]),
    ):
        assert await listed(tenant, **request) == wanted, request
    assert (await done(tenant, "list", query={"count_only": True}))["total_count"] == 2
    assert (await done(tenant, "stat", query={"distinct": "note"}))["results"] == ["one", "two"]
    unknown = {"filter": [{"k": "nope", "v": 1, "o": "eq"}]}
    assert (await refused(tenant, "list", query=unknown))[1] == "ERROR_DB_QUERY"
    assert (await refused(tenant, "get", note_id=first, only=["nope"]))[1] == "ERROR_UNKNOWN"
    monkeypatch.setattr(notes, "MOST", 1)
    assert (await refused(tenant, "list"))[:2] == (400, "ERROR_INVALID_PARAMETER")
    assert await listed(tenant, alert_id=cpu) == ["two"]


async def test_notes_go_with_their_alert(tenant: Tenant) -> None:
    disk, cpu = await opened(tenant, DISK, CPU)
    note_id = await write(tenant, cpu, "two")
    await alert_calls.done(tenant, "merge", alerts=[disk, cpu], merge_to=disk)
    assert (await done(tenant, "get", note_id=note_id))["alert_id"] == disk
    assert "two" in await listed(tenant, alert_id=disk)
    await alert_calls.done(tenant, "delete", alert_id=disk)
    assert await listed(tenant) == []


async def test_what_is_not_possible_is_told(tenant: Tenant) -> None:
    (disk,) = await opened(tenant, DISK)
    long = "x" * (TEXT_LIMIT + 1)
    assert (await refused(tenant, "create", alert_id=disk, note=long))[1] == "ERROR_INVALID_PARAMETER"
    assert (await refused(tenant, "create", alert_id=disk))[1] == "ERROR_REQUIRED_PARAMETER"
    assert (await refused(tenant, "create", alert_id="nope", note="x"))[:2] == MISSING
    await tenant.post(f"/api/v1/alerts/{disk}/resolve")
    assert await refused(tenant, "create", alert_id=disk, note="x") == (
        400,
        "ERROR_ALERT_ALREADY_PROCESSED",
        f"Alert has already been processed. (alert_id = {disk})",
    )


async def test_nobody_sees_or_changes_what_is_not_theirs(tenant: Tenant, stranger: Tenant) -> None:
    disk, cpu = await opened(tenant, DISK, CPU)
    note_id = await write(tenant, cpu, "two")
    some = await tenant.new_user(Permission.VIEWSOME, Permission.ACTIONSOME, scope="key=db1/disk")
    viewer = await tenant.new_user(Permission.VIEWALL)
    requests: dict[str, dict[str, Any]] = {
        "get": {"note_id": note_id},
        "update": {"note_id": note_id, "note": "x"},
        "delete": {"note_id": note_id},
        "create": {"alert_id": cpu, "note": "x"},
    }
    for verb, request in requests.items():
        assert (await refused(stranger, verb, **request))[:2] == MISSING
        assert (await refused(tenant, verb, some, **request))[:2] == MISSING
        assert (await refused(tenant, verb, stranger.token, **request))[0] == 403
        if verb != "get":
            assert (await refused(tenant, verb, viewer, **request))[0] == 403
    for asker, credential in ((stranger, None), (tenant, some)):
        assert await listed(asker, credential) == []
        assert (await done(asker, "stat", credential, query={"distinct": "note"}))["results"] == []
    assert await listed(tenant, viewer) == ["two"]
    own = await done(tenant, "create", some, alert_id=disk, note="mine")
    assert await listed(tenant, some) == [own["note"]]
