"""NRDP's endpoint, as send_nrdp and NCPA use it."""

from typing import Any
from urllib.parse import urlencode

import httpx2
import msgspec
import pytest

from tests.unit.api.conftest import served, stranger, tenant
from tests.unit.server.in_process import Tenant
from tocsin.dialects.nrdp import parse
from tocsin.model.source import Source

__all__ = ["served", "stranger", "tenant"]
pytestmark = pytest.mark.anyio

RESULT = {
    "checkresult": {"type": "service", "checktype": "1"},
    "hostname": "web",
    "servicename": "load",
    "state": "2",
    "output": "load 42|load1=42",
}
XML = (
    "<?xml version='1.0'?><checkresults><checkresult type='host' checktype='1'><hostname>web</hostname>"
    "<state>0</state><output>PING &lt;ok&gt;</output></checkresult></checkresults>"
)
DTD = '<!DOCTYPE x [<!ENTITY a "b">]><checkresults/>'


async def new_source(tenant: Tenant) -> Source:
    return await tenant.new_source("agents", source_format="nrdp")


async def post(tenant: Tenant, **form: Any) -> httpx2.Response:
    return await tenant.served.client.post(
        "/nrdp/",
        content=urlencode(form),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )


def results(*items: object) -> str:
    return msgspec.json.encode({"checkresults": items}).decode()


async def test_results_in_json_pass_the_machine_of_states(tenant: Tenant) -> None:
    source = await new_source(tenant)
    host = {"checkresult": {"type": "host"}, "hostname": "web", "state": 0, "output": "up"}
    answer = await post(tenant, token=source.access_key, cmd="submitcheck", JSONDATA=results(RESULT, host))
    assert (answer.status_code, answer.json()) == (
        200,
        {"result": {"status": 0, "message": "OK", "meta": {"output": "2 checks processed."}}},
    )
    problem, up = await tenant.events()
    assert (problem.kind, problem.state, problem.host, problem.service) == (
        *("problem", "critical"),
        *("web", "load"),
    )
    assert (problem.output, problem.labels, problem.source_id) == (
        "load 42",
        {"perfdata": "load1=42"},
        source.id,
    )
    assert (up.state, up.service) == ("up", "")


async def test_results_in_xml_are_answered_in_xml(tenant: Tenant) -> None:
    source = await new_source(tenant)
    answer = await post(tenant, token=source.access_key, cmd="submitcheck", XMLDATA=XML)
    assert answer.status_code == 200
    assert "<result><status>0</status><message>OK</message>" in answer.text
    assert "<output>1 checks processed.</output>" in answer.text
    (event,) = await tenant.events()
    assert (event.host, event.state, event.output) == ("web", "up", "PING <ok>")


@pytest.mark.parametrize(
    ("form", "status", "message"),
    [
        ({"token": "0" * 32}, 403, "BAD TOKEN: it is no source's access key"),
        ({"cmd": "x"}, 400, "cmd: only submitcheck and submitcmd are taken here"),
        ({"JSONDATA": "{"}, 400, "not JSON"),
        ({"JSONDATA": "[]"}, 400, "the body must be a JSON object, not an array"),
        ({"JSONDATA": results()}, 400, "checkresults is empty"),
        ({"JSONDATA": results({**RESULT, "state": "7"})}, 400, "checkresults[0].state: expected a number"),
        ({"JSONDATA": results({**RESULT, "hostname": ""})}, 400, "checkresults[0].hostname is missing"),
    ],
)
async def test_what_is_wrong_is_said(tenant: Tenant, form: dict[str, str], status: int, message: str) -> None:
    source = await new_source(tenant)
    given = {"token": source.access_key, "cmd": "submitcheck", "JSONDATA": results(RESULT), **form}
    answer = await post(tenant, **given)
    result = answer.json()["result"]
    assert (answer.status_code, result["status"]) == (status, -1)
    assert message in result["message"]


async def test_what_is_wrong_beside_what_is_taken_is_kept_and_no_failure(tenant: Tenant) -> None:
    source = await new_source(tenant)
    given = results(RESULT, {**RESULT, "state": "x"})
    answer = await post(tenant, token=source.access_key, cmd="submitcheck", JSONDATA=given)
    result = answer.json()["result"]
    assert (answer.status_code, result["status"]) == (200, 0)
    reason = "checkresults[1].state: expected a number from 0 to 3"
    assert result["meta"]["output"] == f"1 checks processed, 1 not taken: {reason}"
    assert await tenant.rejected() == [(1, reason)]
    assert len(await tenant.events()) == 1


