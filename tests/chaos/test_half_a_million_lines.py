"""A real shop's 541,909 lines, exported by a cluster whose workers are killed and which is itself told to stop.

Only in a thorough run, and only where the data set lies beside the checkout. Takes some minutes: `make chaos` runs it
on SQLite; `DJANGO_DATABASE=postgresql SHEETSYNC_THOROUGH=1 pytest` on this file runs it on PostgreSQL.
"""

from __future__ import annotations

import json
import lzma
from random import Random

import pytest

from sheetsync.models import Tenant
from tests.chaos.test_killed_process import COLUMNS, expected
from tests.chaos.test_real_orders import MEGABYTE, REAL, ROWS_PER_BATCH
from tests.support import databases
from tests.support.ordeal import Ordeal
from tests.support.processes import Children

ORDERS, LINES = 25_900, 541_909
KILLS = 5
SETTINGS = {
    "LEASE_SECONDS": 4,
    "SLICE_SECONDS": 8,
    "SCHEDULER_SECONDS": 0.5,
    "RETRY_BASE_SECONDS": 0.5,
    "RETRY_CAP_SECONDS": 1,
}

pytestmark = [pytest.mark.thorough, pytest.mark.needs(REAL), pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def facts(django_db_setup, django_db_blocker, tmp_path_factory):
    """The whole story, told once for all questions; its rows are gone before the first of them is asked."""
    folder = tmp_path_factory.mktemp("ordeal")
    with django_db_blocker.unblock(), Children(databases.child_environment(), folder) as children:
        children.settings |= SETTINGS
        ordeal = Ordeal(children, folder)
        try:
            ordeal.begin(REAL, ORDERS, COLUMNS, max_attempts=20)
            hurt(ordeal, Random(1))
            yield ordeal.finish()
        finally:
            print("", *ordeal.facts.story, f"most memory: {ordeal.facts.peaks}", sep="\n")
            Tenant.objects.all().delete()


def hurt(ordeal, random):
    """Five kills and a shutdown, each somewhere in its own sixth of the walk, and a kill when the walk is over."""
    acts = [ordeal.strike] * KILLS
    acts.insert(3, ordeal.shut_down)
    moments = [(number + random.random()) / len(acts) * ORDERS for number in range(len(acts))]
    for moment, act in zip([*moments, ORDERS], [*acts, ordeal.strike], strict=True):
        ordeal.until(lambda moment=moment: ordeal.orders() >= moment, f"order {moment:.0f}")
        ordeal.rest(random.uniform(0, 3))
        act()


@pytest.fixture(scope="module")
def wanted():
    with lzma.open(REAL, "rt") as file:
        return expected(json.loads(line) for line in file)


def test_the_run_completes(facts):
    assert (facts.run["status"], facts.run["error"]) == ("completed", "")


def test_every_cell_equals_the_source_and_every_row_is_there_once(facts, wanted):
    width = 2 + len(COLUMNS)
    rows = [[*(None if cell == "" else cell for cell in row), *[None] * (width - len(row))] for row in facts.rows]
    assert len(rows) == LINES and all("." in row[1] for row in rows)
    assert {row[0]: row[2:] for row in rows} == wanted


def test_a_killed_worker_costs_its_attempt_and_nothing_else_does(facts):
    assert len(facts.struck) >= KILLS
    assert facts.run["attempts"] == 1 + len(facts.struck)
    outcomes = [attempt["outcome"] for attempt in facts.attempts]
    assert outcomes == ["lost"] * len(facts.struck) + ["succeeded"]


def test_a_cluster_that_is_told_to_stop_puts_the_run_back_and_leaves_nobody_behind(facts):
    code, left, before, after = facts.shutdown
    assert (code, left, after["status"], after["lease_token"]) == (0, [], "pending", None)
    assert after["attempts"] == before["attempts"] and after["next_attempt_at"] > before["lease_acquired_at"]


def test_the_attempts_add_up_to_the_run(facts):
    for name in ("calls", "rows"):
        assert sum(attempt[name] for attempt in facts.attempts) == facts.run["counters"][name]


def test_every_claim_is_a_slice_of_one_attempt(facts):
    assert sum(attempt["slices"] for attempt in facts.attempts) == len(facts.leases) > len(facts.attempts)


def test_no_commit_number_is_used_twice_or_left_out(facts):
    assert facts.commits == list(range(len(facts.commits)))


def test_commits_that_no_counter_knows_are_few(facts):
    """The tab's creation; and for each killed worker its last one, and the one that keeps it out from then on."""
    assert 0 < len(facts.commits) - facts.run["counters"]["commits"] <= 1 + 2 * len(facts.struck)


def test_the_counters_cover_every_row_and_count_few_of_them_twice(facts):
    """Not counted as inserted: what a killed worker could not write down. Met twice: what went ahead of a cursor."""
    counters = facts.run["counters"]
    assert counters["updated"] == counters["removed"] == 0 and counters["orders"] == ORDERS
    assert 0 <= LINES - counters["inserted"] <= ROWS_PER_BATCH * len(facts.struck)
    assert 0 <= counters["inserted"] + counters["unchanged"] - LINES <= ROWS_PER_BATCH * len(facts.leases)


def test_memory_stays_small_during_the_walk(facts):
    assert facts.peaks["walk"] <= 150 * MEGABYTE


def test_memory_stays_small_while_the_source_is_asked_for_what_the_last_slice_did_not_meet(facts):
    assert facts.peaks["end"] <= 150 * MEGABYTE
