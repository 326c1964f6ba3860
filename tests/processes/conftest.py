"""Real processes on the test's own database and against one emulator."""

from __future__ import annotations

import pytest

from tests.support.processes import Children


@pytest.fixture
def children(child_environment, world, tmp_path):
    """Starts workers, schedulers and clusters that find the world; all of them are gone when the test is over."""
    environment = child_environment | {"SHEETSYNC_SHEETS_URL": world.url, "SHEETSYNC_PACING": "off"}
    with Children(environment, tmp_path) as children:
        children.settings = {"DISPATCH": "polling", "POLL_SECONDS": 0.1, "SCHEDULER_SECONDS": 0.2}
        yield children
