"""PostgreSQL gives up waiting for a lock, as many hosts let it: that is over in a moment, and nobody's fault."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.db import Error, connection

from sheetsync.models import Automation, SyncRun
from sheetsync.scheduler import tick
from tests.support.making import Maker
from tests.support.meeting import elsewhere, nobody_writes_to

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_on("postgresql")]

SIX = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
AFTER_THE_CLAIM = SIX + timedelta(seconds=11)


def impatient_tick():
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    with suppress(Error):  # the command logs it, and looks again
        tick(SIX)


def test_a_due_automation_is_started_at_the_next_look(settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "polling"}
    automation = Maker().automation(cron="0 6 * * *", schedule_enabled=True, exact=True, next_run_at=SIX)
    with elsewhere() as other, nobody_writes_to("sheetsync_syncrun"):
        other(impatient_tick).result()
    assert tick(AFTER_THE_CLAIM).started == 1
    automation.refresh_from_db()
    assert (SyncRun.objects.get().slot, automation.problem) == (SIX, "")
    assert Automation.objects.due(AFTER_THE_CLAIM).count() == 0
