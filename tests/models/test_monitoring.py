"""The questions that a monitor asks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from sheetsync.models import SyncRun
from tests.support.making import Maker
from tests.support.runs import LEASE, run_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def make(settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "polling"}
    return Maker()


def test_figures_count_runs_and_attempts_per_status(make):
    for attempts in (1, 2):
        run = run_of(make.automation())
        SyncRun.objects.filter(pk=run.pk).update(status="completed", finished_at=Now(), attempts=attempts)
    run_of(make.automation())
    assert SyncRun.objects.figures() == {"completed": (2, 1.5), "pending": (1, 0.0)}


def test_a_run_that_takes_long_is_found_although_its_worker_is_alive(make):
    run_of(make.automation())
    run = SyncRun.objects.claim("w", LEASE)
    assert not SyncRun.objects.stuck(timedelta(hours=1))
    SyncRun.objects.update(started_at=Now() - timedelta(hours=2))
    assert SyncRun.objects.stuck(timedelta(hours=1)).get() == run


def test_the_run_that_waits_longest_is_found_whatever_its_priority(make):
    first, second = run_of(make.automation()), run_of(make.automation())
    SyncRun.objects.filter(pk=first.pk).update(next_attempt_at=Now() - timedelta(minutes=5))
    SyncRun.objects.filter(pk=second.pk).update(priority=10)
    assert SyncRun.objects.oldest_waiting() == first


def test_where_nothing_waits_none_waits_longest(make):
    assert SyncRun.objects.oldest_waiting() is None
