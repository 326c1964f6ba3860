"""Which network addresses are public, and which only look so."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sheetsync.outbound import Rules
from sheetsync.outbound.addresses import is_metadata, is_public

NOT_PUBLIC = {
    "0.0.0.0": "connects to this machine on Linux",  # noqa: S104 - nothing is bound to it
    "0.1.2.3": "the rest of this network is nobody's",
    "10.0.0.1": "private",
    "10.255.255.255": "its end",
    "100.64.0.1": "behind a carrier's NAT; ipaddress does not call it private",
    "100.100.100.200": "Alibaba's metadata, inside of that",
    "100.127.255.255": "its end",
    "127.0.0.1": "loopback",
    "127.8.8.8": "all of 127/8 is loopback",
    "169.254.169.254": "metadata of AWS, Google, Azure and others",
    "169.254.170.2": "credentials of a container at AWS",
    "172.16.0.1": "private",
    "172.31.255.255": "its end",
    "192.0.0.192": "Oracle's metadata",
    "192.0.0.9": "global by the registry, but an anycast for protocols",
    "192.0.2.1": "documentation",
    "192.31.196.1": "AS112",
    "192.52.193.1": "multicast in tunnels",
    "192.88.99.1": "a relay of 6to4; ipaddress calls it global",
    "192.168.0.1": "private",
    "192.175.48.1": "AS112",
    "198.18.0.1": "benchmarks",
    "198.19.255.255": "its end",
    "198.51.100.1": "documentation",
    "203.0.113.1": "documentation",
    "224.0.0.1": "multicast; ipaddress calls it global",
    "239.255.255.250": "multicast, where devices at home listen",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "168.63.129.16": "the host of a machine at Azure, under a public address",
    "::": "unspecified: this machine",
    "::1": "loopback",
    "::127.0.0.1": "IPv4-compatible, long out of use",
    "::ffff:127.0.0.1": "mapped: the operating system connects to 127.0.0.1",
    "::ffff:8.8.8.8": "mapped: nobody writes a public address this way without a reason",
    "::ffff:0:127.0.0.1": "translated, RFC 2765",
    "64:ff9b::127.0.0.1": "NAT64 of loopback",
    "64:ff9b::169.254.169.254": "NAT64 of metadata",
    "64:ff9b::10.0.0.1": "NAT64 of a private address",
    "64:ff9b:1::8.8.8.8": "NAT64 for a network's own use; older Pythons call it global",
    "100::1": "a sink",
    "2001::1": "Teredo; the IPv4 address inside is the client's",
    "2001:0:7f00:1::": "Teredo by a server on loopback",
    "2001:2::1": "benchmarks",
    "2001:10::1": "ORCHID, which is no address",
    "2001:db8::1": "documentation",
    "2002:7f00:1::": "6to4 of 127.0.0.1; older Pythons call it global",
    "2002:a9fe:a9fe::": "6to4 of 169.254.169.254",
    "2620:4f:8000::1": "AS112",
    "3fff::1": "documentation since 2024",
    "5f00::1": "segment routing",
    "2606:4700::5efe:7f00:1": "ISATAP: a router unpacks 127.0.0.1",
    "2606:4700::200:5efe:a00:1": "ISATAP of 10.0.0.1, as a global one",
    "fc00::1": "private",
    "fd00:ec2::254": "metadata of AWS",
    "fd20:ce::254": "metadata of Google",
    "fe80::1": "link-local",
    "fe80::1%1": "link-local, on a certain interface",
    "2606:4700::1%1": "a public address has no interface",
    "fec0::1": "site-local; ipaddress calls it global",
    "ff02::1": "multicast: every node here",
    "ff0e::1": "multicast, global by its scope",
}


@pytest.mark.parametrize(("address", "reason"), NOT_PUBLIC.items())
def test_this_is_not_public(address, reason):
    assert not is_public(ip_address(address)), reason


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "93.184.215.14",
        "9.255.255.255",  # beside 10/8
        "11.0.0.0",
        "100.63.255.255",  # beside the carriers'
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "223.255.255.255",  # the last before multicast
        "168.63.129.17",
        "2606:4700:4700::1111",
        "2001:4860:4860::8888",  # beside Teredo
        "2a00:1450:4001:81b::200e",
        "64:ff9b::8.8.8.8",  # how a network without IPv4 reaches it
    ],
)
def test_this_is_public(address):
    assert is_public(ip_address(address))


@given(st.ip_addresses())
@example(ip_address("64:ff9b::808:808"))
def test_what_is_public_is_so_for_ipaddress_too(address):
    # NAT64's own prefix is reserved; it was not global before Python 3.13.
    if is_public(address) and address not in ip_network("64:ff9b::/96"):
        assert address.is_global
        assert not (address.is_private or address.is_loopback or address.is_link_local or address.is_multicast)
        assert not (address.is_reserved or address.is_unspecified)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_inside_of_an_ipv6_address_is_no_way_around(inside):
    number = int(inside)

    assert is_public(IPv6Address((0x64FF9B << 96) | number)) == is_public(inside)
    for prefix in (0, 0xFFFF << 32, 0xFFFF << 48):  # compatible, mapped, translated
        assert not is_public(IPv6Address(prefix | number))
    assert not is_public(IPv6Address((0x2002 << 112) | (number << 80)))  # 6to4
    assert not is_public(IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF)))  # Teredo


@given(st.integers(0, 2**32 - 1))
def test_most_of_ipv4_is_public_and_the_rest_is_what_the_registries_say(number):
    address = IPv4Address(number)
    ours = ["192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24", "224.0.0.0/4"]
    ours.append("168.63.129.16/32")

    expected = address.is_global and not any(address in ip_network(each) for each in ours)
    assert is_public(address) == expected


@pytest.mark.parametrize(
    ("allow", "host", "address", "verdict"),
    [
        ((), "shop.example", "93.184.215.14", True),
        ((), "shop.example", "10.1.2.3", False),
        (("shop.internal",), "shop.internal", "10.1.2.3", True),
        (("shop.internal",), "other.internal", "10.1.2.3", False),  # a name is one name
        (("shop.internal",), "shop.internal", "169.254.169.254", False),  # whoever serves the name would choose
        (("shop.internal",), "shop.internal", "::ffff:169.254.169.254", False),
        (("shop.internal",), "shop.internal", "64:ff9b::a9fe:a9fe", False),
        (("shop.internal",), "shop.internal", "fd00:ec2::254", False),
        ((ip_network("10.1.0.0/16"),), "shop.example", "10.1.2.3", True),
        ((ip_network("10.1.0.0/16"),), "shop.example", "10.2.0.0", False),
        ((ip_network("10.1.0.0/16"),), "shop.example", "::ffff:10.1.2.3", False),  # another form is another address
        ((ip_network("169.254.169.254"),), "169.254.169.254", "169.254.169.254", True),  # said so in as many words
    ],
)
def test_operators_allow_names_and_networks(allow, host, address, verdict):
    assert Rules(allow=allow).permit(host, ip_address(address)) is verdict


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "100.100.100.200", "2002:a9fe:a9fe::", "fe80::1", "fd20:ce::254"]
)
def test_this_is_where_clouds_keep_keys(address):
    assert is_metadata(ip_address(address))


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "93.184.215.14", "::ffff:10.0.0.1", "fd00:ec2::255"])
def test_this_is_not(address):
    assert not is_metadata(ip_address(address))
