from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor
from google.protobuf.json_format import ParseDict
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.struct_pb2 import Struct
from spaceone.api.monitoring.v1 import escalation_policy_pb2, event_pb2, webhook_pb2

from tocsin.dialects.cloudforet.errors import CloudforetError
from tocsin.dialects.cloudforet.messages import read_json, read_message, write_json, write_message
from tocsin.dialects.cloudforet.struct import plain_struct

CREATE: Descriptor = event_pb2.CreateEventRequest.DESCRIPTOR
GET: Descriptor = event_pb2.GetEventRequest.DESCRIPTOR
LIST: Descriptor = event_pb2.EventQuery.DESCRIPTOR
STAT: Descriptor = event_pb2.EventStatQuery.DESCRIPTOR
INFO: Descriptor = event_pb2.EventInfo.DESCRIPTOR
WEBHOOK: Descriptor = webhook_pb2.WebhookInfo.DESCRIPTOR

CONDITION = {"k": "severity", "v": None, "o": "eq"}
REQUESTS: list[tuple[Descriptor, dict[str, Any], dict[str, Any]]] = [
    (GET, {"event_id": "event-1", "domain_id": "", "only": []}, {"event_id": "event-1"}),
    (GET, {"only": ["title", ""]}, {"only": ["title", ""]}),
    (CREATE, {"webhook_id": "w", "data": {}}, {"webhook_id": "w", "data": {}}),
    (CREATE, {"data": {"n": 5, "": {"$a.b": [None]}}}, {"data": {"n": 5, "": {"$a.b": [None]}}}),
    (
        LIST,
        {"query": {"filter": [CONDITION], "page": {"limit": 0, "start": 3}, "minimal": False}},
        {"query": {"filter": [CONDITION], "page": {"start": 3}}},
    ),
    (LIST, {"query": {"sort": {"keys": [{"key": "a", "desc": True}]}}}, {}),
    (STAT, {"query": {}}, {"query": {}}),
    (STAT, {"query": {"aggregate": [{"limit": 0}, {"unwind": {}}]}}, {}),
]


def on_the_wire(descriptor: Descriptor, document: dict[str, Any]) -> bytes:
    wire: bytes = ParseDict(document, GetMessageClass(descriptor)()).SerializeToString()
    return wire


@pytest.mark.parametrize(("descriptor", "document", "plain"), REQUESTS)
def test_both_transports_read_the_same(
    descriptor: Descriptor, document: dict[str, Any], plain: dict[str, Any]
) -> None:
    plain = plain or document
    assert read_message(descriptor, on_the_wire(descriptor, document)) == plain
    assert read_json(descriptor, document) == plain


def test_integers_of_json_stay_exact() -> None:
    document = {"data": {"n": 2**53 + 1}}
    assert read_json(CREATE, document) == document


def test_null_is_absent_but_where_any_value_may_stand() -> None:
    document = {"event_key": None, "query": {"filter": [CONDITION], "page": None}}
    assert read_json(LIST, document) == {"query": {"filter": [CONDITION]}}


def test_a_message_that_is_none_is_refused() -> None:
    with pytest.raises(CloudforetError, match="no GetEventRequest"):
        read_message(GET, b"\xff")


