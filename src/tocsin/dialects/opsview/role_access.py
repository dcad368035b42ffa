"""What a role is for, in Opsview's words: host groups, service groups and keywords <-> the scope of the role.

What somebody sees some of is what is in its host groups and of its service groups as well, and besides that
what has one of its keywords.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

import msgspec

from tocsin.model.world.documents import Kind
from tocsin.model.world.world import World
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.membership import meant
from tocsin.query.pattern import Pattern
from tocsin.query.predicate import value_test
from tocsin.query.render import render
from tocsin.query.scope import parse_scope
from tocsin.query.tree import (
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

_ANY: Final = Pattern(("", ""))
_Product: TypeAlias = tuple[frozenset[int] | None, frozenset[int] | None]
"""What is in some host groups and of some service groups; None for all."""


class RoleAccess(msgspec.Struct, frozen=True):
    """What a role is for, by numbers; where it is for all of a kind, none is named.

    Attributes:
        host_groups: each with all groups below it.
    """

    host_groups: tuple[int, ...] = ()
    service_groups: tuple[int, ...] = ()
    keywords: tuple[int, ...] = ()
    all_host_groups: bool = False
    all_service_groups: bool = False
    all_keywords: bool = False


def scope_of(access: RoleAccess) -> str:
    """Give the scope that says what a role is for, by numbers: things can be called otherwise."""
    hosts = _of(Kind.HOST_GROUP, access.host_groups, is_all=access.all_host_groups)
    services = _of(Kind.SERVICE_GROUP, access.service_groups, is_all=access.all_service_groups)
    parts = [] if {hosts, services} <= _NONE else [conjunction([hosts, services])]
    if access.all_keywords:
        parts.append(_ANY_KEYWORD)
    elif access.keywords:
        parts.append(_of(Kind.KEYWORD, access.keywords, is_all=False))
    return render(disjunction(parts or [_none(Kind.HOST_GROUP)]))


def access_of(scope: str, world: World) -> RoleAccess | None:
    """Give what a role with a scope is for; None where these words cannot say it.

    Args:
        scope: an expression; '' where the role has none, since nothing that it allows is limited. If it comes
            to allow something limited, that holds for nothing until somebody says for what.
        world: knows what is called as the scope says.
    """
    if not scope:
        return RoleAccess()
    try:
        return _access(parse_scope(scope), world)
    except _Unsayable:
        return None


class _Unsayable(Exception):
    """A tree asks for something else."""


def _access(tree: Expression, world: World) -> RoleAccess:
    keywords: set[int] = set()
    all_keywords = False
    products: list[_Product] = []
    for term in _alternatives(tree):
        match term:
            case And((hosts, services)):
                products.append(
                    (_numbers(Kind.HOST_GROUP, hosts, world), _numbers(Kind.SERVICE_GROUP, services, world))
                )
            case Comparison(field) if field.name == Kind.HOST_GROUP:
                products.append((_numbers(Kind.HOST_GROUP, term, world), None))
            case Comparison(field) if field.name == Kind.SERVICE_GROUP:
                products.append((None, _numbers(Kind.SERVICE_GROUP, term, world)))
            case Comparison(field) if field.name == Kind.KEYWORD:
                keywords |= _some(_numbers(Kind.KEYWORD, term, world))
            case _ if term == _ANY_KEYWORD:
                all_keywords = True
            case _ if term not in _NONE:
                raise _Unsayable
    groups, service_groups = _joined(products)
    return RoleAccess(
        tuple(sorted(groups or ())),
        tuple(sorted(service_groups or ())),
        () if all_keywords else tuple(sorted(keywords)),
        groups is None,
        service_groups is None,
        all_keywords,
    )


def _numbers(kind: Kind, tree: Expression, world: World) -> frozenset[int] | None:
    """Give the numbers of the things of a kind that a tree names, None for all of them."""
    found: set[int] = set()
    for term in _alternatives(tree):
        match term:
            case Comparison(field, _, value) if field.name == kind and value == _ANY:
                return None
            case Comparison(field) if field.name == kind and not value_test(term)(""):
                found |= meant(term, world)
            case _ if term != _none(kind):
                raise _Unsayable
    return frozenset(found)


def _joined(products: Sequence[_Product]) -> _Product:
    """Join some products to one, which can say as much only where they differ on one side at most."""
    if not products:
        return frozenset(), frozenset()
    of_hosts, of_services = ([product[side] for product in products] for side in (0, 1))
    if len(set(of_hosts)) > 1 < len(set(of_services)):
        raise _Unsayable
    return _union(of_hosts), _union(of_services)


def _union(sets: Sequence[frozenset[int] | None]) -> frozenset[int] | None:
    return None if None in sets else frozenset().union(*(each for each in sets if each is not None))


def _some(numbers: frozenset[int] | None) -> frozenset[int]:
    if numbers is None:
        raise _Unsayable
    return numbers


def _alternatives(tree: Expression) -> tuple[Expression, ...]:
    return tree.terms if isinstance(tree, Or) else (tree,)


def _of(kind: Kind, numbers: Sequence[int], *, is_all: bool) -> Expression:
    field = EVENT_FIELDS.by_name[kind]
    if is_all:
        return Comparison(field, Operator.MATCHES, _ANY)
    return one_of(field, map(str, numbers)) if numbers else _none(kind)


def _none(kind: Kind) -> Expression:
    return Not(Comparison(EVENT_FIELDS.by_name[kind], Operator.MATCHES, _ANY))


_NONE: Final = frozenset({_none(Kind.HOST_GROUP), _none(Kind.SERVICE_GROUP)})
_ANY_KEYWORD: Final = Not(Comparison(EVENT_FIELDS.by_name[Kind.KEYWORD], Operator.EQUAL, ""))
