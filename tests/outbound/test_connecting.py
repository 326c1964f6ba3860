"""Whatever a name says before or after, what is connected to is what was checked."""

from __future__ import annotations

import contextlib
import socket
import time
from threading import Event

import pytest
from pytest_socket import SocketConnectBlockedError

from sheetsync.errors import AddressRefused, Unavailable
from sheetsync.outbound.connecting import connects_to_itself
from tests.outbound.conftest import LOOPBACK
from tests.support.speaking import answer, ok, silence

NAME = "shop.example.com"
PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    ("addresses", "reason"),
    [
        (["127.0.0.1"], "loopback"),
        (["10.0.0.1"], "private"),
        (["169.254.169.254"], "metadata"),
        (["168.63.129.16"], "metadata under a public address"),
        (["::1"], "loopback in IPv6"),
        (["::ffff:127.0.0.1"], "mapped loopback"),
        (["64:ff9b::7f00:1"], "NAT64 of loopback"),
        (["fe80::1"], "link-local"),
        (["0.0.0.0"], "this machine"),  # noqa: S104 - nothing is bound to it
        ([PUBLIC, "127.0.0.1"], "a good one in front: who looks at the first only goes on to the second"),
        (["127.0.0.1", PUBLIC], "a good one behind"),
        ([PUBLIC] * 20 + ["10.0.0.1"], "many good ones in front"),
        ([PUBLIC, "::1"], "good in IPv4, bad in IPv6"),
    ],
)
def test_a_name_that_leads_here_is_refused(speaker, door, resolver, addresses, reason):
    server, resolver.answers = speaker(ok()), [addresses]

    with pytest.raises(AddressRefused, match=r"does not lead to a public address.*OUTBOUND_ALLOW") as caught:
        door(f"http://{NAME}:{server.port}/", allow=(), ports=(server.port,)).get()

    assert server.connections == 0, reason
    assert not any(address in str(caught.value) for address in addresses)  # it would draw a map of the network


def test_a_name_that_was_public_a_moment_ago_is_refused_when_it_is_called(speaker, door, resolver):
    server, resolver.answers = speaker(ok()), [[PUBLIC], ["127.0.0.1"]]
    rebound = door(f"http://{NAME}:{server.port}/", allow=(), ports=(server.port,))
    rebound.knock()

    with pytest.raises(AddressRefused):
        rebound.get()

    assert server.connections == 0


def test_what_is_connected_to_is_what_was_checked(door, resolver):
    # A second question would get loopback. The guard of these tests tells where the connection was going to.
    resolver.answers = [[PUBLIC], ["127.0.0.1"]]

    with pytest.warns(UserWarning), pytest.raises(SocketConnectBlockedError, match=f'host "{PUBLIC}"'):
        door(f"http://{NAME}/", allow=(), ports=(80,)).get()

    assert len(resolver.asked) == 1


def test_a_name_is_asked_for_once_even_where_it_is_allowed(speaker, door, resolver):
    server, resolver.answers = speaker(ok(b"[1]")), [["127.0.0.1"], ["10.0.0.1"]]

    assert door(f"http://{NAME}:{server.port}/", allow=(NAME,)).get().json() == [1]
    assert f"Host: {NAME}:{server.port}\r\n" in server.requests[0]


def test_a_kept_connection_leads_where_it_led(speaker, door, resolver):
    server, resolver.answers = speaker(ok()), [["127.0.0.1"], ["10.0.0.1"]]
    kept = door(f"http://{NAME}:{server.port}/", allow=(LOOPBACK,), ports=(server.port,))

    kept.get(), kept.get()

    assert (server.connections, len(server.requests), len(resolver.asked)) == (1, 2, 1)


def test_a_new_connection_is_checked_anew(speaker, door, resolver):
    server, resolver.answers = speaker(ok()), [["127.0.0.1"], ["10.0.0.1"]]
    kept = door(f"http://{NAME}:{server.port}/", allow=(LOOPBACK,), ports=(server.port,))
    kept.get()
    server.hang_up()

    with pytest.raises(AddressRefused):
        kept.get()


def test_the_resolver_does_not_try_the_domains_of_this_machine(door, resolver):
    # kubernetes.default.svc would be completed to the cluster's own name.
    resolver.answers = [OSError("no such name")]

    with pytest.raises(Unavailable, match=r"the host of https://kubernetes\.default\.svc is not known"):
        door("https://kubernetes.default.svc/", ports=(443,)).get()

    assert resolver.asked == ["kubernetes.default.svc."]


def test_an_allowed_name_is_looked_up_as_it_is(door, resolver):
    resolver.answers = [["127.0.0.1"]]

    door("https://redis/", allow=("redis",)).knock()

    assert resolver.asked == ["redis"]


def test_a_name_without_addresses_is_not_known(door, resolver):
    resolver.answers = [[]]

    with pytest.raises(Unavailable, match="is not known"):
        door(f"https://{NAME}/").knock()


