"""The guard before what goes out: nothing is sent to private addresses unless the operator allows it.

A name is resolved once, every address it has is checked, and the connection goes to one of those that were
checked: a name that answers differently a moment later (DNS rebinding) leads nowhere else.
"""

import ipaddress
import re
import socket
from typing import Final

from aiohttp import ThreadedResolver
from aiohttp.abc import ResolveResult

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_NOT_PUBLIC: Final = (
    ipaddress.IPv6Network("::/96"),  # IPv4-compatible, RFC 4291
    ipaddress.IPv6Network("64:ff9b:1::/48"),  # NAT64 within a network, RFC 8215
    ipaddress.IPv6Network("fec0::/10"),  # site-local, RFC 3879
)
# Resolvers read these as IPv4 addresses: 127.1, 0x7f000001, 127.0.0.1. with a dot behind it.
_NUMBERS: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?", re.IGNORECASE)


class PrivateAddress(Exception):
    """The host has an address that is not public. The text names the host and what to set."""


class GuardedResolver(ThreadedResolver):
    """Resolves only names all of whose addresses are public."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Give the addresses of a host, which may not be an address itself: that is `check_host`'s.

        Raises:
            PrivateAddress: one of them is not public.
            OSError: it cannot be resolved.
        """
        found = await super().resolve(host, port, family)
        if not all(is_public(each["host"]) for each in found):
            raise _refusal(host)
        return found


def check_host(host: str) -> None:
    """Refuse a host that is written as an address and is not public: no resolver will see it.

    Raises:
        PrivateAddress: it is such an address, or one that is not written in full.
    """
    try:
        allowed = is_public(host)
    except ValueError:
        if _NUMBERS.fullmatch(host):
            raise PrivateAddress(
                f"{host} is neither a name nor an address in full, and can be a private address: "
                "the operator can allow it with the setting private_targets"
            ) from None
        return  # a name
    if not allowed:
        raise _refusal(host)


def is_public(address: str) -> bool:
    """Say whether an address is one of the public internet, whichever way it is written.

    Raises:
        ValueError: it is no address.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
        if found in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
        if any(found in network for network in _NOT_PUBLIC):
            return False
    return found.is_global and not found.is_multicast


def _refusal(host: str) -> PrivateAddress:
    return PrivateAddress(
        f"{host} is a private address: the operator can allow it with the setting private_targets"
    )
