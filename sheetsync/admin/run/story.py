"""All that the page of a run tells, for its template."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _

from sheetsync.admin import figures
from sheetsync.admin.display import NOTHING, grouped, link, list_link, short, together
from sheetsync.admin.remedies import Place, Remedy, remedy_for
from sheetsync.admin.run import meanings, timeline
from sheetsync.admin.run.batches import HEAD
from sheetsync.admin.run.progress import bar, step_of
from sheetsync.admin.staff import may_see
from sheetsync.admin.tab import tab_address
from sheetsync.admin.times import ago, exactly
from sheetsync.models import AuditEntry, Incident, SyncAttempt, SyncRun
from sheetsync.models.progress import Checkpoint

MOST = 20
"""Replays, and entries of the history."""


def story_of(run: SyncRun, request: HttpRequest) -> dict[str, Any]:
    """What the person may see of it."""
    attempts = _attempts(run) if may_see(request.user, SyncAttempt) else []
    remedy = remedy_for(run.error_type) if run.error_type and run.status != SyncRun.Status.COMPLETED else None
    return {
        "run": run,
        "asked_for": ago(run.created_at),
        "step": step_of(run),
        "badge": figures.status_of(run),
        "reason": figures.reason_of(run) if run.is_active else "",
        "hold": _hold(run) if run.status == SyncRun.Status.PENDING else "",
        "remedy": remedy,
        "tried_again": figures.is_tried_again(run),
        "places": together(_places(run, remedy)) if remedy and remedy.place else "",
        "bar": bar(run) if run.is_active or run.total_orders else "",
        "figures": _figures(run),
        "batch_head": HEAD,
        "steps": list(timeline.steps(run, attempts)),
        "more_attempts": _more(run, attempts),
        "next": timeline.what_next(run, attempts),
        "incidents": list(_incidents(run)) if may_see(request.user, Incident) else [],
        "warnings": [(kind, meanings.of_warning(kind), *rest) for kind, *rest in figures.warned(run)],
        "details": [(label, text) for label, text in _details(run) if text not in ("", NOTHING)],
        "counters": list(figures.counted(run)),
        "automation": link(run.automation, short(run.automation.name)),
        "tenant": link(run.tenant, short(run.tenant.name)),
        "siblings": list_link(SyncRun, _("all its runs"), automation__id__exact=run.automation_id),
        "tab": tab_address(run.automation),
        "original": _original(run),
        "replays": [(each, link(each), ago(each.created_at)) for each in run.replays.order_by("-pk")[:MOST]],
        "history": list(_history(run)) if may_see(request.user, AuditEntry) else [],
    }


def _figures(run: SyncRun) -> list[tuple[str, Any, str]]:
    """Names under which they are told again, labels and texts."""
    told: list[tuple[str, Any, Callable[[SyncRun], str]]] = [
        ("progress", _("Orders done"), figures.progress_of),
        ("rows", _("Rows"), figures.rows_of),
        ("duration", _("Duration"), figures.duration_of),
        ("tries", _("Attempts"), figures.attempts_of),
    ]
    if run.is_active:
        told.insert(2, ("left", _("Work left"), figures.left_of))
    return [(name, label, text(run)) for name, label, text in told]


def _details(run: SyncRun) -> Iterator[tuple[str, str]]:
    """What is seldom asked for."""
    yield _("Correlation id"), run.correlation_id
    yield _("Asked for"), exactly(run.created_at)
    yield _("For the time of the schedule"), exactly(run.slot)
    yield _("First attempt"), exactly(run.started_at)
    yield _("Ended"), exactly(run.finished_at)
    yield _("Asked to stop"), exactly(run.cancel_requested_at)
    yield _("Priority"), grouped(run.priority)
    if run.is_active:
        waits = run.status == SyncRun.Status.PENDING
        yield _("Ready from"), exactly(run.next_attempt_at) if waits else ""
        yield _("Worker"), "" if waits else run.lease_worker
        yield _("Lease ends"), exactly(run.lease_expires_at)
        yield _("Orders changed meanwhile"), _("yes: another look follows") if run.again else _("no")
    if run.status != SyncRun.Status.COMPLETED:
        yield _("Resumes after"), Checkpoint.load(run.checkpoint).cursor or _("nothing: it begins at the beginning")


def _attempts(run: SyncRun) -> list[SyncAttempt]:
    """The last ones, in their order."""
    return list(run.attempt_log.order_by("-number")[: timeline.MOST])[::-1]


def _more(run: SyncRun, attempts: list[SyncAttempt]) -> str:
    if not attempts or attempts[0].number <= 1:
        return ""
    return list_link(SyncAttempt, _("all attempts"), run__id__exact=run.pk)


def _incidents(run: SyncRun) -> Iterator[tuple[Incident, str, str, str]]:
    """Each with a link, what it means, and when it was seen."""
    for incident in run.incidents.order_by("seen_at", "pk"):
        yield incident, link(incident, incident.kind), meanings.of_incident(incident.kind), ago(incident.seen_at)


def _history(run: SyncRun) -> Iterator[tuple[str, str, str]]:
    """What was done to it, by whom and when; the newest first."""
    for entry in AuditEntry.objects.about(run).order_by("-pk")[:MOST]:
        yield link(entry, entry.action), entry.actor or entry.get_actor_kind_display(), ago(entry.at)


def _hold(run: SyncRun) -> str:
    """To the Google account that does not work, which keeps the run waiting."""
    account = run.automation.google_account()
    return link(account, _("Open the Google account %(row)s") % {"row": account}) if account and account.hold else ""


def _places(run: SyncRun, remedy: Remedy) -> list[str]:
    """Where to mend it; of an account that is gone, where to choose another."""
    automation = run.automation
    rows: dict[Place, Callable[[], tuple[Any, Model | None]]] = {
        "account": lambda: (_("Open the Google account %(row)s"), automation.google_account()),
        "source": lambda: (_("Open the source %(row)s"), automation.source),
    }
    text, row = rows[remedy.place]() if remedy.place in rows else ("", None)
    if row is None:
        text, row = _("Open the automation %(row)s"), automation
    return [link(row, text % {"row": short(str(row))})]


def _original(run: SyncRun) -> str:
    if run.replay_of is None:
        return ""
    named = {"run": run.replay_of_id, "attempt": run.replay_of_attempt or 0}
    text = _("run %(run)s, attempt %(attempt)s") if named["attempt"] else _("run %(run)s")
    return link(run.replay_of, text % named)
