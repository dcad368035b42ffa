"""What holds for every expression: its meaning, its spelling, and the errors of what is none."""

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.property.expressions import alerts, events, texts, trees
from tests.unit.query.records import NOW
from tocsin.model.alert import Alert
from tocsin.model.event import Event
from tocsin.model.world.world import World
from tocsin.query.cursor import CursorError, decode_cursor, encode_cursor
from tocsin.query.errors import QueryError
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS, Fields, FieldType
from tocsin.query.language import parse
from tocsin.query.pattern import Pattern
from tocsin.query.predicate import compile_predicate
from tocsin.query.render import render
from tocsin.query.resolve import resolve
from tocsin.query.split import split
from tocsin.query.tree import (
    All,
    And,
    Comparison,
    Expression,
    Not,
    Operator,
    Or,
    Text,
    conjunction,
    leaves,
)

SCALE = ["not_available", "none", "info", "warning", "error", "critical"]


def is_true(tree: Expression, record: Any, searched: list[str]) -> bool:
    """Say what a tree means for a record, slowly and in other words than the predicate."""
    if isinstance(tree, All):
        return True
    if isinstance(tree, And):
        return False not in [is_true(term, record, searched) for term in tree.terms]
    if isinstance(tree, Or):
        return True in [is_true(term, record, searched) for term in tree.terms]
    if isinstance(tree, Not):
        return not is_true(tree.term, record, searched)
    if isinstance(tree, Text):
        return "\0".join(getattr(record, name) for name in searched).casefold().count(tree.folded) > 0
    assert isinstance(tree, Comparison)
    field = tree.field
    if field.label:
        value = {field.label: "", **record.labels}[field.label]
    else:
        value = getattr(record, field.attribute)
    return holds(tree, value)


def holds(comparison: Comparison, value: str | int) -> bool:
    """Say whether one value stands in the relation that a comparison names."""
    wanted = comparison.value
    if isinstance(wanted, Pattern):
        assert isinstance(value, str)
        expression = ".*".join(re.escape(part) for part in wanted.parts)
        return re.fullmatch(expression, value.casefold(), re.DOTALL) is not None
    if comparison.operator is Operator.REGEX:
        assert isinstance(value, str)
        assert isinstance(wanted, str)
        return re.search(wanted.replace("$", r"\Z"), value) is not None
    if isinstance(wanted, tuple):
        return any(value == each for each in wanted)
    if comparison.operator is Operator.EQUAL:
        return value == wanted
    if comparison.field.type is FieldType.SEVERITY:
        left, right = SCALE.index(str(value)), SCALE.index(str(wanted))
    else:
        left, right = int(value), int(wanted)
        if comparison.field.type is FieldType.TIME and left == 0:
            return False
    signs = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
    return signs[comparison.operator]


@given(trees(EVENT_FIELDS), events())
def test_the_predicate_of_an_event_means_what_the_tree_says(tree: Expression, event: Event) -> None:
    searched = ["title", "description", "key", "host", "service", "output"]
    assert compile_predicate(tree, EVENT_FIELDS)(event) is is_true(tree, event, searched)


@given(trees(ALERT_FIELDS), alerts())
def test_the_predicate_of_an_alert_means_what_the_tree_says(tree: Expression, alert: Alert) -> None:
    searched = ["title", "key", "host", "service"]
    assert compile_predicate(tree, ALERT_FIELDS)(alert) is is_true(tree, alert, searched)


@pytest.mark.parametrize("fields", [EVENT_FIELDS, ALERT_FIELDS])
@given(data=st.data())
def test_what_is_rendered_is_read_back(fields: Fields, data: st.DataObject) -> None:
    tree = data.draw(trees(fields))
    assert parse(render(tree), fields, NOW) == tree


