"""One event as /rest/event lists it. Every value is a text; what does not apply is left out."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from tocsin.model.event import MICROSECONDS_PER_SECOND, Event
from tocsin.model.signal import Kind as SignalKind
from tocsin.model.world.documents import Kind
from tocsin.model.world.world import World

_STATE_CHANGE: Final = "0"
_ACKNOWLEDGEMENT: Final = "1"
_DOWNTIME_START: Final = "2"
_DOWNTIME_END: Final = "3"

EVENT_TYPES: Final[Mapping[SignalKind, str]] = MappingProxyType(
    {
        SignalKind.PROBLEM: _STATE_CHANGE,
        SignalKind.INFO: _STATE_CHANGE,
        SignalKind.RECOVERY: _STATE_CHANGE,
        SignalKind.CHECK_RESULT: _STATE_CHANGE,
        SignalKind.ERROR: _STATE_CHANGE,
        SignalKind.ACKNOWLEDGEMENT: _ACKNOWLEDGEMENT,
        SignalKind.DOWNTIME_START: _DOWNTIME_START,
        SignalKind.DOWNTIME_END: _DOWNTIME_END,
    }
)
"""The number of each kind that is listed here; the others are not."""

_HOLDING: Final = {
    "htid": Kind.HOST_TEMPLATE,
    "bcid": Kind.BUSINESS_COMPONENT,
    "bsid": Kind.BUSINESS_SERVICE,
}
_CONFIGURED: Final = frozenset({"host_group", "host_group_id", "alias", "ip"})

OUTPUTS: Final = ("output", "description", "title")
"""What is shown as the output: the first of these that says anything."""


def event_item(event: Event, columns: Collection[str], world: World) -> dict[str, str]:
    """Show an event.

    Args:
        event: of a kind that `EVENT_TYPES` lists.
        columns: what is asked for beside what is shown always; unknown names do not count.
        world: what is configured in the domain, as far as whoever asks knows of it.
    """
    item = _item(event)
    for name, kind in _HOLDING.items():
        if name in columns and (numbers := world.holding(event.object_id, kind)):
            item[name] = ",".join(map(str, numbers))
    if not _CONFIGURED.isdisjoint(columns):
        item |= {name: text for name, text in _of_host(event.object_id, world).items() if name in columns}
    return item


def _of_host(number: int, world: World) -> dict[str, str]:
    """Say what is configured of the host of a host or service."""
    group, host = world.group_of(number), world.host_of(number)
    found = {"host_group": world.path(group), "host_group_id": str(group)}
    if host not in world.all(Kind.HOST):
        return found
    return found | {"alias": world.host(host).alias, "ip": world.host(host).address}


def _item(event: Event) -> dict[str, str]:
    event_type = EVENT_TYPES[event.kind]
    item = {
        "eventid": str(event.seq),
        "eventtype": event_type,
        "objectid": str(event.object_id),
        "time": _seconds(event.time),
        "hostname": event.host,
        "state": event.state,
        "state_type": event.state_type,
    }
    if event.service:
        item["servicename"] = event.service
    if event_type == _ACKNOWLEDGEMENT:
        return item | {"ack_author": event.author, "ack_comment": event.comment}
    item["output"] = event.output or event.description or event.title
    item["markdown"] = str(int(event.markdown))
    if event_type != _STATE_CHANGE:
        item |= {"downtime_author": event.author, "downtime_comment": event.comment}
        if event.window_start:
            item["downtime_start"] = _seconds(event.window_start)
        if event.window_end:
            item["downtime_end"] = _seconds(event.window_end)
    return item


def _seconds(microseconds: int) -> str:
    return str(microseconds // MICROSECONDS_PER_SECOND)
