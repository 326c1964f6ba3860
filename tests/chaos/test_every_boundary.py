"""A worker dies before and after every statement, every commit and every call of a run; the next one finishes it.

For each death: every cell equals the source, what people wrote is where they wrote it, each commit has its number once,
the run is completed, and its attempts are exactly those that began.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from sheetsync.emulator.misbehaviour.matching import Matcher
from sheetsync.execute import execute_next
from sheetsync.models import Automation, DirtyOrder, SyncRun
from tests.support.dying import by_django_q, by_run_worker, finish
from tests.support.runs import World, expected, orders_of, run_of, set_orders
from tests.support.sweeps import PROPERTY, STRIDE, Sweep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ORDERS = orders_of(5)
LATER = [{**ORDERS[0], "customer": "changed"}, ORDERS[1], ORDERS[3], ORDERS[4], *orders_of(7)[5:]]
"""One order changed, one gone, two new."""
NOTE, NOTES = "call them back", 3
"""A column that a person put between ours."""


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
        assert not self.noted or self.note() == NOTE
        assert not DirtyOrder.objects.exists() and not SyncRun.objects.active().exists()
        numbers = [int(each.value.split()[0]) for each in self.markers()]
        assert sorted(numbers) == list(range(len(numbers)))

    def rows(self):
        """(order id, its cells) of each row that shows an order, without the person's column."""
        shown = [row for row in self.sheet().values()[1:] if len(row) > 2 and "." in str(row[1] or "")]
        return [(row[2], row[2:3] + row[4:] if self.noted else row[2:]) for row in shown]

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


@pytest.mark.parametrize("arrange", [fresh, changed])
@pytest.mark.parametrize("work", [by_run_worker, by_django_q])
def test_whenever_a_worker_dies_the_sheet_equals_the_shop(world, settings, tmp_path, record_property, work, arrange):
    settings.SHEETSYNC = settings.SHEETSYNC | {"MAX_GROUPS_PER_BATCH": 2}
    sweep = Sweep(work.__name__, f"{arrange.__name__} tab", tmp_path / "journal")
    for number in sweep.numbers():
        scene = arrange(world, number)
        run = run_of(scene.automation)
        died = sweep.die(work, number)
        finish()
        scene.judge(run, died)
        sweep.compare(scene.rows(), expected(scene.orders))
        world.emulator.reset()
        Automation.objects.all().delete()
    record_property(PROPERTY, sweep.row())
    assert not sweep.faults.total(), sweep.row()
    assert sweep.deaths.total() * STRIDE > 60


def deleting(world: World, number: int) -> Scene:
    """Changed orders, one of them gone, and rows that go with their orders."""
    scene = fresh(world, number)
    run_of(scene.automation)
    execute_next()
    Automation.objects.filter(pk=scene.automation.pk).update(removed="delete")
    set_orders(scene.automation, LATER)
    return Scene(world, scene.automation, LATER, noted=False)


def test_whenever_a_worker_dies_over_a_deletion_that_hit_another_row_that_row_comes_back(
    world, settings, tmp_path, record_property
):
    """Somebody inserts a row in the very moment of the deletion. Only the rows' marks tell the next worker of it."""
    settings.SHEETSYNC = settings.SHEETSYNC | {"MAX_GROUPS_PER_BATCH": 2}
    sweep = Sweep("by_run_worker", "moving tab", tmp_path / "journal")
    for number in sweep.numbers():
        scene = deleting(world, number)
        sheet = scene.sheet()
        moment = Matcher(request="deleteDimension")
        world.emulator.faults.add("before", moment, call=lambda _, at=sheet: world.emulator.person.insert_rows(at, 1))
        run = run_of(scene.automation, order_ids=["00001", "00003", "00006", "00007"])
        died = sweep.die(by_run_worker, number)
        finish()
        scene.judge(run, died)
        sweep.compare(scene.rows(), expected(scene.orders))
        world.emulator.reset()
        Automation.objects.all().delete()
    record_property(PROPERTY, sweep.row())
    assert not sweep.faults.total(), sweep.row()
    assert sweep.deaths.total() * STRIDE > 60
