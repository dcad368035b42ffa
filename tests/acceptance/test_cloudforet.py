"""The public stubs of Cloudforet, unmodified, against a running Tocsin over its real port; REST beside."""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx2
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from spaceone.api.monitoring.v1 import (
    alert_pb2,
    alert_pb2_grpc,
    escalation_policy_pb2,
    escalation_policy_pb2_grpc,
    event_pb2,
    event_pb2_grpc,
    event_rule_pb2,
    event_rule_pb2_grpc,
)

from tests.servers.process import PROGRAM
from tests.servers.tocsin import Source, Tocsin, running_tocsin

PARALLEL = 64
DISK = {"key": "db1/disk", "title": "Disk full", "n": 5, "$dollar": {"a.b": [1, None]}}


@pytest.fixture(scope="module")
def tocsin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tocsin]:
    """Run one server for the whole file, with gRPC."""
    with running_tocsin(tmp_path_factory.mktemp("tocsin"), grpc=True) as server:
        yield server
        assert server.terminate() == 0


@pytest.fixture
def events(tocsin: Tocsin) -> Iterator[Any]:
    """Give the stub of Event."""
    with grpc.insecure_channel(tocsin.grpc_address) as channel:
        yield event_pb2_grpc.EventStub(channel)


def creation(source: Source, data: dict[str, Any]) -> Any:
    request = {"webhook_id": source.id, "access_key": source.access_key, "data": data}
    return ParseDict(request, event_pb2.CreateEventRequest())


