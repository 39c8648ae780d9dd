"""Which addresses a sandbox may be led to: the open internet's, and an operator's own network for hosts he listed."""

from __future__ import annotations

import ipaddress
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Azure's host agent and Oracle's: public by their numbers to some Pythons, yet answered by the machine's own cloud.
_INSIDE: Final = tuple(ipaddress.ip_network(each) for each in ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24"))
# Metadata services that hand out credentials from addresses like anybody's own.
_METADATA: Final = tuple(ipaddress.ip_network(each) for each in ("100.100.100.200/32", "fd00:ec2::/32"))
# IPv6 forms that carry an IPv4 address, which a gateway unpacks: the prefix, and how many bits follow the address.
_CARRYING: Final = (
    (ipaddress.IPv6Network("::ffff:0:0/96"), 0),
    (ipaddress.IPv6Network("::/96"), 0),
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
)


def is_public(text: str) -> bool:
    """Whether `text` is an address of the open internet; private, loopback, link-local and shared ones are not."""
    address = _read(text)
    return address is not None and _is_public(address)


def is_in_house(text: str) -> bool:
    """Whether `text` is public or of a private network; not this machine, its links or its cloud's agents."""
    address = _read(text)
    return address is not None and (_is_public(address) or _is_private(address))


def _read(text: str) -> Address | None:
    """Return the address that a connection would go to, unpacked where an IPv6 form carries an IPv4 address."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        for prefix, behind in _CARRYING:
            if address in prefix:
                return ipaddress.IPv4Address(int(address) >> behind & 0xFFFFFFFF)
    return address


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and (
        address in ipaddress.IPv6Network("64:ff9b:1::/48") or address.is_site_local
    ):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved and not _within(address, _INSIDE)


def _is_private(address: Address) -> bool:
    closed = address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
    shared = address in ipaddress.ip_network("100.64.0.0/10") if address.version == 4 else False
    usable = (address.is_private or shared) and not address.is_reserved and int(address) >> 24 != 0
    return usable and not closed and not _within(address, (*_INSIDE, *_METADATA))


def _within(address: Address, networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]) -> bool:
    return any(address in network for network in networks if network.version == address.version)
