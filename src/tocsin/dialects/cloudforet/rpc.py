"""The methods over gRPC, and what clients of Cloudforet ask a server about itself."""

from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any, Final, TypeAlias

import grpc
from grpc import GenericRpcHandler, HandlerCallDetails, RpcMethodHandler
from spaceone.api.core.v1 import server_info_pb2

from tocsin.dialects.cloudforet.errors import CloudforetError
from tocsin.dialects.cloudforet.messages import read_message, write_message
from tocsin.dialects.cloudforet.methods import SERVICES, Method
from tocsin.dialects.cloudforet.service import Service

_Handler: TypeAlias = "RpcMethodHandler[bytes, bytes]"

_BEARER: Final = "bearer "
_SERVER_INFO: Final = server_info_pb2.DESCRIPTOR.services_by_name["ServerInfo"]

NAMES: Final = (*(service.full_name for service in SERVICES), _SERVER_INFO.full_name)
"""The full names of the services."""


class Rpc(GenericRpcHandler):
    """The handler of every method. Messages come and go as bytes, so that a bad one is answered in its words.

    Args:
        service: what answers.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        behaviours = {
            f"/{method.full_service}/{method.verb}": self._behaviour(method) for method in service.methods
        }
        behaviours[f"/{_SERVER_INFO.full_name}/get_version"] = _version
        self._handlers: dict[str, _Handler] = {
            name: grpc.unary_unary_rpc_method_handler(behaviour) for name, behaviour in behaviours.items()
        }

    def service(self, handler_call_details: HandlerCallDetails) -> "_Handler | None":
        """Give the handler of a call; None for a method that there is not, which gRPC tells its caller."""
        return self._handlers.get(handler_call_details.method)

    def _behaviour(self, method: Method) -> Callable[[bytes, Any], Awaitable[bytes]]:
        async def answer(body: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
            try:
                request = read_message(method.request, body)
                given = await self._service.call(method, request, _token(context))
                return write_message(method.response, given)
            except CloudforetError as fault:
                await context.abort(grpc.StatusCode[fault.status.name], str(fault))

        return answer


async def _version(_: bytes, __: object) -> bytes:
    found: bytes = server_info_pb2.VersionInfo(version=version("tocsin")).SerializeToString()
    return found


def _token(context: grpc.aio.ServicerContext[bytes, bytes]) -> str:
    """Give the token that a call shows: as `token`, or as a bearer."""
    shown = {name: str(value) for name, value in context.invocation_metadata() or ()}
    bearer = shown.get("authorization", "")
    return shown.get("token", "") or (
        bearer[len(_BEARER) :].strip() if bearer.lower().startswith(_BEARER) else ""
    )
