"""The facets of a search: what else there would be, were one field not asked for."""

from tocsin.query.fields import Field
from tocsin.query.tree import And, Comparison, Expression, conjunction, leaves


def without(tree: Expression, field: Field) -> Expression:
    """Leave out the terms, of those joined by AND, that ask for nothing but a field.

    A source by name and by id is the same field.

    Args:
        tree: as it was parsed.
        field: the one that is not to be asked for.
    """
    terms = tree.terms if isinstance(tree, And) else (tree,)
    return conjunction(term for term in terms if not _asks_only_for(term, field))


def _asks_only_for(term: Expression, field: Field) -> bool:
    asked = list(leaves(term))
    return bool(asked) and all(
        isinstance(leaf, Comparison)
        and (leaf.field.attribute, leaf.field.label) == (field.attribute, field.label)
        for leaf in asked
    )
