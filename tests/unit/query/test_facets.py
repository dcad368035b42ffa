import pytest

from tocsin.query.facets import without
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.language import parse


@pytest.mark.parametrize(
    ("q", "field", "left"),
    [
        ("severity=critical", "severity", ""),
        ("severity=critical host:db1", "severity", "host:db1"),
        ("(severity=critical OR severity=info) host:db1", "severity", "host:db1"),
        ("-severity=critical host:db1", "severity", "host:db1"),
        ("severity=critical OR host:db1", "severity", "severity=critical OR host:db1"),
        ("region=eu team=a", "labels.team", "region=eu"),
        ("source:probe host:db1", "source_id", "host:db1"),
        ("disk host:db1", "host", "disk"),
        ("", "host", ""),
    ],
)
def test_the_terms_of_a_field_are_left_out(q: str, field: str, left: str) -> None:
    named = EVENT_FIELDS.find(field)
    assert named is not None
    assert without(parse(q, EVENT_FIELDS, 0), named) == parse(left, EVENT_FIELDS, 0)
