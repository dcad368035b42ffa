"""A tree -> the part that an engine can answer exactly, and the rest that a predicate decides."""

from collections.abc import Callable

from tocsin.query.tree import All, And, Expression, Leaf, Or, conjunction, disjunction, leaves


def split(tree: Expression, exact: Callable[[Leaf], bool]) -> tuple[Expression, Expression]:
    """Split a tree into two that mean the same when joined by AND.

    The first has only terms that the engine answers exactly, so it narrows without losing a record. Where the
    engine cannot answer all of an OR, the first asks for the exact part of each alternative, and the second
    decides.

    Args:
        tree: what is looked for.
        exact: says whether the engine answers such a term as the predicate would.

    Returns:
        What to ask the engine, and what is left to decide for each of its answers; `All` for nothing.
    """

    def is_exact(term: Expression) -> bool:
        return all(map(exact, leaves(term)))

    def implied(term: Expression) -> Expression:
        if is_exact(term):
            return term
        match term:
            case And(terms):
                return conjunction(map(implied, terms))
            case Or(terms):
                return disjunction(map(implied, terms))
            case _:
                return All()

    terms = tree.terms if isinstance(tree, And) else (tree,)
    return implied(tree), conjunction(term for term in terms if not is_exact(term))
