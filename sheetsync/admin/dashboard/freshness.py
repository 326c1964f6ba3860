"""How old tabs are: since when each automation has not completed, and whether its schedule promised more."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Case, OuterRef, Subquery, Value, When
from django.db.models.fields import BooleanField

from sheetsync import cron
from sheetsync.admin.dashboard.scope import Scope
from sheetsync.conf import settings as conf
from sheetsync.errors import BadSchedule
from sheetsync.models import Automation, SyncRun
from sheetsync.models.automation import on_hold

BROKEN = (SyncRun.Status.FAILED, SyncRun.Status.DEAD)

FRESH = (900, 3_600, 10_800, 43_200, 86_400, 259_200, 604_800)
"""Seconds: the bounds of the histogram."""

CRONS = 200
CANDIDATES = 40
"""Of how many schedules, and then of how many automations, it is looked up what they promised."""


class Fresh(NamedTuple):
    """An active automation. `at`: when it last completed, `failed_at`: when a run of it last failed or died.

    `held`: nothing of it runs before its account works again. `ill`: it needs a change, and that is told of it.
    """

    pk: int
    at: datetime | None
    failed_at: datetime | None
    cron: str
    zone: str
    held: bool
    ill: bool

    @property
    def is_named(self) -> bool:
        """Whether it stands among what needs somebody for another reason than its runs: nothing stands there twice."""
        return self.held or self.ill

    @property
    def fails(self) -> bool:
        """Whether it has not completed since a run failed, and that is all that there is to say."""
        return self.failed_at is not None and not self.is_named and (self.at is None or self.at < self.failed_at)


@dataclass(frozen=True, slots=True)
class Late:
    """One that did not complete when its schedule said so, first at `promised`."""

    automation: Automation
    at: datetime
    promised: datetime


def freshness_of(scope: Scope) -> list[Fresh]:
    """One look at each active automation, its last completed run and its last failed one.

    By the indexes `runs_of_automation` and `failures_of_automation`.
    """
    completed = SyncRun.objects.filter(automation=OuterRef("pk"), status=SyncRun.Status.COMPLETED)
    last = Subquery(completed.order_by("-created_at").values("finished_at")[:1])
    failed = SyncRun.objects.filter(automation=OuterRef("pk"), status__in=BROKEN)
    last_failed = Subquery(failed.order_by("-finished_at").values("finished_at")[:1])
    held = Case(When(on_hold(), then=True), default=Value(False), output_field=BooleanField())
    found = scope.rows(Automation.objects.filter(status=Automation.Status.ACTIVE, tenant__active=True)).order_by()
    names = ("pk", "schedule_enabled", "cron", "time_zone", "tenant__time_zone", "problem")
    return [
        Fresh(pk, at, failed_at, text if scheduled else "", zone or tenant_zone, held, bool(problem))
        for pk, scheduled, text, zone, tenant_zone, problem, at, failed_at, held in found.values_list(
            *names, last, last_failed, held
        )
    ]


def spread(found: Iterable[Fresh], now: datetime) -> list[int]:
    """How many are how old: within each of FRESH, then older, then never completed."""
    counts = [0] * (len(FRESH) + 2)
    for each in found:
        counts[-1 if each.at is None else bisect_left(FRESH, (now - each.at).total_seconds())] += 1
    return counts


@dataclass(frozen=True, slots=True)
class Behind:
    """Those furthest behind their schedule, `silently`: those of them whose runs do not fail, and how many of each."""

    shown: Sequence[Late] = ()
    count: int = 0
    silently: Sequence[Late] = ()
    silent: int = 0


def behind(scope: Scope, found: Sequence[Fresh], now: datetime, most: int) -> Behind:
    """Of those that were looked at: schedules are many and slow to walk through, so that is done for those that seem
    furthest behind by their shortest interval.
    """
    missed = sorted((promised, each) for each in _candidates(found, now) if (promised := _missed(each, now)))
    silent = [(promised, each) for promised, each in missed if not each.fails and not each.is_named]
    wanted = {each.pk for _, each in [*missed[:most], *silent[:most]]}
    rows = scope.rows(Automation.objects.select_related("tenant")).in_bulk(wanted) if wanted else {}
    late, silently = (
        [Late(rows[each.pk], each.at, promised) for promised, each in those[:most] if each.pk in rows and each.at]
        for those in (missed, silent)
    )
    return Behind(late, len(missed), silently, len(silent))


def _candidates(found: Sequence[Fresh], now: datetime) -> list[Fresh]:
    oldest: dict[str, list[Fresh]] = defaultdict(list)
    for each in found:
        if each.cron and each.at and not each.held:
            oldest[each.cron].append(each)
    by_age = sorted(oldest, key=lambda text: min(each.at for each in oldest[text] if each.at))
    ranked = [
        ((now - each.at) / interval, each.pk, each)
        for text in by_age[:CRONS]
        if (interval := _interval(text))
        for each in oldest[text]
        if each.at and now - each.at > interval
    ]
    return [each for *_, each in sorted(ranked, reverse=True)[:CANDIDATES]]


def _interval(text: str) -> timedelta | None:
    try:
        return cron.minimum_interval(text)
    except BadSchedule:
        return None


def _missed(each: Fresh, now: datetime) -> datetime | None:
    """The first time of its schedule since it last completed, where a run of that time should have completed by now."""
    if each.at is None:
        return None
    try:
        promised = cron.next_after(each.cron, each.zone, each.at)
    except BadSchedule:
        return None
    allowed = timedelta(seconds=conf.SPREAD_SECONDS + conf.LATE_SECONDS)
    return promised if promised + allowed < now else None
