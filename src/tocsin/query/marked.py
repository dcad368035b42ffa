"""A tree about events as they are seen -> the same about events as they were recorded."""

from collections.abc import Mapping
from typing import Final

from tocsin.model.mark import Marks
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS, Fields
from tocsin.query.predicate import value_test
from tocsin.query.tree import (
    All,
    And,
    Comparison,
    Expression,
    Not,
    Operator,
    Or,
    conjunction,
    disjunction,
    one_of,
)

_ALERT: Final = EVENT_FIELDS.by_name["alert_id"]
_EXACT: Final = (Operator.EQUAL, Operator.ONE_OF)


def recorded(tree: Expression, marks: Marks) -> Expression:
    """Let a tree about alerts and projects of events ask for those with which they were recorded.

    Args:
        tree: references resolved, and nothing in it that only a predicate decides.
        marks: the domain's.
    """
    match tree:
        case And(terms):
            return conjunction(recorded(term, marks) for term in terms)
        case Or(terms):
            return disjunction(recorded(term, marks) for term in terms)
        case Not(term):
            return Not(recorded(term, marks))
        case Comparison(field) if field.attribute == _ALERT.attribute and marks.merged:
            return _redirected(tree, marks.merged)
        case Comparison(field) if field.attribute == "project_id" and marks.moved:
            return _redirected(tree, marks.moved)
        case _:
            return tree


def visible(fields: Fields, marks: Marks) -> Expression:
    """Give the term that leaves out what nobody sees: deleted events, or alerts that are none any more."""
    hidden = marks.hidden if fields is ALERT_FIELDS else marks.deleted
    if not hidden or fields not in (EVENT_FIELDS, ALERT_FIELDS):
        return All()
    return Not(one_of(fields.by_name["id"] if fields is ALERT_FIELDS else _ALERT, sorted(hidden)))


def _redirected(comparison: Comparison, redirected: Mapping[int, int | str]) -> Expression:
    """Take the events of some alerts for what their marks say, and all others for what they are."""
    matches = value_test(comparison)
    taken = one_of(_ALERT, [seq for seq, value in redirected.items() if matches(value)])
    if comparison.field is _ALERT and comparison.operator in _EXACT:
        # The index leads to one set of numbers.
        value = comparison.value
        wanted = value if isinstance(value, tuple) else (value,)
        own = one_of(_ALERT, [each for each in wanted if isinstance(each, int) and each not in redirected])
        return disjunction([own, taken])
    others = Not(one_of(_ALERT, redirected))
    return disjunction([conjunction([comparison, others]), taken])
