"""One event as /rest/event lists it. Every value is a text; what does not apply is left out."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tocsin.model.event import MICROSECONDS_PER_SECOND, Event
from tocsin.model.signal import Kind

_STATE_CHANGE: Final = "0"
_ACKNOWLEDGEMENT: Final = "1"
_DOWNTIME_START: Final = "2"
_DOWNTIME_END: Final = "3"

EVENT_TYPES: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.PROBLEM: _STATE_CHANGE,
        Kind.INFO: _STATE_CHANGE,
        Kind.RECOVERY: _STATE_CHANGE,
        Kind.CHECK_RESULT: _STATE_CHANGE,
        Kind.ERROR: _STATE_CHANGE,
        Kind.ACKNOWLEDGEMENT: _ACKNOWLEDGEMENT,
        Kind.DOWNTIME_START: _DOWNTIME_START,
        Kind.DOWNTIME_END: _DOWNTIME_END,
    }
)
"""The number of each kind that is listed here; the others are not."""

OUTPUTS: Final = ("output", "description", "title")
"""What is shown as the output: the first of these that says anything."""


def event_item(event: Event) -> dict[str, str]:
    """Show an event.

    Args:
        event: of a kind that `EVENT_TYPES` lists.
    """
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
