"""The message that is sent: six keys, always all of them."""

import math
import time
from datetime import UTC, datetime, timedelta
from typing import TypedDict

MESSAGE_TYPES = ("CRITICAL", "WARNING", "INFO", "ACKNOWLEDGEMENT", "RECOVERY")
"""What a message can say. All of these are sent in upper case."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Message(TypedDict):
    """The JSON object that Flux's `contrib/bonitoo-io/victorops` sends, key for key."""

    message_type: str
    entity_id: str
    entity_display_name: str
    state_message: str
    state_start_time: int
    monitoring_tool: str


def build_message(
    message_type: str,
    *,
    entity_id: str,
    entity_display_name: str,
    state_message: str,
    timestamp: datetime | float | None,
    monitoring_tool: str,
) -> Message:
    """Make the message of one alert.

    Args:
        message_type: one of `MESSAGE_TYPES`, in any letter case.
        entity_id: what the alert is about; messages with the same one belong to one incident.
        entity_display_name: the incident's title.
        state_message: the long text.
        timestamp: when this state began: a datetime (UTC if it has no zone) or seconds since 1970; now if
            None. Parts of a second are cut off.
        monitoring_tool: the name of the sender.

    Raises:
        ValueError: an argument has a wrong type or value.
    """
    return {
        "message_type": _known_type(message_type),
        "entity_id": check_text("entity_id", entity_id),
        "entity_display_name": check_text("entity_display_name", entity_display_name),
        "state_message": check_text("state_message", state_message),
        "state_start_time": _epoch_seconds(timestamp),
        "monitoring_tool": check_text("monitoring_tool", monitoring_tool),
    }


def _known_type(message_type: object) -> str:
    if isinstance(message_type, str) and message_type.upper() in MESSAGE_TYPES:
        return message_type.upper()
    raise ValueError(f"message_type must be one of {', '.join(MESSAGE_TYPES)}, not {message_type!r}")


def check_text(name: str, value: object) -> str:
    """Return a text as it can be sent.

    Raises:
        ValueError: not a string.
    """
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a string, not {type(value).__name__}")
    # A lone surrogate (from a file name, say) has no UTF-8 form. As in Go, a replacement character takes its
    # place: an alarm must not be lost to one bad byte.
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _epoch_seconds(timestamp: object) -> int:
    if timestamp is None:
        return int(time.time())
    if isinstance(timestamp, datetime):
        aware = timestamp if timestamp.utcoffset() is not None else timestamp.replace(tzinfo=UTC)
        seconds: float = (aware - _EPOCH) // timedelta(seconds=1)
    elif isinstance(timestamp, int | float) and not isinstance(timestamp, bool):
        seconds = timestamp
    else:
        raise ValueError(
            f"timestamp must be a datetime or seconds since 1970, not {type(timestamp).__name__}"
        )
    if not 0 <= seconds < math.inf:
        raise ValueError("timestamp must be a finite time, not before 1970")
    return int(seconds)
