"""The ASGI application: the inlets of the dialects, and the native API for everything else."""

from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any, TypeAlias

from tocsin.api import inlet
from tocsin.api.app import create_app
from tocsin.api.inlet import Inlet
from tocsin.api.intake import Intake
from tocsin.api.shapes import alert_item, event_item
from tocsin.dialects.sending import Post
from tocsin.dialects.victorops import endpoints as victorops
from tocsin.dialects.victorops import send_delivery as send_victorops
from tocsin.dialects.victorops.endpoints import VictorOps
from tocsin.dialects.webhook import send as send_webhook
from tocsin.hub.hub import Hub, clock
from tocsin.hub.sender import Sender
from tocsin.server.formats import FORMATS, PARSERS, detect
from tocsin.server.settings import Settings

Application: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]


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
