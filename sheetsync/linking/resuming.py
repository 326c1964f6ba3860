"""What waited for an account goes on."""

from __future__ import annotations

from django.db.models.functions import Now

from sheetsync import dispatch, trigger
from sheetsync.errors import GrantRevoked
from sheetsync.models import Automation, GoogleAccount, SyncRun


def resume(account: GoogleAccount) -> int:
    """Let everything go on that could not without this account. -> how many failed runs were put back.

    Runs that waited are taken up by themselves, and times of schedules that were missed become one run each. What is
    left is done here, as often as one likes: an automation whose last run failed for the want of this account goes on
    with that run, and a schedule that was set aside is due now. A person's own pause stays a pause.
    """
    automations = Automation.objects.of_account(account).filter(status=Automation.Status.ACTIVE, tenant__active=True)
    put_back = trigger.put_back(automations, GrantRevoked)
    set_aside = automations.filter(schedule_enabled=True, next_slot_at__lte=Now(), next_run_at__gt=Now())
    Automation.objects.filter(pk__in=list(set_aside.values_list("pk", flat=True))).update(next_run_at=Now())
    if SyncRun.objects.ready().allowed().filter(automation__in=automations).exists():
        dispatch.ring_on_commit(None)
    return put_back


def choose_default(account: GoogleAccount) -> None:
    """The account of all automations of its tenant that name none. Raises GrantRevoked for an unlinked one."""
    account.make_default()
    resume(account)
