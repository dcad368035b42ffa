"""What of a configured world somebody knows who sees some of its hosts and services."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cached_property

from msgspec.structs import replace

from tocsin.model.world.documents import (
    IMPLIED,
    BusinessComponent,
    BusinessService,
    Configured,
    Host,
    HostTemplate,
    Kind,
    ServiceCheck,
)
from tocsin.model.world.world import Effective, World


class SeenWorld(World):
    """A world without what somebody does not know who sees only some of its hosts and services.

    What those belong to is in it, and nothing else; and to that belongs nothing but those.

    Args:
        whole: all that there is.
        objects: numbers of the hosts and services that are seen, configured or not.
    """

    def __init__(self, whole: World, objects: frozenset[int]) -> None:
        sight = _Sight(whole, objects)
        super().__init__("", map(sight.shown, whole.everything()))
        for kind, things in self._things.items():
            self._things[kind] = {
                number: thing for number, thing in things.items() if sight.sees(kind, number)
            }
        self._whole = whole
        self._objects = objects
        self._others = {
            number: whole.host_of(number) for number in (whole.placed - whole.configured) & objects
        }

    @cached_property
    def configured(self) -> frozenset[int]:
        """Numbers of those hosts and services that are configured, and seen."""
        return self._whole.configured & self._objects

    def group_of(self, number: int) -> int:
        """Give the host group of a host or service that is seen. Its host may be one that is not."""
        return self._whole.group_of(number)

    @cached_property
    def effective(self) -> tuple[Effective, ...]:
        """What the configuration makes of every host and service that is seen."""
        return tuple(each for each in self._whole.effective if self._whole.number(each) in self._objects)

    def number(self, each: Effective) -> int:
        """Give the number of a host or service."""
        return self._whole.number(each)

    def holders(self, service: Effective) -> Collection[tuple[Kind, int]]:
        """Give the service group, the keywords and the templates of a service; nothing of a host."""
        return self._whole.holders(service)


class _Sight:
    """Says what is seen of a world: what hosts and services that are seen belong to, and nothing else.

    Args:
        world: the whole.
        objects: numbers of the hosts and services that are seen, configured or not.
    """

    def __init__(self, world: World, objects: frozenset[int]) -> None:
        self._world = world
        self._effective = [each for each in world.effective if world.number(each) in objects]
        self._things: dict[Kind, set[int]] = {kind: set() for kind in Kind}
        for group in {world.group_of(number) for number in objects}:
            self._things[Kind.HOST_GROUP].update(world.above(group))
        self._things[Kind.HOST].update(each.host_number for each in self._effective if not each.check)
        self._things[Kind.SERVICE_CHECK].update(each.check for each in self._effective if each.check)
        for kind, number in {holder for each in self._effective for holder in world.holders(each)}:
            self._things[kind].add(number)
        for check in self._things[Kind.SERVICE_CHECK]:
            named = world.named(Kind.ATTRIBUTE, self._attribute(check))
            self._things[Kind.ATTRIBUTE].update(each.number for each in named)
        components = {number for number in world.all(Kind.BUSINESS_COMPONENT) if self._has_part_in(number)}
        self._things[Kind.BUSINESS_COMPONENT] = components
        self._things[Kind.BUSINESS_SERVICE] = {
            number
            for number, each in world.all(Kind.BUSINESS_SERVICE).items()
            if isinstance(each.document, BusinessService) and components & set(each.document.components)
        }

    def sees(self, kind: Kind, number: int) -> bool:
        """Say whether the thing of a number is seen."""
        if kind in {Kind.TIME_PERIOD, Kind.MONITORING_SERVER}:
            return (kind, number) in IMPLIED
        return number in self._things[kind]

    def _has_part_in(self, component: int) -> bool:
        """Say whether a service is seen by which a business component works or fails."""
        document = self._world.all(Kind.BUSINESS_COMPONENT)[component].document
        if not isinstance(document, BusinessComponent):
            return False
        template = self._world.all(Kind.HOST_TEMPLATE).get(document.template)
        checks = template.document.checks if template and isinstance(template.document, HostTemplate) else ()
        return any(not self._checks.get(host, set()).isdisjoint(checks) for host in document.hosts)

    @cached_property
    def _checks(self) -> Mapping[int, set[int]]:
        """The checks of the services that are seen, by host."""
        found: dict[int, set[int]] = defaultdict(set)
        for each in self._effective:
            if each.check:
                found[each.host_number].add(each.check)
        return found

    def shown(self, thing: Configured) -> Configured:
        """Give a thing as it is seen: a host has those attributes for which services stand that are seen."""
        if not isinstance(thing.document, Host) or not thing.document.attributes:
            return thing
        attributes = tuple(self._attributes.get(thing.number, ()))
        return replace(thing, document=replace(thing.document, attributes=attributes))

    @cached_property
    def _attributes(self) -> Mapping[int, list[tuple[str, str]]]:
        found: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for each in self._effective:
            if each.value:
                found[each.host_number].append((self._attribute(each.check), each.value))
        return found

    def _attribute(self, check: int) -> str:
        document = self._world.all(Kind.SERVICE_CHECK)[check].document
        return document.attribute if isinstance(document, ServiceCheck) else ""
