"""What a run of several slices says of itself in the end."""

from __future__ import annotations

import pytest

from sheetsync.execute import execute_next
from sheetsync.models.batch_log import lines_of
from tests.support.runs import orders_of, run_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_row_is_counted_once_although_the_last_slice_asks_again_for_what_earlier_ones_met(world, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"MAX_GROUPS_PER_BATCH": 10}
    run = run_of(world.automation(orders=orders_of(25)))
    for stop in (True, True, False):
        execute_next(stop=lambda stop=stop: stop)
    run.refresh_from_db()
    counted = [run.counters[name] for name in ("orders", "inserted", "unchanged", "rows")]
    assert (run.status, counted) == ("completed", [25, 25, 0, 25])


def told(run):
    return [(line.first, line.last, line.done.orders, line.done.inserted) for line in lines_of(run.batch_log, 1)]


def test_each_batch_is_in_the_log_of_its_attempt_whichever_slice_it_was_in(world, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"MAX_GROUPS_PER_BATCH": 10}
    run = run_of(world.automation(orders=orders_of(25)))
    for stop in (True, False):
        execute_next(stop=lambda stop=stop: stop)
    run.refresh_from_db()

    # Told to go, a worker still commits what it has in hand; the last line is about what its first slice had met.
    assert told(run) == [(1, 1, 1, 1), (2, 2, 10, 10), (3, 3, 10, 10), (4, 4, 4, 4), (5, 4, 0, 0)]
    assert 0 < sum(line.done.calls for line in lines_of(run.batch_log, 1)) <= run.counters["calls"]


def test_changed_orders_are_a_batch_too(world):
    automation = world.automation(orders=orders_of(5))
    run = run_of(automation, mode="orders", order_ids=["1", "2"])
    execute_next()
    run.refresh_from_db()

    assert run.status == "completed" and len(told(run)) == 1
