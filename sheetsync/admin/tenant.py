"""Tenants: stopped and set going again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync import trigger
from sheetsync.admin.access import MINT_CODE
from sheetsync.admin.acts import Act, in_list
from sheetsync.admin.asking import Asking
from sheetsync.admin.careful import CarefulAct, carefully_in_list
from sheetsync.admin.display import list_link, together
from sheetsync.admin.links import CONNECT_SHOP, LINK_GOOGLE
from sheetsync.models import ApiToken, AuditEntry, Automation, GoogleAccount, InstallCode, Source, SyncRun, Tenant
from sheetsync.models.automation import PLANNED


def _pause(tenant: Tenant) -> str:
    trigger.pause_tenant(tenant)
    return _("%(tenant)s is paused: nothing of it runs") % {"tenant": tenant}


def _resume(tenant: Tenant) -> str:
    Tenant.objects.filter(pk=tenant.pk).update(active=True)
    return _("%(tenant)s may run again") % {"tenant": tenant}


PAUSE = CarefulAct(
    name="pause",
    label=gettext_lazy("Pause"),
    do=_pause,
    fits=lambda tenant: tenant.active,
    question=gettext_lazy("All its automations stand still from then on: what waits is canceled, what runs stops."),
)
RESUME = Act(name="resume", label=gettext_lazy("Resume"), do=_resume, fits=lambda tenant: not tenant.active)


class ByPlatform(admin.AllValuesFieldListFilter):
    """With a word for tenants of none: Django would make a link without a text."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """As Django makes them, each with something to read."""
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or _("none")}


@admin.register(Tenant)
class TenantAdmin(Asking):
    """Whether a tenant is active is changed by the buttons: they also stop what runs."""

    acts = (PAUSE, RESUME, MINT_CODE, LINK_GOOGLE, CONNECT_SHOP)
    actions = [carefully_in_list(PAUSE), in_list(RESUME)]
    list_display = ["name", "platform", "external_id", "active", "time_zone", "max_concurrent_runs", "last_served_at"]
    list_filter = ["active", ("platform", ByPlatform)]
    search_fields = ["name", "external_id"]
    ordering = ["name", "pk"]
    fields = [
        ("name", "active"),
        ("platform", "external_id"),
        "time_zone",
        "max_concurrent_runs",
        ("last_served_at", "created_at"),
        "rows",
    ]
    readonly_fields = ["active", "last_served_at", "created_at", "rows"]

    @admin.display(description=gettext_lazy("what belongs to it"))
    def rows(self, tenant: Tenant) -> str:
        """Links to the lists of everything that is the tenant's."""
        models = (Automation, SyncRun, Source, GoogleAccount, ApiToken, InstallCode, AuditEntry)
        return together(list_link(model, tenant__id__exact=tenant.pk) for model in models if tenant.pk)

    def save_model(self, request: HttpRequest, obj: Tenant, form: ModelForm[Tenant], change: bool) -> None:
        """Only what was typed: workers write to the row too. A new time zone moves the schedules meant in it."""
        if not change:
            obj.save()
            return
        obj.save(update_fields=form.changed_data)
        if "time_zone" in form.changed_data:
            for automation in Automation.objects.filter(tenant=obj, time_zone="", schedule_enabled=True):
                automation.plan_next_run()
                automation.save(update_fields=PLANNED)
