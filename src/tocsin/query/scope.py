"""The scope of a role: an expression that means the same of an event and of its alert."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from tocsin.model.role import LIMITED, Role
from tocsin.query.errors import QueryError
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.predicate import value_test
from tocsin.query.tree import All, And, Comparison, Expression, Not, Or, Text, leaves

_ANOTHER_TIME: Final = frozenset({"silenced_by"})
"""Fields that both have, and that say of an alert what holds now, of an event what held then."""


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


def can_hold(scope: Expression, known: Mapping[str, object]) -> bool:
    """Say whether a scope can hold of any event or alert of which some attributes are known.

    Args:
        scope: its sources and projects resolved.
        known: attribute -> value.
    """
    return _can_be(scope, known)[0]


def must_hold(scope: Expression, known: Mapping[str, object]) -> bool:
    """Say whether a scope holds of everything of which some attributes are known, whatever the others are.

    Args:
        scope: its sources and projects resolved.
        known: attribute -> value.
    """
    return not _can_be(scope, known)[1]


def _can_be(tree: Expression, known: Mapping[str, object]) -> tuple[bool, bool]:
    """Say whether a tree can be true, and whether it can be false."""
    match tree:
        case All():
            return True, False
        case And(terms):
            parts = [_can_be(term, known) for term in terms]
            return all(true for true, _ in parts), any(false for _, false in parts)
        case Or(terms):
            parts = [_can_be(term, known) for term in terms]
            return any(true for true, _ in parts), all(false for _, false in parts)
        case Not(term):
            return _can_be(term, known)[::-1]
        case Comparison(field) if field.attribute in known and not field.label:
            holds = value_test(tree)(known[field.attribute])
            return holds, not holds
        case _:
            return True, True


def _misfit(message: str, text: str, part: str) -> QueryError:
    return QueryError(message, max(text.casefold().find(part), 0), len(part))
