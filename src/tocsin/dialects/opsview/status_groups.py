"""/rest/status/hostgroup: the groups of hosts, each with what stands in it and below it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from tocsin.dialects.opsview.event_page import read_number
from tocsin.dialects.opsview.parameters import Parameters
from tocsin.dialects.opsview.status_list import HANDLED, UNHANDLED, computed_state, counted
from tocsin.model.checking import HOST_STATES, SERVICE_STATES
from tocsin.model.monitored import MonitoredObject, hosts_of, is_unhandled
from tocsin.model.world.documents import Kind
from tocsin.model.world.world import World


def groups_listed(
    chosen: Sequence[MonitoredObject], objects: Sequence[MonitoredObject], world: World, given: Parameters
) -> dict[str, Any]:
    """Show the host groups in which something stands that was chosen, the root first.

    Args:
        chosen: what is counted.
        objects: all that the caller sees.
        world: what is configured.
        given: the parameters: parentid, only_leaves.

    Raises:
        OpsviewError: parentid is no number, or only_leaves no truth value.
    """
    hosts = hosts_of(objects)
    within: dict[int, list[MonitoredObject]] = defaultdict(list)
    for each in chosen:
        for group in world.above(world.group_of(each.id)):
            within[group].append(each)
    parents = {parent for group in world.all(Kind.HOST_GROUP) for parent in world.above(group)[1:]}
    parent, only_leaves = read_number(given, "parentid"), given.flag("only_leaves")
    shown = [
        group
        for group in sorted(within, key=world.path)
        if (parent is None or parent in world.above(group)[1:2]) and not (only_leaves and group in parents)
    ]
    items = [_item(group, within[group], world, hosts, is_leaf=group not in parents) for group in shown]
    return {"list": items, "summary": {"rows": str(len(items)), "totalrows": str(len(items))}}


def _item(
    group: int,
    held: Sequence[MonitoredObject],
    world: World,
    hosts: Mapping[str, MonitoredObject],
    *,
    is_leaf: bool,
) -> dict[str, Any]:
    groups = world.all(Kind.HOST_GROUP)
    of_hosts = [each for each in held if not each.service]
    services = [each for each in held if each.service]
    return {
        "hostgroupid": str(group),
        "name": groups[group].name,
        "leaf": str(int(is_leaf)),
        "matpath": [{"id": str(each), "name": groups[each].name} for each in reversed(world.above(group))],
        "downtime": "2" if held and all(each.downtime_id for each in held) else "0",
        "computed_state": computed_state(of_hosts, counted(services, SERVICE_STATES, hosts)),
        "hosts": by_state(of_hosts, HOST_STATES, hosts),
        "services": by_state(services, SERVICE_STATES, hosts),
    }


def by_state(
    held: Sequence[MonitoredObject], states: Sequence[str], hosts: Mapping[str, MonitoredObject]
) -> dict[str, Any]:
    """Count hosts or services by state, and in each those that somebody must look at.

    Args:
        held: which.
        states: that they can have.
        hosts: by name.
    """
    found: dict[str, Any] = {
        name: number for name, number in counted(held, states, hosts).items() if name not in states
    }
    for state in states:
        unhandled = [is_unhandled(each, hosts.get(each.host)) for each in held if each.state == state]
        counts = {HANDLED: unhandled.count(False), UNHANDLED: unhandled.count(True)}
        shown = {name: str(number) for name, number in counts.items() if number}
        if shown:
            found[state] = shown
    return found
