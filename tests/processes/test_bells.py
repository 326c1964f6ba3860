"""Doorbells are only hints: however badly they are carried, every run completes, once."""

from __future__ import annotations

import pytest

from sheetsync.models import SyncRun
from tests.support.bells import FOLDER, fates
from tests.support.processes import until
from tests.support.runs import expected, orders_of, run_of, set_orders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

AUTOMATIONS = 10
RUNS = 50


@pytest.fixture
def bells(tmp_path, monkeypatch):
    folder = tmp_path / "bells"
    folder.mkdir()
    monkeypatch.setenv(FOLDER, str(folder))
    return folder


def lossy(children, bells):
    """A third of all bells is lost; the scheduler, which is given back, rings again."""
    children.environment[FOLDER] = str(bells)
    children.settings |= {"DISPATCH": "tests.support.bells.ring", "RING_AGAIN_SECONDS": 0.5}
    for _ in range(2):
        children.python("from tests.support.bells import answer; answer()").says("answering")
    return children.scheduler()


def polling(children, bells):
    """Nobody is told."""
    for _ in range(2):
        children.worker().says("ready")


def inline(children, bells):
    """Whoever asks does it."""
    children.settings["DISPATCH"] = "inline"


@pytest.mark.parametrize("start", [lossy, polling, inline])
def test_all_runs_complete_exactly_once_however_their_bells_are_carried(world, children, settings, bells, start):
    start(children, bells)
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": children.settings["DISPATCH"]}
    tenants = [world.tenant(), world.tenant("Fern shop")]
    automations = [world.automation(tenants[n % 2], name=f"{n}", orders=orders_of(3)) for n in range(AUTOMATIONS)]
    for round_number in range(RUNS // AUTOMATIONS):
        orders = orders_of(3, customer=f"customer {round_number}")
        for automation in automations:
            set_orders(automation, orders)
            run_of(automation)
        until(lambda: not SyncRun.objects.active().exists(), "the runs of this round to be over", every=0.1)
        assert all(world.rows(automation) == expected(orders) for automation in automations)
    runs = SyncRun.objects.prefetch_related("attempt_log")
    ended = [(run.status, run.attempts, [each.outcome for each in run.attempt_log.all()]) for run in runs]
    assert ended == [("completed", 1, ["succeeded"])] * RUNS
    assert start is not lossy or set(fates(bells)) == {0, 1, 2}


def test_a_run_whose_bell_nobody_heard_is_rung_for_again(world, children, settings, bells, tmp_path, monkeypatch):
    scheduler = lossy(children, bells)
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": children.settings["DISPATCH"]}
    unheard = tmp_path / "unheard"
    unheard.mkdir()
    monkeypatch.setenv(FOLDER, str(unheard))
    run_of(world.automation(world.tenant(), orders=orders_of(3)))
    until(lambda: not SyncRun.objects.active().exists(), "the run to be over", every=0.1)
    scheduler.says("rang for 1")
    assert fates(unheard)
