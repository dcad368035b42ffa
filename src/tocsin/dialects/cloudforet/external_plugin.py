"""Webhook plugins that run elsewhere, named by their address: grpc://HOST:PORT.

Each call opens a connection of its own, to an address that was looked at: a plugin may be on a private
network only where the operator allows it.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import grpc
from aiohttp import ThreadedResolver
from google.protobuf.descriptor import Descriptor
from spaceone.api.monitoring.plugin import event_pb2, webhook_pb2

from tocsin.dialects.cloudforet.errors import CloudforetError
from tocsin.dialects.cloudforet.messages import read_message, write_message
from tocsin.dialects.guard import GuardedResolver, PrivateAddress, check_host

_Call: TypeAlias = grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]

SCHEME: Final = "grpc://"
SECONDS: Final = 10.0
"""How long a plugin may take for an answer."""

_ADDRESS: Final = re.compile(r"grpc://(?P<host>[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>[0-9]{1,5})/?")
_ANSWER_BYTES: Final = 16 * 1024 * 1024
_PACKAGE: Final = "spaceone.api.monitoring.plugin"


class PluginFailed(Exception):
    """A plugin did not do what it was asked for. The text says why."""


class ExternalPlugins:
    """Calls plugins.

    Args:
        allow_private: on private addresses too.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    async def init(self, plugin_id: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """Give a plugin its options, and get its metadata.

        Raises:
            PluginFailed: it does not answer, or does not take them.
        """
        request = {"options": options}
        requested, answered = webhook_pb2.WebhookInitRequest, webhook_pb2.WebhookPluginInfo
        answer = await self._call(
            plugin_id, "Webhook/init", requested.DESCRIPTOR, answered.DESCRIPTOR, request
        )
        metadata: dict[str, Any] = answer.get("metadata", {})
        return metadata

    async def verify(self, plugin_id: str, options: Mapping[str, Any]) -> None:
        """Let a plugin look at its options.

        Raises:
            PluginFailed: it does not answer, or does not take them.
        """
        requested = webhook_pb2.WebhookPluginVerifyRequest
        await self._call(plugin_id, "Webhook/verify", requested.DESCRIPTOR, None, {"options": options})

    async def parse(
        self, plugin_id: str, options: Mapping[str, Any], data: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Let a plugin read a payload, and get the events that it finds, each as an EventInfo.

        Raises:
            PluginFailed: it does not answer, or does not understand the payload.
        """
        answer = await self._call(
            plugin_id,
            "Event/parse",
            event_pb2.ParseRequest.DESCRIPTOR,
            event_pb2.EventsInfo.DESCRIPTOR,
            {"options": options, "data": data},
        )
        results: list[dict[str, Any]] = answer.get("results", [])
        return results

    async def _call(
        self,
        plugin_id: str,
        method: str,
        requested: Descriptor,
        answered: Descriptor | None,
        request: Mapping[str, Any],
    ) -> dict[str, Any]:
        host, port = address(plugin_id)
        try:
            async with asyncio.timeout(SECONDS):
                target = await self._resolved(host, port)
                options = [
                    ("grpc.default_authority", f"{host}:{port}"),
                    ("grpc.max_receive_message_length", _ANSWER_BYTES),
                    ("grpc.enable_http_proxy", 0),
                ]
                async with grpc.aio.insecure_channel(target, options=options) as channel:
                    call: _Call = channel.unary_unary(f"/{_PACKAGE}.{method}")
                    body = await call(write_message(requested, request))
            return read_message(answered, body) if answered is not None else {}
        except TimeoutError:
            raise PluginFailed(f"the plugin did not answer within {SECONDS:g} s") from None
        except grpc.aio.AioRpcError as failure:
            reason = (failure.details() or failure.code().name).replace("\x00", "")
            raise PluginFailed(f"the plugin answers {failure.code().name}: {reason}") from None
        except (OSError, PrivateAddress) as failure:
            raise PluginFailed(str(failure)) from None
        except CloudforetError as fault:
            raise PluginFailed(f"the plugin's answer cannot be read: {fault.message}") from None

    async def _resolved(self, host: str, port: int) -> str:
        name = host.strip("[]")
        if not self._allow_private:
            check_host(name)
        resolver = ThreadedResolver() if self._allow_private else GuardedResolver()
        found = (await resolver.resolve(name, port))[0]["host"]
        return f"[{found}]:{port}" if ":" in found else f"{found}:{port}"


def is_external(plugin_id: str) -> bool:
    """Say whether a plugin's id is the address of one that runs elsewhere."""
    return plugin_id.startswith(SCHEME)


def address(plugin_id: str) -> tuple[str, int]:
    """Give the host and port of a plugin.

    Raises:
        PluginFailed: it is no address.
    """
    found = _ADDRESS.fullmatch(plugin_id)
    if found is None or not 1 <= int(found["port"]) <= 65535:
        raise PluginFailed("expected grpc://HOST:PORT")
    return found["host"], int(found["port"])
