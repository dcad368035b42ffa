"""What of a configured world somebody knows who sees some of its hosts and services."""

from collections.abc import Iterator, Mapping

from tocsin.model.world.documents import DISCOVERED, IMPLIED, Kind, ServiceCheck
from tocsin.model.world.world import Effective, World


class Sight:
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

    def attributes(self, host: int) -> tuple[tuple[str, str], ...]:
        """Give the attributes of a host for which services stand that are seen: name and value."""
        return tuple(
            (self._check(each).attribute, each.value)
            for each in self._effective
            if each.host_number == host and each.value
        )

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
