"""What happened to runs: attempts and incidents, on the run's page and as lists over all runs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync.admin.display import NOTHING, folded, link, span
from sheetsync.admin.history import BigTable, ReadOnly, ReadOnlyInline
from sheetsync.models import Incident, SyncAttempt


class AttemptTexts:
    """What the table of a run's attempts and an attempt's own page both show."""

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

    @admin.display(description=gettext_lazy("traceback"))
    def folded_traceback(self, attempt: SyncAttempt) -> str:
        """It opens when asked for."""
        return folded(_("show"), attempt.traceback)


class RunLink:
    """For rows that belong to a run."""

    @admin.display(description=gettext_lazy("run"))
    def run_link(self, row: Any) -> str:
        """To its page."""
        return link(row.run)


_TIMELINE: list[Any] = [
    "number",
    "outcome",
    "worker",
    "started_at",
    "duration",
    "slices",
    "calls",
    "rows",
    "whole_error",
    "folded_traceback",
]
_INCIDENT: list[Any] = ["kind", "count", "example", "seen_at", "resolved_at"]


class AttemptInline(AttemptTexts, ReadOnlyInline):
    """A run's attempts, in their order."""

    model = SyncAttempt
    fields = readonly_fields = _TIMELINE
    ordering = ["number"]


class IncidentInline(ReadOnlyInline):
    """What people and networks did to the tab meanwhile."""

    model = Incident
    fields = readonly_fields = _INCIDENT
    ordering = ["seen_at", "pk"]


@admin.register(SyncAttempt)
class AttemptAdmin(BigTable, RunLink, AttemptTexts, ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """All attempts of all runs: what one worker did, how often one error came."""

    list_display = ["__str__", "outcome", "worker", "started_at", "duration", "error_type"]
    list_filter = ["outcome"]
    search_fields = ["worker", "error_type"]
    ordering = ["-pk"]
    fields = [
        "run_link",
        ("number", "outcome"),
        "worker",
        ("started_at", "finished_at", "duration"),
        ("slices", "calls", "reads", "rows", "written"),
        "whole_error",
        "folded_traceback",
    ]


@admin.register(Incident)
class IncidentAdmin(BigTable, RunLink, ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """All incidents of all runs: whose sheet is being worked in while it is written to."""

    list_display = ["kind", "count", "automation", "run", "example", "seen_at", "resolved_at"]
    list_filter = ["kind"]
    list_select_related = ["run__automation"]
    search_fields = ["run__automation__name", "kind"]
    ordering = ["-pk"]
    fields = ["run_link", *_INCIDENT]

    @admin.display(description=gettext_lazy("automation"))
    def automation(self, incident: Incident) -> str:
        """Whose run it was."""
        return incident.run.automation.name
