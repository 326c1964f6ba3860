"""Workers that freeze past the end of their lease, and wake up when others have done their work: nothing counts."""

from __future__ import annotations

from random import Random

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from sheetsync.execute import execute_next
from sheetsync.models import SyncRun
from tests.support.freezing import MOMENTS, Lab, Trial
from tests.support.gated import GATE
from tests.support.processes import until
from tests.support.runs import run_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SETTINGS = {"LEASE_SECONDS": 2, "MAX_GROUPS_PER_BATCH": 3}


@pytest.fixture
def lab(world, children, settings, tmp_path):
    """Makes a place with so many workers. Who takes their runs over is this process."""
    settings.SHEETSYNC = settings.SHEETSYNC | SETTINGS
    gate = tmp_path / "gate"
    gate.mkdir()
    children.environment[GATE] = str(gate)

    def make(count):
        workers = [children.worker(**SETTINGS) for _ in range(count)]
        for worker in workers:
            worker.says("worker ready")
        tenant = world.tenant(max_concurrent_runs=count)
        return Lab(world, tenant, gate, {worker.pid: worker for worker in workers})

    return make


def one_round(lab, number, moments):
    """As many trials at once as there are workers, each frozen in a run of its own. -> what was wrong."""
    random = Random(number)
    close(lab.gate)
    trials = [
        Trial(lab, f"{moment}-{number}-{place}", moment, random.random() < 0.5, random)
        for place, moment in enumerate(moments)
    ]
    for trial in trials:
        trial.freeze()
    for trial in trials:
        if trial.changed:
            trial.change()
    until(take_over, "all runs to be over", every=0.1)
    (lab.gate / "closed").unlink()
    return [wrong for trial in trials for wrong in still_changed(trial)]


def close(gate):
    for left in gate.iterdir():
        left.unlink()
    (gate / "closed").touch()


def take_over():
    while execute_next():
        pass
    return not SyncRun.objects.active().exists()


def still_changed(trial):
    """Wake the worker of this trial; -> whatever it changed then."""
    emulator = trial.lab.world.emulator
    before, calls = trial.picture(), len(emulator.calls)
    assert trial.lab.world.rows(trial.automation) == trial.expected()
    assert (before["run"]["status"], before["run"]["attempts"]) == ("completed", 2)
    trial.wake()
    for name, after in trial.picture().items():
        if after != before[name]:
            yield f"{trial.name}: {name}: {before[name]} became {after}"
    writes = [call for call in emulator.calls[calls:] if call.kind == "write"]
    yield from (f"{trial.name}: {call}" for call in writes if call.status != 400)
    if trial.moment == "writing" and not writes:
        yield f"{trial.name}: its call never came to be refused"


def test_a_worker_that_wakes_up_too_late_changes_neither_database_nor_sheet(lab):
    assert one_round(lab(len(MOMENTS)), 0, MOMENTS) == []


@pytest.mark.thorough
def test_fifty_workers_that_wake_up_too_late_change_neither_database_nor_sheet(lab):
    random, ten = Random(50), lab(10)
    for number in range(1, 6):
        assert one_round(ten, number, random.choices(MOMENTS, k=10)) == []


IN_A_TRANSACTION = """
import time
from datetime import timedelta
from django.db import transaction
from sheetsync.models import Automation, SyncRun, ending
run = SyncRun.objects.claim("frozen:1", timedelta(seconds=1))
with transaction.atomic():
    Automation.objects.filter(pk=run.automation_id).update(problem="")
    ending.held(run).update(waiting_for="")
    print("inside", flush=True)
    time.sleep(600)
"""


@pytest.mark.only_on("postgresql")
def test_a_worker_that_froze_while_it_settled_its_run_holds_up_no_other(world, children):
    due = {"cron": "0 0 1 1 *", "schedule_enabled": True, "next_run_at": timezone.now()}
    stuck = run_of(world.automation(name="stuck", **due))
    frozen = children.python(IN_A_TRANSACTION)
    frozen.says("inside")
    frozen.freeze()
    until(lambda: not SyncRun.objects.filter(lease_expires_at__gt=Now()).exists(), "its lease to end")
    world.automation(name="due", **due)
    asked = run_of(world.automation(name="asked for"))
    children.scheduler(), children.worker(**SETTINGS), children.worker(**SETTINGS)
    others = SyncRun.objects.exclude(pk=stuck.pk)
    until(lambda: others.filter(status="completed").count() == 2, f"the run that is due and {asked}", 20)
    frozen.kill()
    until(lambda: not SyncRun.objects.active().exists(), "its own run to be over", 20)
    assert list(stuck.attempt_log.values_list("outcome", flat=True)) == ["lost", "succeeded"]