@pytest.mark.parametrize(
    ("descriptor", "document", "said"),
    [
        (GET, [], "type is invalid. (key = , type = object)"),
        (GET, {"id": 1}, "(key = id, reason = there is no such field)"),
        (GET, {"event_id": 5}, "(key = event_id, type = string)"),
        (GET, {"only": "title"}, "(key = only, type = array)"),
        (GET, {"only": ["title", 5]}, "(key = only.1, type = string)"),
        (CREATE, {"data": []}, "(key = data, type = object)"),
        (LIST, {"query": {"minimal": 1}}, "(key = query.minimal, type = boolean)"),
        (LIST, {"query": {"page": {"limit": "5"}}}, "(key = query.page.limit, type = integer)"),
        (LIST, {"query": {"page": {"limit": 1.5}}}, "(key = query.page.limit, type = integer)"),
        (LIST, {"query": {"page": {"limit": True}}}, "(key = query.page.limit, type = integer)"),
        (LIST, {"query": {"page": {"limit": -1}}}, "(key = query.page.limit, reason = the number is out of"),
        (LIST, {"query": {"filter": [{"k": "a", "key": "b"}]}}, "(key = query.filter.0.key, reason = k is"),
        (STAT, {"query": {"aggregate": [{"limit": 1, "skip": 2}]}}, "reason = limit is given too"),
    ],
)
def test_json_that_is_no_such_request_is_refused(descriptor: Descriptor, document: object, said: str) -> None:
    with pytest.raises(CloudforetError) as caught:
        read_json(descriptor, document)
    assert caught.value.status.http == 400
    assert said in caught.value.message


def test_a_choice_goes_by_its_name() -> None:
    request: Descriptor = webhook_pb2.WebhookQuery.DESCRIPTOR
    assert read_json(request, {"state": "ENABLED"}) == {"state": "ENABLED"}
    assert read_json(request, {"state": "NONE"}) == {}
    assert read_message(request, on_the_wire(request, {"state": "ENABLED"})) == {"state": "ENABLED"}
    with pytest.raises(CloudforetError, match="expected one of NONE, ENABLED, DISABLED"):
        read_json(request, {"state": 1})


def test_a_number_on_the_wire_that_is_no_choice_is_refused() -> None:
    policy: Descriptor = escalation_policy_pb2.CreateEscalationPolicyRequest.DESCRIPTOR
    message: Any = GetMessageClass(policy)()
    message.finish_condition = 99
    with pytest.raises(CloudforetError, match=r"key = finish_condition, reason = expected one of NONE, ACK"):
        read_message(policy, message.SerializeToString())


def test_an_answer_over_json_holds_every_field() -> None:
    shown = write_json(INFO, {"event_id": "event-1", "resource": {"name": "db1"}, "raw_data": {"n": 2**60}})
    assert list(shown) == [field.name for field in INFO.fields]
    assert shown["resource"] == {"resource_id": "", "resource_type": "", "name": "db1"}
    assert (shown["raw_data"], shown["additional_info"], shown["title"]) == ({"n": 2**60}, None, "")
    assert write_json(WEBHOOK, {})["state"] == "NONE"
    assert write_json(event_pb2.EventsInfo.DESCRIPTOR, {}) == {"results": [], "total_count": 0}


def test_an_answer_on_the_wire_leaves_out_what_it_does_not_say() -> None:
    answer = {"results": [{"event_id": "event-1", "rule": None, "raw_data": {}}], "total_count": 7}
    read = event_pb2.EventsInfo.FromString(write_message(event_pb2.EventsInfo.DESCRIPTOR, answer))
    (info,) = read.results
    assert (read.total_count, info.event_id, info.rule) == (7, "event-1", "")
    assert (info.HasField("raw_data"), info.HasField("additional_info")) == (True, False)


def test_choices_and_lists_of_an_answer_are_written() -> None:
    wire = write_message(WEBHOOK, {"state": "DISABLED", "plugin_info": {"upgrade_mode": "AUTO"}})
    read = webhook_pb2.WebhookInfo.FromString(wire)
    assert (read.state, read.plugin_info.upgrade_mode) == (2, 2)
    policy: Descriptor = escalation_policy_pb2.EscalationPolicyInfo.DESCRIPTOR
    answer = {"rules": [{"notification_level": "LV1", "escalate_minutes": 5}]}
    assert read_message(policy, write_message(policy, answer)) == answer


def test_an_answer_without_fields_of_its_own_is_as_it_is() -> None:
    struct: Descriptor = STAT.file.services_by_name["Event"].methods_by_name["stat"].output_type
    answer = {"results": [{"n": 1}]}
    assert write_json(struct, answer) == answer
    assert plain_struct(Struct.FromString(write_message(struct, answer))) == answer
