"""A network in which shops have their real names and certificates, and what their owners' browsers bring back."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import time
from urllib.parse import parse_qsl, urlsplit

from django.test import Client

from sheetsync.outbound.budget import BudgetSocket
from tests.support.certificates import Authority
from tests.support.shops.shopify import CLIENT, SHOP

HERE = {"HTTP_HOST": "sync.example", "HTTP_X_FORWARDED_PROTO": "https"}
"""As this site is called."""
APP = {"SHOPIFY_CLIENT_ID": CLIENT["client_id"], "SHOPIFY_CLIENT_SECRET": CLIENT["client_secret"]}
KEYS = {"consumer_key": "ck_" + "a1" * 20, "consumer_secret": "cs_" + "b2" * 20}


class Network:
    """A network in which https://name/ leads to this server, which has a certificate for the name."""

    def __init__(self, name, server, *, monkeypatch, folder, settings):
        authority = Authority(folder)
        server._server.socket = authority.server(name).wrap_socket(server._server.socket, server_side=True)
        self.name, self.port, self.known = name, server._server.server_port, socket.getaddrinfo
        allowed = {"OUTBOUND_ALLOW": [name], "OUTBOUND_CA_FILE": str(authority.file)}
        settings.SHEETSYNC = settings.SHEETSYNC | allowed
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)
        monkeypatch.setattr(BudgetSocket, "connect", self._connect_to(), raising=False)

    def _look_up(self, host, port, *rest, **named):
        if host != self.name:
            return self.known(host, port, *rest, **named)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    def _connect_to(self):
        """No test may listen on port 443 itself."""

        def connect(connection, place):
            host, port = place
            socket.socket.connect(connection, (host, self.port if port == 443 else port))

        return connect


def parameters_of(url):
    return dict(parse_qsl(urlsplit(url).query))


def signed(secret=CLIENT["client_secret"], **values):
    """The parameters of an answer as Shopify gives and signs it; what is None is left out."""
    given = {"shop": SHOP, "host": "YWRtaW4", "timestamp": str(int(time.time()))} | values
    given = {name: value for name, value in given.items() if value is not None}
    message = "&".join(f"{name}={value}" for name, value in sorted(given.items()))
    return {**given, "hmac": hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()}


def browse(path, given, **extra):
    """A person's browser opens a page of ours."""
    return Client(raise_request_exception=False).get(path, given, **HERE | extra)


def send_keys(nonce, **changed):
    """A shop sends keys, as WooCommerce does."""
    body = {"key_id": 1, "user_id": nonce, **KEYS, "key_permissions": "read"} | changed
    return post_keys(json.dumps(body).encode())


def post_keys(body, **extra):
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    return client.post("/shops/woocommerce/keys", body, content_type="application/json;charset=UTF-8", **HERE | extra)
