import pytest

from tocsin.query.fields import EVENT_FIELDS, Field, label_field
from tocsin.query.pattern import Pattern
from tocsin.query.tree import (
    All,
    And,
    Comparison,
    Expression,
    Not,
    Operator,
    Or,
    Text,
    Value,
    conjunction,
    disjunction,
    leaves,
    one_of,
)

HOST = EVENT_FIELDS.by_name["host"]
SEVERITY = EVENT_FIELDS.by_name["severity"]
SEQ = EVENT_FIELDS.by_name["seq"]
A, B, C = Text("a"), Text("b"), Text("c")


def host(name: str) -> Comparison:
    return Comparison(HOST, Operator.EQUAL, name)


@pytest.mark.parametrize(
    ("name", "operator", "value"),
    [
        ("host", Operator.MATCHES, "web"),
        ("host", Operator.REGEX, Pattern(("web",))),
        ("host", Operator.EQUAL, 1),
        ("host", Operator.LESS, "web"),
        ("host", Operator.ONE_OF, ()),
        ("host", Operator.ONE_OF, ("a", 1)),
        ("seq", Operator.EQUAL, "1"),
        ("seq", Operator.MATCHES, Pattern(("1",))),
        ("seq", Operator.REGEX, "1"),
        ("severity", Operator.EQUAL, "bad"),
        ("severity", Operator.GREATER, 3),
        ("severity", Operator.MATCHES, Pattern(("warn", ""))),
        ("kind", Operator.LESS, "problem"),
        ("kind", Operator.REGEX, "problem"),
        ("id", Operator.LESS, 3),
        ("occurred", Operator.GREATER, "-2h"),
    ],
)
def test_a_comparison_that_has_no_meaning_is_refused(name: str, operator: Operator, value: Value) -> None:
    with pytest.raises(TypeError, match=f"^{name} "):
        Comparison(EVENT_FIELDS.by_name[name], operator, value)


@pytest.mark.parametrize(
    ("field", "operator", "value"),
    [
        (HOST, Operator.MATCHES, Pattern(("web", ""))),
        (HOST, Operator.REGEX, "^web"),
        (HOST, Operator.ONE_OF, ("a", "b")),
        (label_field("region"), Operator.EQUAL, ""),
        (SEVERITY, Operator.GREATER_EQUAL, "warning"),
        (SEVERITY, Operator.ONE_OF, ("none", "info")),
        (SEQ, Operator.LESS, 7),
        (EVENT_FIELDS.by_name["occurred"], Operator.LESS, 7),
        (EVENT_FIELDS.by_name["alert_id"], Operator.EQUAL, 7),
        (EVENT_FIELDS.by_name["source"], Operator.MATCHES, Pattern(("test",))),
    ],
)
def test_a_comparison_holds_what_it_was_given(field: Field, operator: Operator, value: Value) -> None:
    comparison = Comparison(field, operator, value)
    assert (comparison.field, comparison.operator, comparison.value) == (field, operator, value)


def test_trees_are_equal_and_hashable_by_what_they_say() -> None:
    tree = And((host("a"), Not(Text("DISK"))))
    assert tree == And((host("a"), Not(Text("disk"))))
    assert len({tree, And((host("a"), Not(Text("disk"))))}) == 1


@pytest.mark.parametrize(
    ("terms", "joined"),
    [
        ([], All()),
        ([All()], All()),
        ([A], A),
        ([A, All()], A),
        ([A, B], And((A, B))),
        ([And((A, B)), C], And((A, B, C))),
        ([A, Or((B, C))], And((A, Or((B, C))))),
        ([And(()), A], A),
    ],
)
def test_conjunction(terms: list[Expression], joined: Expression) -> None:
    assert conjunction(terms) == joined


@pytest.mark.parametrize(
    ("terms", "joined"),
    [
        ([], Or(())),
        ([A], A),
        ([A, All()], All()),
        ([A, B], Or((A, B))),
        ([Or((A, B)), C], Or((A, B, C))),
        ([A, And((B, C))], Or((A, And((B, C))))),
        ([Or(()), A], A),
        ([host("a"), host("b")], Comparison(HOST, Operator.ONE_OF, ("a", "b"))),
        ([host("a"), host("a")], host("a")),
        (
            [host("b"), A, Comparison(HOST, Operator.ONE_OF, ("c", "b"))],
            Or((Comparison(HOST, Operator.ONE_OF, ("b", "c")), A)),
        ),
        (
            [host("a"), Comparison(label_field("host"), Operator.EQUAL, "b")],
            Or((host("a"), Comparison(label_field("host"), Operator.EQUAL, "b"))),
        ),
    ],
)
def test_disjunction(terms: list[Expression], joined: Expression) -> None:
    assert disjunction(terms) == joined


def test_one_of_no_value_matches_nothing() -> None:
    assert one_of(HOST, []) == Or(())


def test_one_of_one_value_is_that_value() -> None:
    assert one_of(HOST, ["a", "a"]) == host("a")


def test_leaves_come_from_left_to_right() -> None:
    tree = And((Or((host("a"), A)), Not(And((B, All()))), C))
    assert list(leaves(tree)) == [host("a"), A, B, C]
    assert list(leaves(All())) == []
