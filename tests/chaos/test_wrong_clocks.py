"""Machines whose clocks are five minutes wrong, and one whose clock jumps: time is the database's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sheetsync import cron
from sheetsync.models import GoogleAccount, SyncRun
from sheetsync.models.fields import database_time
from tests.support.judging_runs import judge_runs
from tests.support.processes import Children, until
from tests.support.runs import expected, orders_of, run_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ORDERS = orders_of(15)
LEASE = 3
WRONG = [5, -5]
EVERY_FIVE_MINUTES = {"cron": "*/5 * * * *", "schedule_enabled": True, "exact": True}
"""Whoever plans it by a clock that is five minutes wrong is off by one time."""


@pytest.fixture
def children(child_environment, world, tmp_path):
    environment = child_environment | {"SHEETSYNC_SHEETS_URL": world.url, "SHEETSYNC_PACING": "off"}
    with Children(environment, tmp_path) as children:
        children.settings = {"DISPATCH": "polling", "POLL_SECONDS": 0.1, "SCHEDULER_SECONDS": 0.2}
        children.settings |= {"LEASE_SECONDS": LEASE, "MAX_GROUPS_PER_BATCH": 3}
        yield children


@pytest.fixture
def start(children):
    """Starts a process of this kind in this environment; it is ready when this returns."""

    def started(kind, environment, **settings):
        right = children.environment
        children.environment = right | environment
        child = getattr(children, kind)(**settings)
        children.environment = right
        child.says("ready")
        return child

    return started


def completed(runs):
    until(lambda: not SyncRun.objects.active().exists(), "all runs to be over", 180)
    judge_runs()
    return all(run.status == "completed" for run in SyncRun.objects.filter(pk__in=[run.pk for run in runs]))


@pytest.mark.thorough
@pytest.mark.only_on("postgresql")
def test_no_run_is_taken_from_a_worker_because_of_somebodys_clock(world, start, wrong_clock):
    world.emulator.faults.add("slow", match="", times=1_000, seconds=0.4)
    for minutes in WRONG:
        start("scheduler", wrong_clock.by(minutes))
        start("worker", wrong_clock.by(minutes))
    tenant = world.tenant(max_concurrent_runs=3)
    runs = [run_of(world.automation(tenant, name=f"{number}", orders=ORDERS)) for number in range(3)]
    assert completed(runs)
    for run in SyncRun.objects.all():
        assert run.attempts == 1, list(run.attempt_log.values())
        assert run.finished_at - run.started_at > timedelta(seconds=LEASE)
        assert world.rows(run.automation) == expected(ORDERS)


@pytest.mark.thorough
@pytest.mark.only_on("postgresql")
def test_a_schedule_is_neither_early_nor_late_nor_doubled_for_a_schedulers_clock(world, start, wrong_clock):
    for minutes in WRONG:
        start("scheduler", wrong_clock.by(minutes))
    slot = database_time(SyncRun) + timedelta(seconds=2)
    automation = world.automation(**EVERY_FIVE_MINUTES, next_slot_at=slot, next_run_at=slot)
    until(lambda: SyncRun.objects.filter(automation=automation).exists(), "its time to come")
    run = SyncRun.objects.get(automation=automation, slot=slot)
    assert slot <= run.created_at < slot + timedelta(seconds=2)
    automation.refresh_from_db()
    assert automation.next_slot_at == cron.next_after(automation.cron, "UTC", run.created_at)


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("minutes", WRONG)
def test_a_schedule_is_planned_by_the_databases_clock(world, children, wrong_clock, minutes):
    automation = world.automation(**EVERY_FIVE_MINUTES, status="draft")
    children.environment |= wrong_clock.by(minutes)
    code = "from sheetsync.models import Automation; from sheetsync.trigger import activate; "
    asked = database_time(SyncRun)
    assert children.python(f"{code}activate(Automation.objects.get(pk={automation.pk}))").wait() == 0
    automation.refresh_from_db()
    assert asked < automation.next_slot_at < database_time(SyncRun) + timedelta(minutes=5)


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("minutes", WRONG)
def test_another_attempt_comes_after_its_pause_by_the_databases_clock(world, start, wrong_clock, minutes):
    world.emulator.faults.add("status", match="", times=1_000)
    run = run_of(world.automation(orders=ORDERS))
    start("worker", wrong_clock.by(minutes), RETRY_BASE_SECONDS=200)
    until(lambda: run.attempt_log.filter(outcome="failed").exists(), "the first attempt to fail")
    run.refresh_from_db()
    failed = run.attempt_log.get().finished_at
    assert run.status == "pending", (run.status, run.error)
    assert timedelta() <= run.next_attempt_at - failed <= timedelta(seconds=200)


@pytest.mark.thorough
@pytest.mark.only_on("postgresql")
def test_an_account_is_not_blamed_for_the_clock_of_a_machine(world, start, wrong_clock):
    """Google refuses what was signed in the future, as far as is known by more than five minutes."""
    run = run_of(world.automation(orders=ORDERS))
    machine = start("worker", wrong_clock.by(10), RETRY_BASE_SECONDS=0.1)
    until(lambda: run.attempt_log.filter(outcome="failed").exists(), "its attempt to fail")
    failed = run.attempt_log.get(number=1)
    assert "clock" in failed.error and GoogleAccount.objects.get().status == "active"
    machine.kill()
    start("worker", wrong_clock.by(0))
    assert completed([run])


@pytest.mark.thorough
@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("minutes", WRONG)
def test_a_run_ends_well_when_the_machines_clock_jumps(world, start, wrong_clock, minutes):
    """There the database's clock is the machine's: when it jumps ahead all leases are over at once."""
    world.emulator.faults.add("slow", match="", times=1_000, seconds=0.4)
    for kind in ("scheduler", "worker", "worker"):
        start(kind, wrong_clock.jumping())
    run = run_of(world.automation(orders=ORDERS))
    until(lambda: SyncRun.objects.filter(checkpoint__commit__gt=2).exists(), "the run to be halfway through")
    wrong_clock.jump(minutes)
    assert completed([run])
    run.refresh_from_db()
    print(f"{run.attempts} attempts")
    assert run.attempts <= 2 and world.rows(run.automation) == expected(ORDERS)
