"""Random storms over the whole service, from the request to the outcome: every one must end with all promises kept."""

from __future__ import annotations

import os

import pytest

from sheetsync.sheets import client
from tests.support.storms import Storm

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

STORMS = max(1, int(os.environ.get("SHEETSYNC_TRIALS", "400")) // 100)
"""`make chaos` asks for 200."""

FIRST_SEED = int(os.environ.get("SHEETSYNC_SEED", "0"))
SETTINGS = {
    "MAX_GROUPS_PER_BATCH": 2,
    "READ_TIMEOUT": 0.3,  # so that some replies come too late
    "LONGEST_WAIT_SECONDS": 0.01,
    "RETRY_BASE_SECONDS": 0.01,
    "RETRY_CAP_SECONDS": 0.01,
}


@pytest.fixture
def storm(world, settings, monkeypatch, tmp_path):
    """Makes a storm in which nobody waits before trying again."""
    settings.SHEETSYNC = settings.SHEETSYNC | SETTINGS
    monkeypatch.setattr(client, "LONGEST_PAUSE", 0.0)
    return lambda seed: Storm(world, seed, tmp_path)


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + STORMS))
def test_when_a_storm_is_over_sheets_notes_and_runs_are_as_they_should_be(storm, seed):
    """Again, alone: SHEETSYNC_SEED=<the seed> SHEETSYNC_TRIALS=1."""
    trial = storm(seed)
    try:
        trial.run()
    except Exception as error:
        error.add_note(f"seed {seed}:\n{trial.told()}")
        raise
