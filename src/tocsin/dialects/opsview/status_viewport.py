"""/rest/status/viewport: the keywords, each with what stands under it."""

from collections.abc import Sequence
from typing import Any

from tocsin.dialects.opsview.status_groups import by_state
from tocsin.dialects.opsview.status_list import computed_state, counted
from tocsin.model.checking import HOST_STATES, SERVICE_STATES
from tocsin.model.monitored import MonitoredObject, hosts_of
from tocsin.model.world.documents import Keyword, Kind
from tocsin.model.world.world import World


def viewports_listed(
    chosen: Sequence[MonitoredObject], objects: Sequence[MonitoredObject], world: World
) -> dict[str, Any]:
    """Show the keywords under which something stands that was chosen, by name.

    Args:
        chosen: what is counted.
        objects: all that the caller sees.
        world: what is configured.
    """
    hosts = hosts_of(objects)
    items = []
    for number, thing in sorted(world.all(Kind.KEYWORD).items(), key=lambda each: each[1].name.casefold()):
        ids = world.members(Kind.KEYWORD, [number])
        held = [each for each in chosen if each.id in ids]
        if not held or not isinstance(thing.document, Keyword):
            continue
        services = [each for each in held if each.service]
        # A service stands for its host: that is what is to be looked at where it is down.
        names = {each.host for each in held}
        of_hosts = [hosts[name] for name in sorted(names) if name in hosts]
        items.append(
            {
                "keyword": thing.name,
                "keywordid": str(number),
                "description": thing.document.description,
                "exclude_handled": "0",
                "downtime": "2" if all(each.downtime_id for each in held) else "0",
                "computed_state": computed_state(of_hosts, counted(services, SERVICE_STATES, hosts)),
                "hosts": by_state(of_hosts, HOST_STATES, hosts),
                "services": by_state(services, SERVICE_STATES, hosts),
            }
        )
    return {"list": items, "summary": {"rows": str(len(items)), "totalrows": str(len(items))}}
