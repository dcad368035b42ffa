"""The ASGI application: the inlets of the dialects, and the native API for everything else."""

from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import version
from typing import Any, Final, TypeAlias

from tocsin.api import inlet
from tocsin.api.app import create_app
from tocsin.api.inlet import Inlet
from tocsin.api.intake import AUTO, Intake
from tocsin.api.shapes import alert_item, event_item
from tocsin.dialects.native import parse as native
from tocsin.dialects.parsed import Parsed, Parser
from tocsin.dialects.sending import Post
from tocsin.dialects.victorops import endpoints as victorops
from tocsin.dialects.victorops import send_delivery as send_victorops
from tocsin.dialects.victorops.endpoints import VictorOps
from tocsin.dialects.victorops.parse import parse as parse_victorops
from tocsin.dialects.webhook import send as send_webhook
from tocsin.hub.hub import Hub, clock
from tocsin.hub.sender import Sender
from tocsin.server.settings import Settings

Application: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]


def _victorops(document: object, context: Mapping[str, str]) -> Parsed:
    return Parsed(victorops.FORMAT, [parse_victorops(document, context.get("routing_key", ""))])


PARSERS: Final[Mapping[str, Parser]] = {native.FORMAT: native.parse, victorops.FORMAT: _victorops}
"""By format: what understands its payloads."""

FORMATS: Final = (AUTO, *PARSERS)
"""What a source's format can be."""


def detect(document: object) -> str:
    """Give the format that a document looks like: a `message_type` is VictorOps's, the rest native."""
    is_victorops = isinstance(document, dict) and "message_type" in document
    return victorops.FORMAT if is_victorops else native.FORMAT


def senders(settings: Settings) -> dict[str, Sender]:
    """Make what serves each kind of target.

    Args:
        settings: the operator's.
    """
    private = settings.private_targets
    return {
        send_victorops.KIND: send_victorops.VictorOpsSender(Post(allow_private=private)),
        send_webhook.KIND: send_webhook.WebhookSender(
            Post(allow_private=private), clock, event_item, alert_item
        ),
    }


def compose(hub: Hub, settings: Settings) -> Application:
    """Put the application together.

    Args:
        hub: what runs.
        settings: the operator's.
    """
    intake = Intake(hub, PARSERS, detect, body_limit=settings.batch_bytes, body_seconds=settings.body_seconds)
    api = create_app(hub, intake, FORMATS, version=version("tocsin"), body_limit=settings.message_bytes)
    inlets: list[tuple[str, Application]] = [
        (
            victorops.PREFIX,
            VictorOps(hub, body_limit=settings.message_bytes, body_seconds=settings.body_seconds),
        ),
        (inlet.PREFIX, Inlet(hub, intake)),
    ]

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            if scope["method"] == "HEAD":
                # The server keeps the body back; everything else is as for GET.
                scope = {**scope, "method": "GET"}
            path = scope["path"]
            for prefix, application in inlets:
                if path.startswith(prefix):
                    await application(scope, receive, send)
                    return
        await api(scope, receive, send)

    return application
