"""Somebody pauses while somebody else asks for a run, and neither waits for the other to begin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sheetsync import trigger
from sheetsync.models import Automation, SyncRun
from sheetsync.scheduler import slots
from tests.support.making import Maker
from tests.support.meeting import elsewhere, nobody_writes_to, waiting
from tests.support.processes import until
from tests.support.runs import run_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_on("postgresql")]

SIX = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


@pytest.fixture
def make(settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "polling"}
    return Maker()


def scheduled(automation):
    ids = Automation.objects.claim_due(SIX, timedelta(seconds=10), 10)
    slots._start(ids, SIX)


@pytest.mark.parametrize("ask", [run_of, scheduled])
@pytest.mark.parametrize("pause", [lambda each: trigger.pause(each), lambda each: trigger.pause_tenant(each.tenant)])
def test_a_run_that_is_being_born_meanwhile_does_not_wait_for_better_days(make, ask, pause):
    automation = make.automation(cron="0 6 * * *", schedule_enabled=True, exact=True, next_run_at=SIX)
    with elsewhere() as other:
        with nobody_writes_to("sheetsync_syncrun"):
            asking = other(ask, automation)
            until(lambda: waiting() == 1, "the run to be about to be written")
            pausing = other(pause, automation)
            until(lambda: pausing.done() or waiting() == 2, "the pause to be over, or to wait for the run")
        asking.result()
        pausing.result()
    assert [run.status for run in SyncRun.objects.all()] == ["canceled"]