@pytest.mark.parametrize("source_format", ["nrdp", "auto", "victorops", "grafana", "nagios-command"])
async def test_what_was_rejected_is_replayed_as_results_whatever_the_source_takes(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, source_format: str
) -> None:
    source = await tenant.new_source(source_format=source_format)
    monkeypatch.setattr(parse, "NAME_LIMIT", 4)
    given = results(RESULT, {**RESULT, "hostname": "database"})
    await post(tenant, token=source.access_key, cmd="submitcheck", JSONDATA=given)
    (rejected,) = (await tenant.get("/api/v1/rejected"))["items"]
    assert rejected["format"] == "nrdp"
    replay = f"/api/v1/rejected/{rejected['id']}/replay"
    assert (await tenant.refuse("POST", replay))["detail"] == f"item 1: {rejected['reason']}"
    # A later Tocsin may take longer names.
    monkeypatch.undo()
    assert [each["outcome"] for each in (await tenant.post(replay))["receipts"]] == ["opened"]
    assert [(event.host, event.service) for event in await tenant.events()] == [
        ("web", "load"),
        ("database", "load"),
    ]
    assert (await tenant.get("/api/v1/rejected"))["items"] == []


@pytest.mark.parametrize("source_format", ["nrdp", "auto", "grafana"])
async def test_xml_is_replayed_as_what_it_was_read_into(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, source_format: str
) -> None:
    source = await tenant.new_source(source_format=source_format)
    monkeypatch.setattr(parse, "NAME_LIMIT", 2)
    answer = await post(tenant, token=source.access_key, cmd="submitcheck", XMLDATA=XML)
    assert answer.status_code == 400
    (rejected,) = (await tenant.get("/api/v1/rejected"))["items"]
    monkeypatch.undo()
    await tenant.post(f"/api/v1/rejected/{rejected['id']}/replay")
    (event,) = await tenant.events()
    assert (event.host, event.state, event.output) == ("web", "up", "PING <ok>")


@pytest.mark.parametrize("xml", ["<checkresults>", "<x/>", DTD])
async def test_xml_that_is_not_read_is_refused_in_xml_and_kept(tenant: Tenant, xml: str) -> None:
    source = await new_source(tenant)
    answer = await post(tenant, token=source.access_key, cmd="submitcheck", XMLDATA=xml)
    assert answer.status_code == 400
    assert "<status>-1</status><message>XMLDATA" in answer.text
    ((_, reason),) = await tenant.rejected()
    assert reason.startswith("XMLDATA")


async def test_only_this_path_and_method_are_answered(tenant: Tenant) -> None:
    assert (await tenant.served.client.get("/nrdp/")).status_code == 405
    assert (await tenant.served.client.post("/nrdp/x")).status_code == 404


async def test_the_token_is_not_kept(tenant: Tenant) -> None:
    source = await new_source(tenant)
    await post(tenant, token=source.access_key, cmd="submitcheck", JSONDATA=results(RESULT))
    shown = await tenant.get("/api/v1/events")
    assert source.access_key not in str(shown)


HOST_DOWN = "[1700000000] PROCESS_HOST_CHECK_RESULT;web;1;no answer|rta=0"
PLANNED = "SCHEDULE_HOST_DOWNTIME;web;5;9;1;0;0;ann;upgrade"


async def test_a_command_hands_in_a_result_of_a_host(tenant: Tenant) -> None:
    source = await new_source(tenant)
    answer = await post(tenant, token=source.access_key, cmd="submitcmd", command=HOST_DOWN)
    assert answer.status_code == 200
    assert "<result><status>0</status><message>OK</message>" in answer.text
    assert "<output>1 commands processed.</output>" in answer.text
    (event,) = await tenant.events()
    assert (event.kind, event.host, event.service, event.state) == ("problem", "web", "", "down")
    assert (event.output, event.occurred_at, event.source_tool) == (
        *("no answer", 1_700_000_000_000_000),
        "nagios",
    )


async def test_a_bad_command_is_kept_beside_those_that_are_taken(tenant: Tenant) -> None:
    source = await new_source(tenant)
    answer = await post(tenant, token=source.access_key, cmd="submitcmd", command=f"{HOST_DOWN}\n{PLANNED}")
    reason = (
        "line 2: SCHEDULE_HOST_DOWNTIME: the key of a source plans no downtime, which takes a user's token"
    )
    assert answer.status_code == 200
    assert "<output>1 commands processed, 1 not taken: line 2: SCHEDULE_HOST_DOWNTIME:" in answer.text
    assert await tenant.rejected() == [(1, reason)]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "there is no command in it"),
        ({"command": PLANNED}, "line 1: SCHEDULE_HOST_DOWNTIME"),
        ({"command": f"{PLANNED}\nX"}, "2 not taken: line 1: SCHEDULE_HOST_DOWNTIME"),
        ({"JSONDATA": results(RESULT)}, "there is no command in it"),
    ],
)
async def test_where_no_command_is_taken_that_is_a_failure(
    tenant: Tenant, form: dict[str, str], message: str
) -> None:
    source = await new_source(tenant)
    answer = await post(tenant, token=source.access_key, cmd="submitcmd", **form)
    assert answer.status_code == 400
    assert message in answer.text
    assert await tenant.rejected()
    assert await tenant.events() == []


async def test_commands_take_a_token(tenant: Tenant) -> None:
    answer = await post(tenant, token="0" * 32, cmd="submitcmd", command=HOST_DOWN)
    assert answer.status_code == 403
    assert "<message>BAD TOKEN" in answer.text
