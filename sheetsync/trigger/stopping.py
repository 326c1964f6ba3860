"""Runs that are asked to stop, automations and tenants that are paused, and set going again; tabs that are let go."""

from __future__ import annotations

from sheetsync.errors import RunRefused
from sheetsync.models import Automation, SyncRun, Tenant
from sheetsync.models.automation import PLANNED
from sheetsync.models.fields import atomic
from sheetsync.pipeline.filters import filters_from
from sheetsync.trigger.birth import locked


def cancel(run: SyncRun) -> bool:
    """Stop a run: at once where it waits, at its next batch where it runs. False where it was finished before."""
    return bool(SyncRun.objects.filter(pk=run.pk).cancel())


def pause(automation: Automation) -> None:
    """No more runs: what waits is canceled, what runs stops at its next batch."""
    with atomic(SyncRun):
        Automation.objects.filter(pk=automation.pk).update(status=Automation.Status.PAUSED)
        SyncRun.objects.filter(automation=automation).cancel()
    automation.refresh_from_db(fields=["status"])


def activate(automation: Automation) -> None:
    """It may run, at the times of its schedule that are still to come.

    Raises BadColumn, BadFilter and BadSchedule for settings that no run could use.
    """
    with atomic(Automation):
        current = locked(automation.pk)  # or it would be planned by a schedule that somebody is changing
        current.pipeline_columns()
        filters_from(current.filters)
        current.plan_next_run()
        current.status = Automation.Status.ACTIVE
        current.save(update_fields=["status", *PLANNED])
    automation.refresh_from_db(fields=["status", *PLANNED])


def pause_tenant(tenant: Tenant) -> None:
    """No more runs of this tenant: what waits is canceled, what runs stops at its next batch."""
    # Two steps: a claim locks a run and then its tenant, so nobody may hold the tenant while waiting for a run.
    Tenant.objects.filter(pk=tenant.pk).update(active=False)
    with atomic(SyncRun):
        # Whoever is about to write a run holds its automation, and may have seen the tenant active: wait for them.
        list(Automation.objects.filter(tenant=tenant).order_by("pk").select_for_update(no_key=True).values_list("pk"))
        SyncRun.objects.filter(tenant=tenant).cancel()
    tenant.refresh_from_db(fields=["active"])


def release_tab(automation: Automation) -> None:
    """Let its tab go, so that another automation may take it; what is in it stays.

    Raises RunRefused while it is active, or a run of it still stops: that would take the tab again, or write to it.
    """
    with atomic(Automation):
        current = locked(automation.pk)
        if current.status == Automation.Status.ACTIVE:
            raise RunRefused(f"automation {current.name!r} is active: pause it first")
        if SyncRun.objects.active().filter(automation=current).exists():
            raise RunRefused(f"a run of automation {current.name!r} is still stopping: try again in a moment")
        # What was known of the tab is worth nothing when somebody else has written to it.
        current.sheet_id, current.watermark, current.walked_at = None, {}, None
        current.save(update_fields=["sheet_id", "watermark", "walked_at"])
    automation.refresh_from_db(fields=["sheet_id", "watermark", "walked_at"])
