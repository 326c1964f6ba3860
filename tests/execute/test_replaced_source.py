"""A source that is another one after a pause: the run begins anew instead of failing."""

from __future__ import annotations

import pytest

from sheetsync.execute import execute_next
from tests.support.runs import expected, orders_of, run_of, set_orders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paused(world, settings):
    """A run whose worker was told to go after its first batch."""
    settings.SHEETSYNC = settings.SHEETSYNC | {"MAX_GROUPS_PER_BATCH": 10}
    run = run_of(world.automation(orders=orders_of(25)))
    execute_next(stop=lambda: True)
    return run


def test_a_file_that_is_replaced_between_two_slices_is_walked_from_its_first_order(world, paused):
    orders = orders_of(20, customer="new")
    set_orders(paused.automation, orders)
    execute_next()
    paused.refresh_from_db()
    assert (paused.status, paused.attempts) == ("completed", 1)
    assert world.rows(paused.automation) == expected(orders) and paused.counters["orders"] == 20


def test_a_file_that_is_gone_after_a_pause_fails_the_run(world, paused):
    (world.folder / paused.automation.source.config["path"]).unlink()
    execute_next()
    paused.refresh_from_db()
    assert (paused.status, paused.error_type) == ("failed", "BadSource") and "does not exist" in paused.error
