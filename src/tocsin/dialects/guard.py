"""The guard before what goes out: nothing is sent to private addresses unless the operator allows it.

A name is resolved once, every address it has is checked, and the connection goes to the checked address: a
name that answers differently a moment later (DNS rebinding) leads nowhere else.
"""

import asyncio
import ipaddress
import socket
from typing import Final

import httpx2

from tocsin.dialects.outgoing import open_transport, trusted

_HOSTS: Final = 300
"""How many hosts have connections of their own at a time."""


class PrivateAddress(Exception):
    """The host has an address that is not public. The text names the host and what to set."""


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Carries requests to public addresses only.

    Args:
        allow_private: carry them anywhere.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        trusted()  # reading the certificates now, so that the first message does not wait for it
        # One for each host: behind one address may be many, and each has shown its own certificate.
        self._inner: dict[str, httpx2.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Carry a request.

        Raises:
            PrivateAddress: the host has an address that is not public.
            httpx2.ConnectError: it cannot be resolved.
        """
        host = request.url.host
        if not self._allow_private:
            address = await _public_address(host, request.url.port or 0)
            request.extensions = {**request.extensions, "sni_hostname": host}
            request.url = request.url.copy_with(host=address)
        return await self._transport(host).handle_async_request(request)

    async def aclose(self) -> None:
        """Close every connection."""
        for inner in self._inner.values():
            await inner.aclose()
        self._inner.clear()

    def _transport(self, host: str) -> httpx2.AsyncHTTPTransport:
        if host not in self._inner:
            if len(self._inner) >= _HOSTS:
                # Requests under way keep it alive; idle connections go with it.
                self._inner.pop(next(iter(self._inner)))
            self._inner[host] = open_transport()
        return self._inner[host]


async def _public_address(host: str, port: int) -> str:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as failure:
        raise httpx2.ConnectError(f"the host cannot be resolved: {failure.strerror}") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(map(is_public, addresses)):
        raise PrivateAddress(
            f"{host} is a private address: the operator can allow it with the setting private_targets"
        )
    return addresses[0]


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
