"""One item of what happened before -> one signal of the past."""

from typing import Final, Literal

from msgspec.structs import replace

from tocsin.dialects.errors import BadPayload
from tocsin.dialects.native.item import POSTED, Item, Moment, as_microseconds, as_signal, check_state
from tocsin.model.signal import Kind, Signal

PAST: Final = POSTED | {Kind.DOWNTIME_START, Kind.DOWNTIME_END}
"""The kinds that can have happened before."""


class PastItem(Item, kw_only=True):
    """The native shape of an event, with what else is known of it: that of its host or service at that time.

    Attributes:
        state: that of the host or service; never left out.
        state_type: hard or soft.
        window_start: start of a downtime.
        window_end: its end.
    """

    state_type: Literal["hard", "soft"] = "hard"
    window_start: Moment = None
    window_end: Moment = None


def past_signal(item: PastItem, index: int) -> Signal:
    """Make a signal of an item.

    Args:
        item: as it was posted.
        index: its place in the request, from 0.

    Raises:
        BadPayload: a kind that is none of `PAST`, no host, a state that it cannot have, no time or none that
            could be, or a link that is too long.
    """
    if item.kind not in PAST:
        raise BadPayload(f"kind: {item.kind} cannot be posted, only {', '.join(sorted(PAST))}")
    check_state(item)
    signal = as_signal(item, index)
    if not signal.occurred_at:
        raise BadPayload("occurred_at: what happened before has a time")
    return replace(
        signal,
        state_type=item.state_type,
        window_start=as_microseconds("window_start", item.window_start),
        window_end=as_microseconds("window_end", item.window_end),
    )
