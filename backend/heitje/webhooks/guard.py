# SPDX-License-Identifier: EUPL-1.2
"""Which addresses a webhook may lead to: the public internet, and nothing inside the municipality's own networks.

Whoever registers a webhook makes this server send requests. So that nobody can reach with them what only this server
reaches (a database's port, a cloud's metadata, a printer), a URL is checked when it is registered, and at each delivery
the name's addresses are looked up once, every one of them is checked, and the connection goes to what was checked:
a name that leads elsewhere a moment later is not asked again.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

MAX_URL: Final = 500
"""Characters."""

PORTS: Final = (443, 8443)
"""That a webhook on the public internet may have."""

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_LOCAL: Final = ("localhost", ".localhost")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int], Awaitable[list[str]]]
"""All addresses of a name, for a port."""


class Refused(Exception):
    """The webhook leads where nothing is sent to; the message says why, but not what the names in here lead to."""


def check_url(text: str, *, loopback: bool) -> URL:
    """A URL that may be a webhook's, as far as can be told without asking for its name's addresses.

    Args:
        text: What was asked for.
        loopback: Whether this machine itself will do as well, without TLS: for tests and demonstrations.

    Raises:
        Refused: It may not.
    """
    try:
        url = URL(text)
        host, port = url.host, url.port
    except ValueError:
        raise Refused("it is not a URL") from None
    if not url.absolute or not host or len(text) > MAX_URL or not text.isascii() or not text.isprintable():
        raise Refused(f"it is not a URL of at most {MAX_URL} ASCII characters that begins with https://")
    if url.user is not None or url.password is not None or url.fragment:
        raise Refused("it has a user name, a password or a fragment")
    literal = _literal(host)
    if loopback and url.scheme in ("http", "https") and (_is_loopback(literal) or host == _LOCAL[0]):
        return url
    if url.scheme != "https":
        raise Refused("it does not begin with https://")
    if port not in PORTS:
        raise Refused(f"its port is not one of {', '.join(map(str, PORTS))}")
    if host == _LOCAL[0] or host.endswith(_LOCAL[1]) or ("." not in host and literal is None):
        raise Refused("its host is no name on the public internet")
    if literal is not None:
        check_address(literal, loopback=loopback)
    return url


def check_address(address: Address, *, loopback: bool) -> None:
    """Refuse what is not on the public internet.

    Raises:
        Refused: It is not.
    """
    inner = _inside(address)
    if loopback and inner.is_loopback:
        return
    # Multicast counts as global in the standard library.
    if not (address.is_global and inner.is_global) or inner.is_multicast or inner.is_reserved or address.is_multicast:
        raise Refused("it leads to an address that is not on the public internet")


class Guard(AbstractResolver):
    """Looks names up for aiohttp, which connects to exactly the addresses that it is given."""

    def __init__(self, *, loopback: bool, lookup: Lookup | None = None) -> None:
        self._loopback = loopback
        self._lookup = lookup or _look_up

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - both families are checked
    ) -> list[ResolveResult]:
        """All addresses of a name, each of them checked.

        Raises:
            Refused: One of them is not on the public internet.
        """
        found = [ipaddress.ip_address(text.partition("%")[0]) for text in await self._lookup(host, port)]
        for address in found:
            check_address(address, loopback=self._loopback)
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in found
        ]

    async def close(self) -> None:
        """Nothing is open."""


async def _look_up(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_loopback(address: Address | None) -> bool:
    return address is not None and _inside(address).is_loopback


def _inside(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo is not None else address)
