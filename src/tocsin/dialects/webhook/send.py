"""Targets of kind `webhook`: the event, and the latest state of its alert, in one signed JSON message.

After Standard Webhooks 1.0.0 (https://www.standardwebhooks.com): the id is the delivery's and the same for
every attempt, so that a receiver can tell a message that comes twice.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any, Final

import msgspec

from tocsin.dialects.sending import Post
from tocsin.model.alert import Alert
from tocsin.model.delivery import Delivery, Sent
from tocsin.model.event import Event
from tocsin.model.life_cycle import Change
from tocsin.model.target import Target, signing_key

KIND: Final = "webhook"
_encode: Final = msgspec.json.Encoder().encode


class WebhookSender:
    """Posts events to a target.

    Args:
        post: carries the messages.
        clock: gives microseconds UTC.
        show_event: gives an event in the native shape.
        show_alert: gives an alert in the native shape.
    """

    def __init__(
        self,
        post: Post,
        clock: Callable[[], int],
        show_event: Callable[[Event], Any],
        show_alert: Callable[[Alert], Any],
    ) -> None:
        self._post = post
        self._clock = clock
        self._show_event = show_event
        self._show_alert = show_alert

    async def send(self, target: Target, delivery: Delivery, event: Event, alert: Alert | None) -> Sent:
        """Make one attempt. Any 2xx is a success, as Standard Webhooks says."""
        shown = self._show_event(event)
        body = _encode(
            {
                "id": delivery.id,
                "type": type_of(delivery, event),
                "timestamp": shown.recorded_at,
                "data": {
                    "event": shown,
                    "alert": self._show_alert(alert) if alert is not None else None,
                },
            }
        )
        seconds = self._clock() // 1_000_000
        headers = {"webhook-id": delivery.id, "webhook-timestamp": str(seconds)}
        if target.secret:
            headers["webhook-signature"] = signature(target.secret, delivery.id, seconds, body)
        sent, _ = await self._post.send(target.url, body, target.options.timeout, headers)
        return sent

    async def close(self) -> None:
        """Close every connection."""
        await self._post.close()


def type_of(delivery: Delivery, event: Event) -> str:
    """Give what a message is about: `alert.opened` and the like, or `event.info` where no alert changed."""
    return f"event.{event.kind}" if delivery.change is Change.NONE else f"alert.{delivery.change}"


def signature(secret: str, message_id: str, seconds: int, body: bytes) -> str:
    """Sign a message.

    Args:
        secret: a target's.
        message_id: the message's id.
        seconds: when it is sent, seconds since 1970.
        body: its body.

    Returns:
        `v1,` and the HMAC-SHA256 of id, time and body, in base64.

    Raises:
        ValueError: it is no such secret. The error does not tell it.
    """
    signed = b".".join((message_id.encode(), str(seconds).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(signing_key(secret), signed, hashlib.sha256)).decode()
