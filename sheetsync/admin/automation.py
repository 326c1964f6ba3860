"""Automations: what is exported to where, and when; started, paused and set going."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Case, OuterRef, QuerySet, Subquery, When
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync import trigger
from sheetsync.admin.acts import Act, Acting, in_list
from sheetsync.admin.column import ColumnInline, renumber
from sheetsync.admin.display import NOTHING, link, list_link, short, table, when
from sheetsync.admin.fields import JsonField
from sheetsync.admin.figures import status_of
from sheetsync.admin.history import OfTenants
from sheetsync.admin.schedule import in_words, next_times
from sheetsync.errors import RunRefused
from sheetsync.models import Automation, SyncRun
from sheetsync.models.automation import on_hold

LAST_RUNS = 5


def _run_now(automation: Automation) -> str:
    requested = trigger.request_run(automation, trigger=SyncRun.Trigger.MANUAL)
    run = requested.run
    if not requested.created:
        text = _("run %(run)s of %(automation)s is %(status)s already: wait for it, or cancel it")
        named = {"run": run.pk, "automation": automation, "status": run.get_status_display()}
        raise RunRefused(text % named)
    return _("run %(run)s of %(automation)s was started") % {"run": run.pk, "automation": automation}


def _pause(automation: Automation) -> str:
    trigger.pause(automation)
    return _("%(automation)s is paused: nothing of it runs") % {"automation": automation}


def _activate(automation: Automation) -> str:
    trigger.activate(automation)
    return _("%(automation)s is active") % {"automation": automation}


def _is_active(automation: Automation) -> bool:
    return automation.status == Automation.Status.ACTIVE


ACTS = (
    Act(name="run_now", label=gettext_lazy("Run now"), do=_run_now, fits=_is_active),
    Act(name="pause", label=gettext_lazy("Pause"), do=_pause, fits=_is_active),
    Act(
        name="activate",
        label=gettext_lazy("Activate"),
        do=_activate,
        fits=lambda each: not _is_active(each),
    ),
)


class AutomationForm(forms.ModelForm):  # type: ignore[type-arg]
    """The model's `clean` judges what belongs together."""

    filters = JsonField(
        list,
        label=gettext_lazy("Filters"),
        help_text=gettext_lazy('All must hold. Such as [{"path": "status", "operator": "eq", "value": "paid"}].'),
    )
    adopt = JsonField(
        list,
        label=gettext_lazy("Adopt"),
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy('Headers by which the rows of a filled tab are taken over, such as ["Order"].'),
    )

    def clean_adopt(self) -> list[str]:
        """Headers are texts."""
        adopt: list[Any] = self.cleaned_data["adopt"]
        if not all(isinstance(header, str) and header for header in adopt):
            raise ValidationError(_('Write headers as texts, such as ["Order", "Customer"].'))
        return adopt

    def clean(self) -> None:
        """Without a tenant nothing can be told of what has to be the tenant's, or is meant in its time zone."""
        super().clean()
        if "tenant" in self.fields and not self.cleaned_data.get("tenant"):
            for name in ("source", "account", "cron", "schedule_enabled"):
                self.cleaned_data.pop(name, None)


