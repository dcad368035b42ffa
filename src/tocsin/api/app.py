"""The native API as a Litestar application."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, TypeAlias

from litestar import Litestar, Request, Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.exceptions import MethodNotAllowedException, NotFoundException
from litestar.types import ControllerRouterHandler

from tocsin.api.alerts import Alerts
from tocsin.api.audit import AuditLog
from tocsin.api.body import JsonRequest
from tocsin.api.bulk import Bulk
from tocsin.api.counts import AlertCounts, EventCounts
from tocsin.api.deliveries import Deliveries
from tocsin.api.description import describe
from tocsin.api.downtimes import Downtimes
from tocsin.api.durations import AlertDurations
from tocsin.api.events import Events
from tocsin.api.export import AlertsExport, EventsExport
from tocsin.api.given import OptionsCheck
from tocsin.api.health import healthz, metrics, readyz
from tocsin.api.history import History
from tocsin.api.idempotency import once
from tocsin.api.intake import Intake
from tocsin.api.objects import Objects
from tocsin.api.parameters import known
from tocsin.api.principal import gate, principal
from tocsin.api.problems import plugin
from tocsin.api.projects import Projects
from tocsin.api.provider_session import ByProvider, ProviderSession
from tocsin.api.receipts import Receipts
from tocsin.api.rejected import RejectedItems
from tocsin.api.roles import Roles
from tocsin.api.routes import Routes
from tocsin.api.session import Session
from tocsin.api.silences import Silences
from tocsin.api.sources import Sources
from tocsin.api.targets import Targets
from tocsin.api.tokens import Tokens
from tocsin.api.trials import SourceTrials
from tocsin.api.users import Users
from tocsin.api.views import Views
from tocsin.api.why import EventWhy
from tocsin.api.world import World
from tocsin.hub.hub import Hub

Description: TypeAlias = Callable[[], dict[str, Any]]
_LARGE: Final[tuple[ControllerRouterHandler, ...]] = (World, History)
"""What takes bodies as large as those of many events."""
_OTHERS: Final[tuple[ControllerRouterHandler, ...]] = (
    Events,
    EventCounts,
    EventsExport,
    EventWhy,
    Receipts,
    Alerts,
    Bulk,
    AlertCounts,
    AlertsExport,
    AlertDurations,
    Sources,
    SourceTrials,
    Targets,
    Routes,
    Silences,
    Views,
    Objects,
    Downtimes,
    Deliveries,
    RejectedItems,
    Projects,
    Tokens,
    Session,
    ProviderSession,
    Users,
    Roles,
    AuditLog,
    healthz,
    readyz,
    metrics,
)
HANDLERS: Final = (*_OTHERS, *_LARGE)


@get(
    "/openapi.json",
    media_type="application/vnd.oai.openapi+json",
    opt={"public": True},
    sync_to_thread=True,
)
def openapi(description: NamedDependency[Description]) -> dict[str, Any]:
    """Give the description of this API, OpenAPI 3.1."""
    return description()


async def _before(request: Request[Any, Any, Any]) -> Response[None] | None:
    """Keep %00 out of ids and names, since no store takes it, and say what a path takes."""
    path = request.scope["path"]
    if "\x00" in path:
        raise NotFoundException
    if request.method != "OPTIONS":
        return None
    # Litestar's own answer knows one method only where a controller has several.
    try:
        request.app.asgi_router.handle_routing(path=path, method="TRACE")
    except MethodNotAllowedException as known:
        return Response(None, status_code=204, headers=known.headers)
    return None


def create_app(
    hub: Hub,
    intake: Intake,
    formats: Mapping[str, OptionsCheck],
    *,
    version: str,
    body_limit: int,
    batch_limit: int,
    by_provider: ByProvider | None = None,
    private_targets: bool = False,
) -> Litestar:
    """Make the application.

    Args:
        hub: what runs; it is started and stopped by the server.
        intake: what takes posted events.
        formats: what a source's format can be, each with what checks its options.
        version: of Tocsin, for OpenAPI.
        body_limit: bytes of one request; posted events have the limit of the intake.
        batch_limit: bytes of one that may hold as much as many others.
        by_provider: how people log in by an identity provider, if they can.
        private_targets: targets with private addresses are allowed.
    """
    dependencies = {
        "hub": Provide(lambda: hub, sync_to_thread=False),
        "intake": Provide(lambda: intake, sync_to_thread=False),
        "formats": Provide(lambda: formats, sync_to_thread=False),
        "principal": Provide(principal),
        "once": Provide(once),
        "by_provider": Provide(lambda: by_provider, sync_to_thread=False),
        "private_targets": Provide(lambda: private_targets, sync_to_thread=False),
    }

    @cache
    def description() -> dict[str, Any]:
        return describe(HANDLERS, dependencies, version)

    large = Router(path="/", route_handlers=_LARGE, request_max_body_size=batch_limit)
    return Litestar(
        route_handlers=[*_OTHERS, openapi, large],
        dependencies={**dependencies, "description": Provide(lambda: description, sync_to_thread=False)},
        guards=[gate(hub), known],
        before_request=_before,
        plugins=[plugin],
        request_class=JsonRequest,
        request_max_body_size=body_limit,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
