"""What runs are at, again and again: for pages that tell it while it goes on, without being loaded anew.

A page marks places by `data-run` and `data-live`; static/sheetsync/runs.js asks here and fills them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sheetsync.admin import figures
from sheetsync.admin.display import NOTHING, short
from sheetsync.admin.ids import row_id
from sheetsync.admin.run.batches import batches_of
from sheetsync.admin.staff import may_see
from sheetsync.models import SyncAttempt, SyncRun

MOST = 200
"""Runs in one answer. A list shows fewer."""
SHOWN = 90
"""Characters of a reason in a list."""

OFTEN, SELDOM = 2, 5
"""Seconds until a page asks again: while one of its runs is at work, and while all of them wait."""

COLUMNS = [
    "tenant_id", "automation_id", "status", "attempts", "max_attempts", "next_attempt_at", "waiting_for", "counters",
    "warnings", "total_orders", "batch_log", "error_type", "error", "started_at", "finished_at", "cancel_requested_at",
]  # fmt: skip


class Live:
    """A page of runs that can be asked for their progress."""

    def get_urls(self) -> list[URLPattern]:
        """With `progress/?id=7&id=8`."""
        view = self.admin_site.admin_view(require_safe(self.progress_view))  # type: ignore[attr-defined]
        own = path("progress/", view, name="sheetsync_syncrun_progress")
        return [own, *super().get_urls()]  # type: ignore[misc]

    def progress_view(self, request: HttpRequest) -> JsonResponse:
        """One question for all of them. A run that this person may not see is left out, as one that is gone."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        ids = _numbers(request.GET.getlist("id"))
        if ids is None:
            problem = _("Ask for at most %(most)s runs, by their ids: ?id=7&id=8") % {"most": MOST}
            return JsonResponse({"problem": problem}, status=400)
        runs: QuerySet[SyncRun] = self.get_queryset(request).filter(pk__in=ids)  # type: ignore[attr-defined]
        found = list(runs.select_related(None).only(*COLUMNS).order_by())
        at_work = any(run.status == SyncRun.Status.RUNNING for run in found)
        whole = "batches" in request.GET and may_see(request.user, SyncAttempt)
        runs_told = [told(run) | ({"batches": batches_of(run, run.attempts)} if whole else {}) for run in found]
        return JsonResponse({"runs": runs_told, "again": OFTEN if at_work else SELDOM})

    def progress_address(self) -> str:
        """Where a page asks."""
        return reverse("admin:sheetsync_syncrun_progress", current_app=self.admin_site.name)  # type: ignore[attr-defined]


def told(run: SyncRun) -> dict[str, Any]:
    """A run as JSON, in the reader's language. `step`: when it differs, there is more to tell than is in here."""
    reason = figures.reason_of(run)
    return {
        "id": run.pk,
        "name": _("run %(run)s") % {"run": run.pk},
        "over": not run.is_active,
        "at_work": run.status == SyncRun.Status.RUNNING,
        "step": step_of(run),
        "badge": figures.look_of(run)._asdict(),
        "bar": figures.bar_of(run),
        "texts": {
            "progress": figures.progress_of(run),
            "rows": figures.rows_of(run),
            "left": figures.left_of(run),
            "reason": reason,
            "short-reason": short(reason, SHOWN) if reason != NOTHING else "",
            "duration": figures.duration_of(run),
            "tries": figures.attempts_of(run),
        },
    }


def step_of(run: SyncRun) -> str:
    """Changes with all but the figures: where it is in its life, and what it has met."""
    stopping = bool(run.cancel_requested_at)
    return f"{run.status} {run.attempts} {stopping:d} {run.error_type} {len(run.warnings)}"


def live(run: SyncRun, name: str, content: object) -> str:
    """A place of a list that is told again while the run is active."""
    if not run.is_active:
        return format_html("{}", content)
    return format_html('<span data-run="{}" data-live="{}">{}</span>', run.pk, name, content)


def lines(first: str, *further: str) -> str:
    """What a cell of the list says, and below it, smaller, what goes with it."""
    below = format_html_join("", '<div class="sheetsync-below">{}</div>', ((line,) for line in further if line))
    return format_html("{}{}", first, below)


def bar(run: SyncRun) -> str:
    """How far it is, as a bar; one that only says that something goes on, where nobody knows how many orders.

    Of one that waits for its beginning it is hidden until there is something to show.
    """
    ends = figures.bar_of(run)
    known = format_html(' value="{}" max="{}"', *ends) if ends else ""
    hidden = "" if ends or run.status == SyncRun.Status.RUNNING else mark_safe(" hidden")
    label = _("orders done of run %(run)s") % {"run": run.pk}
    return format_html(
        '<progress class="sheetsync-bar" data-run="{}" data-live="bar" aria-label="{}"{}{}></progress>',
        run.pk, label, known, hidden,
    )  # fmt: skip


def _numbers(given: Iterable[str]) -> list[int] | None:
    """The ids that were asked for; None where they are too many, or no ids."""
    wanted = set(given)
    found = [number for each in wanted if (number := row_id(each)) is not None]
    return sorted(found) if len(found) == len(wanted) <= MOST else None
