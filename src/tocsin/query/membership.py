"""Groups, keywords and templates -> the hosts and services that belong to them, as one term."""

from collections.abc import Iterable
from typing import Final

from tocsin.model.world.documents import DISCOVERED, Kind
from tocsin.model.world.world import World
from tocsin.query.fields import Field
from tocsin.query.pattern import Pattern
from tocsin.query.predicate import value_test
from tocsin.query.tree import All, Comparison, Expression, Not, Operator, conjunction, disjunction, one_of

_DIGITS: Final = 19
"""A number that has as many does not fit into 64 bits."""


def belonging(
    kind: Kind, numbers: Iterable[int], world: World, field: Field, host: Field | None = None
) -> Expression:
    """Ask for what belongs to some things of a kind.

    What is on a host that nobody configured is in the host group of what was discovered: it is known by not
    being among what is on others.

    Args:
        kind: one of those that `World.members` knows.
        numbers: of the things.
        world: what is configured in the domain.
        field: the one that holds the number of the host or service.
        host: the one that holds the name of the host, where the expression is kept: it then holds too for
            services that are heard of only later, of hosts that are configured.
    """
    chosen = frozenset(numbers)
    found = world.members(kind, chosen)
    if kind is not Kind.HOST_GROUP:
        return one_of(field, sorted(found))
    is_rest = DISCOVERED in world.subtree(chosen)
    term = one_of(field, sorted(world.placed - found if is_rest else found))
    if host is not None:
        hosts = world.hosts_in(chosen)
        if is_rest:
            hosts = world.hosts_in(world.all(Kind.HOST_GROUP)) - hosts
        later = conjunction([one_of(host, sorted(hosts)), Not(one_of(field, sorted(world.placed)))])
        term = disjunction([term, later])
    return Not(term) if is_rest else term


def meant(comparison: Comparison, world: World) -> frozenset[int]:
    """Give the numbers of the things that a comparison of a membership names.

    A number written out means the thing of that number and nothing that is called so. Of a host group the
    path (`A,B,C,`) counts as well as the name, which several can have.
    """
    kind = Kind(comparison.field.name)
    things = world.all(kind)
    if comparison.operator is Operator.ONE_OF and isinstance(comparison.value, tuple):
        each_alone = (Comparison(comparison.field, Operator.EQUAL, value) for value in comparison.value)
        return frozenset().union(*(meant(each, world) for each in each_alone))
    number = _written_number(comparison)
    if number is not None:
        return frozenset({number} & things.keys())
    matches = value_test(comparison)
    return frozenset(
        number
        for number, thing in things.items()
        if matches(thing.name) or (kind is Kind.HOST_GROUP and matches(world.path(number)))
    )


def resolved_membership(
    comparison: Comparison, world: World, field: Field, host: Field | None = None
) -> Expression:
    """Put numbers of hosts and services in the place of a comparison of a membership.

    Of the names of all that a host or service belongs to one must match; of one that belongs to nothing the
    empty text.

    Args:
        comparison: as it was parsed.
        world: what is configured in the domain.
        field: the one that holds the number of the host or service.
        host: see `belonging`.
    """
    if isinstance(comparison.value, Pattern) and comparison.value.matches_everything:
        return All()
    kind = Kind(comparison.field.name)
    terms = [belonging(kind, meant(comparison, world), world, field, host)]
    if value_test(comparison)(""):
        terms.append(Not(belonging(kind, world.all(kind), world, field, host)))
    return disjunction(terms)


def _written_number(comparison: Comparison) -> int | None:
    match comparison.operator, comparison.value:
        case Operator.MATCHES, Pattern((text,)):
            pass
        case Operator.EQUAL, str() as text:
            pass
        case _:
            return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _DIGITS else None
