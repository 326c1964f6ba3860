"""Automations: what is exported to where, and when; and which of them need somebody."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.contrib import admin
from django.db.models import Case, OuterRef, QuerySet, Subquery, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync.admin import filters
from sheetsync.admin.acts import in_list
from sheetsync.admin.asking import Asking
from sheetsync.admin.automation_acts import ACTS, IN_LIST
from sheetsync.admin.automation_form import BEFORE_COLUMNS, AutomationForm, fieldsets_of
from sheetsync.admin.column import ColumnInline, renumber
from sheetsync.admin.display import NOTHING, badge, link, list_link, short, table, together, when
from sheetsync.admin.figures import status_of
from sheetsync.admin.history import BigTable, OfTenants
from sheetsync.admin.live import Live
from sheetsync.admin.schedule import next_times
from sheetsync.admin.tab import tab_address
from sheetsync.models import Automation, SyncRun
from sheetsync.models.automation import on_hold

LAST_RUNS = 5

_STATES = {
    Automation.Status.DRAFT: ("…", "off"),
    Automation.Status.ACTIVE: ("▶", "good"),
    Automation.Status.PAUSED: ("■", "waiting"),
}
_ENDS = {
    SyncRun.Status.PENDING: ("…", "waiting"),
    SyncRun.Status.RUNNING: ("▶", "busy"),
    SyncRun.Status.COMPLETED: ("✔", "good"),
    SyncRun.Status.FAILED: ("✖", "bad"),
    SyncRun.Status.DEAD: ("✖", "bad"),
    SyncRun.Status.CANCELED: ("■", "off"),
}
"""Signs and colours of what a list tells first."""


@cache
def _zones() -> list[str]:
    """All names of time zones: found once, as it is a look at hundreds of files."""
    return sorted(available_timezones())


class Standing(admin.SimpleListFilter):
    """What somebody has to look at."""

    title = gettext_lazy("needs somebody")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """By what is wrong."""
        return [
            ("mending", gettext_lazy("a problem is to be mended")),
            ("account", gettext_lazy("its Google account does not work")),
            ("failed", gettext_lazy("its last run failed")),
        ]

    def queryset(self, request: HttpRequest, rows: QuerySet[Automation]) -> QuerySet[Automation]:
        """As its page tells it."""
        if self.value() == "mending":
            return rows.exclude(problem="")
        if self.value() == "account":
            return rows.filter(on_hold())
        if self.value() == "failed":
            failed: Any = {"last_status__in": [SyncRun.Status.FAILED, SyncRun.Status.DEAD]}
            return rows.filter(**failed)
        return rows


@admin.register(Automation)
class AutomationAdmin(Live, BigTable, OfTenants, Asking):
    """The status is changed by the buttons: they check what a run would need, and stop what runs."""

    acts = ACTS
    actions = [in_list(act) for act in IN_LIST]
    form = AutomationForm
    inlines = [ColumnInline]
    change_form_template = "admin/sheetsync/automation/change_form.html"
    list_display = ["name", "state", "short_problem", "last_run", "next_run", "tenant"]
    list_filter = ["status", Standing, "schedule_enabled", "webhooks_enabled"]
    list_select_related = ["tenant"]
    search_fields = ["name", "tenant__name", "spreadsheet_id"]
    search_help_text = gettext_lazy("Name, tenant or spreadsheet id")
    ordering = ["name", "pk"]
    readonly_fields = [
        "status",
        "whole_problem",
        "sheet_id",
        "next_run_at",
        "walked_at",
        "upcoming",
        "created_at",
        "last_runs",
        "waiting_orders",
        "tab_link",
        "filter_words",
        "adopted",
    ]

    class Media:
        css = {"all": ["sheetsync/automation.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """In the order in which somebody thinks of it."""
        return fieldsets_of(obj, editable=obj is None or self.has_change_permission(request, obj))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Automation]:
        """With the last run, served by the index `runs_of_automation`; and whether its account works."""
        last = SyncRun.objects.filter(automation=OuterRef("pk")).order_by("-created_at")
        found: QuerySet[Automation] = super().get_queryset(request)
        held = Case(When(on_hold(), then=True), default=False)
        of_last = {f"last_{name}": Subquery(last.values(name)[:1]) for name in ("pk", "status", "created_at")}
        return found.annotate(held=held, **of_last)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """It stays with its tenant, as its runs do."""
        return [*self.readonly_fields, "tenant"] if obj else list(self.readonly_fields)

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        """All tenants have too many sources for one select; one tenant has not."""
        changing = request.resolver_match and "object_id" in request.resolver_match.kwargs
        return [] if changing else ["tenant", "source", "account"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """With the tenant's own sources and accounts to choose from."""
        form = super().get_form(request, obj, change, **kwargs)
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

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With what the page needs besides the form."""
        context |= {"before_columns": BEFORE_COLUMNS, "zones": _zones()}
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("stored schedule"))
    def upcoming(self, automation: Automation) -> str:
        """When it comes, in the zone of the schedule."""
        return next_times(automation) if automation.pk else NOTHING

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, automation: Any) -> str:
        """A badge. Of an active one whose account does not work nothing runs."""
        if automation.status == Automation.Status.ACTIVE and automation.held:
            return badge("✖", _("held up"), "bad")
        sign, kind = _STATES[automation.status]
        return badge(sign, automation.get_status_display(), kind)

    @admin.display(description=gettext_lazy("last run"), ordering="last_created_at")
    def last_run(self, automation: Any) -> str:
        """How it ended or what it does, and when it was asked for."""
        if not automation.last_status:
            return _("never")
        sign, kind = _ENDS[automation.last_status]
        shown = badge(sign, SyncRun.Status(automation.last_status).label, kind)
        page = reverse("admin:sheetsync_syncrun_change", args=[automation.last_pk])
        return format_html('{} <a href="{}">{}</a>', shown, page, when(automation.last_created_at))

    @admin.display(description=gettext_lazy("next run"), ordering="next_run_at")
    def next_run(self, automation: Automation) -> str:
        """Where it is going to run by a schedule at all."""
        runs = automation.status == Automation.Status.ACTIVE and automation.schedule_enabled
        return when(automation.next_run_at) if runs and automation.next_run_at else NOTHING

    @admin.display(description=gettext_lazy("problem"))
    def short_problem(self, automation: Automation) -> str:
        """Its beginning."""
        held = _("its Google account does not work") if automation.held else ""  # type: ignore[attr-defined]
        return short(automation.problem or held)

    @admin.display(description=gettext_lazy("problem"))
    def whole_problem(self, automation: Automation) -> str:
        """What its owner has to mend, here or on the Google account."""
        return automation.problem or (automation.hold() if automation.pk else "") or NOTHING

    @admin.display(description=gettext_lazy("in Google Sheets"))
    def tab_link(self, automation: Automation) -> str:
        """Its tab, where it has one, else the spreadsheet."""
        target = '<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>'
        return format_html(target, tab_address(automation), _("Open the spreadsheet"))

    @admin.display(description=gettext_lazy("filters"))
    def filter_words(self, automation: Automation) -> str:
        """Which orders it takes."""
        return filters.in_words(automation.filters)

    @admin.display(description=gettext_lazy("take over filled rows by"))
    def adopted(self, automation: Automation) -> str:
        """Headers."""
        return together(str(each) for each in automation.adopt)

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
