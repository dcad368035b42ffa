"""Worlds that are written down: read back they are the same, and whatever cannot be says where it stands."""

import msgspec
import pytest

from tests.unit.model.world.test_world import things
from tocsin.model.world.applying import Misplaced, apply
from tocsin.model.world.documents import (
    Attribute,
    BusinessComponent,
    BusinessService,
    Configured,
    Host,
    HostGroup,
    Kind,
    ServiceCheck,
    TimePeriod,
)
from tocsin.model.world.draft import Draft, Numbers, Unfit
from tocsin.model.world.world import World
from tocsin.model.world.written import WrittenWorld, write_down


def draft(present: list[Configured]) -> Draft:
    return Draft("acme", present, {}, Numbers(100, 200), 9)


def read(document: object) -> WrittenWorld:
    return msgspec.convert(document, WrittenWorld)


def applied(present: list[Configured], document: object, *, prune: bool = False) -> list[tuple[str, ...]]:
    steps = apply(draft(present), read(document), prune=prune)
    return [(each.action, each.kind, each.name, *each.fields) for each in steps]


SMALL = {
    "host_groups": [{"name": "UK", "groups": [{"name": "Leaf"}]}, {"name": "US"}],
    "service_groups": [{"name": "system"}],
    "keywords": [{"name": "shop", "all_hosts": True}],
    "service_checks": [{"name": "Disk", "group": "system", "keywords": ["shop"], "passive": True}],
    "host_templates": [{"name": "Linux", "checks": ["Disk"]}],
    "hosts": [
        {"name": "web", "group": "leaf", "templates": ["linux"], "parents": ["switch"]},
        {"name": "switch", "attributes": [{"name": "DISK", "value": "/"}]},
    ],
    "time_periods": [{"name": "24X7"}, {"name": "office", "monday": "08:00-12:00,13:00-17:00"}],
    "attributes": [{"name": "DISK", "value": "/"}],
    "business_components": [{"name": "fronts", "template": "Linux", "hosts": ["web"], "quorum": 66.67}],
    "business_services": [{"name": "shop", "components": ["fronts"]}],
}


def test_an_empty_world_becomes_what_is_written_down() -> None:
    opened = draft([])
    steps = apply(opened, read(SMALL), prune=False)
    opened.check()
    assert [(each.action, each.kind, each.name, *each.fields) for each in steps] == [
        ("create", "hostgroup", "Tocsin,UK,"),
        ("create", "hostgroup", "Tocsin,UK,Leaf,", "parent"),
        ("create", "hostgroup", "Tocsin,US,"),
        ("create", "servicegroup", "system"),
        ("create", "keyword", "shop", "all_hosts"),
        ("create", "servicecheck", "Disk", "group", "keywords", "passive"),
        ("create", "hosttemplate", "Linux", "checks"),
        ("create", "host", "web", "group", "templates", "parents"),
        ("create", "host", "switch", "attributes"),
        ("change", "timeperiod", "24X7", "name"),
        ("create", "timeperiod", "office", "monday"),
        ("create", "attribute", "DISK", "value"),
        ("create", "bsmcomponent", "fronts", "template", "hosts", "quorum"),
        ("create", "bsmservice", "shop", "components"),
    ]
    (web,), (switch,) = (opened.named(Kind.HOST, name) for name in ("web", "switch"))
    assert isinstance(web.document, Host)
    assert web.document.parents == (switch.number,)
    assert [each.name for each in opened.world.effective] == [("web", ""), ("web", "Disk"), ("switch", "")]


@pytest.mark.parametrize("prune", [False, True])
def test_what_is_written_down_and_read_back_changes_nothing(prune: bool) -> None:
    # With two groups called Leaf, one of them below the group of what is discovered.
    present = [
        *things(),
        Configured("acme", Kind.HOST_GROUP, 7, "Leaf", HostGroup(2), 0),
        Configured("acme", Kind.TIME_PERIOD, 1, "always", TimePeriod(sunday="00:00-24:00"), 0),
        Configured("acme", Kind.BUSINESS_COMPONENT, 51, "fronts", BusinessComponent(31, (41,), 50.0), 0),
        Configured("acme", Kind.BUSINESS_SERVICE, 61, "shop", BusinessService((51,)), 0),
        Configured("acme", Kind.ATTRIBUTE, 71, "DISK", Attribute("/"), 0),
    ]
    written = write_down(World("acme", present))
    copied = msgspec.convert(msgspec.to_builtins(written), WrittenWorld)
    opened = draft(present)
    assert {each.action for each in apply(opened, copied, prune=prune)} == {"keep"}
    assert opened.after == opened.before
    # A period of another name is another one elsewhere.
    fresh = draft([each for each in present if each.kind is Kind.TIME_PERIOD])
    apply(fresh, copied, prune=prune)
    fresh.check()
    assert msgspec.to_builtins(write_down(fresh.world)) == msgspec.to_builtins(written)


