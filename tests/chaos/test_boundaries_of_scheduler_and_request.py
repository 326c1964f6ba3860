"""A scheduler, and a process that asks for a run, die before and after every statement and every commit.

After each death another scheduler looks: every time of a schedule has exactly one run, and nothing that somebody was
told, or that changed, is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db.models.functions import Now
from django_q.models import OrmQ

from sheetsync.models import Automation, DirtyOrder, Pulse, SyncAttempt, SyncRun
from sheetsync.models.fields import database_time
from sheetsync.scheduler import tick
from sheetsync.trigger import request_run
from tests.support.dying import by_run_scheduler
from tests.support.making import Maker
from tests.support.runs import LEASE, run_of
from tests.support.sweeps import PROPERTY, STRIDE, Sweep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

YEARLY = {"cron": "0 0 1 1 *", "schedule_enabled": True, "exact": True}
LONG_AGO = timedelta(days=30)
CHANGED = ["7", "8"]


@pytest.fixture
def maker():
    return Maker()


@pytest.fixture(autouse=True)
def bells(settings):
    """Bells are rows too, so a death between a bell and what it tells of is among the deaths."""
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "django_q"}


@dataclass
class Morning:
    """All that a scheduler may find at one look, each of another automation; and a run that is old enough to go."""

    slot: datetime
    due: Automation
    lost: SyncRun
    forgotten: Automation
    unheard: SyncRun
    old: SyncRun

    def runs(self):
        """What there is, and what there has to be."""
        found = [(run.automation_id, (run.status, run.mode, run.slot)) for run in SyncRun.objects.active()]
        return found, {
            self.due.pk: ("pending", "full", self.slot),
            self.lost.automation_id: ("pending", "full", None),
            self.forgotten.pk: ("pending", "orders", None),
            self.unheard.automation_id: ("pending", "full", None),
        }

    def judge(self) -> None:
        later = Automation.objects.filter(next_slot_at__gt=self.slot, next_run_at__gt=self.slot, problem="")
        assert later.filter(pk=self.due.pk).exists()
        assert list(SyncAttempt.objects.values_list("run", "outcome")) == [(self.lost.pk, "lost")]
        assert DirtyOrder.objects.filter(automation=self.forgotten).count() == len(CHANGED)
        told = {bell.task["name"] for bell in OrmQ.objects.all()}
        assert told >= {f"run {run.pk}" for run in SyncRun.objects.active()}
        assert not SyncRun.objects.filter(pk=self.old.pk).exists()


def morning(maker: Maker) -> Morning:
    slot = database_time(SyncRun).replace(microsecond=0)
    due = maker.automation(**YEARLY, next_slot_at=slot, next_run_at=slot)
    run_of(maker.automation())
    lost = SyncRun.objects.claim("dead:1", LEASE)
    assert lost
    SyncRun.objects.running().update(lease_expires_at=Now() - LEASE)
    forgotten = maker.automation()
    DirtyOrder.objects.bulk_create(DirtyOrder(automation=forgotten, order_id=each) for each in CHANGED)
    old = completed(run_of(maker.automation()), LONG_AGO)
    completed(run_of(old.automation), LEASE)
    unheard = run_of(maker.automation())
    SyncRun.objects.filter(pk=unheard.pk).update(rung_at=None)
    OrmQ.objects.all().delete()
    return Morning(slot, due, lost, forgotten, unheard, old)


def completed(run: SyncRun, ago: timedelta) -> SyncRun:
    SyncRun.objects.filter(pk=run.pk).update(status="completed", finished_at=Now() - ago)
    return run


def the_next_scheduler_looks() -> None:
    """After the claims of the dead one have run out, and the patience with bells."""
    Automation.objects.update(scheduler_locked_until=None)
    SyncRun.objects.filter(rung_at__isnull=False).update(rung_at=Now() - LONG_AGO)
    tick()


def forget_everything() -> None:
    for rows in (SyncRun.objects.all(), Automation.objects.all(), OrmQ.objects.all(), Pulse.objects.all()):
        rows.delete()


def test_whenever_a_scheduler_dies_nothing_that_was_due_is_lost_or_done_twice(maker, tmp_path, record_property):
    sweep = Sweep("run_scheduler", "all at once", tmp_path / "journal")
    for number in sweep.numbers():
        scene = morning(maker)
        sweep.die(by_run_scheduler, number)
        the_next_scheduler_looks()
        scene.judge()
        sweep.compare(*scene.runs())
        forget_everything()
    record_property(PROPERTY, sweep.row())
    assert not sweep.faults.total(), sweep.row()
    assert sweep.deaths.total() * STRIDE > 60


def asks(automation: Automation) -> None:
    request_run(automation, trigger=SyncRun.Trigger.WEBHOOK, order_ids=CHANGED)


def idle(maker):
    return maker.automation()


def busy(maker):
    """It has a run already, which will have to look again."""
    automation = maker.automation()
    run_of(automation)
    return automation


def state_of(automation: Automation):
    """Its runs, and the changed orders that were noted."""
    runs = list(SyncRun.objects.filter(automation=automation).values_list("status", "mode", "again"))
    return runs, sorted(DirtyOrder.objects.filter(automation=automation).values_list("order_id", flat=True))


@pytest.mark.parametrize("arrange", [idle, busy])
def test_whenever_somebody_dies_who_asks_for_a_run_all_of_it_was_heard_or_nothing(
    maker, tmp_path, record_property, arrange
):
    sweep = Sweep("request_run", f"{arrange.__name__} automation", tmp_path / "journal")
    automation = arrange(maker)
    before = state_of(automation)
    asks(automation)
    after = state_of(automation)
    assert after[1] == CHANGED
    for number in sweep.numbers():
        forget_everything()
        automation = arrange(maker)
        died = sweep.die(partial(asks, automation), number)
        assert state_of(automation) in ([before, after] if died else [after])
        the_next_scheduler_looks()
        runs = SyncRun.objects.active().values_list("automation", "status")
        sweep.compare(list(runs), {automation.pk: "pending"} if runs or not died else {})
    record_property(PROPERTY, sweep.row())
    assert not sweep.faults.total(), sweep.row()
