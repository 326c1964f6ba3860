"""Which time the numbers are of: a day by the hour, or a week by the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sheetsync.models.hours import HOUR, hour_of

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """`steps` bars, the last of which is not over yet. `daily`: a bar is a day as the reader's clock has it."""

    key: str
    label: str | Promise
    steps: int
    daily: bool

    def begin(self, now: datetime) -> datetime:
        """The first moment, at the beginning of a bar."""
        return self._back(now, self.steps - 1)

    def bars(self, now: datetime) -> list[datetime]:
        """When each bar begins, the oldest first."""
        return [self._back(now, back) for back in reversed(range(self.steps))]

    def bar_of(self, hour: datetime) -> datetime:
        """In which bar an hour lies: where it begins, in zones that are half an hour off."""
        return _midnight(timezone.localtime(hour).date()) if self.daily else hour_of(hour)

    def name(self, bar: datetime) -> str:
        """What stands below it."""
        return date_format(timezone.localtime(bar), "D j" if self.daily else "H:i")

    def _back(self, now: datetime, steps: int) -> datetime:
        return _midnight(timezone.localtime(now).date() - DAY * steps) if self.daily else hour_of(now) - HOUR * steps


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_current_timezone())


DAY_BY_HOURS = Period(key="24h", label=_("24 hours"), steps=24, daily=False)
WEEK_BY_DAYS = Period(key="7d", label=_("7 days"), steps=7, daily=True)
PERIODS = (DAY_BY_HOURS, WEEK_BY_DAYS)


def period_of(asked: str | None) -> Period:
    """The one that an address names; a day where it names none that there is."""
    return next((period for period in PERIODS if period.key == asked), DAY_BY_HOURS)