@given(texts)
def test_any_text_can_be_written_between_quotation_marks(text: str) -> None:
    quoted = re.sub(r'([\\"*])', r"\\\1", text)
    host = EVENT_FIELDS.by_name["host"]
    assert parse(f'host="{quoted}"', EVENT_FIELDS, NOW) == Comparison(host, Operator.EQUAL, text)
    assert parse(f'host:"{quoted}"', EVENT_FIELDS, NOW) == Comparison(
        host, Operator.MATCHES, Pattern((text,))
    )


PIECES = st.sampled_from(
    [
        *(
            "AND",
            "OR",
            "NOT",
            "-",
            "(",
            ")",
            '"',
            "\\",
            "*",
            " ",
            " ",
            ":",
            "=",
            "!=",
            "<",
            "<=",
            ">",
            "~",
            "!",
        ),
        *("host", "severity", "seq", "occurred", "id", "alert_id", "labels.", 'labels."', "region", "source"),
        *("warning", "-2h", "2026-11-22", "event-00000000002a", "7", "[", "a", "ß", "\0", "\ud800", "\n"),
    ]
)


def tree_or_error(text: str) -> Expression | QueryError:
    try:
        return parse(text, EVENT_FIELDS, NOW)
    except QueryError as error:
        return error


@given(st.text() | st.lists(PIECES, max_size=12).map("".join))
@example("-" * 4096)
@example("(" * 4096)
@example('"' * 4096)
@example('"' + "\\" * 4095)
@example("host~" + "(a*" * 1000)
@example("seq=" + "9" * 4000)
def test_what_is_no_expression_gives_an_error_that_points_into_it(text: str) -> None:
    result = tree_or_error(text)
    if isinstance(result, QueryError):
        assert "expected " in result.message
        assert 0 <= result.position < result.position + result.length <= len(text) + 1
        assert set(result.pointer(text).rpartition("\n")[2]) <= {" ", "^"}
    else:
        assert parse(render(result), EVENT_FIELDS, NOW) == result


@given(trees(EVENT_FIELDS), st.data())
def test_both_parts_of_a_split_tree_mean_the_tree(tree: Expression, data: st.DataObject) -> None:
    distinct = list(dict.fromkeys(leaves(tree)))
    exact = data.draw(st.sets(st.sampled_from(distinct))) if distinct else set()
    engine, rest = split(tree, exact.__contains__)
    assert exact.issuperset(leaves(engine))
    event = data.draw(events())
    whole, narrowed, decided, joined = (
        compile_predicate(part, EVENT_FIELDS)(event)
        for part in (tree, engine, rest, conjunction([engine, rest]))
    )
    assert whole == (narrowed and decided) == joined
    if exact == set(distinct):
        assert rest == All()


NAMES = st.dictionaries(
    st.sampled_from(["a", "b", "ab"]), st.sampled_from(["A", "b", "B a", "ß"]), min_size=3
)


@given(NAMES, st.sampled_from(["a", "A", "ab", "b*", "B*", "ss", "*a", "x", "*"]), events())
def test_a_source_is_found_by_its_id_or_its_name(names: dict[str, str], written: str, event: Event) -> None:
    tree = parse(f'source:"{written}"', EVENT_FIELDS, NOW)
    resolved = resolve(tree, EVENT_FIELDS, {"source": names}, World("default", ()))
    expression = re.escape(written.casefold()).replace(r"\*", ".*")
    expected = any(
        re.fullmatch(expression, each.casefold()) for each in (event.source_id, names[event.source_id])
    )
    assert compile_predicate(resolved, EVENT_FIELDS)(event) is expected


@given(
    st.lists(
        st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(exclude_characters="\0", codec="utf-8"))
    )
)
def test_a_cursor_is_read_back(keys: list[int | str]) -> None:
    assert list(decode_cursor(encode_cursor(keys), [type(key) for key in keys])) == keys


@given(st.text())
def test_what_is_no_cursor_is_refused_in_one_way(cursor: str) -> None:
    try:
        keys = decode_cursor(cursor, [int])
    except CursorError:
        return
    assert [type(key) for key in keys] == [int]
