"""Which network addresses may be called: public ones. The lists are ours, because `ipaddress` is no firewall.

Its `is_global` is true for multicast, for Azure's host and, before Python 3.11.10, for 6to4 and local NAT64 addresses,
which lead wherever the IPv4 address inside of them leads. What is listed here is what IANA's registries of special
purposes keep from the internet, and the places where clouds keep the keys of their machines.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SPECIAL_IPV4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this machine, in disguise
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a carrier's NAT; 100.100.100.200 is Alibaba's metadata
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local; 169.254.169.254 is everybody else's metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocols' own; 192.0.0.192 is Oracle's metadata
        "192.0.2.0/24",  # for documentation, as the next two of this kind
        "192.31.196.0/24",  # AS112: queries that should not have left their network
        "192.52.193.0/24",  # multicast in tunnels
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "168.63.129.16/32",  # looks public; inside of Azure it is the machine's host, with its metadata
    )
)

UNICAST_IPV6 = IPv6Network("2000::/3")
"""All that was ever given out. Loopback, private, link-local, multicast and mapped addresses are outside of it."""

SPECIAL_IPV6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocols' own; 2001::/32 is Teredo, with two IPv4 addresses inside
        "2001:db8::/32",  # for documentation
        "2002::/16",  # 6to4: leads to the IPv4 address inside
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # for documentation
    )
)

NAT64 = IPv6Network("64:ff9b::/96")
"""Networks without IPv4 reach it through these: good where the IPv4 address inside is."""

ISATAP = (0x00005EFE, 0x02005EFE)
"""The start of an interface's id that makes a router unpack the IPv4 address after it."""

METADATA = (
    IPv4Network("169.254.0.0/16"),
    IPv4Network("168.63.129.16/32"),
    IPv4Network("100.100.100.200/32"),
    IPv4Network("192.0.0.192/32"),
    IPv6Network("fe80::/10"),
    IPv6Network("fd00:ec2::254/128"),
    IPv6Network("fd20:ce::254/128"),
)
"""Where clouds hand out keys. No name leads there, also no allowed one: whoever serves the name would choose."""


def is_public(address: Address) -> bool:
    """Whether this is a place on the internet, and nothing else by another name."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_IPV4)
    if address in NAT64:
        return is_public(IPv4Address(address.packed[-4:]))
    if address not in UNICAST_IPV6 or address.scope_id:
        return False
    isatap = int.from_bytes(address.packed[8:12], "big") in ISATAP
    return not isatap and not any(address in network for network in SPECIAL_IPV6)


def is_metadata(address: Address) -> bool:
    """Whether a cloud keeps its keys there. IPv4 in IPv6 is looked at as well."""
    if isinstance(address, IPv6Address) and (inside := _embedded(address)):
        return is_metadata(inside)
    return any(address in network for network in METADATA)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an operating system or a near router would go to instead."""
    if address in NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour


def parsed(text: str) -> Address | None:
    """The address that `text` is, in its one usual form, or None. "127.1" and "0177.0.0.1" are none."""
    try:
        return ip_address(text)
    except ValueError:
        return None
