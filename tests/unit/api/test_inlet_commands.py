"""`/in/` for a source whose payloads are lines of Nagios's external commands."""

import pytest

from tests.unit.api.conftest import served, stranger, tenant
from tests.unit.api.test_inlet import deliver
from tests.unit.server.in_process import Tenant
from tocsin.dialects.nagios import parse

__all__ = ["served", "stranger", "tenant"]
pytestmark = pytest.mark.anyio

FORMAT = "nagios-command"
RESULT = "[1700000000] PROCESS_SERVICE_CHECK_RESULT;web;load;2;load 42|load1=42"
ACKNOWLEDGED = "[1700000001] ACKNOWLEDGE_SVC_PROBLEM;web;load;2;1;0;ann;on it"
TAKEN_BACK = "[1700000002] REMOVE_SVC_ACKNOWLEDGEMENT;web;load"
RECOVERED = "[1700000003] PROCESS_SERVICE_CHECK_RESULT;web;load;0;load 1"
REFUSED = "[1700000004] DEL_HOST_DOWNTIME;7"
REASON = "line 2: DEL_HOST_DOWNTIME: the key of a source plans no downtime, which takes a user's token"


async def test_a_problem_is_opened_acknowledged_released_and_resolved(tenant: Tenant) -> None:
    source = await tenant.new_source(source_format=FORMAT)
    lines = "\n".join((RESULT, ACKNOWLEDGED, TAKEN_BACK, RECOVERED))
    answer = await deliver(tenant, source, content=lines, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 200
    assert [each["outcome"] for each in answer.json()["receipts"]] == [
        *("opened", "acknowledged", "joined", "resolved"),
    ]
    opened, acknowledged, released, resolved = sorted(await tenant.events(), key=lambda event: event.seq)
    assert (opened.kind, opened.state, opened.labels) == ("problem", "critical", {"perfdata": "load1=42"})
    assert (acknowledged.author, acknowledged.comment) == ("ann", "on it")
    assert (released.kind, resolved.kind) == ("acknowledgement_end", "recovery")


async def test_an_acknowledgement_without_a_service_is_of_the_host(tenant: Tenant) -> None:
    source = await tenant.new_source(source_format=FORMAT)
    lines = "PROCESS_HOST_CHECK_RESULT;web;1;no answer\nACKNOWLEDGE_HOST_PROBLEM;web;1;1;0;ann;x"
    receipts = (await deliver(tenant, source, content=lines)).json()["receipts"]
    assert [each["outcome"] for each in receipts] == ["opened", "acknowledged"]
    assert {(event.host, event.service) for event in await tenant.events()} == {("web", "")}


async def test_a_bad_line_is_rejected_in_its_place_and_makes_no_event(tenant: Tenant) -> None:
    source = await tenant.new_source(source_format=FORMAT)
    answer = await deliver(tenant, source, content=f"{RESULT}\n{REFUSED}\n{RECOVERED}")
    receipts = answer.json()["receipts"]
    assert [(each["index"], each["outcome"], each["reason"]) for each in receipts] == [
        (0, "opened", ""),
        (1, "rejected", REASON),
        (2, "resolved", ""),
    ]
    assert await tenant.rejected() == [(1, REASON)]
    assert len(await tenant.events()) == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "there is no command in it"),
        (b"\xff", "the commands are not UTF-8 (byte 0)"),
        (REFUSED.encode(), "line 1: DEL_HOST_DOWNTIME"),
        (f"{RESULT}{RECOVERED}".encode(), "line 1: PROCESS_SERVICE_CHECK_RESULT: another command"),
        (f"{REFUSED}\nX".encode(), "2 not taken: line 1: DEL_HOST_DOWNTIME"),
    ],
)
async def test_where_nothing_is_taken_that_is_a_400_and_kept(
    tenant: Tenant, body: bytes, reason: str
) -> None:
    source = await tenant.new_source(source_format=FORMAT)
    answer = await deliver(tenant, source, content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_payload")
    assert reason in answer.json()["detail"]
    assert await tenant.rejected()
    assert await tenant.events() == []


@pytest.mark.parametrize("source_format", [FORMAT, "nrdp"])
async def test_what_was_rejected_is_replayed_as_commands_whatever_the_source_takes(
    tenant: Tenant, source_format: str
) -> None:
    source = await tenant.new_source(source_format=source_format)
    form = {"token": source.access_key, "cmd": "submitcmd", "command": f"{RESULT}\n{REFUSED}"}
    await tenant.served.client.post("/nrdp/", data=form)
    (rejected,) = (await tenant.get("/api/v1/rejected"))["items"]
    problem = await tenant.refuse("POST", f"/api/v1/rejected/{rejected['id']}/replay")
    assert (problem["code"], problem["detail"]) == ("not_replayed", f"item 1: {REASON}")


@pytest.mark.parametrize("source_format", [FORMAT, "nrdp", "auto", "grafana"])
async def test_a_replay_takes_the_rejected_lines_alone_and_once_its_source_takes_anything(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, source_format: str
) -> None:
    source = await tenant.new_source(source_format=source_format)
    known = dict(parse._COMMANDS)
    del known["ACKNOWLEDGE_SVC_PROBLEM"]
    monkeypatch.setattr(parse, "_COMMANDS", known)
    form = {"token": source.access_key, "cmd": "submitcmd", "command": f"{RESULT}\n{ACKNOWLEDGED}"}
    await tenant.served.client.post("/nrdp/", data=form)
    assert [event.kind for event in await tenant.events()] == ["problem"]
    (rejected,) = (await tenant.get("/api/v1/rejected"))["items"]
    replay = f"/api/v1/rejected/{rejected['id']}/replay"
    assert (await tenant.refuse("POST", replay))["detail"] == f"item 1: {rejected['reason']}"

    # A later Tocsin may know the command.
    monkeypatch.undo()
    await tenant.ask("PATCH", f"/api/v1/sources/{source.id}", json={"enabled": False})
    assert "is disabled" in (await tenant.refuse("POST", replay))["detail"]
    await tenant.ask("PATCH", f"/api/v1/sources/{source.id}", json={"enabled": True})
    (receipt,) = (await tenant.post(replay))["receipts"]
    assert (receipt["index"], receipt["outcome"]) == (1, "acknowledged")
    assert [event.kind for event in await tenant.events()] == ["problem", "acknowledgement"]
    assert (await tenant.get("/api/v1/rejected"))["items"] == []
    assert (await tenant.ask("POST", replay)).status_code == 404


async def test_a_trial_tells_what_would_be_taken_and_rejected(tenant: Tenant) -> None:
    source = await tenant.new_source(source_format=FORMAT)
    answer = await tenant.served.client.post(
        f"/api/v1/sources/{source.id}/test",
        content=f"{RESULT}\n{REFUSED}",
        headers={"Authorization": f"Bearer {tenant.token}"},
    )
    told = [(each["outcome"], each["refused"], each["key"]) for each in answer.json()["items"]]
    assert told == [("opened", "", "web/load"), ("rejected", REASON, "")]
    assert await tenant.events() == []
