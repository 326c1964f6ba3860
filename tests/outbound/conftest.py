"""Doors, and what is behind them."""

from __future__ import annotations

import socket
from ipaddress import ip_network

import pytest

from sheetsync.outbound import Door, Rules
from tests.support.certificates import Authority
from tests.support.speaking import Resolver, Speaker

LOOPBACK = ip_network("127.0.0.1")


@pytest.fixture
def speaker():
    """Make a server of these answers."""
    made = []

    def make(*answers, **options):
        made.append(Speaker(*answers, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def door():
    """Open a door: loopback and plain http are allowed, and a call may take ten seconds, where nothing else is said."""
    made = []

    def make(url, *, headers=None, field="url", **rules):
        given = {"allow": (LOOPBACK,), "http": True, "seconds": 10.0, "connect_seconds": 5.0} | rules
        made.append(Door(url, headers=headers, rules=Rules(**given), field=field))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def resolver(monkeypatch):
    """Stands in for the network's own: `resolver.answers = [["93.184.215.14"], ["127.0.0.1"]]`."""
    made = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", made)
    return made


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """An authority that nobody knows yet."""
    return Authority(tmp_path_factory.mktemp("certificates"))
