"""The gRPC server around the methods: reflection, health, where it listens, how it stops."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

from tests.servers.ports import LOOPBACK, free_port
from tocsin.dialects.cloudforet.methods import Method
from tocsin.dialects.cloudforet.rpc import NAMES
from tocsin.dialects.cloudforet.service import Service
from tocsin.server.grpc_server import serving_grpc
from tocsin.server.settings import Settings

pytestmark = pytest.mark.anyio

EVENT = "spaceone.api.monitoring.v1.Event"


class Slow(Service):
    """Answers every call when it is told to."""

    def __init__(self) -> None:
        super().__init__(None, {})  # type: ignore[arg-type] # nobody is asked who they are
        self.called = asyncio.Event()
        self.answer = asyncio.Event()

    async def call(self, method: Method, request: Mapping[str, Any], token: str) -> dict[str, Any]:
        self.called.set()
        await self.answer.wait()
        return {}


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """Give the address of a server."""
    settings = Settings(grpc_port=free_port())
    async with serving_grpc(Slow(), settings, asyncio.Event()) as found:
        yield found


@pytest.mark.parametrize("reflection", ["grpc.reflection.v1alpha", "grpc.reflection.v1"])
async def test_clients_find_the_services_by_reflection(address: str, reflection: str) -> None:
    async with grpc.aio.insecure_channel(address) as channel:
        ask = channel.stream_stream(
            f"/{reflection}.ServerReflection/ServerReflectionInfo",
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )
        requests = [
            reflection_pb2.ServerReflectionRequest(list_services=""),
            reflection_pb2.ServerReflectionRequest(file_containing_symbol=EVENT),
        ]
        listed, described = [answer async for answer in ask(iter(requests))]
    names = {each.name for each in listed.list_services_response.service}
    assert {*NAMES, "grpc.health.v1.Health"} <= names
    files = map(FileDescriptorProto.FromString, described.file_descriptor_response.file_descriptor_proto)
    services = {service.name: service for file in files for service in file.service}
    assert [method.name for method in services["Event"].method] == ["create", "get", "list", "stat"]


@pytest.mark.parametrize("name", ["", EVENT])
async def test_it_is_healthy(address: str, name: str) -> None:
    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        found = await stub.Check(health_pb2.HealthCheckRequest(service=name))
    assert found.status == health_pb2.HealthCheckResponse.SERVING


def calling(channel: grpc.aio.Channel) -> Any:
    """Give what calls Event.list with bytes."""
    return channel.unary_unary(f"/{EVENT}/list")


async def test_a_stop_takes_no_more_calls_and_lets_those_under_way_end() -> None:
    service, stopping = Slow(), asyncio.Event()
    settings = Settings(grpc_port=free_port())
    async with (
        serving_grpc(service, settings, stopping) as address,
        grpc.aio.insecure_channel(address) as channel,
        grpc.aio.insecure_channel(address) as late,
    ):
        call = calling(channel)(b"")
        await asyncio.wait_for(service.called.wait(), 10)
        stopping.set()
        await asyncio.sleep(0.05)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await calling(late)(b"", timeout=5)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        service.answer.set()
        assert await call == b""


async def test_a_port_in_use_is_told() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"gRPC cannot listen on {LOOPBACK}:{port}: .* grpc_port"):
            async with serving_grpc(Slow(), Settings(grpc_port=port), asyncio.Event()):
                raise AssertionError("it listens")


async def test_it_can_be_switched_off() -> None:
    async with serving_grpc(Slow(), Settings(grpc_port=0), asyncio.Event()) as address:
        assert address == ""
