"""Finished runs are forgotten in time, and never anything else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now

from sheetsync.models import SyncAttempt, SyncRun
from sheetsync.models.retention import kept_for, outlived, prune
from tests.support.making import Maker

pytestmark = pytest.mark.django_db


@pytest.fixture
def automation():
    return Maker().automation()


def a_run(automation, status="completed", days=0):
    run = SyncRun(tenant=automation.tenant, automation=automation, trigger="manual", max_attempts=5, status=status)
    if status in SyncRun.FINISHED:
        run.finished_at = Now() - timedelta(days=days, hours=1)
    run.save()
    return run


@pytest.mark.parametrize(
    ("status", "days", "kept"),
    [
        ("completed", 6, True),
        ("completed", 7, False),
        ("canceled", 7, False),
        ("failed", 89, True),
        ("failed", 90, False),
        ("dead", 89, True),
        ("dead", 90, False),
        ("pending", 0, True),
    ],
)
def test_a_run_is_kept_for_as_long_as_its_end_deserves(automation, status, days, kept):
    run = a_run(automation, status, days)
    a_run(automation, "completed")
    prune()
    assert SyncRun.objects.filter(pk=run.pk).exists() is kept


def test_the_last_run_of_an_automation_stays(automation):
    run = a_run(automation, days=400)
    assert prune() == 0 and SyncRun.objects.get() == run


def test_attempts_go_with_their_run_and_replays_stay(automation):
    old = a_run(automation, "dead", days=91)
    SyncAttempt.objects.create(run=old, number=1, worker="w")
    replay = a_run(automation)
    SyncRun.objects.filter(pk=replay.pk).update(replay_of=old)
    assert prune() == 1
    replay.refresh_from_db()
    assert replay.replay_of is None and not SyncAttempt.objects.exists()


def test_a_batch_takes_the_oldest_first(automation):
    runs = [a_run(automation, days=days) for days in (10, 30, 20, 0)]
    assert prune(most=2) == 2
    assert set(SyncRun.objects.all()) == {runs[0], runs[3]}


def test_the_command_takes_all_batches_and_says_so(automation, capsys, monkeypatch):
    for _ in range(5):
        a_run(automation, days=10)
    monkeypatch.setattr(prune, "__defaults__", (2,))
    call_command("prune", "--dry-run")
    call_command("prune")
    assert capsys.readouterr().out.splitlines() == [
        "4 runs would be forgotten: completed ones stay 7 days, failed ones 90",
        "4 runs were forgotten: completed ones stay 7 days, failed ones 90",
    ]


def test_looking_for_them_does_not_look_at_all_runs(automation):
    SyncRun.objects.bulk_create(
        SyncRun(
            tenant=automation.tenant,
            automation=automation,
            trigger="manual",
            max_attempts=5,
            status="completed" if number % 2 else "dead",
            finished_at=datetime.now(UTC) - timedelta(days=number % 7),
        )
        for number in range(3_000)
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE sheetsync_syncrun")
    assert all("finished_runs" in outlived(status).explain() for status in kept_for())
