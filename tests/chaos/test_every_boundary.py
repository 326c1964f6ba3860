"""A worker dies before and after every statement, every commit and every call of a run; the next one finishes it.

For each death: every cell equals the source, what people wrote is where they wrote it, each commit has its number once,
the run is completed, and its attempts are exactly those that began.
"""

from __future__ import annotations

import itertools
import os
import queue
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from multiprocessing import Value
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now
from django_q.worker import worker

from sheetsync.execute import execute_next
from sheetsync.models import Automation, DirtyOrder, SyncRun
from sheetsync.scheduler import tick
from sheetsync.tasks import execute
from tests.support.boundaries import forked
from tests.support.runs import World, expected, orders_of, run_of, set_orders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ORDERS = orders_of(5)
LATER = [{**ORDERS[0], "customer": "changed"}, ORDERS[1], ORDERS[3], ORDERS[4], *orders_of(7)[5:]]
"""One order changed, one gone, two new."""
NOTE, NOTES = "call them back", 3
"""A column that a person put between ours."""
FIRST, STRIDE = int(os.environ.get("SHEETSYNC_FIRST", "1")), int(os.environ.get("SHEETSYNC_STRIDE", "17"))
"""Which boundaries: `make chaos` takes all of them."""


def by_run_worker(run: SyncRun) -> None:
    call_command("run_worker", "--once")


def by_django_q(run: SyncRun) -> None:
    """What its worker process does, with one bell in its queue."""
    bells: queue.Queue = queue.Queue()
    task = {"id": "1", "name": "bell", "func": execute, "args": (run.pk,), "kwargs": {}, "started": None}
    bells.put(task)
    bells.put("STOP")
    worker(bells, queue.Queue(), Value("f", -1), -1)


@dataclass
class Scene:
    """An automation before a run that is to die: fresh, or with a filled tab, a changed shop and a person's note."""

    world: World
    automation: Automation
    orders: list
    noted: bool

    def sheet(self):
        return self.world.emulator.spreadsheet(self.automation.spreadsheet_id).sheet(title="Orders")

    def judge(self, run: SyncRun, died: bool) -> None:
        run.refresh_from_db()
        log = list(run.attempt_log.order_by("number"))
        assert run.status == "completed", (run.status, run.error)
        assert len(log) == run.attempts and [each.outcome for each in log[:-1]] == ["lost"] * (len(log) - 1)
        assert log[-1].outcome == "succeeded" and len(log) <= (2 if died else 1)
        assert self.rows() == expected(self.orders)
        assert not self.noted or self.note() == NOTE
        assert not DirtyOrder.objects.exists() and not SyncRun.objects.active().exists()
        numbers = [int(each.value.split()[0]) for each in self.markers()]
        assert sorted(numbers) == list(range(len(numbers)))

    def rows(self):
        found = self.world.rows(self.automation)
        return {key: row[:1] + row[2:] for key, row in found.items()} if self.noted else found

    def markers(self):
        book = self.world.emulator.spreadsheet(self.automation.spreadsheet_id)
        return [each for each in book.metadata.values() if each.key == "sheetsync.commit"]

    def note(self):
        """What stands beside the second order, in a column of the people's own."""
        row = next(row for row in self.sheet().values() if len(row) > 2 and row[2] == ORDERS[1]["id"])
        return row[NOTES]


def fresh(world: World, number: int) -> Scene:
    return Scene(world, world.automation(name=f"{number}", orders=ORDERS), ORDERS, noted=False)


def changed(world: World, number: int) -> Scene:
    scene = fresh(world, number)
    run_of(scene.automation)
    execute_next()
    row = next(index for index, row in enumerate(scene.sheet().values()) if ORDERS[1]["id"] in row)
    world.emulator.person.insert_column(scene.sheet(), NOTES)
    world.emulator.person.type_text(scene.sheet(), row, NOTES, NOTE)
    set_orders(scene.automation, LATER)
    return Scene(world, scene.automation, LATER, noted=True)


def finish(run: SyncRun) -> None:
    """What happens when nobody dies any more. The lease's time passes at once."""
    SyncRun.objects.running().update(lease_expires_at=Now())
    for _ in range(10):
        tick()
        SyncRun.objects.filter(status="pending").update(next_attempt_at=Now())
        if not SyncRun.objects.active().exists():
            return
        execute_next()


@pytest.mark.parametrize("arrange", [fresh, changed])
@pytest.mark.parametrize("work", [by_run_worker, by_django_q])
def test_whenever_a_worker_dies_the_sheet_equals_the_shop(world, settings, tmp_path: Path, work, arrange):
    settings.SHEETSYNC = settings.SHEETSYNC | {"MAX_GROUPS_PER_BATCH": 2}
    passed: Counter[str] = Counter()
    began, journal = time.monotonic(), tmp_path / "journal"
    for number in itertools.count(FIRST, STRIDE):
        scene = arrange(world, number)
        run = run_of(scene.automation)
        code = forked(partial(work, run), number, journal)
        finish(run)
        scene.judge(run, died=code != 0)
        if code == 0:
            break
        passed[journal.read_text().splitlines()[-1]] += 1
        world.emulator.reset()
        Automation.objects.all().delete()
    print(table(work.__name__, arrange.__name__, passed, time.monotonic() - began))
    assert sum(passed.values()) * STRIDE > 60


def table(worker: str, scene: str, passed: Counter[str], seconds: float) -> str:
    counts = ", ".join(f"{number} {label}" for label, number in sorted(passed.items()))
    return f"\n{connection.vendor}, {worker}, {scene}: {sum(passed.values())} deaths in {seconds:.0f} s ({counts})"
