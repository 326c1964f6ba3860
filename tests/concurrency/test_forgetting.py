"""A run is forgotten in the very moment that somebody wants it again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from sheetsync import trigger
from sheetsync.models import SyncRun, ending, retention
from sheetsync.models.ending import Snapshot
from sheetsync.outcome import Failed
from tests.support.making import Maker
from tests.support.meeting import elsewhere
from tests.support.runs import LEASE, run_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def old(settings):
    """A failed run that is old enough to be forgotten, and not the last of its automation."""
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "polling"}
    automation = Maker().automation()
    run_of(automation)
    run = SyncRun.objects.claim("w", LEASE)
    ending.settle(run, Failed(), Snapshot(), ValueError("x"))
    trigger.cancel(run_of(automation))
    SyncRun.objects.filter(pk=run.pk).update(finished_at=Now() - timedelta(days=100))
    run.refresh_from_db()
    return run


@pytest.mark.parametrize("act", [trigger.replay, trigger.retry])
def test_what_was_forgotten_since_the_page_was_made_is_not_there(old, act):
    assert retention.prune() == 1
    with pytest.raises(SyncRun.DoesNotExist):
        act(old)


def test_a_canceled_run_that_was_forgotten_is_not_there_either(old):
    canceled = trigger.request_run(old.automation, trigger="manual").run
    trigger.cancel(canceled)
    canceled.refresh_from_db()
    SyncRun.objects.filter(pk=canceled.pk).delete()
    with pytest.raises(SyncRun.DoesNotExist):
        trigger.replay(canceled)


@pytest.mark.parametrize("act", [trigger.replay, trigger.retry])
def test_either_it_is_forgotten_or_it_is_done_again(old, act):
    with elsewhere() as other:
        pruned, again = other(retention.prune), other(act, old)
        forgotten, error = pruned.result(), again.exception()
    assert error is None or isinstance(error, SyncRun.DoesNotExist)
    assert SyncRun.objects.filter(pk=old.pk).exists() is not bool(forgotten)
    if error is None:
        assert SyncRun.objects.active().exists()
