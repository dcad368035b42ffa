"""The scope of a role: an expression that means the same of an event and of its alert."""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache, partial
from typing import Any, Final, TypeAlias

from tocsin.model.role import LIMITED, Role
from tocsin.query.errors import QueryError
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.predicate import value_test
from tocsin.query.tree import All, And, Comparison, Expression, Not, Or, Text, leaves

_ANOTHER_TIME: Final = frozenset({"silenced_by"})
"""Fields that both have, and that say of an alert what holds now, of an event what held then."""

Known: TypeAlias = Mapping[str, object]
"""Attribute -> value, of those that are known."""

Test: TypeAlias = Callable[[Known], bool]
"""Made once for a scope: there can be many things of which to say it."""


@lru_cache(maxsize=1024)
def parse_scope(text: str) -> Expression:
    """Read a scope. Its tree serves for events and for alerts.

    A field that only one of both has would be a label of the other, and a word alone is looked for in other
    texts: such a scope would show an event and hide its alert, or the other way round.

    Raises:
        QueryError: it is no expression, or asks for something that events and alerts do not share.
    """
    of_events, of_alerts = (parse(text, fields, 0) for fields in (EVENT_FIELDS, ALERT_FIELDS))
    common = set(leaves(of_events)) & set(leaves(of_alerts))
    for leaf in (*leaves(of_events), *leaves(of_alerts)):
        if isinstance(leaf, Text):
            raise _misfit("expected a field: a scope looks for no word in all texts", text, leaf.folded)
        if isinstance(leaf, Comparison) and (leaf not in common or leaf.field.name in _ANOTHER_TIME):
            raise _misfit("expected a field that events and alerts share", text, leaf.field.name)
    return of_events


def unfit(role: Role) -> str:
    """Say what is wrong with a role's scope: it is none, or not needed, or needed; '' for nothing."""
    try:
        parse_scope(role.scope)
    except QueryError as fault:
        return str(fault)
    limited = [each for each in role.permissions if each in LIMITED]
    if limited and not role.scope.strip():
        return f"expected an expression: {limited[0]} holds within a scope"
    if role.scope and not limited:
        return f"expected none: it limits only {', '.join(sorted(LIMITED))}"
    return ""


def can_hold(scope: Expression) -> Test:
    """Make the test that says whether a scope can hold of anything of which some attributes are known.

    Args:
        scope: its sources, projects and memberships resolved.
    """
    judge = _judge(scope)
    return lambda known: judge(known)[0]


def must_hold(scope: Expression) -> Test:
    """Make the test that says whether a scope holds of everything of which some attributes are known.

    Args:
        scope: its sources, projects and memberships resolved.
    """
    judge = _judge(scope)
    return lambda known: not judge(known)[1]


def _judge(tree: Expression) -> Callable[[Known], tuple[bool, bool]]:
    """Make the function that says whether a tree can be true, and whether it can be false."""
    match tree:
        case All():
            return lambda _: (True, False)
        case And(terms):
            parts = [_judge(term) for term in terms]
            return lambda known: _joined([part(known) for part in parts])
        case Or(terms):
            # A OR B is false where both are, as A AND B is true.
            parts = [_judge(term) for term in terms]
            return lambda known: _joined([part(known)[::-1] for part in parts])[::-1]
        case Not(term):
            inner = _judge(term)
            return lambda known: inner(known)[::-1]
        case Comparison(field) if not field.label:
            return partial(_compared, field.attribute, value_test(tree))
        case _:
            return lambda _: (True, True)


def _joined(parts: Collection[tuple[bool, bool]]) -> tuple[bool, bool]:
    return all(true for true, _ in parts), any(false for _, false in parts)


def _compared(attribute: str, matches: Callable[[Any], bool], known: Known) -> tuple[bool, bool]:
    if attribute not in known:
        return True, True
    holds = matches(known[attribute])
    return holds, not holds


def _misfit(message: str, text: str, part: str) -> QueryError:
    return QueryError(message, max(text.casefold().find(part), 0), len(part))
