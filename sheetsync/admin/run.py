"""Runs: what happened, why, and the buttons that mend it. Nobody edits history."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync import trigger
from sheetsync.admin import figures
from sheetsync.admin.acts import Act, Acting, in_list
from sheetsync.admin.attempt import AttemptInline, IncidentInline
from sheetsync.admin.display import link, short, table, together
from sheetsync.admin.history import BigTable, OfTenants, ReadOnly
from sheetsync.errors import RunRefused
from sheetsync.models import SyncRun
from sheetsync.models.progress import Checkpoint


def _retry(run: SyncRun) -> str:
    trigger.retry(run)
    return _("run %(run)s is tried again, from where it stopped") % {"run": run.pk}


def _replay(run: SyncRun) -> str:
    return _("run %(new)s was started, like run %(run)s") % {"new": trigger.replay(run).pk, "run": run.pk}


def _cancel(run: SyncRun) -> str:
    if not trigger.cancel(run):
        text = _("run %(run)s is %(status)s: only a run that waits or runs can be stopped")
        raise RunRefused(text % {"run": run.pk, "status": run.get_status_display()})
    return _("run %(run)s is stopped, at its next batch where it is running") % {"run": run.pk}


ACTS = (
    Act(name="retry", label=gettext_lazy("Retry"), do=_retry, fits=lambda run: run.status == SyncRun.Status.FAILED),
    Act(name="replay", label=gettext_lazy("Replay"), do=_replay, fits=lambda run: not run.is_active),
    Act(name="cancel", label=gettext_lazy("Cancel"), do=_cancel, fits=lambda run: run.is_active),
)


@admin.register(SyncRun)
class RunAdmin(BigTable, ReadOnly, OfTenants, Acting):
    """The newest first. Found by run id or correlation id as they stand, else by the automation's name."""

    acts = ACTS
    actions = [in_list(act) for act in ACTS]
    inlines = [AttemptInline, IncidentInline]
    list_display = [
        "number",
        "state",
        "automation",
        "tenant",
        "progress",
        "rows",
        "short_reason",
        "tries",
        "started_at",
        "duration",
        "trigger",
        "mode",
        "correlation_id",
    ]
    list_filter = ["status", "trigger", "mode"]
    list_select_related = ["automation", "tenant"]
    date_hierarchy = "created_at"
    search_fields = ["automation__name"]
    search_help_text = gettext_lazy("Run id, correlation id or name of the automation")
    ordering = ["-pk"]
    fieldsets = [
        (None, {"fields": ["state", "reason", "automation_link", "tenant_link", ("trigger", "mode", "priority")]}),
        (gettext_lazy("Progress"), {"fields": ["progress", "rows", "resumes", "counter_table", "warning_table"]}),
        (
            gettext_lazy("Times"),
            {
                "fields": [
                    ("created_at", "started_at", "finished_at"),
                    "duration",
                    ("slot", "next_attempt_at", "cancel_requested_at"),
                ]
            },
        ),
        (gettext_lazy("Attempts"), {"fields": ["tries", ("lease_worker", "lease_expires_at"), "again"]}),
        (gettext_lazy("Connected with"), {"fields": ["correlation_id", "original", "replays"]}),
    ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SyncRun], search_term: str
    ) -> tuple[QuerySet[SyncRun], bool]:
        """What an index finds comes first: a look through all names of all runs takes long."""
        term = search_term.strip()
        exactly = Q(correlation_id=term) | (Q(pk=int(term)) if term.isdecimal() else Q())
        if term and queryset.filter(exactly).exists():
            return queryset.filter(exactly), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=gettext_lazy("run"), ordering="pk")
    def number(self, run: SyncRun) -> int:
        """Its id, as logs and messages name it."""
        return run.pk

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, run: SyncRun) -> str:
        """Where it is in its life."""
        return figures.status_of(run)

    @admin.display(description=gettext_lazy("reason"))
    def reason(self, run: SyncRun) -> str:
        """Why it waits, or why it failed."""
        return figures.reason_of(run)

    @admin.display(description=gettext_lazy("reason"))
    def short_reason(self, run: SyncRun) -> str:
        """Its beginning."""
        return short(figures.reason_of(run), 60)

    @admin.display(description=gettext_lazy("attempts"))
    def tries(self, run: SyncRun) -> str:
        """How many, of how many."""
        return figures.attempts_of(run)

    @admin.display(description=gettext_lazy("orders done"))
    def progress(self, run: SyncRun) -> str:
        """How far it is."""
        return figures.progress_of(run)

    @admin.display(description=gettext_lazy("rows"))
    def rows(self, run: SyncRun) -> str:
        """How many, how fast."""
        return figures.rows_of(run)

    @admin.display(description=gettext_lazy("duration"))
    def duration(self, run: SyncRun) -> str:
        """How long it took, or takes by now."""
        return figures.duration_of(run)

    @admin.display(description=gettext_lazy("resumes after"))
    def resumes(self, run: SyncRun) -> str:
        """The source's own mark of the last order that is done."""
        return Checkpoint.load(run.checkpoint).cursor or _("nothing: it begins at the beginning")

    @admin.display(description=gettext_lazy("counters"))
    def counter_table(self, run: SyncRun) -> str:
        """A row for each."""
        return table(figures.counted(run))

    @admin.display(description=gettext_lazy("warnings"))
    def warning_table(self, run: SyncRun) -> str:
        """A row for each kind."""
        return table(figures.warned(run), head=[_("kind"), _("how often"), _("for example")])

    @admin.display(description=gettext_lazy("automation"))
    def automation_link(self, run: SyncRun) -> str:
        """What it is a run of."""
        return link(run.automation)

    @admin.display(description=gettext_lazy("tenant"))
    def tenant_link(self, run: SyncRun) -> str:
        """Whose it is."""
        return link(run.tenant)

    @admin.display(description=gettext_lazy("replay of"))
    def original(self, run: SyncRun) -> str:
        """The run that it is like, and which of its attempts."""
        if run.replay_of is None:
            return link(None)
        named = {"run": run.replay_of_id, "attempt": run.replay_of_attempt or 0}
        return link(run.replay_of, _("run %(run)s, attempt %(attempt)s") % named)

    @admin.display(description=gettext_lazy("replays"))
    def replays(self, run: SyncRun) -> str:
        """The runs that are like it."""
        return together(link(replay, replay.pk) for replay in run.replays.order_by("pk"))
