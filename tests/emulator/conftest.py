"""A small spreadsheet to work on."""

from __future__ import annotations

import pytest

from sheetsync.emulator import Emulator
from tests.emulator.support import Client, write


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


@pytest.fixture
def client(emulator: Emulator) -> Client:
    """Ten rows and five columns, tab Orders, id 0."""
    return Client(emulator, emulator.create_spreadsheet("Shop", rows=10, columns=5, tab="Orders"))


@pytest.fixture
def orders(client: Client) -> Client:
    """The same with a header and three rows."""
    client.ok(write(0, 0, ["key", "name", "sum"], ["1", "pear", 3], ["2", "apple", 1], ["3", "fig", 2]))
    return client
