"""Random expressions and records, made so that they often meet."""

from hypothesis import strategies as st

from tests.unit.query.records import NOW, alert, event
from tocsin.model.alert import Alert, AlertState
from tocsin.model.event import Event
from tocsin.model.receipt import Outcome
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind
from tocsin.query.fields import Field, Fields, FieldType, label_field
from tocsin.query.pattern import Pattern
from tocsin.query.tree import (
    All,
    Comparison,
    Expression,
    Not,
    Operator,
    Text,
    conjunction,
    disjunction,
    one_of,
)

# Few characters, so that values meet; among them what case folding changes, and what LIKE, the language or a
# regular expression gives a meaning: sharp s (small, capital), long s, i with and without dot, three sigmas,
# an accent apart from its letter, a ligature.
ALPHABET = "aAbBß\u1e9es\u017fSi\u0130\u0131I\u03c2\u03c3\u03a3é\u0301\ufb00%_*?\\\"'()-:.=<~ \n🔥"

texts = st.text(ALPHABET, max_size=4)
some_text = st.text(ALPHABET, min_size=1, max_size=3)
label_names = st.sampled_from(["region", "host", "a b", 'q"\\*', "Größe", "x.y-z", "labels.x"])
labels = st.dictionaries(label_names, texts, max_size=3)
numbers = st.integers(-1, 4)
times = st.sampled_from([0, 1, NOW - 1, NOW, NOW + 1])
regexes = st.sampled_from(["a", "^a", "[ab]+", "(?i)B", "ß|s", r"\\", r"\*", "^$", ".", 'i"', r"\.a"])
patterns = st.lists(texts, min_size=1, max_size=4).map(lambda parts: Pattern(tuple(parts)))

_ORDERS = st.sampled_from([Operator.LESS, Operator.LESS_EQUAL, Operator.GREATER, Operator.GREATER_EQUAL])


def events() -> st.SearchStrategy[Event]:
    """Give events whose texts, numbers and times are those that the expressions name."""
    return st.builds(
        event,
        **dict.fromkeys(("title", "description", "key", "host", "service", "output"), texts),
        **dict.fromkeys(("rule", "resource_name", "author", "comment", "reason"), texts),
        **dict.fromkeys(("seq", "attempt", "object_id", "alert_seq"), st.integers(0, 4)),
        **dict.fromkeys(("time", "recorded_at"), times),
        source_id=st.sampled_from(["a", "b", "ab"]),
        severity=st.sampled_from(Severity),
        kind=st.sampled_from(Kind),
        outcome=st.sampled_from(Outcome),
        state=st.sampled_from(["ok", "down"]),
        labels=labels,
    )


def alerts() -> st.SearchStrategy[Alert]:
    """Give alerts whose texts, numbers and times are those that the expressions name."""
    return st.builds(
        alert,
        **dict.fromkeys(("title", "key", "host", "service", "rule", "acknowledged_by"), texts),
        **dict.fromkeys(("seq", "count"), st.integers(0, 4)),
        **dict.fromkeys(("opened_at", "changed_at", "acknowledged_at", "resolved_at"), times),
        source_id=st.sampled_from(["a", "b", "ab"]),
        silenced_by=st.sampled_from(["", "a", "ab"]),
        severity=st.sampled_from(Severity),
        state=st.sampled_from(AlertState),
        labels=labels,
    )


def trees(fields: Fields) -> st.SearchStrategy[Expression]:
    """Give trees as `parse` and `resolve` give them: no term of no name, nothing nested without need."""
    named = sorted(
        {
            field
            for field in fields.by_name.values()
            if field.type not in (FieldType.REFERENCE, FieldType.MEMBERSHIP)
        },
        key=lambda field: field.name,
    )
    field = st.sampled_from(named) | label_names.map(label_field)
    leaves = field.flatmap(comparisons) | some_text.map(Text)
    inner = st.recursive(
        leaves,
        lambda term: st.one_of(
            term.map(Not),
            st.lists(term, min_size=2, max_size=3).map(conjunction),
            st.lists(term, min_size=2, max_size=3).map(disjunction),
        ),
        max_leaves=8,
    )
    return inner | st.just(All())


def comparisons(field: Field) -> st.SearchStrategy[Expression]:
    """Give comparisons of one field, with every operator that suits it."""
    if field.type is FieldType.TEXT:
        values = st.lists(texts, min_size=1, max_size=3)
        return st.one_of(
            patterns.map(lambda pattern: Comparison(field, Operator.MATCHES, pattern)),
            regexes.map(lambda regex: Comparison(field, Operator.REGEX, regex)),
            values.map(lambda several: one_of(field, several)),
        )
    if field.values:
        chosen = st.sampled_from(field.values)
        exact = st.lists(chosen, min_size=1, max_size=3).map(lambda several: one_of(field, several))
        if field.type is not FieldType.SEVERITY:
            return exact
        return exact | st.builds(Comparison, st.just(field), _ORDERS, chosen)
    number = times if field.type is FieldType.TIME else st.integers(0, 4)
    exact = st.lists(number, min_size=1, max_size=2).map(lambda several: one_of(field, several))
    if field.type is FieldType.IDENTIFIER:
        return exact
    return exact | st.builds(Comparison, st.just(field), _ORDERS, number)
