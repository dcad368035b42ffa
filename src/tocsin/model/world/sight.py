"""What of a configured world somebody knows who sees some of its hosts and services."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec.structs import replace

from tocsin.model.world.documents import DISCOVERED, IMPLIED, Configured, Host, Kind, ServiceCheck
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

    @cached_property
    def configured(self) -> frozenset[int]:
        """Numbers of those hosts and services that are configured, and seen."""
        return self._whole.configured & self._objects

    @cached_property
    def effective(self) -> tuple[Effective, ...]:
        """What the configuration makes of every host and service that is seen."""
        return tuple(each for each in self._whole.effective if self._whole.number(each) in self._objects)

    def number(self, each: Effective) -> int:
        """Give the number of a host or service."""
        return self._whole.number(each)

    def holders(self, service: Effective) -> Iterator[tuple[Kind, int]]:
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
        if objects - world.configured:
            self._things[Kind.HOST_GROUP].update(world.above(DISCOVERED))
        for each in self._effective:
            for kind, number in self._known_by(each):
                self._things[kind].add(number)
        businesses: Mapping[Kind, Mapping[int, frozenset[int]]] = {
            Kind.BUSINESS_COMPONENT: {
                each: world.of_component(each) for each in world.all(Kind.BUSINESS_COMPONENT)
            },
            Kind.BUSINESS_SERVICE: {
                each: world.of_business(each) for each in world.all(Kind.BUSINESS_SERVICE)
            },
        }
        for kind, members in businesses.items():
            self._things[kind].update(number for number, held in members.items() if held & objects)

    def sees(self, kind: Kind, number: int) -> bool:
        """Say whether the thing of a number is seen."""
        if kind in {Kind.TIME_PERIOD, Kind.MONITORING_SERVER}:
            return (kind, number) in IMPLIED
        return number in self._things[kind]

    def shown(self, thing: Configured) -> Configured:
        """Give a thing as it is seen: a host has those attributes for which services stand that are seen."""
        if not isinstance(thing.document, Host):
            return thing
        attributes = tuple(
            (self._check(each).attribute, each.value)
            for each in self._effective
            if each.host_number == thing.number and each.value
        )
        return replace(thing, document=replace(thing.document, attributes=attributes))

    def _known_by(self, each: Effective) -> Iterator[tuple[Kind, int]]:
        """Give what is known of whoever sees one host or service."""
        for group in self._world.above(each.group_id):
            yield Kind.HOST_GROUP, group
        if not each.check:
            yield Kind.HOST, each.host_number
            return
        yield Kind.SERVICE_CHECK, each.check
        yield from self._world.holders(each)
        for attribute in self._world.named(Kind.ATTRIBUTE, self._check(each).attribute):
            yield Kind.ATTRIBUTE, attribute.number

    def _check(self, service: Effective) -> ServiceCheck:
        document = self._world.all(Kind.SERVICE_CHECK)[service.check].document
        return document if isinstance(document, ServiceCheck) else ServiceCheck()
