"""Filters: expressions that are kept, and decide about events as they are recorded."""

from typing import Final

from tocsin.query.errors import QueryError
from tocsin.query.fields import EVENT_FIELDS, FieldType
from tocsin.query.language import parse
from tocsin.query.tree import Comparison, Expression, leaves

_NOT_YET: Final = frozenset({"silenced_by", "outcome", "reason"})
"""Fields of which filters themselves decide what they say."""


def parse_filter(text: str) -> Expression:
    """Read the expression of a route or a silence.

    Raises:
        QueryError: it is none, or asks for what is not settled when a filter decides: a time, which would
            count from the moment at which it is read, or what silences and routes make of the event.
    """
    tree = parse(text, EVENT_FIELDS, 0)
    for leaf in leaves(tree):
        if not isinstance(leaf, Comparison):
            continue
        field = leaf.field
        if field.type is FieldType.TIME or field.name in _NOT_YET:
            position = max(0, text.find(field.name))
            raise QueryError(f"{field.name}: not in a filter", position, len(field.name))
    return tree
