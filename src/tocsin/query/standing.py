"""An expression that stands and is asked of every event as it comes: that of a silence or a route."""

from typing import Final

from tocsin.query.errors import QueryError
from tocsin.query.fields import EVENT_FIELDS, FieldType
from tocsin.query.language import parse
from tocsin.query.tree import Comparison, Expression, leaves

_DECIDED_BY_IT: Final = frozenset({"silenced_by", "outcome", "reason"})
"""What is only known once silences and routes have been asked."""


def parse_standing(text: str) -> Expression:
    """Read the expression of a silence or a route.

    It may not compare times, since "two hours ago" would mean the moment at which it was written down; a
    silence's window says when it holds. Nor may it ask for what is decided by its own answer.

    Raises:
        QueryError: it is no expression, or asks for such a field.
    """
    tree = parse(text, EVENT_FIELDS, 0)
    for leaf in leaves(tree):
        if isinstance(leaf, Comparison) and (
            leaf.field.type is FieldType.TIME or leaf.field.name in _DECIDED_BY_IT
        ):
            raise QueryError(
                "expected a field that is known as the event comes, and no time",
                max(text.find(leaf.field.name), 0),
                len(leaf.field.name),
            )
    return tree
