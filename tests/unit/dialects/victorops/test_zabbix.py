"""Zabbix's media type: its macros fill the fields that VictorOps knows."""

from typing import Any

import pytest

from tocsin.dialects.victorops.zabbix import fill_in, is_zabbix


def filled(**macros: object) -> dict[str, Any]:
    fields: dict[str, Any] = {name.replace("__", "."): value for name, value in macros.items()}
    assert is_zabbix(fields)
    before = set(fields)
    fill_in(fields)
    return {name: value for name, value in fields.items() if name not in before}


def test_the_macros_fill_every_field() -> None:
    assert filled(
        TRIGGER__STATUS="PROBLEM",
        TRIGGER__ID="23151",
        TRIGGER__NAME="/var is full",
        TRIGGER__URL="https://wiki.example.org/",
        HOST__NAME="db1",
        ESC__HISTORY="Incident: 1",
        VO_ZABBIX_ALERT_TIME=1772359203456,
    ) == {
        "message_type": "PROBLEM",
        "entity_id": "db1/23151",
        "entity_display_name": "/var is full",
        "state_message": "Incident: 1",
        "timestamp": 1772359203456,
        "monitoring_tool": "Zabbix",
        "host_name": "db1",
        "alert_url": "https://wiki.example.org/",
    }


def test_underscores_are_dots() -> None:
    got = filled(TRIGGER_STATUS="OK", TRIGGER_ID=23151, TRIGGER_NAME="/var is full", HOST_NAME="db1")
    assert (got["message_type"], got["entity_id"]) == ("OK", "db1/23151")
    assert (got["entity_display_name"], got["host_name"]) == ("/var is full", "db1")


def test_the_time_of_sending_is_no_label() -> None:
    fields: dict[str, Any] = {"VO_ZABBIX_ALERT_TIME": 1772359203456, "timestamp": 1772359200}
    fill_in(fields)
    assert "VO_ZABBIX_ALERT_TIME" not in fields
    assert fields["timestamp"] == 1772359200


def test_fields_of_victorops_in_the_message_count() -> None:
    fields: dict[str, Any] = {
        "TRIGGER.STATUS": "PROBLEM",
        "HOST.NAME": "db1",
        "message_type": "WARNING",
        "entity_id": "mine",
        "host_name": "",
    }
    fill_in(fields)
    assert (fields["message_type"], fields["entity_id"], fields["host_name"]) == ("WARNING", "mine", "db1")


@pytest.mark.parametrize(
    ("statuses", "message_type"),
    [
        ({"TRIGGER.STATUS": "PROBLEM", "EVENT.STATUS": "PROBLEM"}, "PROBLEM"),
        ({"TRIGGER.STATUS": "OK", "EVENT.STATUS": "PROBLEM"}, "OK"),
        ({"EVENT.RECOVERY.STATUS": "RESOLVED", "TRIGGER.STATUS": "PROBLEM"}, "RESOLVED"),
        ({"EVENT.RECOVERY.STATUS": "{EVENT.RECOVERY.STATUS}", "TRIGGER.STATUS": "PROBLEM"}, "PROBLEM"),
        ({"TRIGGER.STATUS": "*UNKNOWN*", "EVENT.STATUS": "OK"}, "OK"),
        ({"TRIGGER.STATUS": "strange", "EVENT.STATUS": "PROBLEM"}, "PROBLEM"),
        ({"TRIGGER.STATUS": "strange", "EVENT.STATUS": "odd"}, "strange"),
    ],
)
def test_the_first_status_that_says_something_counts(statuses: dict[str, str], message_type: str) -> None:
    fields: dict[str, Any] = dict(statuses)
    fill_in(fields)
    assert fields["message_type"] == message_type


@pytest.mark.parametrize(
    ("macros", "key"),
    [
        ({"HOST.NAME": "db1", "TRIGGER.NAME": "full", "EVENT.ID": "7"}, "db1/full"),
        ({"HOST.NAME": "db1", "EVENT.ID": "7"}, "db1/7"),
        ({"TRIGGER.ID": "23151"}, "23151"),
        ({"HOST.NAME": "*UNKNOWN*", "HOST.HOST1": "db1", "TRIGGER.ID": "1"}, "db1/1"),
        ({"HOST.NAME": "", "VO_ZABBIX_HOST": "zabbix-2", "TRIGGER.ID": "1"}, "zabbix-2/1"),
    ],
)
def test_the_key_is_the_host_and_what_stays_the_same(macros: dict[str, str], key: str) -> None:
    fields: dict[str, Any] = {"TRIGGER.STATUS": "PROBLEM", **macros}
    fill_in(fields)
    assert fields["entity_id"] == key


def test_a_host_alone_is_no_identity() -> None:
    assert "entity_id" not in filled(TRIGGER__STATUS="PROBLEM", HOST__NAME="db1")


def test_without_a_status_there_is_no_message_type() -> None:
    assert "message_type" not in filled(VO_ZABBIX_ALERT_TIME=1772359203456, TRIGGER__ID="1")


def test_other_messages_are_not_zabbix() -> None:
    assert not is_zabbix({"message_type": "CRITICAL", "entity_id": "TRIGGER.STATUS"})
