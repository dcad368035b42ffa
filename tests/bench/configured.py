"""The monitored world that Opsview's questions are asked of: 2,000 hosts in a tree of 300 host groups."""

from itertools import count
from typing import Final

from tocsin.model.world.documents import (
    ROOT,
    Host,
    HostGroup,
    HostTemplate,
    Keyword,
    Kind,
    ServiceCheck,
    ServiceGroup,
)
from tocsin.model.world.draft import Draft

HOSTS: Final = 2_000
SERVICES: Final = 5
"""On each host."""
CHECKS: Final = 40
"""Different names of services, and as many templates."""
SITES: Final = 6
ROOMS: Final = 7
"""At each site."""
RACKS: Final = 6
"""In each room: the hosts are in them."""
NAMED: Final = " OR ".join(f"host:{start}*" for start in ("host-00", "host-01"))
GROUPED: Final = " OR ".join(f'hostgroup:"Room {number:02}"' for number in range(4))
"""Scopes in which a tenth of the hosts is, by their names and by their groups."""


def configure(draft: Draft) -> None:
    """Put all of it in."""
    racks = _racks(draft)
    base = draft.put(Kind.SERVICE_GROUP, 0, "Base", ServiceGroup()).number
    keyword = draft.put(Kind.KEYWORD, 0, "shop", Keyword(all_hosts=True)).number
    checks = [
        draft.put(
            Kind.SERVICE_CHECK,
            0,
            check_name(number),
            ServiceCheck(group=base, keywords=(keyword,) if number % 10 == 0 else (), is_passive=True),
        ).number
        for number in range(CHECKS)
    ]
    templates = [
        draft.put(
            Kind.HOST_TEMPLATE,
            0,
            f"Template {first:02}",
            HostTemplate(checks=tuple(checks[(first + each) % CHECKS] for each in range(SERVICES))),
        ).number
        for first in range(CHECKS)
    ]
    for number in range(HOSTS):
        host = Host(group=racks[number * len(racks) // HOSTS], templates=(templates[number % CHECKS],))
        draft.put(Kind.HOST, 0, host_name(number), host)


def host_name(number: int) -> str:
    """Give the name of a host."""
    return f"host-{number:04}"


def check_name(number: int) -> str:
    """Give the name of a service, of which many hosts have one."""
    return f"Check {number % CHECKS:02}"


def service_of(host: int, number: int) -> str:
    """Give the name of one of the services of a host.

    Args:
        host: its number.
        number: of the service.
    """
    return check_name(host + number % SERVICES)


def _racks(draft: Draft) -> list[int]:
    """Put the tree in; give the groups at its ends, from one side to the other."""
    rooms, racks = count(), count()
    found = []
    for site in range(SITES):
        top = draft.put(Kind.HOST_GROUP, 0, f"Site {site}", HostGroup(ROOT)).number
        for _ in range(ROOMS):
            room = draft.put(Kind.HOST_GROUP, 0, f"Room {next(rooms):02}", HostGroup(top)).number
            found += [
                draft.put(Kind.HOST_GROUP, 0, f"Rack {next(racks):03}", HostGroup(room)).number
                for _ in range(RACKS)
            ]
    return found
