"""The envelope of AWS SNS, in which messages of others arrive, and its question whether they may.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
"""

import re
from collections.abc import Mapping
from typing import Final

from tocsin.dialects.complete import complete
from tocsin.dialects.document import Document
from tocsin.dialects.parsed import Parsed
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal

_QUESTION: Final = "SubscriptionConfirmation"
_END: Final = "UnsubscribeConfirmation"
_ADDRESS: Final = re.compile(r"https://sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[!-~]*")
"""Where SNS itself answers: a payload can name any address, and only these are asked for."""


def is_envelope(values: Mapping[str, object]) -> bool:
    """Say whether a payload is a message of SNS."""
    return {"Type", "TopicArn"} <= values.keys()


def is_subscription(message: Document) -> bool:
    """Say whether a message is about its subscription, and holds nothing of anybody else."""
    return message.text("Type") in {_QUESTION, _END}


def subscription(name: str, message: Document) -> Parsed:
    """Give what a message about a subscription says: where to confirm it, and what is recorded otherwise.

    Args:
        name: of the format.
        message: for which `is_subscription`.

    Raises:
        BadPayload: it has no `TopicArn`.
    """
    topic, href = message.need("TopicArn"), message.text("SubscribeURL")
    ended = message.text("Type") == _END
    if not _ADDRESS.fullmatch(href):
        href = ""
    signal = Signal(
        kind=Kind.INFO,
        key=topic,
        severity=Severity.INFO,
        title=f"Subscription to {topic} {'ended' if ended else 'waits to be confirmed'}",
        description=message.text("Message"),
        provider="aws",
        links=[Link(href, "Subscribe again" if ended else "Confirm the subscription")] if href else [],
        source_tool="AWS SNS",
        occurred_at=message.time("Timestamp"),
    )
    return Parsed(name, [complete(signal)], confirm="" if ended else href)
