"""One slice of a run, from claim to outcome."""

from __future__ import annotations

import pytest

from sheetsync.execute import execute_next
from sheetsync.models import SyncRun
from tests.support.runs import expected, orders_of, run_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_brings_the_tab_to_equal_the_source(world):
    orders = orders_of(20)
    automation = world.automation(orders=orders)
    run = run_of(automation)
    execute_next()
    run.refresh_from_db()
    assert (run.status, run.error) == (SyncRun.Status.COMPLETED, "")
    assert world.rows(automation) == expected(orders)
