"""What the filters of routes and silences may ask for."""

import pytest

from tocsin.query.errors import QueryError
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.filters import parse_filter
from tocsin.query.language import parse


@pytest.mark.parametrize(
    "text", ["", "severity>=warning host:web-*", 'routing_key:dba "disk full" -kind:note']
)
def test_a_filter_is_an_expression(text: str) -> None:
    assert parse_filter(text) == parse(text, EVENT_FIELDS, 0)


@pytest.mark.parametrize(
    ("text", "position"),
    [("host:a occurred>-2h", 7), ("recorded<now", 0), ('(silenced_by:"")', 1), ("-reason:x", 1)],
)
def test_what_is_not_settled_yet_is_refused(text: str, position: int) -> None:
    with pytest.raises(QueryError, match="not in a filter") as failure:
        parse_filter(text)
    assert failure.value.position == position
