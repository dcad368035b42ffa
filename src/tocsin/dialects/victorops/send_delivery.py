"""Targets of kind `victorops`: an event as the message that VictorOps knows for it."""

from collections.abc import Mapping
from typing import Final

import msgspec

from tocsin.dialects.outgoing import encode
from tocsin.dialects.sending import Post
from tocsin.dialects.victorops.send_message import Message, build_message
from tocsin.dialects.victorops.send_result import read_answer
from tocsin.model.alert import Alert
from tocsin.model.delivery import Delivery, Sent, SentOutcome
from tocsin.model.event import MICROSECONDS_PER_SECOND, Event
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind
from tocsin.model.target import Target

KIND: Final = "victorops"
_BY_SEVERITY: Final = {
    Severity.CRITICAL: "CRITICAL",
    Severity.ERROR: "CRITICAL",
    Severity.WARNING: "WARNING",
}
_BY_KIND: Final = {
    Kind.ERROR: "CRITICAL",
    Kind.RECOVERY: "RECOVERY",
    Kind.ACKNOWLEDGEMENT: "ACKNOWLEDGEMENT",
    Kind.INFO: "INFO",
    Kind.NOTE: "INFO",
}
UNSUITED: Final = "VictorOps has no word for it"


class VictorOpsSender:
    """Sends to VictorOps's REST endpoint, or to whatever speaks like it.

    Args:
        post: carries the messages.
    """

    def __init__(self, post: Post) -> None:
        self._post = post

    async def send(self, target: Target, delivery: Delivery, event: Event, alert: Alert | None) -> Sent:
        """Make one attempt. A 2xx that says `{"result": "failure"}` is a refusal."""
        del delivery  # the endpoint knows no id but the entity's
        message_type = message_type_of(event, alert)
        if not message_type:
            return Sent(SentOutcome.UNSUITED, reason=UNSUITED)
        body = encode(message_of(event, message_type))
        sent, answer = await self._post.send(target.url, body, target.options.timeout)
        if not sent.status:
            return sent
        result = read_answer(sent.status, answer, event.key)
        if result.accepted:
            return sent
        if sent.outcome is SentOutcome.ACCEPTED:
            refused = f"status {sent.status}, but refused: {result.message or 'no reason given'}"
            return msgspec.structs.replace(sent, outcome=SentOutcome.REFUSED, reason=refused)
        if result.message:
            return msgspec.structs.replace(sent, reason=f"{sent.reason}: {result.message}")
        return sent

    async def close(self) -> None:
        """Close every connection."""
        await self._post.close()


def message_type_of(event: Event, alert: Alert | None) -> str:
    """Give the message_type for an event; '' for what VictorOps has no word for: soft states and downtime.

    Args:
        event: what is told.
        alert: its alert; the end of an acknowledgement triggers it again, with its severity.
    """
    if event.kind is Kind.PROBLEM:
        return _BY_SEVERITY.get(event.severity, "INFO")
    if event.kind is Kind.ACKNOWLEDGEMENT_END:
        return _BY_SEVERITY.get(alert.severity, "INFO") if alert is not None else ""
    return _BY_KIND.get(event.kind, "")


def message_of(event: Event, message_type: str) -> Mapping[str, object]:
    """Give the message for an event: the six keys of every message, and what else it holds.

    Labels become fields of the same name, unless the message has one of that name itself.
    """
    message: Message = build_message(
        message_type,
        entity_id=event.key,
        entity_display_name=event.title,
        state_message=event.description or event.output or event.comment,
        timestamp=event.time // MICROSECONDS_PER_SECOND,
        monitoring_tool=event.source_tool or "Tocsin",
    )
    more: dict[str, object] = dict(event.labels)
    more.pop("routing_key", None)  # the target's URL has its own
    more["host_name"] = event.host
    if event.image_url:
        more["image_url"] = event.image_url
    if event.links:
        more["alert_url"] = event.links[0].href
    if message_type == "ACKNOWLEDGEMENT":
        more |= {"ack_author": event.author, "ack_msg": event.comment}
    return {**more, **message}
