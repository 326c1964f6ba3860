"""What every test may use."""

from __future__ import annotations

import pytest

from sheetsync.emulator import Emulator


@pytest.fixture
def emulator():
    return Emulator()


@pytest.fixture
def book(emulator):
    """The id of an empty spreadsheet."""
    return emulator.create_spreadsheet("Shop")
