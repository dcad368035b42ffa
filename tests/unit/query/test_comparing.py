"""Each type of field with the operators and values that it takes, and those that it does not."""

import pytest

from tests.unit.query.records import NOW
from tocsin.query.comparing import compare
from tocsin.query.errors import QueryError
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS, Fields
from tocsin.query.pattern import Pattern
from tocsin.query.tree import Comparison, Expression, Not, Operator, Value
from tocsin.query.written import Written

POSITION = 10


def read(fields: Fields, name: str, operator: str, raw: str) -> Expression:
    field = fields.find(name)
    assert field is not None
    start = POSITION + len(operator)
    return compare(field, Written(operator, POSITION, len(operator)), Written(raw, start, len(raw)), NOW)


@pytest.mark.parametrize(
    ("name", "written_operator", "raw", "operator", "value"),
    [
        ("host", ":", "Web-*", Operator.MATCHES, Pattern(("web-", ""))),
        ("host", ":", "", Operator.MATCHES, Pattern(("",))),
        ("host", "=", "Web-*", Operator.EQUAL, "Web-*"),
        ("host", "~", r"^web-\d", Operator.REGEX, r"^web-\d"),
        ("labels.region", "=", "", Operator.EQUAL, ""),
        ("source", ":", "te*", Operator.MATCHES, Pattern(("te", ""))),
        ("kind", "=", "problem", Operator.EQUAL, "problem"),
        ("kind", ":", "PROBLEM", Operator.EQUAL, "problem"),
        ("kind", ":", "downtime*", Operator.ONE_OF, ("downtime_start", "downtime_end")),
        ("kind", "~", "^down", Operator.ONE_OF, ("downtime_start", "downtime_end")),
        ("type", ":", "alert", Operator.EQUAL, "ALERT"),
        ("type", "=", "", Operator.EQUAL, ""),
        ("severity", ":", "warn*", Operator.EQUAL, "warning"),
        ("severity", "~", "crit|err", Operator.ONE_OF, ("critical", "error")),
        ("severity", ">=", "Warning", Operator.GREATER_EQUAL, "warning"),
        ("severity", "<", "error", Operator.LESS, "error"),
        ("attempt", ":", "3", Operator.EQUAL, 3),
        ("attempt", ">", "+3", Operator.GREATER, 3),
        ("seq", "<=", "9223372036854775807", Operator.LESS_EQUAL, 2**63 - 1),
        ("seq", ">=", "-9223372036854775808", Operator.GREATER_EQUAL, -(2**63)),
        ("occurred", ":", "now", Operator.EQUAL, NOW),
        ("occurred", ">", "-2h", Operator.GREATER, NOW - 7_200_000_000),
        ("recorded_at", "=", "", Operator.EQUAL, 0),
        ("recorded_at", ":", "", Operator.EQUAL, 0),
        ("id", "=", "event-00000000002a", Operator.EQUAL, 42),
        ("id", ":", "EVENT-00000000002A", Operator.EQUAL, 42),
        ("alert_id", "=", "alert-00000000002a", Operator.EQUAL, 42),
        ("alert_id", ":", "", Operator.EQUAL, 0),
    ],
)
def test_a_comparison_is_read(
    name: str, written_operator: str, raw: str, operator: Operator, value: Value
) -> None:
    field = EVENT_FIELDS.find(name)
    assert field is not None
    assert read(EVENT_FIELDS, name, written_operator, raw) == Comparison(field, operator, value)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("host", "web"),
        ("severity", "info"),
        ("seq", "7"),
        ("occurred", ""),
        ("alert_id", ""),
        ("source", "a"),
    ],
)
def test_unequal_is_not_equal(name: str, raw: str) -> None:
    assert read(EVENT_FIELDS, name, "!=", raw) == Not(read(EVENT_FIELDS, name, "=", raw))


def test_an_alert_goes_by_its_own_id() -> None:
    id_ = ALERT_FIELDS.by_name["id"]
    assert read(ALERT_FIELDS, "id", "=", "alert-00000000002a") == Comparison(id_, Operator.EQUAL, 42)


@pytest.mark.parametrize(
    ("name", "operator", "message"),
    [
        ("host", ">", "host (text): expected one of : = != ~"),
        ("region", "<=", "labels.region (text): expected one of : = != ~"),
        ("source", "<", "source (reference): expected one of : = != ~"),
        ("kind", "<", "kind (choice): expected one of : = != ~"),
        ("seq", "~", "seq (integer): expected one of : = != < <= > >="),
        ("occurred", "~", "occurred (time): expected one of : = != < <= > >="),
        ("id", ">", "id (identifier): expected one of : = !="),
    ],
)
def test_an_operator_that_does_not_suit_is_pointed_at(name: str, operator: str, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        read(EVENT_FIELDS, name, operator, "1")
    assert caught.value.message == message
    assert (caught.value.position, caught.value.length) == (POSITION, len(operator))


@pytest.mark.parametrize(
    ("name", "operator", "raw", "message"),
    [
        ("severity", "=", "warn", "expected one of critical, error, warning, info, none, not_available"),
        ("severity", "=", "Warning", "expected one of critical, error, warning, info, none, not_available"),
        ("severity", ">=", "bad", "expected one of critical, error, warning, info, none, not_available"),
        ("severity", ":", "bad*", "expected one of critical, error, warning, info, none, not_available"),
        ("severity", "~", "bad", "expected one of critical, error, warning, info, none, not_available"),
        ("type", ":", "problem", 'expected one of RECOVERY, ERROR, ALERT, ""'),
        ("severity", "~", "(", "expected a regular expression: missing ): ("),
        ("host", "~", "(", "expected a regular expression: missing ): ("),
        ("seq", "=", "x", "expected a whole number of at most 64 bits"),
        ("seq", "=", "", "expected a whole number of at most 64 bits"),
        ("seq", "=", "1.5", "expected a whole number of at most 64 bits"),
        ("seq", "=", "٣", "expected a whole number of at most 64 bits"),
        ("seq", "<", "9223372036854775808", "expected a whole number of at most 64 bits"),
        ("id", "=", "42", "expected an id: event- and 12 hexadecimal digits"),
        ("id", "=", "alert-00000000002a", "expected an id: event- and 12 hexadecimal digits"),
        ("alert_id", "=", "ALERT-00000000002A", "expected an id: alert- and 12 hexadecimal digits"),
    ],
)
def test_a_value_that_cannot_be_is_pointed_at(name: str, operator: str, raw: str, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        read(EVENT_FIELDS, name, operator, raw)
    assert caught.value.message == message
    assert caught.value.position == POSITION + len(operator)


@pytest.mark.parametrize("operator", ["<", ">="])
def test_nothing_comes_before_or_after_an_unknown_time(operator: str) -> None:
    with pytest.raises(QueryError, match=r"^expected a time such as"):
        read(EVENT_FIELDS, "occurred", operator, "")
