"""A webhook plugin of Cloudforet that runs elsewhere, as a test needs it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format
from spaceone.api.monitoring.plugin import event_pb2, event_pb2_grpc, webhook_pb2, webhook_pb2_grpc


class PluginServer:
    """Answers as it is told.

    Attributes:
        results: what it finds in every payload.
        metadata: of `init`.
        trouble: what it fails with; '' for not at all.
        seconds: how long it takes for an answer.
        seen: each call with its request.
        port: where it listens.
    """

    def __init__(self) -> None:
        self.results: list[dict[str, Any]] = []
        self.metadata: dict[str, Any] = {}
        self.trouble = ""
        self.seconds = 0.0
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.port = 0

    @property
    def plugin_id(self) -> str:
        """What names it."""
        return f"grpc://127.0.0.1:{self.port}"

    async def init(self, request: Any, context: Any) -> Any:
        await self._look("init", request, context)
        return json_format.ParseDict({"metadata": self.metadata}, webhook_pb2.WebhookPluginInfo())

    async def verify(self, request: Any, context: Any) -> Any:
        await self._look("verify", request, context)
        return empty_pb2.Empty()

    async def parse(self, request: Any, context: Any) -> Any:
        await self._look("parse", request, context)
        return json_format.ParseDict({"results": self.results}, event_pb2.EventsInfo())

    async def _look(self, method: str, request: Any, context: Any) -> None:
        self.seen.append((method, json_format.MessageToDict(request, preserving_proto_field_name=True)))
        await asyncio.sleep(self.seconds)
        if self.trouble:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, self.trouble)


@asynccontextmanager
async def running_plugin() -> AsyncIterator[PluginServer]:
    """Run a plugin on a free port of this machine."""
    server, plugin = grpc.aio.server(), PluginServer()
    event_pb2_grpc.add_EventServicer_to_server(plugin, server)
    webhook_pb2_grpc.add_WebhookServicer_to_server(plugin, server)
    plugin.port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield plugin
    finally:
        await server.stop(None)
