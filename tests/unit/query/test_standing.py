"""Expressions of silences and routes: read like all others, but for what they cannot know."""

import pytest

from tocsin.query.errors import QueryError
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.standing import parse_standing


@pytest.mark.parametrize(
    "text",
    ["", "severity>=error host:db*", "-source:first OR labels.team=web", '"disk full"', "routing_key:x"],
)
def test_what_is_known_as_an_event_comes_may_be_asked(text: str) -> None:
    assert parse_standing(text) == parse(text, EVENT_FIELDS, 0)


@pytest.mark.parametrize(
    ("text", "position", "length"),
    [
        ("occurred>-2h", 0, 8),
        ("host:a (recorded<2026-01-01 OR key:b)", 8, 8),
        ('host:a -silenced_by:""', 8, 11),
        ("outcome=opened", 0, 7),
        ("NOT reason:x", 4, 6),
    ],
)
def test_what_is_not_known_then_is_pointed_at(text: str, position: int, length: int) -> None:
    with pytest.raises(QueryError, match="expected a field that is known as the event comes") as caught:
        parse_standing(text)
    assert (caught.value.position, caught.value.length) == (position, length)


def test_what_is_no_expression_is_pointed_at() -> None:
    with pytest.raises(QueryError) as caught:
        parse_standing("severity>=warnin")
    assert (caught.value.position, caught.value.length) == (10, 6)
