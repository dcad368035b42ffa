"""Who acknowledged something in Icinga, and in which words: a comment says it, not the host or service."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tocsin.dialects.document import Document
from tocsin.dialects.values import text_of
from tocsin.model.event import MICROSECONDS_PER_SECOND

_AT: Final = "entry_time"
ATTRIBUTES: Final = ("host_name", "service_name", "author", "text", _AT)
"""What is asked of a comment."""
CHOSEN: Final = "comment.entry_type == 4"
"""Chooses the comments that come with acknowledgements, after Icinga's object type Comment."""
_TOGETHER: Final = 60 * MICROSECONDS_PER_SECOND
"""The time between an acknowledgement and its comment, where nodes of a cluster have their own clocks.

One that is persistent stays when its acknowledgement has ended, and may be found beside that of the next.
"""


def signed(
    events: Sequence[Mapping[str, Any]], comments: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Give acknowledgements with the author and the text of the comments that came with them.

    Args:
        events: of the type AcknowledgementSet. One that has no comment stays as it is.
        comments: as /v1/objects tells their attributes.
    """
    newest: dict[tuple[str, str], Document] = {}
    for each in comments:
        comment = Document(each)
        name = comment.text("host_name"), comment.text("service_name")
        if name not in newest or comment.time(_AT) > newest[name].time(_AT):
            newest[name] = comment
    return [dict(each) | _words(each, newest) for each in events]


def _words(event: Mapping[str, Any], newest: Mapping[tuple[str, str], Document]) -> dict[str, str]:
    comment = newest.get((text_of(event["host"]), text_of(event["service"])))
    if comment is None or abs(comment.time(_AT) - Document(event).time("timestamp")) > _TOGETHER:
        return {}
    return {"author": comment.text("author"), "comment": comment.text("text")}
