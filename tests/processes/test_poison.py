"""A run that kills its worker each time ends dead after its attempts, and disturbs no other run."""

from __future__ import annotations

import pytest

from sheetsync.models import Source, SyncRun
from tests.support.processes import until
from tests.support.runs import expected, orders_of, run_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ATTEMPTS = 3
ORDERS = orders_of(5)
IMPATIENT = {"LEASE_SECONDS": 2, "RETRY_BASE_SECONDS": 0.1, "RING_AGAIN_SECONDS": 1}


def under_django_q(children):
    children.settings["DISPATCH"] = "django_q"
    children.scheduler()
    children.qcluster().says("ready for work")
    return lambda: None


def under_polling_workers(children):
    """Two of them, started again by whoever looks after them, as a service manager does."""
    workers = [children.worker() for _ in range(2)]

    def look_after():
        for place, worker in enumerate(workers):
            if not worker.is_running:
                workers[place] = children.worker()

    return look_after


@pytest.mark.parametrize("start", [under_django_q, under_polling_workers])
def test_a_run_that_kills_its_worker_dies_after_its_attempts_and_disturbs_no_other(world, children, settings, start):
    children.settings |= IMPATIENT
    look_after = start(children)
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": children.settings["DISPATCH"]}
    healthy = [world.automation(name=f"healthy {number}", orders=ORDERS) for number in range(4)]
    poison = run_of(poisonous(world), max_attempts=ATTEMPTS)
    others = [run_of(automation) for automation in healthy]

    def over():
        look_after()
        if all(is_over(run) for run in others[-len(healthy) :]) and not is_over(poison):
            others.extend(run_of(automation) for automation in healthy)
        return is_over(poison) and all(map(is_over, others))

    until(over, "all runs to be over", every=0.2)
    poison.refresh_from_db()
    assert (poison.status, poison.attempts, poison.error_type) == ("dead", ATTEMPTS, "WorkerLost")
    assert list(poison.attempt_log.values_list("outcome", flat=True)) == ["lost"] * ATTEMPTS
    assert {(run.status, run.attempts, run.attempt_log.count()) for run in others} == {("completed", 1, 1)}
    assert all(world.rows(automation) == expected(ORDERS) for automation in healthy)
    print(f"{len(others)} others in {(poison.finished_at - poison.created_at).total_seconds():.1f} s")


def poisonous(world):
    automation = world.automation(name="poison")
    Source.objects.filter(pk=automation.source_id).update(
        kind="queryset", config={"model": "tests.support.poison.orders"}
    )
    return automation


def is_over(run):
    run.refresh_from_db()
    return run.status in SyncRun.FINISHED
