"""What a run of several slices says of itself in the end."""

from __future__ import annotations

import pytest

from sheetsync.execute import execute_next
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
