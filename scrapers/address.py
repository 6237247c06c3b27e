"""Which addresses may be connected to: public ones, decided on the resolved address at the moment of connecting."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

from remitwatch.errors import FetchError

Resolve = Callable[..., list[Any]]
"""The signature of socket.getaddrinfo."""

# Public by ipaddress.is_global (in some or all Python versions), and yet ways to a private host or to many hosts.
_ALSO_REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "64:ff9b::/96",  # NAT64: an IPv4 address inside, 64:ff9b::7f00:1 is 127.0.0.1
        "64:ff9b:1::/48",  # NAT64, local use
        "2002::/16",  # 6to4: 2002:7f00:1:: is 127.0.0.1
        "2001::/32",  # Teredo
        "::/96",  # IPv4-compatible: ::127.0.0.1
        "fec0::/10",  # site-local
        "192.0.0.0/24",  # protocol assignments, 192.0.0.192 is a cloud's metadata service
        "192.88.99.0/24",  # 6to4 relays
        "100.64.0.0/10",  # shared by carriers
    )
)


def is_public(address: str) -> bool:
    """Whether this IP address (text, as the resolver gives it) is one host of the public Internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if (int(ip) >> 32) & 0xFFFFFFFF in (0x00005EFE, 0x02005EFE):  # ISATAP: an IPv4 address in the last 32 bits
            return False
    if ip.is_multicast or ip.is_reserved or ip.is_unspecified or not ip.is_global:
        return False
    return not any(ip.version == network.version and ip in network for network in _ALSO_REFUSED)


def resolve_checked(
    host: str, port: int, *, allow_private: bool, resolve: Resolve = socket.getaddrinfo
) -> list[tuple[int, Any]]:
    """The (family, socket address) pairs of a host, in the resolver's order. The caller connects to exactly these:
    a second look-up could give another answer.

    Raises FetchError (`address`) when even one of them is not public and `allow_private` is False, and OSError when
    the name cannot be resolved.
    """
    found = resolve(host, port, socket.AF_UNSPEC, socket.SOCK_STREAM)
    if not allow_private:
        for *_, sockaddr in found:
            if not is_public(sockaddr[0]):
                raise FetchError(
                    "address",
                    f"{host} is at {sockaddr[0]}, which is not a public address: it is reached only when private "
                    "addresses are allowed (allow_private_addresses)",
                )
    return [(family, sockaddr) for family, _, _, _, sockaddr in found]


def is_loopback_host(host: str | None) -> bool:
    """Whether a host name of a URL plainly means this machine (`localhost`, 127.0.0.0/8, ::1)."""
    name = (host or "").strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
