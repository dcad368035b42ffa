"""The public stubs against a server in this process, over a real port."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from spaceone.api.core.v1 import server_info_pb2_grpc
from spaceone.api.monitoring.v1 import alert_pb2, alert_pb2_grpc, event_pb2, event_pb2_grpc

from tests.servers.ports import free_port
from tests.unit.server.in_process import Tenant
from tocsin.server.grpc_server import serving_grpc
from tocsin.server.settings import Settings
from tocsin.store.ledger import Ledger

pytestmark = pytest.mark.anyio

DISK = {"key": "db1/disk", "title": "Disk full", "n": 5, "list": [1.5, None, {"$a.b": True}]}


@pytest.fixture
async def channel(tenant: Tenant) -> AsyncIterator[grpc.aio.Channel]:
    """Give a channel to a server."""
    async with listening(tenant) as found:
        yield found


@asynccontextmanager
async def listening(tenant: Tenant, **settings: Any) -> AsyncIterator[grpc.aio.Channel]:
    given = Settings(grpc_port=free_port(), **settings)
    async with (
        serving_grpc(tenant.served.cloudforet, given, asyncio.Event()) as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        yield channel


def creation(tenant: Tenant, data: dict[str, Any] | None = None) -> Any:
    source = tenant.source
    request = {"webhook_id": source.id, "access_key": source.access_key, "data": data or DISK}
    return ParseDict(request, event_pb2.CreateEventRequest())


async def refused(call: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value.code(), caught.value.details() or ""


@pytest.mark.parametrize("name", ["token", "authorization"])
async def test_an_event_is_created_and_read(tenant: Tenant, channel: grpc.aio.Channel, name: str) -> None:
    stub = event_pb2_grpc.EventStub(channel)
    assert await stub.create(creation(tenant)) == Empty()
    request = event_pb2.GetEventRequest(event_id="event-000000000001", domain_id=tenant.id)
    shown = await stub.get(
        request, metadata=((name, tenant.token if name == "token" else f"Bearer {tenant.token}"),)
    )
    assert (shown.event_key, shown.severity, shown.webhook_id) == ("db1/disk", "CRITICAL", tenant.source.id)
    assert shown.raw_data == ParseDict(DISK, Struct())
    assert not shown.HasField("resource")


async def test_a_failure_has_its_status_and_says_why(tenant: Tenant, channel: grpc.aio.Channel) -> None:
    stub = event_pb2_grpc.EventStub(channel)
    shown = (("token", tenant.token),)
    assert await refused(stub.get(event_pb2.GetEventRequest())) == (
        grpc.StatusCode.UNAUTHENTICATED,
        "ERROR_AUTHENTICATE_FAILURE: Authenticate failure. (message = Empty token provided.)",
    )
    assert await refused(stub.get(event_pb2.GetEventRequest(event_id="event-1"), metadata=shown)) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "ERROR_REQUIRED_PARAMETER: Required parameter. (key = domain_id)",
    )
    wanted = event_pb2.GetEventRequest(event_id="event-1", domain_id=tenant.id)
    assert await refused(stub.get(wanted, metadata=shown)) == (
        grpc.StatusCode.NOT_FOUND,
        f"ERROR_NOT_FOUND: Value not found. (('event_id', 'domain_id') = ('event-1', '{tenant.id}'))",
    )


async def test_a_method_that_is_not_built_is_unimplemented(channel: grpc.aio.Channel) -> None:
    stub = alert_pb2_grpc.AlertStub(channel)
    status, said = await refused(stub.add_responder(alert_pb2.AlertResponderRequest()))
    assert status is grpc.StatusCode.UNIMPLEMENTED
    assert "Alert.add_responder is not built" in said
    nowhere: Any = channel.unary_unary("/spaceone.api.monitoring.v1.Event/nope")
    assert (await refused(nowhere(b"")))[0] is grpc.StatusCode.UNIMPLEMENTED


async def test_bytes_that_are_no_message_are_refused(channel: grpc.aio.Channel) -> None:
    call: Any = channel.unary_unary("/spaceone.api.monitoring.v1.Event/get")
    status, said = await refused(call(b"\xff"))
    assert status is grpc.StatusCode.INVALID_ARGUMENT
    assert "no GetEventRequest" in said


async def test_what_cannot_be_stored_is_refused(tenant: Tenant, channel: grpc.aio.Channel) -> None:
    stub = event_pb2_grpc.EventStub(channel)
    for data in ({"key": "a\x00", "title": "t"}, {"n": float("nan")}):
        request = creation(tenant)
        request.data.Clear()
        request.data.update(data)
        assert (await refused(stub.create(request)))[0] is grpc.StatusCode.INVALID_ARGUMENT
    assert await tenant.events() == []


async def test_a_message_beyond_the_limit_is_refused(tenant: Tenant) -> None:
    async with listening(tenant, batch_bytes=1_000) as channel:
        stub = event_pb2_grpc.EventStub(channel)
        status, _ = await refused(stub.create(creation(tenant, {"text": "x" * 1_000})))
        assert status is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_what_is_being_written_at_a_deadline_is_recorded(
    tenant: Tenant, channel: grpc.aio.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Ledger.write

    def slow(*given: Any) -> Any:
        time.sleep(0.5)
        return write(*given)

    monkeypatch.setattr(Ledger, "write", slow)
    call = event_pb2_grpc.EventStub(channel).create(creation(tenant), timeout=0.2)
    assert (await refused(call))[0] is grpc.StatusCode.DEADLINE_EXCEEDED
    # What comes later waits for what is being written.
    await tenant.send({"key": "later", "title": "t"})
    assert [event.key for event in await tenant.events()] == ["db1/disk", "later"]


async def test_it_says_its_version(channel: grpc.aio.Channel) -> None:
    found = await server_info_pb2_grpc.ServerInfoStub(channel).get_version(Empty())
    assert found.version == version("tocsin")
