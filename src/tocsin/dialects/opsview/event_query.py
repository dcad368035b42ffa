"""The filters of /rest/event -> one tree."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tocsin.dialects.opsview.event_item import EVENT_TYPES, OUTPUTS
from tocsin.dialects.opsview.parameters import Parameters
from tocsin.dialects.opsview.times import read_time
from tocsin.model.world.documents import Kind
from tocsin.model.world.world import World
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.membership import belonging
from tocsin.query.pattern import Pattern
from tocsin.query.tree import Comparison, Expression, Not, Operator, conjunction, disjunction, one_of

_HOST_STATES: Final = ("up", "down", "unreachable")
_SERVICE_STATES: Final = ("ok", "warning", "critical", "unknown")
_NUMBER: Final = re.compile("[0-9]{1,18}")
_STATE_TYPES: Final = ("soft", "hard")
"""Each in the order of their numbers, which clients write too."""
_TO_THE_END: Final = 999_999
"""Clients see whole seconds: up to the end of a second all its microseconds count."""

_FIELDS: Final = EVENT_FIELDS.by_name
_OBJECT: Final = _FIELDS["object_id"]
_IS_OF_A_HOST: Final = Comparison(_FIELDS["service"], Operator.EQUAL, "")


def asked_for(given: Parameters, world: World) -> Expression:
    """Give the tree of the events that a request asks for.

    Different parameters are joined by AND, the values of one by OR, but for `search`. A value that no event
    can have matches none. Empty values count as not given.

    Args:
        given: the parameters; unknown ones are not looked at.
        world: what is configured in the domain.

    Raises:
        OpsviewError: a time is none, or `serviceonly` no truth value.
    """
    terms = [_types(given), _states(given), *_memberships(given, world)]
    if names := _values(given, "state_type"):
        terms.append(one_of(_FIELDS["state_type"], _named(names, _STATE_TYPES)))
    if start := given.last("startTime"):
        terms.append(_occurred(Operator.GREATER_EQUAL, read_time("startTime", start)))
    if end := given.last("endTime"):
        terms.append(_occurred(Operator.LESS_EQUAL, read_time("endTime", end) + _TO_THE_END))
    terms += (_is_called(name, names) for name in ("host", "service") if (names := _values(given, name)))
    if given.flag("serviceonly") or _values(given, "service"):
        terms.append(Not(_IS_OF_A_HOST))
    terms += map(_shows, _values(given, "search"))
    return conjunction(terms)


def _memberships(given: Parameters, world: World) -> Iterator[Expression]:
    """Ask for what belongs to groups, keywords and the like, as sets of numbers of hosts and services."""
    for name in ("host_group", "hostgroupid"):
        if texts := _values(given, name):
            groups: frozenset[int] = frozenset().union(*map(world.under, texts))
            yield belonging(Kind.HOST_GROUP, groups, world, _OBJECT)
    if names := _values(given, "keyword"):
        keywords = [each.number for name in names for each in world.named(Kind.KEYWORD, name)]
        yield belonging(Kind.KEYWORD, keywords, world, _OBJECT)
    if texts := _values(given, "htid"):
        yield belonging(Kind.HOST_TEMPLATE, _numbers(texts), world, _OBJECT)
    for name, members in {"bsid": world.of_business, "bcid": world.of_component}.items():
        if texts := _values(given, name):
            yield one_of(_OBJECT, sorted(frozenset().union(*map(members, _numbers(texts)))))


def _numbers(texts: Sequence[str]) -> list[int]:
    return [int(each) for each in texts if _NUMBER.fullmatch(each)]


def _values(given: Parameters, name: str) -> Sequence[str]:
    return [value for value in given.all(name) if value]


def _types(given: Parameters) -> Expression:
    """Ask for types of events: for changes of state alone where none is named."""
    numbers = _values(given, "eventtype") or ["0"]
    return one_of(_FIELDS["kind"], (kind for kind, number in EVENT_TYPES.items() if number in numbers))


def _states(given: Parameters) -> Expression:
    """Ask for states: hosts and services have different ones, so that those of both are one set."""
    of_hosts, of_services = _values(given, "host_state"), _values(given, "service_state")
    if not of_hosts and not of_services:
        return conjunction(())
    states = [*_named(of_hosts, _HOST_STATES), *_named(of_services, _SERVICE_STATES)]
    return one_of(_FIELDS["state"], states)


def _named(values: Sequence[str], known: Sequence[str]) -> list[str]:
    """Give those words that are named, in any letter case, or by their numbers."""
    wanted = {value.lower() for value in values}
    return [word for number, word in enumerate(known) if not wanted.isdisjoint({word, str(number)})]


def _occurred(order: Operator, moment: int) -> Expression:
    return Comparison(_FIELDS["occurred"], order, moment)


def _is_called(name: str, values: Sequence[str]) -> Expression:
    """Ask for one of some names in any letter case, in which % stands for whatever there is."""
    patterns = (Pattern(tuple(value.split("%"))) for value in values)
    return disjunction(Comparison(_FIELDS[name], Operator.MATCHES, pattern) for pattern in patterns)


def _shows(term: str) -> Expression:
    """Ask for a text in the name of the host or the service, or in the output as it is shown."""

    def holds(name: str) -> Expression:
        return Comparison(_FIELDS[name], Operator.MATCHES, Pattern(("", term, "")))

    found = [holds("host"), holds("service")]
    silent: list[Expression] = []
    for name in OUTPUTS:
        found.append(conjunction([*silent, holds(name)]))
        silent.append(Comparison(_FIELDS[name], Operator.EQUAL, ""))
    return disjunction(found)
