"""Hosts and services as /rest/status lists them, with counters. Every value is a text."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tocsin.dialects.opsview.errors import bad_parameter
from tocsin.dialects.opsview.event_page import ALL, read_number
from tocsin.dialects.opsview.parameters import Parameters
from tocsin.hub.hub import clock
from tocsin.model.checking import HOST_STATES, SERVICE_STATES
from tocsin.model.event import MICROSECONDS_PER_SECOND
from tocsin.model.monitored import HARD, UP, MonitoredObject, hosts_of, is_unhandled
from tocsin.model.world.world import World

HANDLED: Final = "handled"
UNHANDLED: Final = "unhandled"
_STATE_TYPES: Final = ("soft", "hard")


def chosen_by_state(
    chosen: Sequence[MonitoredObject], objects: Sequence[MonitoredObject], given: Parameters
) -> list[MonitoredObject]:
    """Give what stands in the states that a request names: state, state_type, host_state and filter.

    Args:
        chosen: what the selectors gave.
        objects: all that the caller sees.
        given: the parameters.

    Raises:
        OpsviewError: `filter` is neither handled nor unhandled.
    """
    hosts = hosts_of(objects)
    wanted = given.last("filter")
    if wanted not in {"", HANDLED, UNHANDLED}:
        raise bad_parameter("filter", f"expected {HANDLED} or {UNHANDLED}")
    states = {
        True: _words(given.all("state"), SERVICE_STATES),
        False: _words(given.all("state"), HOST_STATES),
    }
    types, host_states = (
        _words(given.all("state_type"), _STATE_TYPES),
        _words(given.all("host_state"), HOST_STATES),
    )
    found = []
    for each in chosen:
        host = hosts.get(each.host) or _unseen(each)
        is_chosen = (
            (not given.all("state") or each.state in states[bool(each.service)])
            and (not given.all("state_type") or each.state_type in types)
            and (not given.all("host_state") or host.state in host_states)
            and (not wanted or is_unhandled(each, hosts.get(each.host)) == (wanted == UNHANDLED))
        )
        if is_chosen:
            found.append(each)
    return found


def listed(
    chosen: Sequence[MonitoredObject], objects: Sequence[MonitoredObject], world: World, given: Parameters
) -> dict[str, Any]:
    """Show services under their hosts, and hosts that were chosen themselves.

    Of a host that the caller does not see, its services show the name, and nothing else.

    Args:
        chosen: what is shown and counted.
        objects: all that the caller sees.
        world: what is configured of them.
        given: the parameters: rows and page, of hosts.

    Raises:
        OpsviewError: one of them is no number.
    """
    hosts = hosts_of(objects)
    by_host: dict[str, list[MonitoredObject]] = {}
    for each in chosen:
        services = by_host.setdefault(each.host, [])
        if each.service:
            services.append(each)
    names = list(by_host)
    shown, paging = _page(names, given)
    summary = _summary(
        [hosts[name] for name in names if name in hosts], [each for each in chosen if each.service], hosts
    )
    if paging is None:
        return {"summary": summary}
    items = [
        _host(hosts.get(name) or _unseen(by_host[name][0]), by_host[name], hosts, world) for name in shown
    ]
    return {"list": items, "summary": summary | paging}


def _unseen(service: MonitoredObject) -> MonitoredObject:
    """Give the host of a service as one of which nothing is known but its name."""
    return MonitoredObject(service.domain_id, 0, service.host, "", UP, HARD, clock(), 0, True)


def _page(names: list[str], given: Parameters) -> tuple[list[str], dict[str, str] | None]:
    if given.last("rows").strip().lower() in {"", ALL}:
        return names, {}
    rows = read_number(given, "rows")
    if not rows:
        return [], None
    pages = max(1, -(-len(names) // rows))
    page = min(max(1, read_number(given, "page") or 1), pages)
    paging = {
        "rows": str(min(rows, len(names) - (page - 1) * rows)),
        "allrows": str(len(names)),
        "totalrows": str(len(names)),
        "page": str(page),
        "totalpages": str(pages),
    }
    return names[(page - 1) * rows : page * rows], paging


def _summary(
    of_hosts: Sequence[MonitoredObject],
    services: Sequence[MonitoredObject],
    hosts: Mapping[str, MonitoredObject],
) -> dict[str, Any]:
    host_counts = counted(of_hosts, HOST_STATES, hosts)
    service_counts = counted(services, SERVICE_STATES, hosts)
    both = {
        name: str(int(host_counts[name]) + int(service_counts[name]))
        for name in (HANDLED, UNHANDLED, "total")
    }
    return both | {"host": host_counts, "service": service_counts}


def counted(
    chosen: Sequence[MonitoredObject], states: Sequence[str], hosts: Mapping[str, MonitoredObject]
) -> dict[str, str]:
    """Count hosts or services by their state, and by whether somebody must look.

    Args:
        chosen: which.
        states: that they can have.
        hosts: by name.
    """
    by_state = Counter(each.state for each in chosen)
    unhandled = sum(is_unhandled(each, hosts.get(each.host)) for each in chosen)
    return {
        **{state: str(by_state[state]) for state in states},
        HANDLED: str(len(chosen) - unhandled),
        UNHANDLED: str(unhandled),
        "total": str(len(chosen)),
    }


def _host(
    host: MonitoredObject,
    services: Sequence[MonitoredObject],
    hosts: Mapping[str, MonitoredObject],
    world: World,
) -> dict[str, Any]:
    configured = world.host(host.id)
    summary = counted(services, SERVICE_STATES, hosts)
    return {
        "name": host.host,
        "id": str(host.id),
        "alias": configured.alias,
        "icon": "",
        "ip": configured.address,
        **_standing(host, hosts),
        "num_services": str(len(services)),
        "num_interfaces": "0",
        "summary": summary | {"computed_state": computed_state([host], summary)},
        "services": [
            {
                "name": each.service,
                "service_object_id": str(each.id),
                "markdown": str(int(each.markdown)),
                "perfdata_available": "0",
                **_standing(each, hosts),
            }
            for each in services
        ],
    }


def _standing(present: MonitoredObject, hosts: Mapping[str, MonitoredObject]) -> dict[str, str]:
    item = {
        "state": present.state,
        "state_type": present.state_type,
        "output": present.output,
        "unhandled": str(int(is_unhandled(present, hosts.get(present.host)))),
        "current_check_attempt": str(present.attempt or 1),
        "max_check_attempts": str(present.max_attempts or 1),
        "last_check": str((present.checked_at or present.seen_at) // MICROSECONDS_PER_SECOND),
        "state_duration": str(max(0, clock() - present.state_since) // MICROSECONDS_PER_SECOND),
        "downtime": "2" if present.downtime_id else "0",
        "comments": str(int(bool(present.acknowledged_at))),
    }
    # Clients look whether these are there, not what they say.
    if present.acknowledged_at:
        item |= {
            "acknowledged": "1",
            "acknowledged_author": present.acknowledged_by,
            "acknowledged_comment": present.acknowledged_comment,
        }
    if present.flapping:
        item["flapping"] = "1"
    return item


def computed_state(hosts: Sequence[MonitoredObject], services: Mapping[str, str]) -> str:
    """Give the worst of some hosts and their services; a host that is not up is critical.

    Args:
        hosts: which.
        services: how many services are in each state.
    """
    if any(host.state != UP and host.state_type == HARD for host in hosts):
        return "critical"
    worst = ("critical", "warning", "unknown")
    return next((state for state in worst if services[state] != "0"), "ok")


def _words(values: Sequence[str], known: Sequence[str]) -> set[str]:
    """Give those words that are named, in any letter case, or by their numbers."""
    wanted = {value.lower() for value in values}
    return {word for number, word in enumerate(known) if not wanted.isdisjoint({word, str(number)})}
