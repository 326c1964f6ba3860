"""Eight processes race for two thousand runs of three tenants, on real locks.

Two kinds of proof that no tenant ever ran more than it may. What racers saw and wrote down can only prove the
contrary: it is blind for an overlap that was over before anybody looked, and a count inside a claim's own transaction
would see nothing at all where the lock is broken, for each of two claims would see itself alone. The counter that a
trigger keeps in the database follows the commits themselves, and a constraint guards it: that proof is complete.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from django.db import connection

from sheetsync.models import Automation, Source, SyncAttempt, SyncRun, Tenant
from tests.support import databases
from tests.support.judging import Judge, Look
from tests.support.processes import Children
from tests.support.racing import line_up, referee

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

RACERS = 8
RUNS = 2_000
LIMITS = (1, 2, RACERS)
PRIORITIES = (0, 5, 10)
RACE = "from tests.support.racing import race; race({start!r}, {journal!r}, {seed})"


@dataclass
class Race:
    """What is left of a race. `peaks`: the most runs that a tenant ever had at once, as the referee counted."""

    limits: dict[int, int]
    peaks: dict[int, int]
    looks: list[Look]
    runs: list[SimpleNamespace]
    attempts: Counter
    outputs: list[str]
    deadlocks: int


@pytest.fixture(scope="module")
def race(django_db_setup, django_db_blocker, tmp_path_factory):
    """One race for all questions, on rows that are gone before the first of them is asked."""
    folder = tmp_path_factory.mktemp("race")
    with django_db_blocker.unblock():
        limits = line_up(LIMITS, RUNS, PRIORITIES)
        try:
            return run_race(limits, folder)
        finally:
            for model in (SyncRun, Automation, Source, Tenant):
                model.objects.all().delete()


def run_race(limits, folder):
    start, deadlocks_before = folder / "start", deadlocks()
    journals = [folder / f"{number}.jsonl" for number in range(RACERS)]
    with Children(databases.child_environment(), folder) as children, referee(limits) as peaks:
        racers = [
            children.python(RACE.format(start=str(start), journal=str(journal), seed=seed))
            for seed, journal in enumerate(journals)
        ]
        for racer in racers:
            racer.says("ready")
        began = time.monotonic()
        start.touch()
        for racer in racers:
            assert racer.wait(300) == 0, racer.output
        seconds = time.monotonic() - began
    looks = [Look(*json.loads(line)) for journal in journals for line in journal.read_text().splitlines()]
    print(f"\n{RUNS} runs in {seconds:.1f} s: {RUNS / seconds:.0f} a second; {len(looks)} looks")
    return Race(
        limits, peaks, looks,
        [SimpleNamespace(**row) for row in SyncRun.objects.values()],
        Counter(SyncAttempt.objects.values_list("run_id", "outcome")),
        [racer.output for racer in racers],
        deadlocks() - deadlocks_before,
    )  # fmt: skip


def deadlocks():
    if connection.vendor == "sqlite":
        return 0  # it knows one lock
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


@pytest.fixture(scope="module")
def judge(race):
    return Judge(race.looks, race.limits)


def test_every_run_is_claimed_exactly_once(race):
    claimed = Counter(look.run for look in race.looks if look.run)
    assert claimed == Counter(run.id for run in race.runs) and len(claimed) == RUNS


def test_every_run_is_completed_in_its_first_attempt(race):
    assert {(run.status, run.attempts) for run in race.runs} == {("completed", 1)}
    assert race.attempts == Counter({(run.id, "succeeded"): 1 for run in race.runs})


def test_no_commit_ever_made_a_tenant_run_more_than_it_may(race):
    # The referee's constraint would have failed a racer. That the low limits were reached shows that it could have.
    assert [race.peaks[tenant] for tenant, limit in race.limits.items() if limit <= 2] == [1, 2]


def test_no_moment_is_known_at_which_a_tenant_ran_more_than_it_may(judge):
    assert judge.too_many_at_once() == []


def test_no_run_is_claimed_while_a_more_urgent_one_lies_untouched(judge):
    assert judge.out_of_priority() == [] and judge.judged > RUNS / 10


def test_no_tenant_is_served_while_another_has_certainly_waited_longer(judge):
    assert judge.out_of_turn() == [] and judge.judged > RUNS / 10


def test_of_one_tenant_no_run_is_claimed_while_an_older_one_lies_untouched(judge):
    assert judge.out_of_age() == [] and judge.judged > RUNS / 10


def test_nobody_met_a_lock_that_did_not_open(race):
    assert not [output for output in race.outputs if "rror" in output or "locked" in output] and not race.deadlocks
