"""What the control road asks of the database: the statements of the worker's own connection, counted.

BEGIN, COMMIT and savepoints are left out, and so are the renewals of the lease, which have a connection of their own.
"""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sheetsync.execute import execute_next
from tests.support.runs import orders_of, run_of, set_orders

pytestmark = pytest.mark.django_db(transaction=True)

NO_CHANGE = [
    "SELECT syncrun",  # are there runs whose worker is gone?
    "SELECT syncrun",  # the best ready run, locked
    "SELECT tenant",  # its tenant, locked
    "SELECT syncrun",  # how many of the tenant's runs are running?
    "UPDATE syncrun",  # the lease
    "INSERT syncattempt",
    "UPDATE tenant",  # it was served now
    "SELECT automation",  # with its tenant, source and account
    "SELECT column",
    "SELECT googleaccount",  # the tenant's default
    "UPDATE syncrun",  # the checkpoint at the end of the walk
    "UPDATE automation",  # when all orders were looked at
    "UPDATE syncrun",  # completed
    "UPDATE syncattempt",  # succeeded
    "SELECT alert",  # was anybody told that it fails?
    "SELECT syncrun",  # is anything else ready?
]
A_BATCH = [
    "UPDATE syncrun",  # the lease, renewed and so checked, before anything is sent
    "UPDATE syncrun",  # the checkpoint, counters and lease, when it is known to be in the tab
]
A_MENDING = ["UPDATE syncrun"]  # orders that earlier slices met were asked for by id: the checkpoint
A_PACED_BATCH = [
    "UPDATE syncrun",
    "SELECT quotabucket",  # the account's and the project's, locked
    "UPDATE quotabucket",  # a place in both of them
    "UPDATE syncrun",
]
STATEMENT = re.compile(r'(SELECT|INSERT|UPDATE|DELETE)\b.*?"sheetsync_(\w+)"', re.DOTALL)


def statements():
    """What the next slice asks of the database, as `VERB table`."""
    with CaptureQueriesContext(connection) as captured:
        assert execute_next() is not None
    found = (STATEMENT.match(query["sql"]) for query in captured)
    return [" ".join(match.groups()) for match in found if match]


@pytest.fixture
def small_batches(settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"MAX_GROUPS_PER_BATCH": 10}


def test_a_run_that_finds_nothing_to_change_takes_sixteen_statements(world):
    automation = world.automation(orders=orders_of(20))
    run_of(automation)
    execute_next()
    run_of(automation)
    assert statements() == NO_CHANGE and len(NO_CHANGE) <= 16


def test_nothing_ready_takes_two(world):
    with CaptureQueriesContext(connection) as captured:
        assert execute_next() is None
    assert sum(query["sql"].startswith("SELECT") for query in captured) == 2 and len(captured) == 4


@pytest.mark.parametrize("batches", [1, 5])
def test_a_committed_batch_takes_one_update_beside_the_look_at_the_lease(world, small_batches, batches):
    automation = world.automation(orders=orders_of(1))
    run_of(automation)
    execute_next()
    set_orders(automation, orders_of(10 * batches, customer="changed"))
    run_of(automation)
    begun, ended = NO_CHANGE[:10], NO_CHANGE[11:]
    assert statements() == [*begun, *A_BATCH * batches, *ended]


@pytest.mark.parametrize("batches", [1, 5])
def test_pacing_adds_one_look_at_the_buckets_and_one_update_to_a_call(world, small_batches, settings, batches):
    quick = {"WRITES_PER_MINUTE": 6_000_000, "PROJECT_WRITES_PER_MINUTE": 6_000_000, "BURST": 100}
    settings.SHEETSYNC = settings.SHEETSYNC | quick
    automation = world.automation(orders=orders_of(1))
    run_of(automation)
    execute_next()
    set_orders(automation, orders_of(1 + 10 * batches))
    run_of(automation)
    begun, ended = NO_CHANGE[:10], NO_CHANGE[11:]
    assert statements() == [*begun, *A_PACED_BATCH * batches, *ended]


def test_going_on_with_a_paused_run_takes_no_more_than_beginning_it(world, small_batches):
    run_of(world.automation(orders=orders_of(21)))
    execute_next(stop=lambda: True)
    before, opened = NO_CHANGE[:4], NO_CHANGE[6:10]
    claimed = ["UPDATE syncattempt", "UPDATE syncrun"]  # one more slice of it; the lease
    assert statements() == [*before, *claimed, *opened, *A_BATCH * 2, *A_MENDING, *NO_CHANGE[11:]]
