import pytest

from tests.unit.query.records import alert, event
from tocsin.model.monitored import initial_state, state_after
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind
from tocsin.query.fields import (
    ALERT_FIELDS,
    EVENT_FIELDS,
    OBJECT_FIELDS,
    Field,
    Fields,
    FieldType,
    label_field,
)


@pytest.mark.parametrize(("fields", "record"), [(EVENT_FIELDS, event()), (ALERT_FIELDS, alert())])
def test_every_field_is_one_of_the_record_and_of_its_type(fields: Fields, record: object) -> None:
    for field in fields.by_name.values():
        if field.type is FieldType.MEMBERSHIP:
            continue
        value = getattr(record, field.attribute)
        is_number = field.type in (FieldType.INTEGER, FieldType.TIME, FieldType.IDENTIFIER)
        assert isinstance(value, int if is_number else str), field.name
        if field.values:
            assert value in field.values


@pytest.mark.parametrize("fields", [EVENT_FIELDS, ALERT_FIELDS])
def test_a_reference_becomes_a_text_field_of_ids(fields: Fields) -> None:
    references = [field for field in fields.by_name.values() if field.type is FieldType.REFERENCE]
    assert [field.name for field in references] == ["source", "project"]
    assert {fields.by_name[field.attribute].type for field in references} == {FieldType.TEXT}


@pytest.mark.parametrize("fields", [EVENT_FIELDS, ALERT_FIELDS, OBJECT_FIELDS])
def test_a_membership_becomes_the_number_of_the_object(fields: Fields) -> None:
    members = [field.name for field in fields.by_name.values() if field.type is FieldType.MEMBERSHIP]
    assert members == ["hostgroup", "servicegroup", "keyword", "hosttemplate"]
    assert fields.by_name["object_id"].type is FieldType.INTEGER


def test_some_fields_have_two_names() -> None:
    assert EVENT_FIELDS.find("occurred_at") is EVENT_FIELDS.find("occurred")
    assert EVENT_FIELDS.find("recorded_at") is EVENT_FIELDS.find("recorded")
    assert ALERT_FIELDS.find("opened_at") is ALERT_FIELDS.find("opened")
    assert ALERT_FIELDS.find("changed_at") is ALERT_FIELDS.find("changed")
    assert ALERT_FIELDS.find("resolved_at") is ALERT_FIELDS.find("resolved")


def test_occurred_reads_the_time_that_every_event_has() -> None:
    assert EVENT_FIELDS.by_name["occurred"].attribute == "time"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("region", "region"),
        ("labels.region", "region"),
        ("labels.host", "host"),
        ("Host", "Host"),
        ("a.b", "a.b"),
    ],
)
def test_what_is_no_field_is_a_label(name: str, label: str) -> None:
    assert EVENT_FIELDS.find(name) == label_field(label)


def test_a_field_comes_before_a_label_of_its_name() -> None:
    assert EVENT_FIELDS.find("host") == Field("host", FieldType.TEXT, "host")


@pytest.mark.parametrize("name", ["labels", "labels."])
def test_a_label_must_have_a_name(name: str) -> None:
    assert EVENT_FIELDS.find(name) is None


def test_choices_are_plain_texts() -> None:
    choices = [value for field in EVENT_FIELDS.by_name.values() for value in field.values]
    assert {type(value) for value in choices} == {str}
    assert EVENT_FIELDS.by_name["type"].values == ("RECOVERY", "ERROR", "ALERT", "")


def test_every_state_that_a_signal_can_give_is_a_choice() -> None:
    given = {
        state_after(kind, severity, service, initial_state(service))
        for kind in Kind
        for severity in Severity
        for service in ("", "disk")
    }
    assert given == set(EVENT_FIELDS.by_name["state"].values)


def test_a_word_is_looked_for_in_these_fields() -> None:
    names = ["title", "description", "key", "host", "service", "output"]
    assert [field.name for field in EVENT_FIELDS.searched] == names
    assert [field.name for field in ALERT_FIELDS.searched] == ["title", "key", "host", "service"]
