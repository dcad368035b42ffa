"""The ids that the outside sees. Those of events and alerts derive from `seq`; the others are random."""

import re
import secrets
from typing import Final

_DERIVED: Final = re.compile(r"(event|alert|note)-([0-9a-f]{12})")
_DELIVERY: Final = re.compile(r"delivery-([0-9a-f]{12})-([0-9a-f]{12})")


def event_id(seq: int) -> str:
    """Give the id of the event with that number: 'event-' and 12 hex digits."""
    return f"event-{seq:012x}"


def alert_id(seq: int) -> str:
    """Give the id of the alert that the event with that number opened; '' for 0, which is no alert."""
    return f"alert-{seq:012x}" if seq else ""


def note_id(seq: int) -> str:
    """Give the id of the note that the event with that number is: 'note-' and 12 hex digits."""
    return f"note-{seq:012x}"


def seq_of(identifier: str, prefix: str) -> int | None:
    """Read the number back from an id that derives from it, and begins so; None where it is no such id."""
    found = _DERIVED.fullmatch(identifier)
    if found is None or found[1] != prefix:
        return None
    return int(found[2], 16)


def delivery_id(seq: int, target_id: str) -> str:
    """Give the id of an event's delivery to a target: 'delivery-', and the digits of both."""
    return f"delivery-{seq:012x}-{target_id.removeprefix('target-')}"


def delivery_of(identifier: str) -> tuple[int, str] | None:
    """Read the event's number and the target's id back from a delivery's id; None where it is no such id."""
    found = _DELIVERY.fullmatch(identifier)
    return None if found is None else (int(found[1], 16), f"target-{found[2]}")


def random_id(prefix: str) -> str:
    """Make an id that nobody has: the prefix, a hyphen and 12 random hex digits."""
    return f"{prefix}-{secrets.token_hex(6)}"