def test_what_is_left_out_stays_and_a_letter_case_can_change() -> None:
    opened = draft(things())
    steps = apply(
        opened, read({"service_checks": [{"name": "LOAD", "check_attempts": 5, "volatile": 0}]}), prune=False
    )
    assert [(each.action, *each.fields) for each in steps] == [("change", "volatile", "name")]
    (load,) = opened.named(Kind.SERVICE_CHECK, "load")
    assert load.document == ServiceCheck(check_attempts=5, markdown=True, keywords=(22,))
    assert load.name == "LOAD"


def test_pruned_is_what_a_section_that_is_there_does_not_name() -> None:
    assert applied(things(), {"hosts": []}, prune=False) == []
    assert applied(things(), {"hosts": [{"name": "web"}]}, prune=True) == [
        ("keep", "host", "web"),
        ("delete", "host", "db"),
    ]
    everything: dict[str, list[str]] = {section: [] for section in WrittenWorld.__struct_fields__}
    gone = applied(things(), everything, prune=True)
    assert len(gone) == len(things())
    assert ("delete", "hostgroup", "Tocsin,UK,Leaf,") in gone
    with pytest.raises(Unfit, match="the servicecheck Load is named by"):
        applied(
            things(), {"service_checks": [{"name": "Disk"}, {"name": "Jobs"}, {"name": "Port"}]}, prune=True
        )


def test_what_goes_cannot_be_named() -> None:
    document = {
        "service_checks": [{"name": "Disk"}],
        "hosts": [{"name": "web"}, {"name": "db", "checks": ["Disk", "Load"]}],
    }
    with pytest.raises(
        Misplaced, match="the servicecheck Load goes, since its section does not have it"
    ) as caught:
        applied(things(), document, prune=True)
    assert caught.value.place == "hosts.1.checks.1"


@pytest.mark.parametrize(
    ("document", "place", "reason"),
    [
        ({"hosts": [{"name": "a"}, {"name": "b", "group": "EU"}]}, "hosts.1.group", "no hostgroup called EU"),
        (
            {"hosts": [{"name": "a", "group": "Leaf"}]},
            "hosts.0.group",
            "2 are called Leaf: write the whole path",
        ),
        ({"hosts": [{"name": "a", "parents": ["web", "c"]}]}, "hosts.0.parents.1", "no host called c"),
        ({"hosts": [{"name": "a"}, {"name": "A"}]}, "hosts.1.name", "another A"),
        (
            {"host_groups": [{"name": "x", "groups": [{"name": "y"}, {"name": "Y"}]}]},
            "host_groups.0.groups.1.name",
            "Y",
        ),
        ({"keywords": [{"name": "a,b"}]}, "keywords.0.name", "no commas"),
        ({"keywords": [{"name": " a"}]}, "keywords.0.name", "blanks"),
        ({"keywords": [{"name": ""}]}, "keywords.0.name", "a name has"),
        (
            {"business_services": [{"name": "a", "components": ["x"]}]},
            "business_services.0.components.0",
            "no bsm",
        ),
        ({"keywords": [{"name": "a" * 256}]}, "keywords.0.name", "255 letters"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(document: object, place: str, reason: str) -> None:
    with pytest.raises(Misplaced, match=reason) as caught:
        applied(things(), document)
    assert caught.value.place == place


def test_a_group_can_be_named_by_its_path() -> None:
    assert applied(things(), {"hosts": [{"name": "web", "group": "tocsin,us,leaf,"}]}) == [
        ("change", "host", "web", "group")
    ]
