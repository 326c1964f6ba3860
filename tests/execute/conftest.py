"""Runs are executed against an emulator over HTTP, as workers do it."""

from __future__ import annotations

import json

import pytest

from tests.support.runs import World


@pytest.fixture
def world(emulator, tmp_path, settings):
    with emulator.serve() as server:
        key = json.loads(emulator.accounts.write_account(tmp_path / "key.json", server.url).read_text())
        settings.SHEETSYNC = settings.SHEETSYNC | {
            "SHEETS_URL": server.url,
            "DISPATCH": "polling",
            "READS_PER_MINUTE": None,
            "WRITES_PER_MINUTE": None,
            "PROJECT_READS_PER_MINUTE": None,
            "PROJECT_WRITES_PER_MINUTE": None,
        }
        yield World(emulator, server.url, tmp_path, key)
