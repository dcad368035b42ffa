"""`/healthz`, `/readyz` and `/metrics`."""

from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromQuery
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from tocsin.api.given import TheHub


class Check(msgspec.Struct):
    """One thing that was looked at; `reason` says why it is not well, or what else there is to say of it."""

    name: str
    ok: bool
    reason: str = ""


class Readiness(msgspec.Struct):
    """Whether Tocsin takes events, and what was looked at."""

    ready: bool
    checks: list[Check]


@get("/healthz", media_type="text/plain", tags=["health"], opt={"public": True})
async def healthz() -> str:
    """Say that the process runs."""
    return "ok\n"


@get("/readyz", tags=["health"], opt={"public": True})
async def readyz(hub: TheHub, verbose: FromQuery[str | None] = None) -> Response[Any]:
    """Say whether events are taken: 200 or 503. `?verbose` lists what was looked at, and why it fails."""
    trouble = await hub.trouble()
    checks = [Check(name, not reason, reason) for name, reason in trouble.items()]
    # Without it events are taken and counted all the same, only slower.
    checks.append(Check("columnar", True, hub.copier.note))
    ready = not any(trouble.values())
    status = 200 if ready else 503
    if verbose is not None or not ready:
        return Response(Readiness(ready, checks), status_code=status)
    return Response("ready\n", status_code=status, media_type="text/plain")


@get("/metrics", media_type=CONTENT_TYPE_LATEST, tags=["health"], opt={"public": True})
async def metrics(hub: TheHub) -> Response[bytes]:
    """Give Tocsin's own metrics in Prometheus's text format."""
    return Response(generate_latest(hub.metrics.registry), media_type=CONTENT_TYPE_LATEST)