def newest(tocsin: Tocsin, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tocsin.request(
        "GET", "/api/v1/events", params={"q": query, "limit": 100}
    ).json()["items"]
    return found


def get(tocsin: Tocsin, event_id: str, token: str, domain_id: str = "default") -> httpx2.Response:
    return tocsin.request(
        "POST",
        "/monitoring/v1/event/get",
        json={"event_id": event_id, "domain_id": domain_id},
        headers={"Authorization": f"Bearer {token}"},
    )


def test_an_event_is_the_same_over_both_transports_and_in_the_native_api(tocsin: Tocsin, events: Any) -> None:
    source = tocsin.create_source("hook", "native")
    events.create(creation(source, DISK))
    (native,) = newest(tocsin, f"source:{source.id}")
    wanted = event_pb2.GetEventRequest(event_id=native["id"], domain_id="default")
    over_grpc = MessageToDict(
        events.get(wanted, metadata=[("token", tocsin.token)]), preserving_proto_field_name=True
    )
    over_rest = get(tocsin, native["id"], tocsin.token).json()
    assert over_grpc == {name: value for name, value in over_rest.items() if value}
    assert over_rest["raw_data"] == DISK
    assert (over_rest["event_key"], over_rest["alert_id"]) == (native["key"], native["alert_id"])


def test_an_alarm_of_another_sender_is_an_event_of_cloudforet(tocsin: Tocsin) -> None:
    source = tocsin.create_source("on call", "victorops")
    message = {"message_type": "CRITICAL", "entity_id": "web1/cpu", "entity_display_name": "CPU"}
    with httpx2.Client(trust_env=False) as client:
        assert client.post(f"{source.urls['victorops']}/dba", json=message).status_code == 200
    (native,) = newest(tocsin, f"source:{source.id}")
    shown = get(tocsin, native["id"], tocsin.token).json()
    assert (shown["event_key"], shown["title"], shown["severity"]) == ("web1/cpu", "CPU", "CRITICAL")
    assert shown["raw_data"] == message


def test_parallel_creates_of_a_new_key_open_one_alert(tocsin: Tocsin) -> None:
    source = tocsin.create_source("parallel", "native")
    data = {"key": "one", "title": "t"}
    url = f"{tocsin.url}/monitoring/v1/event/create"
    document = {"webhook_id": source.id, "access_key": source.access_key, "data": data}

    async def create() -> None:
        async with (
            grpc.aio.insecure_channel(tocsin.grpc_address) as channel,
            httpx2.AsyncClient(trust_env=False) as client,
        ):
            stub = event_pb2_grpc.EventStub(channel)

            async def over_grpc() -> None:
                await stub.create(creation(source, data))

            async def over_rest() -> None:
                assert (await client.post(url, json=document)).status_code == 200

            await asyncio.gather(*(one() for _ in range(PARALLEL // 2) for one in (over_grpc, over_rest)))

    asyncio.run(create())
    recorded = newest(tocsin, f"source:{source.id}")
    assert len(recorded) == PARALLEL
    assert len({event["alert_id"] for event in recorded}) == 1
    (alert,) = tocsin.request("GET", "/api/v1/alerts", params={"q": f"source:{source.id}"}).json()["items"]
    assert alert["count"] == PARALLEL


def test_alerts_are_worked_on_by_the_stubs(tocsin: Tocsin, events: Any) -> None:
    source = tocsin.create_source("worked", "native")
    for key in ("worked/1", "worked/2", "worked/3"):
        events.create(creation(source, DISK | {"key": key}))
    token = {"metadata": [("token", tocsin.token)]}
    with grpc.insecure_channel(tocsin.grpc_address) as channel:
        alerts: Any = alert_pb2_grpc.AlertStub(channel)

        def listed() -> list[Any]:
            query = alert_pb2.AlertQuery(webhook_id=source.id, domain_id="default")
            return list(alerts.list(query, **token).results)

        three, two, one = (each.alert_id for each in listed())
        written = {"alert_id": one, "assignee": "ann", "urgency": "LOW", "domain_id": "default"}
        updated = alerts.update(ParseDict(written, alert_pb2.UpdateAlertRequest()), **token)
        assert (updated.assignee, updated.urgency) == ("ann", alert_pb2.LOW)
        state = alert_pb2.UpdateAlertStateRequest(alert_id=one, state="ACKNOWLEDGED")
        assert alerts.update_state(state, **token).state == alert_pb2.ACKNOWLEDGED
        snooze = alert_pb2.SnoozeAlertRequest(alert_id=one, end_time="2999-01-01", domain_id="default")
        assert alerts.snooze(snooze, **token).is_snoozed
        merge = alert_pb2.MergeAlertRequest(alerts=[one, two], merge_to=one, domain_id="default")
        assert alerts.merge(merge, **token).alert_id == one
        alerts.delete(alert_pb2.AlertRequest(alert_id=three, domain_id="default"), **token)
        assert [each.alert_id for each in listed()] == [one]
        with pytest.raises(grpc.RpcError) as caught:
            alerts.update(
                alert_pb2.UpdateAlertRequest(alert_id=one, title="\0", domain_id="default"), **token
            )
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert str(caught.value.details()).startswith("ERROR_INVALID_PARAMETER: ")
    keys = {event["key"] for event in newest(tocsin, f"alert_id={one} type=ALERT")}
    assert keys == {"worked/1", "worked/2"}


def test_rules_and_policies_are_made_by_the_stubs(tocsin: Tocsin, events: Any) -> None:
    token: dict[str, Any] = {"metadata": [("token", tocsin.token)]}
    rule = {
        "name": "tests",
        "project_id": "default",
        "conditions": [{"key": "title", "value": "a test", "operator": "contain"}],
        "conditions_policy": "ALL",
        "actions": {"change_urgency": "LOW", "add_additional_info": {"team": "qa"}},
    }
    with grpc.insecure_channel(tocsin.grpc_address) as channel:
        rules: Any = event_rule_pb2_grpc.EventRuleStub(channel)
        policies: Any = escalation_policy_pb2_grpc.EscalationPolicyStub(channel)
        made = rules.create(ParseDict(rule, event_rule_pb2.CreateEventRuleRequest()), **token)
        assert made.order == 1
        assert MessageToDict(made.actions, preserving_proto_field_name=True) == rule["actions"]
        source = tocsin.create_source("tests", "native")
        events.create(creation(source, {"key": "tested", "title": "This is a test"}))
        (event,) = newest(tocsin, f"source:{source.id}")
        assert (event["labels"], event["reason"]) == (
            {"team": "qa"},
            "the rule tests set team; a rule made its urgency LOW",
        )
        rules.delete(event_rule_pb2.EventRuleRequest(event_rule_id=made.event_rule_id), **token)
        assert not rules.list(event_rule_pb2.EventRuleQuery(), **token).results
        found = policies.list(escalation_policy_pb2.EscalationPolicyQuery(is_default=True), **token)
        (default,) = found.results
        assert (default.name, default.rules[0].notification_level) == (
            "Default",
            escalation_policy_pb2.EscalationPolicyRule.ALL,
        )
        steps = escalation_policy_pb2.UpdateEscalationPolicyRequest(
            escalation_policy_id=default.escalation_policy_id, repeat_count=3
        )
        with pytest.raises(grpc.RpcError) as caught:
            policies.update(steps, **token)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "key = repeat_count" in str(caught.value.details())


def test_another_domain_sees_nothing(tocsin: Tocsin, events: Any, tmp_path: Path) -> None:
    source = tocsin.create_source("secret", "native")
    events.create(creation(source, DISK))
    (native,) = newest(tocsin, f"source:{source.id}")
    command: list[str | Path] = [
        PROGRAM,
        "domain",
        "create",
        "other",
        "--database",
        tocsin.store_url,
        "--output",
        "json",
    ]
    made = json.loads(subprocess.run(command, capture_output=True, check=True, cwd=tmp_path).stdout)
    # The server notices what the command made within a second.
    for _ in range(100):
        answer = get(tocsin, native["id"], made["token"], made["id"])
        if answer.status_code != 401:
            break
    assert (answer.status_code, answer.json()["detail"]["code"]) == (404, "ERROR_NOT_FOUND")
    answer = get(tocsin, native["id"], made["token"])
    assert (answer.status_code, answer.json()["detail"]["code"]) == (403, "ERROR_PERMISSION_DENIED")
    for domain_id, status in ((made["id"], "NOT_FOUND"), ("default", "PERMISSION_DENIED")):
        wanted = event_pb2.GetEventRequest(event_id=native["id"], domain_id=domain_id)
        with pytest.raises(grpc.RpcError) as caught:
            events.get(wanted, metadata=[("token", made["token"])])
        assert caught.value.code() is grpc.StatusCode[status]
