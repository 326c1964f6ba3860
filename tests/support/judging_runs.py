"""Is the history of all runs one that can be? Asked when nothing is active any more."""

from __future__ import annotations

from sheetsync.models import DirtyOrder, SyncRun

LAST_OUTCOMES = {
    "completed": {"succeeded"},
    "failed": {"failed", "lost"},
    "dead": {"failed", "lost"},
    "canceled": {"canceled", "failed", "lost"},
}
"""How the last attempt of a run ended, by the run's status; of a canceled one, too, that was waiting for another."""


def judge_runs() -> None:
    """Nothing is left to do, and the attempts of every run are exactly those that began."""
    assert not SyncRun.objects.active().exists(), list(SyncRun.objects.active().values())
    assert not DirtyOrder.objects.exists(), list(DirtyOrder.objects.values())
    for run in SyncRun.objects.all():
        log = list(run.attempt_log.order_by("number"))
        outcomes = [attempt.outcome for attempt in log]
        assert [attempt.number for attempt in log] == list(range(1, run.attempts + 1)), (run, outcomes)
        assert run.attempts <= run.max_attempts
        assert set(outcomes[:-1]) <= {"failed", "lost", "canceled"}, (run, run.status, outcomes)
        if log:
            assert outcomes[-1] in LAST_OUTCOMES[run.status], (run, run.status, outcomes)
        assert log or run.status == "canceled", (run, run.status)
        assert run.lease_token is None and run.finished_at is not None
