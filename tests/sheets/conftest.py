"""An emulator, a spreadsheet in it and clients of it."""

from __future__ import annotations

import pytest

from sheetsync.emulator import Emulator
from tests.support.wiring import a_client


@pytest.fixture
def emulator():
    return Emulator()


@pytest.fixture
def book(emulator):
    """The id of an empty spreadsheet."""
    return emulator.create_spreadsheet("Shop")


@pytest.fixture
def client(emulator):
    return a_client(emulator)


@pytest.fixture
def server(emulator):
    """The same emulator over HTTP; `.url` is its address."""
    with emulator.serve() as running:
        yield running
