"""What every chapter of the demo uses: a voice, a shop that changes, runs to watch, and a judge of every cell."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandError

from project.demonstration.check import EXPECTED, compare
from project.demonstration.emulator import RunningEmulator
from project.demonstration.people import Person
from project.demonstration.processes import Processes
from project.demonstration.showing import RunLines
from project.demonstration.voice import Voice
from project.shop.seeding import live_a_day
from sheetsync import trigger
from sheetsync.models import Automation, SyncRun

LONGEST = 240
LOOK_SECONDS = 0.15


class Stage:
    """Where the story runs. `automations`: one row per order, and one row per line."""

    def __init__(
        self, voice: Voice, processes: Processes, emulator: RunningEmulator, automations: tuple[Automation, ...]
    ) -> None:
        self.say, self.detail, self.title, self.show = voice.say, voice.detail, voice.title, voice.show
        self.emulator, self.automations = emulator, automations
        self._out, self._processes, self._client = voice.out, processes, emulator.client()

    def request(self, automation: Automation) -> SyncRun:
        """Ask for a run, as the button Run now does."""
        return trigger.request_run(automation, trigger=SyncRun.Trigger.MANUAL).run

    def watch(self, *runs: SyncRun) -> None:
        """Show how far they are until all are finished."""
        lines = RunLines(self._out)

        def finished() -> bool:
            for run in runs:
                run.refresh_from_db()
            lines(runs)
            return not any(run.is_active for run in runs)

        self.until(finished, f"the end of run {', '.join(str(run.pk) for run in runs)}")

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for it. Raises CommandError where it never comes, Interrupted where somebody asks to stop."""
        deadline = time.monotonic() + LONGEST
        while not condition():
            if time.monotonic() > deadline:
                raise CommandError(f"waited {LONGEST} s in vain for {what}\n{self._processes.last_words()}")
            self._processes.pause(LOOK_SECONDS)

    def expect(self, run: SyncRun, status: str) -> None:
        """Raises CommandError where the run has ended in another way."""
        if run.status != status:
            reason = f"{run.error_type}: {run.error}" if run.error_type else "without an error"
            raise CommandError(f"run {run.pk} is {run.status} instead of {status}, {reason}")

    def judge(self, found: Any, expected: Any, what: str) -> None:
        """Raises CommandError where what was found is not what was promised."""
        if found != expected:
            raise CommandError(f"{what}: {found!r} instead of {expected!r}")

    def equal(self, *automations: Automation) -> str:
        """Compare every cell of these tabs with the database. -> what was found, in words. Raises CommandError."""
        rows = cells = 0
        for automation in automations:
            verdict = compare(EXPECTED[automation.rows_per](), self.person(automation).table())
            if verdict.differences:
                found = "; ".join(verdict.differences[:5])
                raise CommandError(f"tab {automation.tab_title!r} differs from the database: {found}")
            rows, cells = rows + verdict.rows, cells + verdict.cells
        return f"every cell equals the database: {rows:,} rows, {cells:,} cells compared"

    def person(self, automation: Automation) -> Person:
        """Somebody at this automation's tab."""
        return Person(self._client, automation.spreadsheet_id, automation.tab_title)

    def live_a_day(self) -> str:
        """The shop changes. -> how, in words"""
        return ", ".join(f"{number} {what}" for what, number in live_a_day().items())
