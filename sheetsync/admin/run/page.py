"""The list of runs and the page of a run."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync.admin import figures
from sheetsync.admin.asking import Asking
from sheetsync.admin.display import NOTHING, link, short
from sheetsync.admin.history import BigTable, OfTenants, ReadOnly
from sheetsync.admin.run.acts import ACTIONS, ACTS
from sheetsync.admin.run.filters import ErrorType, OfAutomation, Period
from sheetsync.admin.run.finding import found
from sheetsync.admin.run.progress import SHOWN, Live, bar, lines, live
from sheetsync.admin.run.story import story_of
from sheetsync.admin.staff import seen_by
from sheetsync.admin.times import ago
from sheetsync.models import Automation, SyncRun

MENDING = {"failed": "retry", "dead": "replay"}
"""The act that goes on with a run when its cause is mended."""


@admin.register(SyncRun)
class RunAdmin(BigTable, ReadOnly, OfTenants, Live, Asking):
    """The newest first. Active ones are told again and again while somebody looks."""

    acts = ACTS
    actions = ACTIONS
    change_list_template = "admin/sheetsync/syncrun/change_list.html"
    change_form_template = "admin/sheetsync/syncrun/change_form.html"
    list_display = ["number", "state", "automation_link", "going", "asked_for"]
    list_filter = [Period, "status", "trigger", "mode", ("automation", OfAutomation), ErrorType]
    list_select_related = ["automation", "tenant"]
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ["asked_for"]
    search_fields = ["automation__name"]
    search_help_text = gettext_lazy("Run id, correlation id, or words of its automation's or tenant's name")
    ordering = ["-created_at", "-pk"]
    fields = ["correlation_id"]  # the template tells this and all the rest

    def get_queryset(self, request: HttpRequest) -> QuerySet[SyncRun]:
        """With what every page names."""
        runs: QuerySet[SyncRun] = super().get_queryset(request)
        return runs.select_related("automation", "tenant")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SyncRun], search_term: str
    ) -> tuple[QuerySet[SyncRun], bool]:
        """What somebody may see, and without a look through all runs."""
        return found(queryset, seen_by(request.user, Automation.objects.all()), search_term), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the address at which the page asks how its runs get on."""
        return super().changelist_view(request, {**(extra_context or {}), "progress": self.progress_address()})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With the story of the run, and the button that mends it beside the words that say so."""
        run: SyncRun = context["original"]
        context |= {"story": story_of(run, request), "progress": self.progress_address()}
        if self.has_operate_permission(request, run):
            mending = MENDING.get(run.status)
            context["mending"] = [self._button(act, run) for act in self.acts if act.name == mending]
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("run"))
    def number(self, run: SyncRun) -> int:
        """Its id, as logs and messages name it."""
        return run.pk

    @admin.display(description=gettext_lazy("status"))
    def state(self, run: SyncRun) -> str:
        """Where it is in its life, and which attempt it is at, of how many."""
        look = live(run, "badge", figures.status_of(run))
        return lines(look, _("attempt %(tries)s") % {"tries": figures.attempts_of(run)} if run.attempts else "")

    @admin.display(description=gettext_lazy("automation"))
    def automation_link(self, run: SyncRun) -> str:
        """What it is a run of, whose, who asked for it, and for which orders."""
        automation = link(run.automation, short(run.automation.name, SHOWN))
        kind = f"{run.get_trigger_display()} · {run.get_mode_display()}"
        return lines(automation, short(run.tenant.name, SHOWN), kind)

    @admin.display(description=gettext_lazy("orders done"))
    def going(self, run: SyncRun) -> str:
        """How far it is, with a bar while it is active; and why it waits, or why it failed: the beginning."""
        done = live(run, "progress", figures.progress_of(run))
        reason = short(figures.reason_of(run), SHOWN)
        why = live(run, "short-reason", "" if reason == NOTHING else reason)
        return lines(format_html("{}{}", done, bar(run)) if run.is_active else done, why)

    @admin.display(description=gettext_lazy("asked for"), ordering="created_at")
    def asked_for(self, run: SyncRun) -> str:
        """How long ago, and how long it took, or takes by now."""
        duration = figures.duration_of(run)
        words = format_html(_("for {}") if run.is_active else _("took {}"), live(run, "duration", duration))
        return lines(ago(run.created_at), words if duration != NOTHING else "")
