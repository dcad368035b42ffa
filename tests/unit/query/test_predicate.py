import pytest

from tests.unit.query.records import NOW, alert, event
from tocsin.model.alert import AlertState
from tocsin.model.severity import SEVERITIES, Severity
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS, Fields
from tocsin.query.language import parse
from tocsin.query.predicate import compile_predicate, severities_in_order
from tocsin.query.tree import And, Comparison, Not, Operator, Or

HOUR = 3_600_000_000


def matches(text: str, record: object, fields: Fields = EVENT_FIELDS) -> bool:
    return compile_predicate(parse(text, fields, NOW), fields)(record)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("host:WEB-*", True),
        ("host=WEB-01", False),
        ("host=web-01", True),
        ("host!=web-01", False),
        ("host~^web", True),
        ("host~^WEB", False),
        ('host~"(?i)^WEB"', True),
        ('rule:""', True),
        ("rule:*", True),
        ('host:""', False),
        ("severity>=warning", True),
        ("severity>critical", False),
        ("severity<=critical", True),
        ("severity<critical", False),
        ("severity=critical", True),
        ("attempt>2 attempt<4", True),
        ("attempt>3", False),
        ("id=event-00000000002a", True),
        ("alert_id=alert-000000000028", True),
        ("alert_id!=alert-000000000028", False),
        ("type:alert", True),
        ("kind=problem OR kind=recovery", True),
        ("kind=note OR kind=recovery", False),
        ("region=eu", True),
        ("region=EU", False),
        ("region:EU", True),
        ('labels."Größe":xl', True),
        ("missing=x", False),
        ("-missing=x", True),
        ('missing=""', True),
        ('missing:""', True),
        ('missing~"^$"', True),
        ("occurred>-1h", True),
        ("occurred>now", False),
        ("occurred>=now", True),
        ("source_id=source-bbbbbbbbbbbb", True),
        ("full", True),
        ("DISK", True),
        ('"98 %"', True),
        ('"df:"', True),
        ("probe", False),
        ("a (b OR c)", True),
        ("a (zz OR yy)", False),
    ],
)
def test_an_event_matches_or_not(text: str, expected: bool) -> None:
    assert matches(text, event()) is expected


@pytest.mark.parametrize("name", ["title", "description", "key", "host", "service", "output"])
def test_a_word_is_looked_for_in_the_searched_fields_of_an_event(name: str) -> None:
    assert not matches("needle", event())
    assert matches("needle", event(**{name: "a NEEDLE in hay"}))


@pytest.mark.parametrize("name", ["comment", "author", "rule", "source_tool"])
def test_a_word_is_not_looked_for_elsewhere(name: str) -> None:
    assert not matches("needle", event(**{name: "needle"}))


@pytest.mark.parametrize("name", ["title", "key", "host", "service"])
def test_a_word_is_looked_for_in_the_searched_fields_of_an_alert(name: str) -> None:
    assert not matches("needle", alert(), ALERT_FIELDS)
    assert matches("needle", alert(**{name: "a NEEDLE in hay"}), ALERT_FIELDS)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("host:strasse", "Straße", True),
        ("host=strasse", "Straße", False),
        ("strasse", "Große STRASSE", True),
        ("host:ΌΣΟΣ", "όσος", True),
        ("host:İ*", "i̇stanbul", True),
        ("host:i", "İ", False),
        ("host:é", "e\u0301", False),
        ("host:50%", "500", False),
        ("host:a_c", "abc", False),
        (r"host:a\*c", "abc", False),
        (r"host:a\*c", "a*c", True),
    ],
)
def test_text_is_compared_case_folded_and_literally(text: str, value: str, expected: bool) -> None:
    assert matches(text, event(host=value)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("state=open", True),
        ("state:ACK*", False),
        ("count>=5", True),
        ("id=alert-000000000028", True),
        ('resolved:""', True),
        ('resolved=""', True),
        ('resolved!=""', False),
        ("resolved<now", False),
        ("resolved>-100w", False),
        ("resolved<=1970-01-02", False),
        ("-resolved<now", True),
        ("opened<=now", True),
        ('acknowledged_by:""', True),
    ],
)
def test_an_alert_matches_or_not(text: str, expected: bool) -> None:
    assert matches(text, alert(), ALERT_FIELDS) is expected


def test_a_known_time_is_compared() -> None:
    resolved = alert(state=AlertState.RESOLVED, resolved_at=NOW - HOUR)
    assert matches("resolved<now", resolved, ALERT_FIELDS)
    assert matches("resolved>-2h", resolved, ALERT_FIELDS)
    assert not matches("resolved<-2h", resolved, ALERT_FIELDS)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Operator.GREATER, ("critical", "error")),
        (Operator.GREATER_EQUAL, ("critical", "error", "warning")),
        (Operator.LESS, ("info", "none", "not_available")),
        (Operator.LESS_EQUAL, ("warning", "info", "none", "not_available")),
    ],
)
def test_critical_is_the_greatest_severity(order: Operator, expected: tuple[str, ...]) -> None:
    assert severities_in_order(order, "warning") == expected
    found = tuple(
        each for each in SEVERITIES if matches(f"severity{order}warning", event(severity=Severity(each)))
    )
    assert found == expected


def test_and_of_nothing_is_everything_and_or_of_nothing_is_nothing() -> None:
    assert compile_predicate(And(()), EVENT_FIELDS)(event())
    assert not compile_predicate(Or(()), EVENT_FIELDS)(event())


def test_names_must_be_resolved_first() -> None:
    with pytest.raises(ValueError, match=r"^source is not resolved to ids$"):
        compile_predicate(parse("a -source:x", EVENT_FIELDS, NOW), EVENT_FIELDS)


def test_a_regular_expression_of_a_foreign_tree_is_checked_too() -> None:
    tree = Not(Comparison(EVENT_FIELDS.by_name["host"], Operator.REGEX, "("))
    with pytest.raises(ValueError, match=r"^expected a regular expression"):
        compile_predicate(tree, EVENT_FIELDS)
