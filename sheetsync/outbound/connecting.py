"""The way to a host: look it up once, check every answer, connect to just those answers, look who is there.

A check before the connection is worth nothing, as a name may lead elsewhere the next moment. Here what was checked is
what is connected to, and TLS asks for the certificate of the name.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from sheetsync.errors import AddressRefused, Unavailable
from sheetsync.outbound.addresses import Address, parsed
from sheetsync.outbound.budget import Budget, BudgetSocket, BudgetTLS, OutOfTime, over
from sheetsync.outbound.rules import Rules
from sheetsync.outbound.urls import Url

MOST_TRIED = 4
"""Addresses of one host that are tried, one after the other."""


class Way:
    """The way to one origin, for one user of it: no other host is ever connected to."""

    def __init__(self, url: Url, rules: Rules, budget: Budget, *, field: str = "url") -> None:
        self.url = url
        self.rules = rules
        self.budget = budget
        self.field = field
        self._connected: BudgetSocket | None = None

    def connect(self) -> BudgetSocket:
        """A connection to an address that may be called. Raises AddressRefused, Unavailable, OutOfTime."""
        for address in self.addresses()[:MOST_TRIED]:
            try:
                return self._connect_to(address)
            except OSError:
                continue
        raise Unavailable(f"{self.url.site} cannot be connected to")

    def addresses(self) -> list[Address]:
        """Where the host is now: each of them may be called. Raises AddressRefused, Unavailable, OutOfTime."""
        literal = parsed(self.url.host)
        found = [literal] if literal else self._looked_up()
        # One bad answer among good ones is how a name gets past those who look at the first.
        if not all(self.rules.permit(self.url.host, address) for address in found):
            self._refuse()
        return found

    def _looked_up(self) -> list[Address]:
        # A dot at the end keeps the resolver from trying this machine's own domains, such as those of a cluster.
        name = self.url.host if self.rules.names(self.url.host) else f"{self.url.host}."
        answers = look_up(name, self.url.port, self.budget.seconds())
        if not answers:
            raise Unavailable(f"the host of {self.url.site} is not known")
        return answers

    def _connect_to(self, address: Address) -> BudgetSocket:
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        connection = BudgetSocket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(min(self.rules.connect_seconds, self.budget.seconds()))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.connect((str(address), self.url.port))
            self._look_who_is_there(connection, address)
            connection.settimeout(self.budget.seconds())
        except BaseException:
            connection.close()
            raise
        self.take(connection)
        return connection

    def take(self, connection: socket.socket | None) -> None:
        """This is the connection now: every byte of it counts, and it can be ended."""
        self._connected = over(connection, self.budget)

    def hang_up(self) -> None:
        """End the connection for good. A file object that a library lost in an error would keep it open."""
        if self._connected is not None and (number := self._connected.detach()) >= 0:
            os.close(number)
        self._connected = None

    def _look_who_is_there(self, connection: socket.socket, address: Address) -> None:
        peer = ip_address(connection.getpeername()[0])
        if peer != address:
            self._refuse()
        if connects_to_itself(connection) and not (self.rules.lists(peer) or self.rules.names(self.url.host)):
            self._refuse()

    def _refuse(self) -> None:
        # Which address it was stays unsaid: it would draw a map of the network for whoever asks for many names.
        raise AddressRefused(
            f"{self.field} '{self.url.shown()}' does not lead to a public address: give another, "
            f"or ask the operator to put {self.url.host!r} into OUTBOUND_ALLOW",
            field=self.field,
        )


def connects_to_itself(connection: socket.socket) -> bool:
    """Whether the other end is this machine, under an address that may look public: its firewall is not in between."""
    return bool(connection.getsockname()[0] == connection.getpeername()[0])


def look_up(name: str, port: int, seconds: float) -> list[Address]:
    """What the resolver says, or nothing. Raises OutOfTime: it knows no timeout, so it is asked by a thread."""
    answers: SimpleQueue[Sequence[Any]] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            answers.put(())

    Thread(target=ask, daemon=True, name="sheetsync-look-up").start()
    try:
        found = answers.get(timeout=seconds)
    except Empty:
        raise OutOfTime from None
    addresses = (ip_address(place[0]) for family, *_, place in found if family in (socket.AF_INET, socket.AF_INET6))
    return list(dict.fromkeys(addresses))


@lru_cache
def tls(ca_file: str | None) -> ssl.SSLContext:
    """How certificates are checked: those that everybody trusts, and the operator's own."""
    context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    if ca_file:
        context.load_verify_locations(ca_file)
    context.set_alpn_protocols(["http/1.1"])
    context.sslsocket_class = BudgetTLS
    return context


class Plain(HTTPConnection):
    """A connection that knows no other way."""

    def __init__(self, *args: Any, way: Way, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.way = way

    def _new_conn(self) -> socket.socket:
        return self.way.connect()


class Secure(HTTPSConnection):
    """The same with TLS: the name in the certificate is that of the host, whatever its address."""

    def __init__(self, *args: Any, way: Way, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.way = way

    def _new_conn(self) -> socket.socket:
        return self.way.connect()

    def connect(self) -> None:
        """Shake hands, then put what TLS made of the socket under the budget too."""
        try:
            super().connect()
        except ssl.SSLCertVerificationError as error:
            raise AddressRefused(
                f"{self.way.field} '{self.way.url.shown()}' has a certificate that is not accepted "
                f"({error.verify_message.rstrip('.')}): mend it, or give another address",
                field=self.way.field,
            ) from None
        self.way.take(self.sock)


class PlainPool(HTTPConnectionPool):
    """Keeps a connection alive between calls."""

    ConnectionCls = Plain


class SecurePool(HTTPSConnectionPool):
    """Keeps a connection alive between calls."""

    ConnectionCls = Secure


class OneWay(HTTPAdapter):
    """Sends whatever requests is asked for along one way. No proxy: it would look names up by itself."""

    def __init__(self, way: Way) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)
        self.way = way
        self.pool = self._new_pool()

    def _new_pool(self) -> HTTPConnectionPool:
        host, port, rules = self.way.url.host, self.way.url.port, self.way.rules
        if self.way.url.scheme == "http":
            return PlainPool(host, port, maxsize=1, way=self.way)
        context = tls(rules.ca_file)
        return SecurePool(host, port, maxsize=1, ssl_context=context, cert_reqs="CERT_REQUIRED", way=self.way)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        """The one pool, whatever the request says."""
        return self.pool

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """The pool was made to check certificates; nothing is loaded anew for each call."""

    def start_anew(self) -> None:
        """Keep nothing of a connection on which something went wrong."""
        self.pool.close()
        self.way.hang_up()
        self.pool = self._new_pool()

    def close(self) -> None:
        """Close what was kept alive."""
        super().close()
        self.pool.close()
