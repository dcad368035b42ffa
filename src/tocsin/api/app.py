"""The native API as a Litestar application."""

from collections.abc import Collection
from typing import Any

from litestar import Litestar, Request, get
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from tocsin.api.alerts import Alerts
from tocsin.api.events import Events
from tocsin.api.health import healthz, metrics, readyz
from tocsin.api.intake import Intake
from tocsin.api.principal import principal
from tocsin.api.problems import plugin
from tocsin.api.projects import Projects
from tocsin.api.sources import Sources
from tocsin.api.tokens import Tokens
from tocsin.hub.hub import Hub


@get("/openapi.json", media_type="application/vnd.oai.openapi+json", include_in_schema=False)
async def openapi(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Give the description of this API, OpenAPI 3.1."""
    return request.app.openapi_schema.to_schema()


def create_app(
    hub: Hub, intake: Intake, formats: Collection[str], *, version: str, body_limit: int
) -> Litestar:
    """Make the application.

    Args:
        hub: what runs; it is started and stopped by the server.
        intake: what takes posted events.
        formats: what a source's format can be.
        version: of Tocsin, for OpenAPI.
        body_limit: bytes of one request.
    """
    return Litestar(
        route_handlers=[Events, Alerts, Sources, Projects, Tokens, healthz, readyz, metrics, openapi],
        dependencies={
            "hub": Provide(lambda: hub, sync_to_thread=False),
            "intake": Provide(lambda: intake, sync_to_thread=False),
            "formats": Provide(lambda: formats, sync_to_thread=False),
            "principal": Provide(principal),
        },
        plugins=[plugin],
        request_max_body_size=body_limit,
        openapi_config=OpenAPIConfig(
            title="Tocsin",
            version=version,
            description="One place for every monitoring event: recorded for good, matched, and found again.",
            path="/openapi",
            render_plugins=[JsonRenderPlugin()],
            components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
            security=[{"token": []}],
        ),
        logging_config=None,
        debug=False,
    )