def test_a_resolver_that_takes_its_time_takes_none_of_ours(door, monkeypatch):
    enough = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: enough.wait(30) and [])
    began = time.monotonic()

    with pytest.raises(Unavailable, match=r"within 0\.3 seconds"):
        door(f"https://{NAME}/", seconds=0.3).get()

    assert time.monotonic() - began < 5
    enough.set()


def test_the_next_address_is_tried_where_one_does_not_answer(speaker, door, resolver):
    server, resolver.answers = speaker(ok(b"[1]")), [["::1", "127.0.0.1"]]

    assert door(f"http://{NAME}:{server.port}/", allow=(NAME,)).get().json() == [1]


def test_a_closed_port_is_worth_another_try(door):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(Unavailable, match="cannot be connected to"):
        door(f"http://127.0.0.1:{port}/").get()


def test_who_connects_to_this_machine_under_another_address_is_found_out():
    # A public address of this machine is behind its firewall when it is called from here.
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        own = stack.enter_context(socket.create_connection(listener.getsockname()))

        assert connects_to_itself(own)


@pytest.mark.allow_hosts(["127.0.0.2"])
def test_who_connects_elsewhere_is_not():
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.2", 0)))
        other = stack.enter_context(socket.create_connection(listener.getsockname()))

        assert not connects_to_itself(other)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"])
def test_a_proxy_of_the_environment_is_passed_by(speaker, door, monkeypatch, name):
    proxy, server = speaker(ok(b'"proxy"')), speaker(ok(b'"server"'))
    monkeypatch.setenv(name, proxy.url)
    monkeypatch.setenv("NO_PROXY", "")

    assert door(server.url).get().json() == "server"
    assert proxy.connections == 0


def test_passwords_that_lie_about_are_not_sent(speaker, door, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login operator password hush-hush\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = speaker(ok())

    door(server.url).get()

    assert "authorization" not in server.requests[0].lower()


def test_cookies_are_not_kept(speaker, door):
    server = speaker(ok(b"{}", "Set-Cookie: session=1; Path=/"))
    visitor = door(server.url)

    visitor.get(), visitor.get()

    assert "cookie" not in server.requests[1].lower()


def test_the_certificate_is_that_of_the_name_and_not_of_the_address(speaker, door, resolver, authority):
    heard = []
    server = speaker(ok(b"[1]"), tls=authority.server(NAME, heard=heard))
    resolver.answers = [["127.0.0.1"]]
    shop = door(f"https://{NAME}:{server.port}/", allow=(NAME,), ca_file=str(authority.file))

    assert shop.get().json() == shop.get().json() == [1]
    assert (heard, server.connections) == ([NAME], 1)


@pytest.mark.parametrize(
    ("certified", "days", "trusted", "complaint"),
    [
        ("other.example.com", 1, True, "(?i)hostname mismatch"),
        (NAME, -1, True, "certificate has expired"),
        (NAME, 1, False, "unable to get local issuer certificate"),
    ],
)
def test_any_other_certificate_is_refused(speaker, door, resolver, authority, certified, days, trusted, complaint):
    server = speaker(ok(), tls=authority.server(certified, days=days))
    resolver.answers = [["127.0.0.1"]]
    ca_file = str(authority.file) if trusted else None

    with pytest.raises(AddressRefused, match=complaint):
        door(f"https://{NAME}:{server.port}/", allow=(NAME,), ca_file=ca_file, field="base_url").get()

    assert server.requests == []


def test_a_server_that_does_not_speak_tls_is_found_out(speaker, door):
    server = speaker(ok(), greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with pytest.raises(Unavailable, match="broke off, or does not speak"):
        door(f"https://127.0.0.1:{server.port}/").get()


def test_a_handshake_that_does_not_come_has_no_more_time_than_a_call(speaker, door):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        began = time.monotonic()

        with pytest.raises(Unavailable, match=r"within 0\.4 seconds"):
            door(f"https://127.0.0.1:{mute.getsockname()[1]}/", seconds=0.4).get()

    assert time.monotonic() - began < 5


def test_who_hangs_up_before_a_word_is_worth_another_try(speaker, door):
    server = speaker(lambda connection: None)

    with pytest.raises(Unavailable, match="broke off"):
        door(server.url).get()


def test_a_connection_that_was_closed_meanwhile_is_made_anew(speaker, door):
    server = speaker(ok(b"[1]"), ok(b"[2]"))
    visitor = door(server.url)
    visitor.get()
    server.hang_up()

    assert visitor.get().json() == [2]


def test_silence_ends_with_the_call(speaker, door):
    began = time.monotonic()

    with pytest.raises(Unavailable, match=r"within 0\.4 seconds"):
        door(speaker(silence).url, seconds=0.4).get()

    assert time.monotonic() - began < 5


def test_a_failed_call_does_not_spoil_the_next(speaker, door):
    server = speaker(silence, ok(b"[1]"), answer("500 Oops"))
    visitor = door(server.url, seconds=0.4)
    with pytest.raises(Unavailable):
        visitor.get()

    assert (visitor.get().json(), visitor.get().status) == ([1], 500)
