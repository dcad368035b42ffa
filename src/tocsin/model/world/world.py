"""The configured world of a domain in memory: its groups, and which hosts and services belong where."""

from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property

import msgspec

from tocsin.model.world.documents import (
    DISCOVERED,
    IMPLIED,
    BusinessComponent,
    BusinessService,
    Configured,
    Host,
    HostGroup,
    HostTemplate,
    Keyword,
    Kind,
    ServiceCheck,
)


class Effective(msgspec.Struct, frozen=True, gc=False):
    """What the configuration makes of one host (service '') or service; see `MonitoredObject`.

    Attributes:
        check: number of the service's check; 0 for a host.
        value: of the attribute of the host for which the service stands; '' where it is for none.
    """

    host_number: int
    host: str
    service: str
    group_id: int
    max_attempts: int
    volatile: int = 0
    flap_detection: bool = False
    markdown: bool = False
    parents: tuple[int, ...] = ()
    check: int = 0
    value: str = ""

    @property
    def name(self) -> tuple[str, str]:
        """Both names."""
        return self.host, self.service

    @property
    def identity(self) -> tuple[int, int, str]:
        """What stays the same where the host or the check is called otherwise."""
        return self.host_number, self.check, self.value


class World:
    """What is configured in one domain. It never changes: what changes makes another.

    Args:
        domain_id: whose.
        things: all that is configured.
        numbers: the number of each host and service that is configured, by both names.
    """

    def __init__(
        self,
        domain_id: str,
        things: Iterable[Configured],
        numbers: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        self._things: dict[Kind, dict[int, Configured]] = {kind: {} for kind in Kind}
        for (kind, number), (name, document) in IMPLIED.items():
            self._things[kind][number] = Configured(domain_id, kind, number, name, document, 0)
        for thing in things:
            self._things[thing.kind][thing.number] = thing
        self._numbers = numbers or {}
        self._others: Mapping[int, int] = {}
        self._paths: dict[int, str] = {}
        self._above: dict[int, Sequence[int]] = {}
        self._holders: dict[tuple[int, tuple[int, ...], tuple[int, ...]], tuple[tuple[Kind, int], ...]] = {}

    def hearing(self, others: Mapping[int, str]) -> "World":
        """Give this world as it is once more is known of what nobody configured.

        Args:
            others: the host of each service that nobody configured, or nobody does any more, by its number.
                Those of hosts that nobody configured do not count.
        """
        hosts = self._hosts_by_name
        found = {number: hosts[host] for number, host in others.items() if host in hosts}
        if not found:
            return self
        heard = copy(self)
        heard._others = {**self._others, **found}
        heard.__dict__.pop("placed", None)
        return heard

    def all(self, kind: Kind) -> Mapping[int, Configured]:
        """Give everything of a kind, by number."""
        return self._things[kind]

    def everything(self) -> Iterator[Configured]:
        """Give all that is configured, and the host groups that every domain has."""
        for things in self._things.values():
            yield from things.values()

    def named(self, kind: Kind, name: str) -> list[Configured]:
        """Give what is called so, in any letter case; a host group also by its whole path `A,B,C,`."""
        if kind is Kind.HOST_GROUP and "," in name:
            wanted = name.casefold()
            return [each for each in self.all(kind).values() if self.path(each.number).casefold() == wanted]
        return self._by_name[kind].get(name.casefold(), [])

    def host(self, number: int) -> Host:
        """Give what is configured of a host; of one that nobody configured what holds for those."""
        found = self.all(Kind.HOST).get(number)
        return found.document if found and isinstance(found.document, Host) else Host(group=DISCOVERED)

    def path(self, group: int) -> str:
        """Give the names of a host group and all above it, from the root: `A,B,C,`; '' for an unknown one."""
        if group not in self._paths:
            names = (self.all(Kind.HOST_GROUP)[number].name for number in reversed(self.above(group)))
            self._paths[group] = "".join(f"{name}," for name in names)
        return self._paths[group]

    def above(self, group: int) -> Sequence[int]:
        """Give a host group and those above it, up to the root, or to where they go in a circle.

        Nothing where there is no such group: what it is asked for may be older than this world.
        """
        if group not in self._above:
            found: list[int] = []
            number = group
            while number in self.all(Kind.HOST_GROUP) and number not in found:
                found.append(number)
                number = self._parent(number)
            self._above[group] = found
        return self._above[group]

    def subtree(self, groups: Iterable[int]) -> frozenset[int]:
        """Give some host groups and all that are below them."""
        top = set(groups)
        return frozenset(each for each in self.all(Kind.HOST_GROUP) if not top.isdisjoint(self.above(each)))

    def under(self, text: str) -> frozenset[int]:
        """Give the host groups that a text means, and all below them.

        Args:
            text: a number; with a comma the beginning of a path; else the name of every group called so.
        """
        groups = self.all(Kind.HOST_GROUP)
        if text.isascii() and text.isdecimal() and len(text) < 19:
            return self.subtree({int(text)} & groups.keys())
        if "," in text:
            start = text.casefold().rstrip(",") + ","
            return self.subtree(each for each in groups if self.path(each).casefold().startswith(start))
        return self.subtree(each.number for each in self.named(Kind.HOST_GROUP, text))

    def number(self, each: Effective) -> int:
        """Give the number of a host or service; 0 where it has none yet."""
        return self._numbers.get(each.name, 0)

    @cached_property
    def configured(self) -> frozenset[int]:
        """Numbers of all hosts and services that are configured."""
        return frozenset(self._numbers.values())

    @cached_property
    def placed(self) -> frozenset[int]:
        """Numbers of all hosts that are configured, and of their services. All others are discovered ones."""
        return self.configured | self._others.keys()

    def host_of(self, number: int) -> int:
        """Give the number of the host to which a host or service belongs; 0 where nobody configured that."""
        return self._host_numbers.get(number) or self._others.get(number, 0)

    def group_of(self, number: int) -> int:
        """Give the host group of a host or service: a service belongs where its host belongs."""
        return self.host(self.host_of(number)).group

    def members(self, kind: Kind, numbers: Iterable[int]) -> frozenset[int]:
        """Give the numbers of the hosts and services that belong to some things of a kind.

        To host groups belong the hosts in them and in all groups below, with all their services; to service
        groups and keywords services, and the hosts that have one of these; to host templates the services
        that hosts have by them.

        Args:
            kind: one of these four.
            numbers: of the things.
        """
        held = self._held[kind]
        chosen = self.subtree(numbers) if kind is Kind.HOST_GROUP else numbers
        found: frozenset[int] = frozenset().union(*(held.get(each, ()) for each in chosen))
        if kind is not Kind.HOST_GROUP:
            return found
        return found.union(number for number in self._others if self.group_of(number) in chosen)

    def hosts_in(self, groups: Iterable[int]) -> frozenset[str]:
        """Give the names of the hosts in some host groups, and in all groups below."""
        chosen = self.subtree(groups)
        return frozenset(
            thing.name
            for thing in self.all(Kind.HOST).values()
            if isinstance(thing.document, Host) and thing.document.group in chosen
        )

    def of_component(self, component: int) -> frozenset[int]:
        """Give the numbers of the services by which a business component works or fails."""
        found = self.all(Kind.BUSINESS_COMPONENT).get(component)
        if found is None or not isinstance(found.document, BusinessComponent):
            return frozenset()
        return self._on(found.document.hosts, found.document.template)

    def of_business(self, service: int) -> frozenset[int]:
        """Give the numbers of the services of all components of a business service."""
        found = self.all(Kind.BUSINESS_SERVICE).get(service)
        components = (
            found.document.components if found and isinstance(found.document, BusinessService) else ()
        )
        return frozenset().union(*map(self.of_component, components))

    def holding(self, number: int, kind: Kind) -> Sequence[int]:
        """Give the numbers of the things of a kind to which a service belongs.

        Args:
            number: of the service.
            kind: host template, business component or business service.
        """
        return self._holding[kind].get(number, ())

    @cached_property
    def _holding(self) -> Mapping[Kind, Mapping[int, Sequence[int]]]:
        members: Mapping[Kind, Callable[[int], Iterable[int]]] = {
            Kind.HOST_TEMPLATE: lambda number: self.members(Kind.HOST_TEMPLATE, [number]),
            Kind.BUSINESS_COMPONENT: self.of_component,
            Kind.BUSINESS_SERVICE: self.of_business,
        }
        found: dict[Kind, dict[int, list[int]]] = {kind: defaultdict(list) for kind in members}
        for kind, members_of in members.items():
            for holder in sorted(self.all(kind)):
                for number in members_of(holder):
                    found[kind][number].append(holder)
        return found

    def _on(self, hosts: Iterable[int], template: int) -> frozenset[int]:
        """Give the numbers of the services that some hosts have of the checks of a template."""
        found = self.all(Kind.HOST_TEMPLATE).get(template)
        checks = found.document.checks if found and isinstance(found.document, HostTemplate) else ()
        services = (each for host in set(hosts) for each in self._services_of.get(host, ()))
        return self._numbered(each for each in services if each.check in checks)

    @cached_property
    def _services_of(self) -> Mapping[int, Sequence[Effective]]:
        found: dict[int, list[Effective]] = defaultdict(list)
        for each in self.effective:
            if each.check:
                found[each.host_number].append(each)
        return found

    def of_checks(self, checks: Container[int]) -> frozenset[int]:
        """Give the numbers of the services that stand for some service checks."""
        return self._numbered(each for each in self.effective if each.check and each.check in checks)

    def has_keyword(self, service: Effective, number: int) -> bool:
        """Say whether a service has a keyword: its host and its check have it, where both must."""
        found = self.all(Kind.KEYWORD).get(number)
        if found is None or not isinstance(keyword := found.document, Keyword):
            return False
        host = self.all(Kind.HOST)[service.host_number].document
        check = self.all(Kind.SERVICE_CHECK)[service.check].document
        by_host = isinstance(host, Host) and number in host.keywords
        by_check = isinstance(check, ServiceCheck) and number in check.keywords
        return (by_host and by_check) or (keyword.all_checks and by_host) or (keyword.all_hosts and by_check)

    @cached_property
    def effective(self) -> tuple[Effective, ...]:
        """What the configuration makes of every host and every service: each host before its services."""
        return tuple(
            each
            for thing in self.all(Kind.HOST).values()
            if isinstance(thing.document, Host)
            for each in self._of_host(thing, thing.document)
        )

    @cached_property
    def _host_numbers(self) -> Mapping[int, int]:
        return {self.number(each): each.host_number for each in self.effective}

    @cached_property
    def _hosts_by_name(self) -> Mapping[str, int]:
        return {thing.name: thing.number for thing in self.all(Kind.HOST).values()}

    @cached_property
    def _held(self) -> Mapping[Kind, Mapping[int, Collection[int]]]:
        """Whose members hosts and services are, of host groups those that are right in them."""
        found: dict[Kind, dict[int, set[int]]] = {kind: defaultdict(set) for kind in Kind}
        for each in self.effective:
            number = self.number(each)
            if not number:
                continue
            found[Kind.HOST_GROUP][each.group_id].add(number)
            for kind, holder in self.holders(each):
                found[kind][holder].add(number)
                if kind is not Kind.HOST_TEMPLATE:
                    found[kind][holder].add(each.host_number)
        return found

    def holders(self, service: Effective) -> Collection[tuple[Kind, int]]:
        """Give the service group, the keywords and the templates of a service; nothing of a host."""
        if not service.check:
            return ()
        host = self.host(service.host_number)
        # Many hosts have the same, and there can be many services.
        alike = (service.check, host.keywords, host.templates)
        if alike not in self._holders:
            self._holders[alike] = tuple(self._holders_of(service, host))
        return self._holders[alike]

    def _holders_of(self, service: Effective, host: Host) -> Iterator[tuple[Kind, int]]:
        check = self.all(Kind.SERVICE_CHECK)[service.check].document
        if not isinstance(check, ServiceCheck):
            return
        if check.group:
            yield Kind.SERVICE_GROUP, check.group
        for number in {*host.keywords, *check.keywords}:
            if self.has_keyword(service, number):
                yield Kind.KEYWORD, number
        for number in host.templates:
            template = self.all(Kind.HOST_TEMPLATE)[number].document
            if isinstance(template, HostTemplate) and service.check in template.checks:
                yield Kind.HOST_TEMPLATE, number

    def _of_host(self, thing: Configured, host: Host) -> Iterator[Effective]:
        parents = tuple(sorted(host.parents))
        yield Effective(
            thing.number,
            thing.name,
            "",
            host.group,
            host.check_attempts,
            flap_detection=host.flap_detection,
            parents=parents,
        )
        names: set[str] = set()
        for check, value in self._services(host):
            service = f"{check.name}: {value}" if value else check.name
            if service in names or not isinstance(document := check.document, ServiceCheck):
                continue
            names.add(service)
            yield Effective(
                thing.number,
                thing.name,
                service,
                host.group,
                document.alert_from_failure if document.is_passive else document.check_attempts,
                document.volatile,
                # Results that others send come when they like: how often they change says nothing.
                document.flap_detection and not document.is_passive,
                document.markdown,
                check=check.number,
                value=value,
            )

    def _services(self, host: Host) -> Iterator[tuple[Configured, str]]:
        """Give the checks of a host, its own first, each with the value of its attribute, '' for none."""
        numbers = dict.fromkeys(host.checks)
        for template in host.templates:
            document = self.all(Kind.HOST_TEMPLATE)[template].document
            if isinstance(document, HostTemplate):
                numbers |= dict.fromkeys(document.checks)
        for number in numbers:
            check = self.all(Kind.SERVICE_CHECK)[number]
            attribute = check.document.attribute if isinstance(check.document, ServiceCheck) else ""
            if not attribute:
                yield check, ""
            for name, value in host.attributes:
                if attribute and value and name.casefold() == attribute.casefold():
                    yield check, value

    def _parent(self, group: int) -> int:
        found = self.all(Kind.HOST_GROUP).get(group)
        return found.document.parent if found and isinstance(found.document, HostGroup) else 0

    def _numbered(self, chosen: Iterable[Effective]) -> frozenset[int]:
        return frozenset(map(self.number, chosen)) - {0}

    @cached_property
    def _by_name(self) -> dict[Kind, dict[str, list[Configured]]]:
        found: dict[Kind, dict[str, list[Configured]]] = {kind: {} for kind in Kind}
        for thing in self.everything():
            found[thing.kind].setdefault(thing.name.casefold(), []).append(thing)
        return found
