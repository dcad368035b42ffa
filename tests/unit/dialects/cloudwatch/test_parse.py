"""What AWS sends: faults say where, and only alarms and AWS Health are understood."""

import json
from typing import Any

import pytest

from tocsin.dialects.cloudwatch.parse import parse
from tocsin.dialects.errors import BadPayload

ALARM: dict[str, Any] = {"AlarmName": "cpu", "NewStateValue": "ALARM"}
ENVELOPE: dict[str, Any] = {"Type": "Notification", "TopicArn": "arn:aws:sns:eu-west-1:1:t"}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({}, "the body is neither an alarm (AlarmName) nor an event of AWS Health (source)"),
        (ENVELOPE, "Message must be a JSON text, not null"),
        (ENVELOPE | {"Message": "Scaled out"}, "Message: the text is not JSON"),
        (ENVELOPE | {"Message": "{}"}, "Message is neither an alarm"),
        (ENVELOPE | {"Type": "SubscriptionConfirmation", "TopicArn": None}, "TopicArn is missing"),
        (ALARM | {"NewStateValue": ""}, "NewStateValue is missing"),
        ({"source": "aws.health", "detail": None}, "detail must be a JSON object, not null"),
        ({"source": "aws.health", "detail": {}}, "detail.eventArn is missing"),
    ],
)
def test_a_fault_says_where(document: object, reason: str) -> None:
    with pytest.raises(BadPayload) as caught:
        parse(document, {}, {})
    assert str(caught.value).startswith(reason)


def test_a_fault_in_the_message_of_an_envelope_names_it() -> None:
    message = json.dumps(ALARM | {"AlarmName": ""})
    with pytest.raises(BadPayload, match=r"^Message\.AlarmArn or Message\.AlarmName is missing$"):
        parse(ENVELOPE | {"Message": message}, {}, {})


@pytest.mark.parametrize(
    ("options", "alike"),
    [({}, True), ({"per_dimension": True}, True), ({"per_dimension": True, "time_bucket": True}, False)],
)
def test_a_later_recovery_finds_its_alarm_unless_keys_are_bucketed(
    options: dict[str, Any], alike: bool
) -> None:
    began = ALARM | {"StateChangeTime": "2026-11-22T08:30:00.000+0000"}
    over = ALARM | {"StateChangeTime": "2026-11-22T09:30:00.000+0000", "NewStateValue": "OK"}
    keys = {signal.key for alarm in (began, over) for signal in parse(alarm, {}, options).signals}
    assert (len(keys) == 1) is alike
