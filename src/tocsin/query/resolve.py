"""Names of sources, projects, groups and the like -> ids and numbers, before an expression is answered."""

from collections.abc import Mapping
from functools import partial
from typing import TypeAlias

from tocsin.model.world.world import World
from tocsin.query.fields import Fields, FieldType
from tocsin.query.membership import resolved_membership
from tocsin.query.pattern import Pattern
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

Names: TypeAlias = Mapping[str, Mapping[str, str]]
"""For each reference field (`source`, `project`): id -> name."""


def resolve(
    tree: Expression, fields: Fields, names: Names, world: World, *, is_kept: bool = False
) -> Expression:
    """Put ids in the place of sources and projects that were written by name, id or pattern.

    In the place of groups, keywords and templates come the numbers of what belongs to them.

    A comparison holds where the id or the name matches; as a tree it becomes one set of ids. An id that is
    written out counts also when `names` does not know it, so that what is gone from the directory is found.

    Args:
        tree: as it was parsed.
        fields: the fields that it was parsed with.
        names: what the directory knows.
        world: what is configured, where the tree asks for a membership.
        is_kept: it is to hold too for services of which somebody hears only later.
    """
    return _with_references(resolve_memberships(tree, fields, world, is_kept=is_kept), fields, names)


def _with_references(tree: Expression, fields: Fields, names: Names) -> Expression:
    match tree:
        case And(terms):
            return conjunction(_with_references(term, fields, names) for term in terms)
        case Or(terms):
            return disjunction(_with_references(term, fields, names) for term in terms)
        case Not(term):
            return Not(_with_references(term, fields, names))
        case Comparison(field) if field.type is FieldType.REFERENCE:
            return _resolve(tree, fields, names.get(field.name, {}))
        case _:
            return tree


def _resolve(comparison: Comparison, fields: Fields, names: Mapping[str, str]) -> Expression:
    written: tuple[str | int, ...] = ()
    match comparison.value:
        case Pattern() as pattern:
            if pattern.matches_everything:
                return All()
            written = () if pattern.has_wildcard else pattern.parts
        case tuple() as values:
            written = values
        case str() as value if comparison.operator is Operator.EQUAL:
            written = (value,)
    matches = value_test(comparison)
    known = (id_ for id_, name in names.items() if matches(id_) or matches(name))
    unknown = filter(matches, (*written, ""))
    return one_of(fields.by_name[comparison.field.attribute], [*known, *unknown])


def resolve_memberships(
    tree: Expression, fields: Fields, world: World, *, is_kept: bool = False
) -> Expression:
    """Put numbers in the place of groups, keywords and templates alone; see `resolve`."""
    inner = partial(resolve_memberships, fields=fields, world=world, is_kept=is_kept)
    match tree:
        case And(terms):
            return conjunction(map(inner, terms))
        case Or(terms):
            return disjunction(map(inner, terms))
        case Not(term):
            return Not(inner(term))
        case Comparison(field) if field.type is FieldType.MEMBERSHIP:
            host = fields.by_name["host"] if is_kept else None
            return resolved_membership(tree, world, fields.by_name["object_id"], host)
        case _:
            return tree
