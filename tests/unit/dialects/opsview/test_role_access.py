"""What a role is for, in Opsview's words: written as a scope, read back, and what that finds."""

from itertools import product

import pytest

from tests.unit.dialects.opsview.worlds import WORLD
from tests.unit.query.records import event
from tocsin.dialects.opsview.role_access import RoleAccess, access_of, scope_of
from tocsin.model.world.documents import Configured, Keyword, Kind
from tocsin.model.world.world import World
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.predicate import compile_predicate
from tocsin.query.resolve import resolve
from tocsin.query.scope import parse_scope

OBJECTS = {1: "", 2: "Disk", 3: "Load", 4: "", 5: "Disk", 6: ""}
"""Of host web, of host db, and one that nobody configured."""


def found(scope: str) -> list[int]:
    tree = resolve(parse_scope(scope), EVENT_FIELDS, {}, WORLD)
    matches = compile_predicate(tree, EVENT_FIELDS)
    return [number for number, name in OBJECTS.items() if matches(event(object_id=number, service=name))]


@pytest.mark.parametrize(
    ("access", "scope", "objects"),
    [
        (RoleAccess(), "-hostgroup:*", []),
        (RoleAccess((11,), (22,)), "hostgroup=11 servicegroup=22", [1, 2]),
        (RoleAccess((13,), (22,)), "hostgroup=13 servicegroup=22", [4, 5]),
        (RoleAccess((11,)), "hostgroup=11 -servicegroup:*", []),
        (RoleAccess((), (22,)), "-hostgroup:* servicegroup=22", []),
        (RoleAccess((11,), all_service_groups=True), "hostgroup=11 servicegroup:*", [1, 2, 3]),
        (RoleAccess((), (22,), all_host_groups=True), "hostgroup:* servicegroup=22", [1, 2, 4, 5]),
        (RoleAccess(keywords=(21,)), "keyword=21", [1, 2]),
        (RoleAccess((13,), (22,), (21,)), "hostgroup=13 servicegroup=22 OR keyword=21", [1, 2, 4, 5]),
        (
            RoleAccess((11, 13), (22,), all_keywords=True),
            '(hostgroup=11 OR hostgroup=13) servicegroup=22 OR keyword!=""',
            [1, 2, 4, 5],
        ),
    ],
)
def test_it_is_written_as_a_scope(access: RoleAccess, scope: str, objects: list[int]) -> None:
    assert scope_of(access) == scope
    assert found(scope) == objects


def test_it_is_read_back_as_it_was_written() -> None:
    choices: tuple[tuple[int, ...] | None, ...] = ((), (11,), (11, 13), None)
    services: tuple[tuple[int, ...] | None, ...] = ((), (22,), None)
    keywords: tuple[tuple[int, ...] | None, ...] = ((), (21,), None)
    for hosts, groups, words in product(choices, services, keywords):
        access = RoleAccess(
            hosts or (), groups or (), words or (), hosts is None, groups is None, words is None
        )
        assert access_of(scope_of(access), WORLD) == access


@pytest.mark.parametrize(
    ("scope", "access"),
    [
        ("", RoleAccess()),
        ("hostgroup:berlin", RoleAccess((11,), all_service_groups=True)),
        ("hostgroup:racks OR keyword:SHOP", RoleAccess((12, 13), (), (21,), all_service_groups=True)),
        ("hostgroup:Berlin OR hostgroup=13", RoleAccess((11, 13), all_service_groups=True)),
        ("servicegroup:base", RoleAccess((), (22,), all_host_groups=True)),
        ("servicegroup:Base hostgroup:Berlin", None),
        ("hostgroup:Berlin OR servicegroup:Base", None),
        ("keyword:*", None),
        ('keyword:""', None),
        ("keyword:shop OR host:web-*", None),
        ("-keyword:shop", None),
        ("host:web", None),
        ("hostgroup:Berlin severity>info", None),
    ],
)
def test_a_scope_that_people_wrote_is_read(scope: str, access: RoleAccess | None) -> None:
    assert access_of(scope, WORLD) == access


def test_what_is_called_as_the_number_of_another_does_not_get_into_a_role() -> None:
    things = [
        Configured("main", Kind.KEYWORD, number, name, Keyword(), 0)
        for number, name in ((21, "shop"), (98, "21"))
    ]
    assert access_of("keyword=21", World("main", things)) == RoleAccess(keywords=(21,))
    assert access_of('keyword:"21"', World("main", things)) == RoleAccess(keywords=(21,))
