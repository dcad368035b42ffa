"""A ticket of OpsCruise: YAML in the `text` of a message to a chat -> a signal."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Final

import yaml

from tocsin.dialects.complete import filled
from tocsin.dialects.document import Document
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.parsed import Parsed, one
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal

FORMAT: Final = "opscruise"

_SEVERITIES: Final = {"High": Severity.CRITICAL, "Medium": Severity.WARNING, "Low": Severity.INFO}
_OVER: Final = frozenset(("Resolved", "Closed"))
_MARK: Final = "Ticket ID"
_TEXT_LIMIT: Final = 16 * 1024
"""Characters: reading YAML is slow, and a ticket is short."""
_DEPTH_LIMIT: Final = 16
"""Brackets within brackets: the time to read them grows with their square."""


def recognises(document: object) -> bool:
    """Say whether a document has a `text` with a `Ticket ID:`."""
    text = document.get("text") if isinstance(document, dict) else None
    return isinstance(text, str) and f"{_MARK}:" in text


def parse(document: object, _: Mapping[str, str], __: Mapping[str, object]) -> Parsed:
    """Give the signal.

    Raises:
        BadPayload: the text is no YAML of a ticket, or has no `Ticket ID`.
    """
    ticket = _ticket(Document(document).need("text"))
    name = ticket.text("Target Name")
    info = {
        "ticket_escalation": ticket.text("Ticket Escalation"),
        "instance_ip": ticket.text("Target Node"),
        "pod_name": ticket.text("Target Pod"),
    }
    signal = Signal(
        kind=Kind.RECOVERY if ticket.text("Header Message Type") in _OVER else Kind.PROBLEM,
        key=ticket.need(_MARK),
        severity=_SEVERITIES.get(ticket.text("Ticket Priority"), Severity.NONE),
        title=ticket.text("Summary"),
        description=ticket.text("Description"),
        host=name,
        resource_type=ticket.text("Target Type"),
        resource_name=name,
        labels=filled(info),
        source_tool="OpsCruise",
        occurred_at=ticket.time("Ticket Updated"),
    )
    return one(FORMAT, signal)


def _depth(text: str) -> int:
    """Give how many brackets are open at most, wherever they stand."""
    steps = ((character in "[{") - (character in "]}") for character in text)
    return max(accumulate(steps), default=0)


def _ticket(text: str) -> Document:
    """Read the YAML of a ticket: an object of texts. References are refused, since they can multiply."""
    if len(text) > _TEXT_LIMIT:
        raise BadPayload(f"text is longer than {_TEXT_LIMIT} characters")
    if _depth(text) > _DEPTH_LIMIT:
        raise BadPayload(f"text is nested more than {_DEPTH_LIMIT} deep")
    try:
        tokens = yaml.scan(text, Loader=yaml.SafeLoader)
        if any(isinstance(token, yaml.AliasToken) for token in tokens):
            raise BadPayload("text: references (*) are not taken")
        values = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes texts, lists and objects only
    except (yaml.YAMLError, RecursionError, ValueError):
        raise BadPayload("text is no YAML") from None
    if not isinstance(values, dict):
        raise BadPayload("text must be a YAML object")
    texts = {
        name: value for name, value in values.items() if isinstance(name, str) and isinstance(value, str)
    }
    # YAML's escapes can say what no store takes.
    return Document(
        {
            name: value.replace("\x00", "").encode("utf-8", "replace").decode()
            for name, value in texts.items()
        },
        "text",
    )
