"""The configured world as people write it: everything by its name, host groups as a tree.

A member that is left out says nothing. The name of a host group is not unique: where several are called so,
its whole path `A,B,C,` says which one is meant.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from tocsin.model.world.documents import (
    DISCOVERED,
    IMPLIED,
    REFERENCES,
    ROOT,
    Configured,
    HostGroup,
    Kind,
)
from tocsin.model.world.world import World

MOST_ATTEMPTS: Final = 1_000
"""So many results at most make a problem hard."""

_TIME: Final = "(?:[01][0-9]|2[0-4]):[0-5][0-9]"
HOURS: Final = f"^(?:{_TIME}-{_TIME}(?:,{_TIME}-{_TIME})*)?$"
"""The hours of a day: `00:00-09:00,17:00-24:00`, or nothing."""

Attempts: TypeAlias = Annotated[int, Meta(ge=1, le=MOST_ATTEMPTS)]
Hours: TypeAlias = Annotated[str, Meta(pattern=HOURS)]
Percent: TypeAlias = Annotated[float, Meta(ge=0, le=100)]
Volatile: TypeAlias = Annotated[int, Meta(ge=0, le=2)]


class WrittenHostGroup(msgspec.Struct, forbid_unknown_fields=True):
    """A host group, with the groups in it. Where it stands in the tree is what it is known by."""

    name: str
    groups: list["WrittenHostGroup"] = []


class WrittenServiceGroup(msgspec.Struct, forbid_unknown_fields=True):
    """See `ServiceGroup`."""

    name: str
    description: str | UnsetType = UNSET


class WrittenKeyword(msgspec.Struct, forbid_unknown_fields=True, rename={"is_enabled": "enabled"}):
    """See `Keyword`."""

    name: str
    description: str | UnsetType = UNSET
    is_enabled: bool | UnsetType = UNSET
    all_hosts: bool | UnsetType = UNSET
    all_checks: bool | UnsetType = UNSET


class WrittenServiceCheck(msgspec.Struct, forbid_unknown_fields=True, rename={"is_passive": "passive"}):
    """See `ServiceCheck`."""

    name: str
    description: str | UnsetType = UNSET
    group: str | UnsetType = UNSET
    keywords: list[str] | UnsetType = UNSET
    is_passive: bool | UnsetType = UNSET
    check_attempts: Attempts | UnsetType = UNSET
    alert_from_failure: Attempts | UnsetType = UNSET
    volatile: Volatile | UnsetType = UNSET
    flap_detection: bool | UnsetType = UNSET
    markdown: bool | UnsetType = UNSET
    attribute: str | UnsetType = UNSET


class WrittenHostTemplate(msgspec.Struct, forbid_unknown_fields=True):
    """See `HostTemplate`."""

    name: str
    description: str | UnsetType = UNSET
    checks: list[str] | UnsetType = UNSET


class WrittenValue(msgspec.Struct, forbid_unknown_fields=True):
    """A value that a host has of an attribute."""

    name: str
    value: str


class WrittenHost(msgspec.Struct, forbid_unknown_fields=True):
    """See `Host`."""

    name: str
    alias: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    group: str | UnsetType = UNSET
    templates: list[str] | UnsetType = UNSET
    checks: list[str] | UnsetType = UNSET
    keywords: list[str] | UnsetType = UNSET
    parents: list[str] | UnsetType = UNSET
    check_attempts: Attempts | UnsetType = UNSET
    flap_detection: bool | UnsetType = UNSET
    attributes: list[WrittenValue] | UnsetType = UNSET


class WrittenTimePeriod(msgspec.Struct, forbid_unknown_fields=True):
    """See `TimePeriod`."""

    name: str
    alias: str | UnsetType = UNSET
    sunday: Hours | UnsetType = UNSET
    monday: Hours | UnsetType = UNSET
    tuesday: Hours | UnsetType = UNSET
    wednesday: Hours | UnsetType = UNSET
    thursday: Hours | UnsetType = UNSET
    friday: Hours | UnsetType = UNSET
    saturday: Hours | UnsetType = UNSET


class WrittenAttribute(msgspec.Struct, forbid_unknown_fields=True):
    """See `Attribute`."""

    name: str
    value: str | UnsetType = UNSET


class WrittenBusinessComponent(msgspec.Struct, forbid_unknown_fields=True):
    """See `BusinessComponent`."""

    name: str
    template: str | UnsetType = UNSET
    hosts: list[str] | UnsetType = UNSET
    quorum: Percent | UnsetType = UNSET


class WrittenBusinessService(msgspec.Struct, forbid_unknown_fields=True):
    """See `BusinessService`."""

    name: str
    components: list[str] | UnsetType = UNSET


Written: TypeAlias = (
    WrittenServiceGroup
    | WrittenKeyword
    | WrittenServiceCheck
    | WrittenHostTemplate
    | WrittenHost
    | WrittenTimePeriod
    | WrittenAttribute
    | WrittenBusinessComponent
    | WrittenBusinessService
)


class WrittenWorld(msgspec.Struct, forbid_unknown_fields=True):
    """A world, or the parts of one. Groups in `host_groups` lie below the one above all others."""

    host_groups: list[WrittenHostGroup] | UnsetType = UNSET
    service_groups: list[WrittenServiceGroup] | UnsetType = UNSET
    keywords: list[WrittenKeyword] | UnsetType = UNSET
    service_checks: list[WrittenServiceCheck] | UnsetType = UNSET
    host_templates: list[WrittenHostTemplate] | UnsetType = UNSET
    hosts: list[WrittenHost] | UnsetType = UNSET
    time_periods: list[WrittenTimePeriod] | UnsetType = UNSET
    attributes: list[WrittenAttribute] | UnsetType = UNSET
    business_components: list[WrittenBusinessComponent] | UnsetType = UNSET
    business_services: list[WrittenBusinessService] | UnsetType = UNSET


VALUES: Final = "attributes"
"""The member of hosts that holds pairs."""
GROUPS: Final = "host_groups"
SECTIONS: Final[Mapping[str, tuple[Kind, type[Written]]]] = MappingProxyType(
    {
        "service_groups": (Kind.SERVICE_GROUP, WrittenServiceGroup),
        "keywords": (Kind.KEYWORD, WrittenKeyword),
        "service_checks": (Kind.SERVICE_CHECK, WrittenServiceCheck),
        "host_templates": (Kind.HOST_TEMPLATE, WrittenHostTemplate),
        "hosts": (Kind.HOST, WrittenHost),
        "time_periods": (Kind.TIME_PERIOD, WrittenTimePeriod),
        "attributes": (Kind.ATTRIBUTE, WrittenAttribute),
        "business_components": (Kind.BUSINESS_COMPONENT, WrittenBusinessComponent),
        "business_services": (Kind.BUSINESS_SERVICE, WrittenBusinessService),
    }
)
"""The sections that are lists, in an order in which what is named comes before what names it."""


def write_down(world: World) -> WrittenWorld:
    """Write a world down: everything by its name, and every member of it."""
    sections: dict[str, Any] = {
        section: [
            _written(each, type_, world)
            for each in sorted(world.all(kind).values(), key=_order)
            if IMPLIED.get((kind, each.number)) != (each.name, each.document)
        ]
        for section, (kind, type_) in SECTIONS.items()
    }
    below: dict[int, list[Configured]] = {}
    for group in sorted(world.all(Kind.HOST_GROUP).values(), key=_order):
        if isinstance(group.document, HostGroup):
            below.setdefault(group.document.parent, []).append(group)
    # Every domain has the one of what is discovered: it says nothing where no group lies in it.
    top = [each for each in below[ROOT] if each.number != DISCOVERED or each.number in below]
    return WrittenWorld([_group(each, below) for each in top], **sections)


def _order(thing: Configured) -> tuple[str, int]:
    return thing.name.casefold(), thing.number


def _group(group: Configured, below: Mapping[int, list[Configured]]) -> WrittenHostGroup:
    return WrittenHostGroup(group.name, [_group(each, below) for each in below.get(group.number, ())])


def _written(thing: Configured, type_: type[Written], world: World) -> Written:
    members: dict[str, Any] = {}
    for member in thing.document.__struct_fields__:
        value = getattr(thing.document, member)
        kind = REFERENCES[thing.kind].get(member)
        if kind is not None:
            names = [_name_of(world, kind, each) for each in (value if isinstance(value, tuple) else [value])]
            value = names if isinstance(value, tuple) else names[0]
        elif member == VALUES:
            value = [WrittenValue(*pair) for pair in value]
        members[member] = value
    return type_(name=thing.name, **members)


def _name_of(world: World, kind: Kind, number: int) -> str:
    thing = world.all(kind).get(number)
    if thing is None:
        return ""
    is_ambiguous = kind is Kind.HOST_GROUP and len(world.named(kind, thing.name)) > 1
    return world.path(number) if is_ambiguous else thing.name
