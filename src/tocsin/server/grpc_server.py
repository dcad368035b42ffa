"""The gRPC server: Cloudforet's services, reflection and health, in the loop of the HTTP server."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2

from tocsin.dialects.cloudforet.rpc import NAMES, Rpc
from tocsin.dialects.cloudforet.service import Service
from tocsin.server.settings import Settings

_REFLECTION: Final = "grpc.reflection.v1.ServerReflection"
"""What newer clients ask for first. Its messages are those of v1alpha, which comes with the library."""

_MILLISECONDS: Final = 1000
_OPTIONS: Final = {
    # Two servers on one port would share its callers in silence.
    "grpc.so_reuseport": 0,
    # A peer that is gone without a word is noticed; so are the ones whose proxy forgets idle connections.
    "grpc.keepalive_time_ms": 60 * _MILLISECONDS,
    "grpc.keepalive_timeout_ms": 20 * _MILLISECONDS,
    "grpc.keepalive_permit_without_calls": 1,
    # How often clients may ask whether the server is there, also while they call nothing.
    "grpc.http2.min_ping_interval_without_data_ms": 10 * _MILLISECONDS,
}


@asynccontextmanager
async def serving_grpc(service: Service, settings: Settings, stopping: asyncio.Event) -> AsyncIterator[str]:
    """Listen for gRPC for the length of a block, and give the address; '' where it is switched off.

    Args:
        service: what answers.
        settings: the operator's.
        stopping: takes no more calls once it is set; those under way have the time of every stop to end.

    Raises:
        OSError: somebody listens there already, or there is no such address.
    """
    if not settings.grpc_port:
        yield ""
        return
    address = f"{_bracketed(settings.host)}:{settings.grpc_port}"
    options = {**_OPTIONS, "grpc.max_receive_message_length": settings.batch_bytes}
    server = grpc.aio.server(options=list(options.items()))
    names = (*NAMES, reflection.SERVICE_NAME, health.SERVICE_NAME)
    server.add_generic_rpc_handlers((Rpc(service), _reflection(names)))
    reflection.enable_server_reflection(names, server)
    checks = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    for name in NAMES:
        await checks.set(name, health_pb2.HealthCheckResponse.SERVING)
    try:
        server.add_insecure_port(address)
    except RuntimeError:
        raise OSError(f"gRPC cannot listen on {address}: is the port in use? grpc_port sets it") from None
    await server.start()

    async def end() -> None:
        await stopping.wait()
        await checks.enter_graceful_shutdown()
        await server.stop(settings.stop_seconds)

    ending = asyncio.create_task(end(), name="grpc")
    try:
        yield address
    finally:
        stopping.set()
        await ending


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _reflection(names: Iterable[str]) -> grpc.GenericRpcHandler:
    servicer = reflection.aio.ReflectionServicer(names)
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    return grpc.method_handlers_generic_handler(_REFLECTION, {"ServerReflectionInfo": handler})
