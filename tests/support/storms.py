"""One seeded storm over everything at once: networks fail, people rearrange the tab, the shop changes, processes die.

From the request to the outcome all is real: the database, forked workers and schedulers, the client over HTTP. Then it
is quiet. What was promised must hold: docs/sheet-contract.md and docs/the-life-of-a-run.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from django.db.models.functions import Now

from sheetsync import trigger
from sheetsync.errors import RunRefused
from sheetsync.models import Automation, GoogleAccount, SyncRun
from sheetsync.models.fields import database_time
from tests.support.boundaries import Fork
from tests.support.dying import by_django_q, by_run_scheduler, by_run_worker, finish, let_time_pass
from tests.support.judging_runs import judge_runs
from tests.support.onlooker import MOVES_COLUMNS, Onlooker
from tests.support.runs import World, run_of
from tests.support.stalls import Stall

GENTLE = (
    "sort", "filter", "clear_filter", "hide_rows", "insert_rows", "move_row", "insert_column", "move_column",
    "hide_columns", "rename_tab", "type_below", "type_note",
)  # fmt: skip
"""Acts that leave our cells whole and together: no later run is needed to mend anything."""

WILD = (*GENTLE, "sort_selection", "delete_rows", "copy_row", "delete_column", "type_text", "undo")
FAULTS = ("429", "500", "503", "502-html", "500 applied", "503 applied", "drop", "lose_reply", "late", "double", "slow")
PEOPLE = {"person before": 0.2, "person after": 0.1}
BOUNDARIES = 150
"""Somewhat more than most runs have."""


class Storm:
    """One trial. `story`: what happened, in words, for whoever has to understand why it failed."""

    def __init__(self, world: World, seed: int, folder: Path) -> None:
        self.world, self.random, self.folder = world, Random(seed), folder
        self.story: list[str] = []
        self.onlooker = Onlooker(world.emulator, self.story)
        self.wild, self.moves_columns = self.random.random() < 0.5, self.random.random() < 0.5
        self.forks = 0
        tenant = world.tenant(max_concurrent_runs=2)
        self.stalls = [Stall(world, tenant, f"stall {number}", self.random) for number in (1, 2)]

    def run(self) -> None:
        self._begin()
        self._rage()
        self._quiet()
        self._judge()

    def told(self) -> str:
        """The story, for a failure's message."""
        return "\n".join([*self.story, *(stall.told() for stall in self.stalls)])

    # -- the parts

    def _begin(self) -> None:
        """Mostly, a tab that is filled, and annotated by a person; or one that is still to be made."""
        for stall in self.stalls:
            run_of(stall.automation)
            if stall.has_tab or self.random.random() < 0.7:
                finish()
                stall.annotate()

    def _rage(self) -> None:
        rates = dict.fromkeys(FAULTS, self.random.choice([0.0, 0.01, 0.03])) | PEOPLE
        acts = [act for act in (WILD if self.wild else GENTLE) if self.moves_columns or act not in MOVES_COLUMNS]
        weather = self.world.emulator.weather(self.random.randrange(10**9), rates, acts=acts)
        for _ in range(self.random.randint(3, 8)):
            self._happen()
            self._work()
        weather.stop()

    def _quiet(self) -> None:
        """The network is well again, and people only look; what is late may land at any moment still."""
        self._tell("it is quiet")
        if self.random.random() < 0.5:
            self.world.emulator.faults.release()
        self._finish()
        self.world.emulator.faults.release()
        self.world.emulator.faults.clear()

    def _judge(self) -> None:
        judge_runs()
        if not self.wild:
            for stall in self.stalls:
                stall.judge("after all runs", self.onlooker)
        for stall in self.stalls:
            stall.repair()
        self._finish()
        judge_runs()
        for stall in self.stalls:
            stall.judge("after a full run in quiet", self.onlooker)
        self._judge_idleness()

    def _judge_idleness(self) -> None:
        for stall in self.stalls:
            run_of(stall.automation)
        writes = self.world.emulator.count("write")
        finish()
        assert self.world.emulator.count("write") == writes, "a run with nothing to do wrote"

    # -- what happens

    def _happen(self) -> None:
        stall = self.random.choice(self.stalls)
        acts = [self._change, self._change, self._change, self._fall_due, self._cancel, Stall.annotate]
        self.random.choice(acts)(stall)

    def _change(self, stall: Stall) -> None:
        """The shop changes orders and tells us, in a process that may die over it: then it tells us again."""
        changed = stall.change(self.random)
        self._tell(f"{stall.name}: {changed} change")
        self._mend()
        ask = self._asking(stall, changed)
        while self._fork(ask, self.random.choice([None, self.random.randint(1, 25)])).wait():
            self._tell("the shop was not answered")

    def _asking(self, stall: Stall, changed: list[str]) -> Callable[[], object]:
        return lambda: trigger.request_run(stall.automation, trigger=SyncRun.Trigger.WEBHOOK, order_ids=changed)

    def _fall_due(self, stall: Stall) -> None:
        self._tell(f"{stall.name} is due")
        due = database_time(Automation)
        Automation.objects.filter(pk=stall.automation.pk).update(next_slot_at=due, next_run_at=due)

    def _cancel(self, stall: Stall) -> None:
        for run in SyncRun.objects.active().filter(automation=stall.automation):
            self._tell(f"run {run.pk} is canceled")
            trigger.cancel(run)

    def _work(self) -> None:
        """One process, or two at once; while they work, the shop may change, and leases may end."""
        works = [by_run_worker, by_django_q, by_run_worker, by_django_q, by_run_scheduler]
        chosen = [self.random.choice(works) for _ in range(self.random.choice([1, 1, 2]))]
        forks = [self._fork(work, self.random.choice([None, self.random.randint(1, BOUNDARIES)])) for work in chosen]
        if self.random.random() < 0.4:
            self._meanwhile()
        for fork in forks:
            fork.wait()
        self._mend()
        if self.random.random() < 0.8:
            self._tell("time passes")
            let_time_pass()

    def _meanwhile(self) -> None:
        time.sleep(self.random.uniform(0.02, 0.25))
        if self.random.random() < 0.5:
            self._tell("leases end under their holders")
            SyncRun.objects.running().update(lease_expires_at=Now())
            return
        stall = self.random.choice(self.stalls)
        changed = stall.change(self.random)
        self._tell(f"{stall.name}: {changed} change meanwhile")
        self._mend()
        try:
            self._asking(stall, changed)()
        except RunRefused:
            self._mend()
            self._asking(stall, changed)()

    def _fork(self, work: Callable[[], object], last: int | None) -> Fork:
        self.forks += 1
        fork = Fork(work, last, self.folder / f"journal-{self.forks}")
        self._tell(f"process {fork.pid}: {getattr(work, '__name__', 'asks')}, to die at {last}")
        return fork

    def _tell(self, what: str) -> None:
        self.story.append(what)

    # -- what owners do

    def _finish(self) -> None:
        """Until every automation's last run of all orders is completed, as it is when its owner looks after it."""
        for _ in range(10):
            finish()
            self._mend()
            unfinished = [run for stall in self.stalls if (run := stall.last_full_run()).status != "completed"]
            if not unfinished:
                return
            for run in unfinished:
                self._tell(f"run {run.pk} was {run.status}: {run.error_type}: {run.error}")
                trigger.retry(run) if run.status == "failed" else trigger.replay(run)
        raise AssertionError("full runs do not complete though it is quiet")

    def _mend(self) -> None:
        for account in GoogleAccount.objects.filter(status="needs_owner"):
            self._tell(f"{account} is connected again: {account.problem}")
            account.reconnect()
