"""Which hosts and services a request means: what acknowledge, downtime, recheck and status have in common."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from tocsin.dialects.opsview.errors import bad_parameter
from tocsin.dialects.opsview.parameters import Parameters
from tocsin.model.monitored import MonitoredObject
from tocsin.model.world.documents import Kind
from tocsin.model.world.world import World
from tocsin.query.pattern import Pattern

Test: TypeAlias = Callable[[MonitoredObject], bool]

_HOSTS: Final = ("host", "hostname", "hst.hostname", "svc.hostname")
_HOST_IDS: Final = ("hostid", "hst.hostid", "svc.hostid")
_SERVICES: Final = ("service", "servicecheck", "servicename", "svc.servicename")
_SERVICE_IDS: Final = ("serviceid", "svc.serviceid")
_PAIRS: Final = ("hs", "svc.hs")
_GROUPS: Final = ("hostgroupid", "hostgroupname", "hg.hostgroupid", "hg.hostgroupname")
"""Each with all groups below it."""
_OWN_GROUPS: Final = ("hst.hostgroupid", "hst.hostgroupname", "svc.hostgroupid", "svc.hostgroupname")
_KEYWORDS: Final = ("keyword", "svc.keywordid", "svc.keywordname")
_SERVICE_GROUPS: Final = (
    *("servicegroupid", "servicegroupname", "svc.servicegroupid", "svc.servicegroupname"),
)
_CHECKS: Final = "svc.servicecheckid"
_MONITORED_BY: Final = "monitoredby"
_HOLDING: Final = ((_KEYWORDS, Kind.KEYWORD), (_SERVICE_GROUPS, Kind.SERVICE_GROUP))
_OF_SERVICES: Final = (
    *(*_SERVICES, *_SERVICE_IDS, *_PAIRS, "svc.hostname", "svc.hostid"),
    *("svc.hostgroupid", "svc.hostgroupname", "svc.keywordid", "svc.keywordname", *_SERVICE_GROUPS),
    _CHECKS,
)
"""Selectors by which services are meant and not hosts."""
_KNOWN: Final = (
    *(*_HOSTS, *_HOST_IDS, *_SERVICES, *_SERVICE_IDS, *_PAIRS),
    *(*_GROUPS, *_OWN_GROUPS, *_KEYWORDS, *_SERVICE_GROUPS, _CHECKS, _MONITORED_BY),
)
_MOST_WILDCARDS: Final = 20
"""Each is held against every host and service of the domain."""


class Selection:
    """What a request selects.

    Different selectors are joined by AND, the values of one by OR. Names are compared in any letter case, and
    `%` stands for whatever there is.

    Args:
        given: the parameters; unknown ones are not looked at.
        world: what is configured: groups and keywords.

    Raises:
        OpsviewError: a number is none, or a pair has no `::`.
    """

    def __init__(self, given: Parameters, world: World) -> None:
        self._hosts = _names(given, _HOSTS)
        self._services = _names(given, _SERVICES)
        host_ids, service_ids = _numbers(given, _HOST_IDS), _numbers(given, _SERVICE_IDS)
        pairs = _pairs(given)
        self._of_hosts: list[Test] = []
        if self._hosts is not None:
            self._of_hosts.append(_called(self._hosts, lambda each: each.host))
        self._tests: list[Test] = list(self._of_hosts)
        if self._services is not None:
            self._tests.append(_called(self._services, lambda each: each.service))
        if service_ids is not None:
            self._tests.append(lambda each: each.id in service_ids)
        if pairs is not None:
            self._tests.append(lambda each: (each.host.casefold(), each.service.casefold()) in pairs)
        self._tests += _memberships(given, world)
        self._host_ids = host_ids
        self._is_empty = not self._tests and host_ids is None
        self._blank = next((name for name in _KNOWN if name in given and not _values(given, name)), "")
        self.are_services = any(_values(given, name) for name in _OF_SERVICES)

    def of(self, objects: Sequence[MonitoredObject]) -> list[MonitoredObject]:
        """Give what is selected: services where a selector of services is given, else hosts.

        Args:
            objects: what may be selected.
        """
        return [each for each in self.matching(objects) if bool(each.service) == self.are_services]

    def acted_on(self, objects: Sequence[MonitoredObject]) -> list[MonitoredObject]:
        """Give what is selected for an action: nothing where there is no selector.

        Args:
            objects: what may be acted on.

        Raises:
            OpsviewError: a selector is given without a value: what a script left out would widen the action.
        """
        if self._blank:
            raise bad_parameter(self._blank, "a value is needed, for it would select all")
        return [] if self._is_empty else self.of(objects)

    def matching(self, objects: Sequence[MonitoredObject]) -> list[MonitoredObject]:
        """Give the hosts and services that every selector matches; all of them where there is none."""
        hosts = None
        if self._host_ids is not None:
            hosts = {each.host for each in objects if not each.service and each.id in self._host_ids}
        return [
            each
            for each in objects
            if (hosts is None or each.host in hosts) and all(test(each) for test in self._tests)
        ]


def common_answer(chosen: Sequence[MonitoredObject]) -> dict[str, object]:
    """Say with what something was done."""
    hosts = [each for each in chosen if not each.service]
    services = [each for each in chosen if each.service]
    return {
        "summary": {"num_hosts": str(len(hosts)), "num_services": str(len(services))},
        "list": {
            "hosts": [{"id": str(each.id), "hostname": each.host} for each in hosts],
            "services": [
                {"id": str(each.id), "hostname": each.host, "servicename": each.service} for each in services
            ],
        },
    }


def _values(given: Parameters, name: str) -> list[str]:
    return [value for value in given.all(name) if value]


def _names(given: Parameters, names: Sequence[str]) -> list[Pattern] | None:
    values = [value for name in names for value in _values(given, name)]
    patterns = [Pattern(tuple(value.split("%"))) for value in values]
    if sum(pattern.has_wildcard for pattern in patterns) > _MOST_WILDCARDS:
        raise bad_parameter(names[0], f"at most {_MOST_WILDCARDS} names with %")
    return patterns or None


def _called(patterns: Sequence[Pattern], name: Callable[[MonitoredObject], str]) -> Test:
    exact = frozenset(pattern.parts[0] for pattern in patterns if not pattern.has_wildcard)
    others = [pattern for pattern in patterns if pattern.has_wildcard]

    def test(each: MonitoredObject) -> bool:
        folded = name(each).casefold()
        return folded in exact or any(pattern.matches(folded) for pattern in others)

    return test


def _numbers(given: Parameters, names: Sequence[str]) -> set[int] | None:
    found: set[int] = set()
    for name in names:
        for value in _values(given, name):
            if not (value.isascii() and value.isdecimal()) or len(value) > 18:
                raise bad_parameter(name, "expected a number")
            found.add(int(value))
    return found or None


def _memberships(given: Parameters, world: World) -> Iterator[Test]:
    below = [world.under(value) for name in _GROUPS for value in _values(given, name)]
    alone = [_groups(world, value) for name in _OWN_GROUPS for value in _values(given, name)]
    for chosen in (below, alone):
        if chosen:
            yield _in_groups(frozenset().union(*chosen), world)
    for names, kind in _HOLDING:
        values = [value for name in names for value in _values(given, name)]
        if values:
            numbers = [number for value in values for number in _meant(world, kind, value)]
            yield _among(world.members(kind, numbers))
    if (checks := _numbers(given, (_CHECKS,))) is not None:
        yield _among(world.of_checks(checks))
    if servers := _values(given, _MONITORED_BY):
        # There is one alone, and it monitors whatever there is.
        is_named = any(_meant_server(world, value) for value in servers)
        yield lambda _: is_named


def _among(ids: frozenset[int]) -> Test:
    return lambda each: each.id in ids


def _in_groups(groups: frozenset[int], world: World) -> Test:
    return lambda each: world.group_of(each.id) in groups


def _groups(world: World, text: str) -> frozenset[int]:
    if text.isascii() and text.isdecimal() and len(text) < 19:
        return frozenset({int(text)})
    return frozenset(each.number for each in world.named(Kind.HOST_GROUP, text))


def _meant(world: World, kind: Kind, text: str) -> list[int]:
    found = [each.number for each in world.named(kind, text)]
    return found or ([int(text)] if text.isascii() and text.isdecimal() and len(text) < 19 else [])


def _meant_server(world: World, text: str) -> bool:
    meant = _meant(world, Kind.MONITORING_SERVER, text)
    return not world.all(Kind.MONITORING_SERVER).keys().isdisjoint(meant)


def _pairs(given: Parameters) -> set[tuple[str, str]] | None:
    found: set[tuple[str, str]] = set()
    for name in _PAIRS:
        for value in _values(given, name):
            host, between, service = value.partition("::")
            if not (between and host and service):
                raise bad_parameter(name, "expected HOST::SERVICE")
            found.add((host.casefold(), service.casefold()))
    return found or None
