from collections.abc import Iterable

import pytest

from tocsin.model.world.documents import (
    DISCOVERED,
    Configured,
    Document,
    Host,
    HostGroup,
    HostTemplate,
    Keyword,
    Kind,
    ServiceCheck,
    ServiceGroup,
)
from tocsin.model.world.sight import SeenWorld
from tocsin.model.world.world import Effective, World

DISK, LOAD, JOBS, PORT = 11, 12, 13, 14
BOTH, EVERY_HOST, EVERY_CHECK = 21, 22, 23


def thing(kind: Kind, number: int, name: str, document: Document) -> Configured:
    return Configured("acme", kind, number, name, document, 0)


def groups() -> list[Configured]:
    return [
        thing(Kind.HOST_GROUP, 3, "UK", HostGroup()),
        thing(Kind.HOST_GROUP, 4, "Leaf", HostGroup(3)),
        thing(Kind.HOST_GROUP, 5, "US", HostGroup()),
        thing(Kind.HOST_GROUP, 6, "Leaf", HostGroup(5)),
    ]


def things() -> list[Configured]:
    checks = {
        DISK: ("Disk", ServiceCheck(attribute="DISK", keywords=(BOTH,))),
        LOAD: (
            "Load",
            ServiceCheck(check_attempts=5, volatile=1, markdown=True, keywords=(EVERY_HOST,)),
        ),
        JOBS: ("Jobs", ServiceCheck(is_passive=True)),
        PORT: ("Port", ServiceCheck(is_passive=True, alert_from_failure=4, flap_detection=False)),
    }
    keywords = {
        BOTH: Keyword(),
        EVERY_HOST: Keyword(all_hosts=True),
        EVERY_CHECK: Keyword(all_checks=True),
    }
    web = Host(
        group=4,
        templates=(31,),
        checks=(JOBS, LOAD),
        keywords=(BOTH, EVERY_CHECK),
        attributes=(("disk", "/"), ("DISK", "/var"), ("PORT", "1")),
    )
    return [
        *groups(),
        *(thing(Kind.KEYWORD, number, f"k{number}", each) for number, each in keywords.items()),
        *(thing(Kind.SERVICE_CHECK, number, *each) for number, each in checks.items()),
        thing(Kind.HOST_TEMPLATE, 31, "Linux", HostTemplate(checks=(DISK, LOAD))),
        thing(Kind.HOST, 41, "web", web),
        thing(Kind.HOST, 42, "db", Host(group=6, checks=(LOAD, PORT), parents=(41,), check_attempts=1)),
    ]


NUMBERS = {
    ("web", ""): 41,
    ("db", ""): 42,
    ("web", "Disk: /"): 51,
    ("web", "Disk: /var"): 52,
    ("web", "Load"): 53,
    ("web", "Jobs"): 54,
    ("db", "Load"): 55,
    ("db", "Port"): 56,
}


def world() -> World:
    return World("acme", things(), NUMBERS)


def names(numbers: Iterable[int]) -> list[str]:
    called = {number: "/".join(filter(None, name)) for name, number in NUMBERS.items()}
    return sorted(called[number] for number in numbers)


def test_services_come_of_checks_and_templates() -> None:
    assert list(world().effective) == [
        Effective(41, "web", "", 4, 2, flap_detection=True),
        Effective(41, "web", "Jobs", 4, 1, check=JOBS),
        Effective(41, "web", "Load", 4, 5, 1, flap_detection=True, markdown=True, check=LOAD),
        Effective(41, "web", "Disk: /", 4, 3, flap_detection=True, check=DISK, value="/"),
        Effective(41, "web", "Disk: /var", 4, 3, flap_detection=True, check=DISK, value="/var"),
        Effective(42, "db", "", 6, 1, flap_detection=True, parents=(41,)),
        Effective(42, "db", "Load", 6, 5, 1, flap_detection=True, markdown=True, check=LOAD),
        Effective(42, "db", "Port", 6, 4, check=PORT),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1", {1, 2, 3, 4, 5, 6}),
        ("tocsin", {1, 2, 3, 4, 5, 6}),
        ("3", {3, 4}),
        ("uk", {3, 4}),
        ("Leaf", {4, 6}),
        ("Tocsin,US,", {5, 6}),
        ("tocsin,us,leaf,", {6}),
        ("Tocsin,U", set()),
        ("tocsin,uk", {3, 4}),
        ("US,", set()),
        ("9", set()),
        ("nope", set()),
    ],
)
def test_a_text_means_groups_with_all_below(text: str, found: set[int]) -> None:
    assert world().under(text) == found


def test_paths_go_from_the_root() -> None:
    assert world().path(4) == "Tocsin,UK,Leaf,"
    assert [each.number for each in world().named(Kind.HOST_GROUP, "tocsin,uk,leaf,")] == [4]
    assert [each.number for each in world().named(Kind.HOST_GROUP, "leaf")] == [4, 6]


def test_members_of_groups_and_templates() -> None:
    known = world()
    assert names(known.members(Kind.HOST_GROUP, [3])) == [
        "web",
        "web/Disk: /",
        "web/Disk: /var",
        "web/Jobs",
        "web/Load",
    ]
    assert names(known.members(Kind.HOST_GROUP, ())) == []
    grouped = thing(Kind.SERVICE_CHECK, LOAD, "Load", ServiceCheck(group=8))
    base = thing(Kind.SERVICE_GROUP, 8, "Base", ServiceGroup())
    known = World("acme", [*things(), base, grouped], NUMBERS)
    assert names(known.members(Kind.SERVICE_GROUP, [8])) == ["db", "db/Load", "web", "web/Load"]
    assert names(known.configured) == names(NUMBERS.values())
    assert names(known.members(Kind.HOST_TEMPLATE, [31])) == ["web/Disk: /", "web/Disk: /var", "web/Load"]
    assert names(known.members(Kind.HOST_TEMPLATE, [32])) == []


@pytest.mark.parametrize(
    ("keyword", "found"),
    [
        (BOTH, ["web", "web/Disk: /", "web/Disk: /var"]),
        (EVERY_HOST, ["db", "db/Load", "web", "web/Load"]),
        (EVERY_CHECK, ["web", "web/Disk: /", "web/Disk: /var", "web/Jobs", "web/Load"]),
        (99, []),
    ],
)
def test_keywords_gather_services_and_their_hosts(keyword: int, found: list[str]) -> None:
    assert names(world().members(Kind.KEYWORD, [keyword])) == found


def test_a_service_that_nobody_configured_is_where_its_host_is() -> None:
    known = world()
    assert known.hearing({71: "nobody"}) is known
    heard = known.hearing({71: "nobody", 72: "web"}).hearing({73: "db"})
    assert heard.members(Kind.HOST_GROUP, [4]) == known.members(Kind.HOST_GROUP, [4]) | {72}
    assert heard.members(Kind.KEYWORD, [EVERY_CHECK]) == known.members(Kind.KEYWORD, [EVERY_CHECK])
    assert [heard.group_of(number) for number in (41, 51, 72, 73, 71)] == [4, 4, 4, 6, DISCOVERED]
    assert heard.placed == known.placed | {72, 73}
    assert heard.configured == known.configured
    seen = SeenWorld(heard, frozenset({72, 71}))
    assert (seen.path(seen.group_of(72)), seen.path(seen.group_of(71))) == (
        "Tocsin,UK,Leaf,",
        "Tocsin,Discovered,",
    )
    assert seen.members(Kind.HOST_GROUP, [1]) == {72}
    # Of a group that is not seen, or by now is no more, nothing is told.
    assert seen.path(seen.group_of(73)) == ""
