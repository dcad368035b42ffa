"""What can be configured of the monitored world. What one thing says of another, it says by its number."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

import msgspec


class Kind(StrEnum):
    """Kinds of things, as the paths of Opsview's API name them."""

    HOST_GROUP = "hostgroup"
    SERVICE_GROUP = "servicegroup"
    KEYWORD = "keyword"
    SERVICE_CHECK = "servicecheck"
    HOST_TEMPLATE = "hosttemplate"
    HOST = "host"
    TIME_PERIOD = "timeperiod"
    ATTRIBUTE = "attribute"
    MONITORING_SERVER = "monitoringserver"
    BUSINESS_COMPONENT = "bsmcomponent"
    BUSINESS_SERVICE = "bsmservice"


class HostGroup(msgspec.Struct, frozen=True, omit_defaults=True):
    """A group of hosts, in a tree.

    Attributes:
        parent: the group above it; 0 for none, of the root alone.
    """

    parent: int = 1


class ServiceGroup(msgspec.Struct, frozen=True, omit_defaults=True):
    """A group of service checks, without a tree."""

    description: str = ""


class Keyword(msgspec.Struct, frozen=True, omit_defaults=True):
    """A word that gathers services. What it holds, `World.has_keyword` says.

    Attributes:
        all_hosts: the hosts need not have it, the checks must.
        all_checks: the checks need not have it, the hosts must.
    """

    description: str = ""
    is_enabled: bool = True
    all_hosts: bool = False
    all_checks: bool = False


class ServiceCheck(msgspec.Struct, frozen=True, omit_defaults=True):
    """A check, which is a service on each host that has it.

    Attributes:
        group: its service group; 0 for none.
        is_passive: others send its results.
        check_attempts: results that make a problem hard, where it is active.
        alert_from_failure: the same, where it is passive.
        volatile: 0, or 1 or 2 where every result in a hard problem is an event.
        flap_detection: an active one can be found to flap.
        markdown: its output is to be read as Markdown.
        attribute: a host has a service of it for each value of this attribute; '' for one service.
    """

    description: str = ""
    group: int = 0
    keywords: tuple[int, ...] = ()
    is_passive: bool = False
    check_attempts: int = 3
    alert_from_failure: int = 1
    volatile: int = 0
    flap_detection: bool = True
    markdown: bool = False
    attribute: str = ""


class HostTemplate(msgspec.Struct, frozen=True, omit_defaults=True):
    """Checks that hosts have in common."""

    description: str = ""
    checks: tuple[int, ...] = ()


class Host(msgspec.Struct, frozen=True, omit_defaults=True):
    """A host. Its number is that of its monitored object.

    Attributes:
        alias: what people call it.
        address: where it is found.
        group: its host group.
        checks: what it has beside those of its templates.
        parents: the hosts through which it is reached.
        check_attempts: results that make a problem of it hard.
        attributes: name and value; names can repeat.
    """

    alias: str = ""
    address: str = ""
    group: int = 1
    templates: tuple[int, ...] = ()
    checks: tuple[int, ...] = ()
    keywords: tuple[int, ...] = ()
    parents: tuple[int, ...] = ()
    check_attempts: int = 2
    flap_detection: bool = True
    attributes: tuple[tuple[str, str], ...] = ()


class TimePeriod(msgspec.Struct, frozen=True, omit_defaults=True):
    """Hours of each day, as `00:00-09:00,17:00-24:00`; '' for none. Tocsin itself does not go by them."""

    alias: str = ""
    sunday: str = ""
    monday: str = ""
    tuesday: str = ""
    wednesday: str = ""
    thursday: str = ""
    friday: str = ""
    saturday: str = ""


