"""The batches of an attempt, a line each, for the timeline on a run's page."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync.admin.display import grouped, span
from sheetsync.admin.times import CLOCK
from sheetsync.models import SyncRun
from sheetsync.models.batch_log import Line, lines_of

_DONE = {
    "orders": gettext_lazy("orders"),
    "inserted": gettext_lazy("inserted"),
    "updated": gettext_lazy("updated"),
    "removed": gettext_lazy("removed"),
    "unchanged": gettext_lazy("unchanged"),
    "calls": gettext_lazy("calls"),
}
HEAD = [gettext_lazy("batch"), gettext_lazy("done at"), gettext_lazy("work"), *_DONE.values()]


def batches_of(run: SyncRun, attempt: int) -> list[list[str]]:
    """The cells under HEAD, the newest first: that is where an attempt is, or how far it came."""
    return [_cells(line) for line in lines_of(run.batch_log, attempt)][::-1]


def _cells(line: Line) -> list[str]:
    ended = timezone.localtime(line.ended).strftime(CLOCK)
    counts = [grouped(getattr(line.done, name)) for name in _DONE]
    return [_name(line), ended, span(line.done.seconds), *counts]


def _name(line: Line) -> str:
    if line.first > line.last:
        return _("second look")
    if line.first == line.last:
        return grouped(line.last)
    return f"{grouped(line.first)} \N{EN DASH} {grouped(line.last)}"
