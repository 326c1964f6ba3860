"""Processes that end or hang, and how runs and tabs are shown."""

from __future__ import annotations

import io
import os
import re
import signal
import time

import pytest
from django.core.management import CommandError
from django.core.management.base import OutputWrapper

from project.demonstration import processes
from project.demonstration.processes import Interrupted, Processes
from project.demonstration.showing import RunLines, aligned, first_rows
from sheetsync.models import SyncRun

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
)
SHELL = ("shell", "--verbosity", "0", "--command")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_process_that_ends_by_itself_is_named_with_its_last_words(tmp_path):
    with Processes(os.environ, tmp_path) as all_of_them:
        all_of_them.start("clock", "no_such_command")
        with pytest.raises(
            CommandError, match=r"the clock has ended \(1\):\n(.*\n)*Unknown command: 'no_such_command'"
        ):
            all_of_them.says(all_of_them._all[0], re.compile("never"))


@pytest.mark.slow
def test_a_process_that_does_not_go_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "PATIENCE", 0.2)
    with Processes(os.environ, tmp_path) as all_of_them:
        stubborn = all_of_them.start("stubborn", *SHELL, STUBBORN)
        all_of_them.says(stubborn, re.compile("ready"))
    assert stubborn.exit_code == -signal.SIGKILL


def test_whoever_waits_is_interrupted_and_signals_mean_afterwards_what_they_meant_before():
    before = signal.getsignal(signal.SIGINT)
    started = time.monotonic()
    with Processes(os.environ) as all_of_them, pytest.raises(Interrupted):
        os.kill(os.getpid(), signal.SIGINT)
        all_of_them.pause(30)
    assert time.monotonic() - started < 10 and signal.getsignal(signal.SIGINT) is before


def test_on_a_terminal_the_lines_of_several_runs_are_rewritten_in_place():
    terminal = Terminal()
    runs = [SyncRun(pk=number, status="running", attempts=1) for number in (1, 2)]
    lines = RunLines(OutputWrapper(terminal))
    lines(runs)
    lines(runs)
    first, again = terminal.getvalue().split("\x1b[2A")
    assert first == again and first.count("\x1b[K\n") == 2


def test_elsewhere_a_line_is_printed_when_a_run_changes():
    out = io.StringIO()
    runs = [SyncRun(pk=number, status="pending", attempts=0) for number in (1, 2)]
    lines = RunLines(OutputWrapper(out))
    lines(runs)
    runs[1].status = "running"
    lines(runs)
    assert [line.split("  ")[:2] for line in out.getvalue().splitlines()] == [
        ["run 1", "pending"], ["run 2", "pending"], ["run 2", "running"],
    ]  # fmt: skip


def test_columns_are_aligned_by_the_places_that_their_texts_take():
    table = [["Customer", "Total"], ["山田 太郎", "1,000.50"], ["Zoë", "7"]]
    assert aligned(table).splitlines() == ["  Customer      Total", "  山田 太郎  1,000.50", "  Zoë               7"]


def test_the_first_rows_hide_the_technical_columns_and_end_with_the_row_asked_for():
    table = [
        ["key", "print", "Name"],
        ["1", "f", "Ada"],
        ["2", "f", "Bo"],
        ["3", "f", "=SUM(1)"],
        ["4", "f", "=SUM(2)"],
    ]
    assert first_rows(table, 1, "=SUM") == [["Name"], ["Ada"], ["=SUM(1)"]]
