"""The demo as a stranger sees it: real processes, every claim checked, nothing left behind."""

from __future__ import annotations

import signal

import pytest
from django.core.management import CommandError, call_command

from tests.support.sessions import members, running

SECONDS = 240
FEW = ("--orders", "60")
CHAPTERS = {
    "a. The Sheets API answers 503": "nobody had to do anything; every cell equals the database",
    "b. It answers 429 for ever": "is dead, attempts 3, correlation id",
    "c. The spreadsheet is gone": "then Retry on the run's page, or trigger.retry(run)",
    "d. The account's grant is revoked": "new runs are refused: Google account robot@",
    "e. A worker is killed in the middle": "last call arrives late, and is refused",
}


@pytest.fixture
def demo(tmp_path):
    """Starts the demo; its scratch folder is made below the one that is returned with it."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return scratch, lambda *arguments: running(tmp_path, "demo", *arguments, TMPDIR=str(scratch))


@pytest.mark.slow
def test_the_demo_ends_by_itself_with_every_cell_right_and_leaves_nothing(demo):
    scratch, start = demo
    with start(*FEW) as child:
        assert child.wait(SECONDS) == 0, child.output
        assert child.output.count("every cell equals the database") == 7
        assert "all 40 notes are still on the rows" in child.output and "not one call that writes" in child.output
        assert members(child) == {} and list(scratch.iterdir()) == []


@pytest.mark.slow
def test_each_failure_is_shown_and_mended(demo):
    with demo[1]("--failures", *FEW) as child:
        assert child.wait(SECONDS) == 0, child.output
        at = 0
        for title, line in CHAPTERS.items():
            at = child.output.index(line, child.output.index(title, at))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_process_and_no_file_behind(demo, number):
    scratch, start = demo
    with start(*FEW) as child:
        child.says("run 1  running")
        assert len(members(child)) >= 8  # itself, the emulator, the scheduler, and five of the cluster
        child.signal(number)
        assert child.wait(SECONDS) == 130, child.output
        assert "interrupted; nothing was left running" in child.output
        assert members(child) == {} and list(scratch.iterdir()) == []


def test_too_small_a_shop_is_refused():
    with pytest.raises(CommandError, match="--orders 5: the demo needs 30 or more"):
        call_command("demo", "--orders", "5")
