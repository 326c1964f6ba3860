"""A client of the emulator, in process and over HTTP."""

from __future__ import annotations

import pytest

from tests.support.wiring import a_client


@pytest.fixture
def client(emulator):
    return a_client(emulator)


@pytest.fixture
def server(emulator):
    """The same emulator over HTTP; `.url` is its address."""
    with emulator.serve() as running:
        yield running
