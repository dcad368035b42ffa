"""What became of a message: the endpoint's answer, read."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SendResult:
    """What became of one message.

    Attributes:
        status: the HTTP status of the last answer.
        accepted: True if the status is 2xx and the answer does not say `{"result": "failure"}`.
        entity_id: the one that was sent; send it again to acknowledge or to resolve.
        message: the `message` of the answer, which says why it was refused; '' if there is none.
    """

    status: int
    accepted: bool
    entity_id: str
    message: str


def read_answer(status: int, body: bytes, entity_id: str) -> SendResult:
    """Tell from the endpoint's answer what became of the message with this entity_id."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        # A proxy's error page, or nothing: then the status alone decides.
        content = None
    fields = content if isinstance(content, dict) else {}
    text = fields.get("message")
    return SendResult(
        status=status,
        accepted=200 <= status < 300 and fields.get("result") != "failure",
        entity_id=entity_id,
        message=text if isinstance(text, str) else "",
    )
