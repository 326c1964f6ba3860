"""What happened to runs: attempts and incidents, as lists over all runs. The page of a run tells its own as a story."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync.admin.acts import Act, Acting, in_list
from sheetsync.admin.display import NOTHING, folded, link, span
from sheetsync.admin.history import BigTable, ReadOnly
from sheetsync.admin.remedies import remedy_for
from sheetsync.admin.run.filters import IncidentKind
from sheetsync.admin.run.finding import found
from sheetsync.admin.run.meanings import of_incident
from sheetsync.admin.run.timeline import outcome_of
from sheetsync.admin.staff import seen_by
from sheetsync.models import Automation, Incident, SyncAttempt, SyncRun


class AttemptTexts:
    """What the list of attempts and an attempt's own page both show."""

    @admin.display(description=gettext_lazy("outcome"))
    def state(self, attempt: SyncAttempt) -> str:
        """How it ended, or that it has not."""
        return outcome_of(attempt)

    @admin.display(description=gettext_lazy("duration"))
    def duration(self, attempt: SyncAttempt) -> str:
        """How long it took; pauses included."""
        if attempt.finished_at is None:
            return NOTHING
        return span((attempt.finished_at - attempt.started_at).total_seconds())

    @admin.display(description=gettext_lazy("error"))
    def whole_error(self, attempt: SyncAttempt) -> str:
        """Its class and its words."""
        return f"{attempt.error_type}: {attempt.error}" if attempt.error_type else NOTHING

    @admin.display(description=gettext_lazy("what happened"))
    def meaning(self, attempt: SyncAttempt) -> str:
        """What the error means."""
        return str(remedy_for(attempt.error_type).what) if attempt.error_type else NOTHING

    @admin.display(description=gettext_lazy("traceback"))
    def folded_traceback(self, attempt: SyncAttempt) -> str:
        """It opens when asked for."""
        return folded(_("show"), attempt.traceback)


class RunLink:
    """For rows that belong to a run. They are found as their run is, and sorted by nothing else than their age."""

    sortable_by: Any = ()
    search_help_text: Any = gettext_lazy("Run id, correlation id, or words of its automation's or tenant's name")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By an index: first the runs, of which most have no such row, or a few."""
        if not search_term.strip():
            return queryset, False
        runs = seen_by(request.user, SyncRun.objects.all())
        automations = seen_by(request.user, Automation.objects.all())
        return queryset.filter(run__in=found(runs, automations, search_term)), False

    @admin.display(description=gettext_lazy("run"))
    def run_link(self, row: Any) -> str:
        """To its page."""
        return link(row.run)


_INCIDENT: list[Any] = ["meaning", "count", "example", "seen_at", "resolved_at"]


def _resolve(incident: Incident) -> str:
    if not Incident.objects.filter(pk=incident.pk, resolved_at=None).update(resolved_at=Now()):
        return _("%(incident)s was resolved before") % {"incident": incident}
    return _("%(incident)s is resolved") % {"incident": incident}


RESOLVE = Act(
    name="resolve", label=gettext_lazy("Resolve"), do=_resolve, fits=lambda incident: incident.resolved_at is None
)


@admin.register(SyncAttempt)
class AttemptAdmin(BigTable, RunLink, AttemptTexts, ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """All attempts of all runs: what one worker did, how often one error came."""

    list_display = ["__str__", "state", "worker", "started_at", "duration", "error_type"]
    list_filter = ["outcome"]
    search_fields = ["run__automation__name"]
    ordering = ["-pk"]
    fields = [
        "run_link",
        ("number", "state"),
        "worker",
        ("started_at", "finished_at", "duration"),
        ("slices", "calls", "reads", "rows", "written"),
        "whole_error",
        "meaning",
        "folded_traceback",
    ]


@admin.register(Incident)
class IncidentAdmin(BigTable, RunLink, ReadOnly, Acting):
    """All incidents of all runs: whose sheet is being worked in while it is written to."""

    acts = (RESOLVE,)
    actions = [in_list(RESOLVE)]
    list_display = ["kind", "count", "automation", "run", "example", "seen_at", "resolved_at"]
    list_filter = [IncidentKind]
    list_select_related = ["run__automation"]
    search_fields = ["run__automation__name"]
    ordering = ["-pk"]
    fields = ["run_link", "kind", *_INCIDENT]

    @admin.display(description=gettext_lazy("automation"))
    def automation(self, incident: Incident) -> str:
        """Whose run it was."""
        return incident.run.automation.name

    @admin.display(description=gettext_lazy("what happened"))
    def meaning(self, incident: Incident) -> str:
        """In words."""
        return of_incident(incident.kind) or NOTHING
