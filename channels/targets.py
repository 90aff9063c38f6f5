"""Which network addresses may be called: keeps a webhook's URL from reaching into the own network."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable

from domain.ports import DeliveryFailed

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Host and port to IP addresses; OSError when there are none."""

MOST_ADDRESSES = 4
"""More than two, one of each family, rarely help; each costs a share of the time to connect."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
_NOT_USED = (ipaddress.ip_network("192.88.99.0/24"), ipaddress.ip_network("3fff::/20"))
"""Addresses of relays that are no more, and of examples, which older Pythons take for public."""


async def resolve_host(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host (or of a literal address), in the system's order of preference."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, also when an IPv6 address wraps an IPv4 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if wrapped:
            return is_public(str(wrapped))
        if ip not in _PUBLIC_V6:  # other ways of wrapping, site-local, local NAT64, not given out
            return False
    if any(ip in network for network in _NOT_USED):
        return False
    return ip.is_global and not ip.is_multicast


async def safe_addresses(host: str, port: int, *, resolve: Resolve, allow_private: bool) -> list[str]:
    """Return the first addresses of ``host`` that may be called; never an empty list.

    Raises DeliveryFailed: permanent when all its addresses are non-public and ``allow_private`` is not set
    or the name is malformed; to be tried again when the name cannot be looked up now.
    """
    try:
        addresses = await resolve(host, port)
    except UnicodeError as error:
        raise DeliveryFailed(f"{host} is not a host name", permanent=True) from error
    except OSError as error:
        raise DeliveryFailed(f"{host} cannot be looked up: {error}") from error
    if not addresses:
        raise DeliveryFailed(f"{host} has no address")
    allowed = addresses if allow_private else [address for address in addresses if is_public(address)]
    if not allowed:
        raise DeliveryFailed(f"{host} is not on the public internet", permanent=True)
    return allowed[:MOST_ADDRESSES]