class Attribute(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something of which hosts can have values.

    Attributes:
        value: what is suggested for a host.
    """

    value: str = ""


class MonitoringServer(msgspec.Struct, frozen=True):
    """Who monitors: Tocsin itself, and nobody else."""


class BusinessComponent(msgspec.Struct, frozen=True, omit_defaults=True):
    """Hosts that do the same for a business: one of them can fail.

    Attributes:
        template: the host template whose checks say whether one has failed; 0 for none.
        quorum: how many percent of them are needed.
    """

    template: int = 0
    hosts: tuple[int, ...] = ()
    quorum: float = 0.0


class BusinessService(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a business has from its components."""

    components: tuple[int, ...] = ()


Document: TypeAlias = (
    HostGroup
    | ServiceGroup
    | Keyword
    | ServiceCheck
    | HostTemplate
    | Host
    | TimePeriod
    | Attribute
    | MonitoringServer
    | BusinessComponent
    | BusinessService
)

DOCUMENTS: Final[Mapping[Kind, type[Document]]] = MappingProxyType(
    {
        Kind.HOST_GROUP: HostGroup,
        Kind.SERVICE_GROUP: ServiceGroup,
        Kind.KEYWORD: Keyword,
        Kind.SERVICE_CHECK: ServiceCheck,
        Kind.HOST_TEMPLATE: HostTemplate,
        Kind.HOST: Host,
        Kind.TIME_PERIOD: TimePeriod,
        Kind.ATTRIBUTE: Attribute,
        Kind.MONITORING_SERVER: MonitoringServer,
        Kind.BUSINESS_COMPONENT: BusinessComponent,
        Kind.BUSINESS_SERVICE: BusinessService,
    }
)

REFERENCES: Final[Mapping[Kind, Mapping[str, Kind]]] = MappingProxyType(
    {
        Kind.HOST_GROUP: {"parent": Kind.HOST_GROUP},
        Kind.SERVICE_GROUP: {},
        Kind.KEYWORD: {},
        Kind.SERVICE_CHECK: {"group": Kind.SERVICE_GROUP, "keywords": Kind.KEYWORD},
        Kind.HOST_TEMPLATE: {"checks": Kind.SERVICE_CHECK},
        Kind.HOST: {
            "group": Kind.HOST_GROUP,
            "templates": Kind.HOST_TEMPLATE,
            "checks": Kind.SERVICE_CHECK,
            "keywords": Kind.KEYWORD,
            "parents": Kind.HOST,
        },
        Kind.TIME_PERIOD: {},
        Kind.ATTRIBUTE: {},
        Kind.MONITORING_SERVER: {},
        Kind.BUSINESS_COMPONENT: {"template": Kind.HOST_TEMPLATE, "hosts": Kind.HOST},
        Kind.BUSINESS_SERVICE: {"components": Kind.BUSINESS_COMPONENT},
    }
)
"""Which members of a document are numbers, or lists of numbers, of what kind of things."""

ROOT: Final = 1
DISCOVERED: Final = 2
"""The host groups that every domain has: the one above all others, and that of what nobody configured."""
_ALL_DAY: Final = "00:00-24:00"
IMPLIED: Final[Mapping[tuple[Kind, int], tuple[str, Document]]] = MappingProxyType(
    {
        (Kind.HOST_GROUP, ROOT): ("Tocsin", HostGroup(0)),
        (Kind.HOST_GROUP, DISCOVERED): ("Discovered", HostGroup(ROOT)),
        (Kind.TIME_PERIOD, 1): ("24x7", TimePeriod("24 hours a day, 7 days a week", *[_ALL_DAY] * 7)),
        (Kind.MONITORING_SERVER, 1): ("Master Monitoring Server", MonitoringServer()),
    }
)
"""What every domain has, by kind and number: its name, and what it says unless somebody changes that."""


class Configured(msgspec.Struct, frozen=True):
    """A thing that is configured.

    Attributes:
        number: its id, of hosts that of the monitored object, of the others one of the domain.
        name: of host groups not unique, as long as their parents differ.
        created_at: microseconds UTC.
    """

    domain_id: str
    kind: Kind
    number: int
    name: str
    document: Document
    created_at: int

    @property
    def id(self) -> str:
        """Its id, as the audit log names it."""
        return str(self.number)


def refers_to(thing: Configured) -> set[tuple[Kind, int]]:
    """Give the kind and number of everything that a thing names."""
    found: set[tuple[Kind, int]] = set()
    for member, kind in REFERENCES[thing.kind].items():
        value: int | tuple[int, ...] = getattr(thing.document, member)
        numbers = value if isinstance(value, tuple) else (value,)
        found.update((kind, number) for number in numbers if number)
    return found
