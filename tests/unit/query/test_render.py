import pytest

from tests.unit.query.records import NOW, event
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS, label_field
from tocsin.query.language import parse
from tocsin.query.pattern import Pattern
from tocsin.query.predicate import compile_predicate
from tocsin.query.render import render
from tocsin.query.tree import All, And, Comparison, Expression, Not, Operator, Or, Text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("", ""),
        ("Disk", "disk"),
        ('"disk full"', '"disk full"'),
        ('"OR"', "or"),
        ('"-a"', '"-a"'),
        ('"a:b"', '"a:b"'),
        ("a AND b", "a b"),
        ("(a b) OR c", "a b OR c"),
        ("a (b OR c)", "a (b OR c)"),
        ("NOT (a b)", "-(a b)"),
        ("NOT a", "-a"),
        ("--a", "--a"),
        ("-host=a", "host!=a"),
        ("-host!=a", "-host!=a"),
        ("host=a OR b OR host=c", "host=a OR host=c OR b"),
        ("-(host=a OR host=c)", "-(host=a OR host=c)"),
        ("HOST:x", "labels.HOST:x"),
        ("host:WEB-*", "host:web-*"),
        (r'host:"a\\*b *"', r'host:"a\\*b *"'),
        (r"host:a\*b", r'host:"a\*b"'),
        ('host:""', 'host:""'),
        ("host=a*b", r'host="a\*b"'),
        (r'host~"^(a|\"b)\\$"', r'host~"^(a|\"b)\\$"'),
        ("host~a", "host~a"),
        ("region=eu", "labels.region=eu"),
        (r'labels."a b\"":x', r'labels."a b\"":x'),
        ("severity:warn*", "severity=warning"),
        ("severity>=Warning x", "severity>=warning x"),
        ("a severity~^n", "a (severity=none OR severity=not_available)"),
        ('type=""', 'type=""'),
        ("seq>=007", "seq>=7"),
        ("attempt=0", "attempt=0"),
        ("id:EVENT-00000000002a", "id=event-00000000002a"),
        ("alert_id=alert-00000000002a", "alert_id=alert-00000000002a"),
        ('alert_id:""', 'alert_id=""'),
        ("occurred_at>-1h", "occurred>2026-11-22T07:30:00Z"),
        ('occurred!=""', 'occurred!=""'),
        ("occurred>0", "occurred>1970-01-01T00:00:00Z"),
        ("source:Te*", "source:te*"),
    ],
)
def test_a_tree_is_written_in_one_way(text: str, canonical: str) -> None:
    tree = parse(text, EVENT_FIELDS, NOW)
    assert render(tree) == canonical
    assert parse(canonical, EVENT_FIELDS, NOW) == tree


def test_the_id_of_an_alert_is_written() -> None:
    tree = parse("id=alert-00000000002a", ALERT_FIELDS, NOW)
    assert render(tree) == "id=alert-00000000002a"


@pytest.mark.parametrize(
    "tree",
    [
        Or(()),
        And(()),
        Not(All()),
        Not(Or(())),
        And((Or(()), Text("disk"))),
        Or((All(), Text("nowhere"))),
        And((And((Text("disk"), Text("full"))), Or((Text("var"),)))),
        Comparison(label_field("Größe"), Operator.MATCHES, Pattern(("xl",))),
    ],
)
def test_what_no_one_would_write_keeps_its_meaning(tree: Expression) -> None:
    again = parse(render(tree), EVENT_FIELDS, NOW)
    record = event()
    assert compile_predicate(again, EVENT_FIELDS)(record) == compile_predicate(tree, EVENT_FIELDS)(record)
