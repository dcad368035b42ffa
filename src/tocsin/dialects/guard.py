"""The guard before what goes out: nothing is sent to private addresses unless the operator allows it.

A name is resolved once, every address it has is checked, and the connection goes to a checked address: a
name that answers differently a moment later (DNS rebinding) leads nowhere else.
"""

import asyncio
import ipaddress
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Final

import httpx2

from tocsin.dialects.outgoing import open_transport, trusted

_HOSTS: Final = 300
"""How many hosts have connections of their own at a time."""


class PrivateAddress(Exception):
    """The host has an address that is not public. The text names the host and what to set."""


async def resolve(host: str, port: int) -> list[str]:
    """Give the addresses of a host, as the machine would try them.

    Raises:
        OSError: it has none now.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Carries requests to public addresses only.

    Args:
        allow_private: carry them anywhere.
        resolve: gives the addresses of a host and a port.
    """

    def __init__(
        self, *, allow_private: bool, resolve: Callable[[str, int], Awaitable[list[str]]] = resolve
    ) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        trusted()  # reading the certificates now, so that the first message does not wait for it
        # One for each host: behind one address may be many, and each has shown its own certificate.
        self._inner: dict[str, httpx2.AsyncHTTPTransport] = {}
        self._connected: dict[str, str] = {}
        """The address of each host that connected last: it is tried first."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Carry a request. Where an address does not connect, the host's next one is tried.

        All of them together have the time that the request gives to connect.

        Raises:
            PrivateAddress: the host has an address that is not public.
            httpx2.ConnectError, httpx2.ConnectTimeout: it cannot be resolved, or no address connects.
        """
        host = request.url.host
        transport = self._transport(host)
        if self._allow_private:
            return await transport.handle_async_request(request)
        url, timeout = request.url, request.extensions["timeout"]
        until = time.monotonic() + timeout["connect"]
        addresses = await self._public_addresses(host, url.port or 0)
        for tried, address in enumerate(addresses, start=1):
            request.url = url.copy_with(host=address)
            # An even share of what is left, so that one that is silent leaves time for the others.
            seconds = max(0.0, until - time.monotonic()) / (len(addresses) - tried + 1)
            request.extensions = {
                **request.extensions,
                "sni_hostname": host,
                "timeout": {**timeout, "connect": seconds},
            }
            try:
                response = await transport.handle_async_request(request)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                if tried == len(addresses):
                    raise
            else:
                self._connected[host] = address
                return response
        raise httpx2.ConnectError("the host has no address")

    async def _public_addresses(self, host: str, port: int) -> list[str]:
        try:
            addresses = await self._resolve(host, port)
        except OSError as failure:
            raise httpx2.ConnectError(f"the host cannot be resolved: {failure.strerror}") from None
        if not all(map(is_public, addresses)):
            raise PrivateAddress(
                f"{host} is a private address: the operator can allow it with the setting private_targets"
            )
        connected = self._connected.get(host)
        return sorted(addresses, key=lambda address: address != connected)

    async def aclose(self) -> None:
        """Close every connection."""
        for inner in self._inner.values():
            await inner.aclose()
        self._inner.clear()

    def _transport(self, host: str) -> httpx2.AsyncHTTPTransport:
        if host not in self._inner:
            if len(self._inner) >= _HOSTS:
                # Requests under way keep it alive; idle connections go with it.
                dropped = next(iter(self._inner))
                self._inner.pop(dropped)
                self._connected.pop(dropped, None)
            self._inner[host] = open_transport()
        return self._inner[host]


def is_public(address: str) -> bool:
    """Say whether an address is one of the public internet, whichever way it is written."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
        if found in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and not found.is_multicast


_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