@admin.register(Automation)
class AutomationAdmin(OfTenants, Acting):
    """The status is changed by the buttons: they check what a run would need, and stop what runs."""

    acts = ACTS
    actions = [in_list(act) for act in ACTS]
    form = AutomationForm
    inlines = [ColumnInline]
    list_display = ["name", "tenant", "status", "source", "schedule", "next_run_at", "last_run", "short_problem"]
    list_filter = ["status", "schedule_enabled", "webhooks_enabled"]
    list_select_related = ["tenant", "source"]
    search_fields = ["name", "tenant__name", "spreadsheet_id"]
    ordering = ["name", "pk"]
    readonly_fields = [
        "status",
        "whole_problem",
        "sheet_id",
        "next_run_at",
        "walked_at",
        "sentence",
        "upcoming",
        "created_at",
        "last_runs",
        "waiting_orders",
    ]
    fieldsets = [
        (None, {"fields": ["tenant", "name", ("status", "whole_problem"), "source"]}),
        (gettext_lazy("Where to"), {"fields": ["account", "spreadsheet_id", ("tab_title", "sheet_id")]}),
        (gettext_lazy("What"), {"fields": ["rows_per", "filters", ("removed", "hand_edits"), "adopt"]}),
        (
            gettext_lazy("When"),
            {
                "fields": [
                    "webhooks_enabled",
                    ("schedule_enabled", "cron", "time_zone"),
                    ("exact", "next_run_at"),
                    ("full_every_hours", "walked_at"),
                    ("sentence", "upcoming"),
                ]
            },
        ),
        (gettext_lazy("Runs"), {"fields": ["last_runs", "waiting_orders", "created_at"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Automation]:
        """With the status of the last run, served by the index `runs_of_automation`; and whether its account works."""
        last = SyncRun.objects.filter(automation=OuterRef("pk")).order_by("-created_at")
        found: QuerySet[Automation] = super().get_queryset(request)
        held = Case(When(on_hold(), then=True), default=False)
        return found.annotate(last_status=Subquery(last.values("status")[:1]), held=held)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """It stays with its tenant, as its runs do."""
        return [*self.readonly_fields, "tenant"] if obj else list(self.readonly_fields)

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        """All tenants have too many sources for one select; one tenant has not."""
        changing = request.resolver_match and "object_id" in request.resolver_match.kwargs
        return [] if changing else ["tenant", "source", "account"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """With the tenant's own sources and accounts to choose from."""
        wide = {"spreadsheet_id": forms.TextInput({"size": 60})}
        form = super().get_form(request, obj, change, **kwargs | {"widgets": wide})
        for name in {"source", "account"}.intersection(form.base_fields if obj else ()):
            field: Any = form.base_fields[name]
            field.queryset = field.queryset.filter(tenant=obj.tenant_id)
        return form

    def save_model(self, request: HttpRequest, obj: Automation, form: Any, change: bool) -> None:
        """Only what was typed, and what follows from it: workers and the scheduler write to the row too."""
        changed = set(form.changed_data)
        follows = obj.follow(changed)
        obj.save(update_fields=changed | follows if change else None)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Columns have been added, moved and taken away."""
        super().save_related(request, form, formsets, change)
        renumber(form.instance)

    @admin.display(description=gettext_lazy("schedule"))
    def schedule(self, automation: Automation) -> str:
        """When it comes, where that is on."""
        return in_words(automation) if automation.schedule_enabled else NOTHING

    @admin.display(description=gettext_lazy("in words"))
    def sentence(self, automation: Automation) -> str:
        """When it comes, also while it is switched off."""
        return in_words(automation)

    @admin.display(description=gettext_lazy("next times"))
    def upcoming(self, automation: Automation) -> str:
        """The next few, in the zone of the schedule."""
        return next_times(automation)

    @admin.display(description=gettext_lazy("last run"))
    def last_run(self, automation: Any) -> str:
        """How the last run ended, or what it does."""
        return str(SyncRun.Status(automation.last_status).label) if automation.last_status else NOTHING

    @admin.display(description=gettext_lazy("problem"))
    def short_problem(self, automation: Automation) -> str:
        """Its beginning."""
        held = _("its Google account does not work") if automation.held else ""  # type: ignore[attr-defined]
        return short(automation.problem or held)

    @admin.display(description=gettext_lazy("problem"))
    def whole_problem(self, automation: Automation) -> str:
        """What its owner has to mend, here or on the Google account."""
        return automation.problem or (automation.hold() if automation.pk else "") or NOTHING

    @admin.display(description=gettext_lazy("last runs"))
    def last_runs(self, automation: Automation) -> str:
        """The newest, with a link to all."""
        newest = automation.runs.order_by("-created_at")[:LAST_RUNS] if automation.pk else []
        rows = [(link(run, _("run %(run)s") % {"run": run.pk}), status_of(run), when(run.created_at)) for run in newest]
        return table([*rows, (list_link(SyncRun, _("all runs"), automation__id__exact=automation.pk),)] if rows else [])

    @admin.display(description=gettext_lazy("changed orders that wait"))
    def waiting_orders(self, automation: Automation) -> str:
        """Orders that were reported as changed and that no run has looked at since."""
        return str(automation.dirty_orders.count()) if automation.pk else NOTHING
