"""Scopes: expressions that mean the same of an event and of its alert."""

import pytest

from tocsin.query.errors import QueryError
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.scope import can_hold, must_hold, parse_scope
from tocsin.query.tree import All


def test_no_scope_is_everything() -> None:
    assert parse_scope("") == All()


@pytest.mark.parametrize(
    "text",
    [
        "project:shop",
        "source:probe OR host:web-*",
        "-host=db1 severity>=warning",
        "labels.team=core",
        "team=core",
        'title:"*disk*" key~x',
        "source_id=source-1 rule:cpu service:disk",
    ],
)
def test_a_scope_is_one_tree_for_events_and_alerts(text: str) -> None:
    assert parse_scope(text) == parse(text, EVENT_FIELDS, 0) == parse(text, ALERT_FIELDS, 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("host:a description:b", "expected a field that events and alerts share (character 8)"),
        ("kind:problem", "expected a field that events and alerts share (character 1)"),
        ("acknowledged_by:ann", "expected a field that events and alerts share (character 1)"),
        ("silenced_by:silence-1", "expected a field that events and alerts share (character 1)"),
        ("id=event-000000000001", "expected"),
        ("state:ok", "expected one of open, acknowledged, resolved"),
        ("state:open", "expected one of ok"),
        ("count>3", "labels.count (text): expected one of : = != ~"),
        ("host:a disk", "expected a field: a scope looks for no word in all texts (character 8)"),
        ("host:", "expected a value"),
    ],
)
def test_what_only_one_of_them_has_is_refused(text: str, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_scope(text)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "can", "must"),
    [
        ("", True, True),
        ("host:web", True, True),
        ("host:db", False, False),
        ("-host:web", False, False),
        ("-host:db", True, True),
        ("host:web project_id:p", True, False),
        ("host:db project_id:p", False, False),
        ("host:web OR project_id:p", True, True),
        ("host:db OR project_id:p", True, False),
        ("-(host:web OR project_id:p)", False, False),
        ("-(host:web project_id:p)", True, False),
        ("host:w* labels.host:db", True, False),
        ("host~^w object_id=7", True, True),
        ("severity>=warning", True, False),
    ],
)
def test_a_scope_can_hold_or_must_by_what_is_known(text: str, can: bool, must: bool) -> None:
    known = {"host": "web", "service": "", "object_id": 7}
    assert (can_hold(parse_scope(text))(known), must_hold(parse_scope(text))(known)) == (can, must)
