"""What ended in a period, in numbers: totals, rates, durations, and the same bar by bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count

from sheetsync.admin.dashboard.period import Period
from sheetsync.admin.dashboard.scope import Scope
from sheetsync.models import Hour, SyncRun
from sheetsync.models.hours import Tally, seconds_of

Status = SyncRun.Status

ENDS = (Status.COMPLETED, Status.FAILED, Status.DEAD, Status.CANCELED)
JUDGED = (Status.COMPLETED, Status.FAILED, Status.DEAD)
"""A run that somebody canceled says nothing of how well the others go."""


class Bar(NamedTuple):
    """A stretch of the period, by its beginning."""

    begin: datetime
    tally: Tally


@dataclass(frozen=True, slots=True)
class Numbers:
    """`missing`: hours of the period that nobody has counted yet; everything else is without them."""

    total: Tally
    bars: Sequence[Bar]
    missing: int

    @property
    def ended(self) -> int:
        """How many runs came to an end, whichever."""
        return sum(self.total[status] for status in ENDS)

    @property
    def success(self) -> float | None:
        """The part of the runs that completed, of those that were not canceled."""
        judged = sum(self.total[status] for status in JUDGED)
        return self.total[Status.COMPLETED] / judged if judged else None

    @property
    def attempts(self) -> float | None:
        """How many a run took on average, of those that a worker had begun."""
        begun = self.total["begun"]
        return self.total["attempts"] / begun if begun else None

    @property
    def errors(self) -> list[tuple[str, int]]:
        """What runs failed of, the most frequent first."""
        found = {key.removeprefix("error "): n for key, n in self.total.items() if key.startswith("error ")}
        return sorted(found.items(), key=lambda each: (-each[1], each[0]))


def numbers_of(scope: Scope, period: Period, now: datetime) -> Numbers:
    """What ended in the period, as far as they may see it."""
    ends = Hour.objects.ends(period.begin(now), now, scope.tenants)
    tallies = {begin: Tally() for begin in period.bars(now)}
    first = min(tallies)
    for hour, tally in ends.known.items():
        tallies[max(first, period.bar_of(hour))].update(tally)
    total = Tally()
    for tally in tallies.values():
        total.update(tally)
    return Numbers(total, [Bar(begin, tallies[begin]) for begin in sorted(tallies)], len(ends.missing))


def active(scope: Scope) -> dict[str, int]:
    """How many runs wait and how many run, now."""
    found = scope.rows(SyncRun.objects.active()).order_by().values_list("status").annotate(n=Count("*"))
    return {Status.PENDING.value: 0, Status.RUNNING.value: 0} | dict(found)


def percentile(tally: Tally, share: float) -> float | None:
    """The duration that this part of the completed runs kept to, in seconds, to within five per cent."""
    classes = sorted((int(key.removeprefix("took ")), n) for key, n in tally.items() if key.startswith("took "))
    wanted = share * sum(n for _, n in classes)
    for key, n in classes:
        wanted -= n
        if wanted <= 0:
            return seconds_of(key)
    return None
