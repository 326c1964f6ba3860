"""A schedule as operators read it: a sentence, and the next times it comes."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from sheetsync import cron
from sheetsync.admin.display import NOTHING
from sheetsync.conf import settings as conf
from sheetsync.errors import BadSchedule
from sheetsync.models import Automation


def in_words(automation: Automation) -> str:
    """Its cron as a sentence, with the zone it is meant in; the cron as it stands where it cannot be read."""
    try:
        return cron.describe(automation.cron, automation.zone) if automation.cron else NOTHING
    except BadSchedule:
        return automation.cron


def next_times(automation: Automation) -> str:
    """The sentence and the next five times, in the zone of the schedule, and by how much its runs come later."""
    if not automation.cron:
        return NOTHING
    try:
        told = [in_words(automation), *upcoming(automation.cron, automation.zone)]
        late = int(automation.lateness.total_seconds())
    except BadSchedule as error:
        return str(error)
    if late:
        told.append(_("each %(seconds)d seconds later, so that not all start at once") % {"seconds": late})
    if not automation.schedule_enabled:
        told.insert(0, _("switched off: it does not come at all"))
    return format_html_join(mark_safe("<br>"), "{}", ([line] for line in told))


def upcoming(text: str, time_zone: str) -> list[str]:
    """The next five times. Raises BadSchedule."""
    zone = cron.zone_of(time_zone)
    times = cron.upcoming(text, time_zone, timezone.now())
    return [f"{each.astimezone(zone):%a %d %b %Y, %H:%M}" for each in times]


def judged(text: str, time_zone: str) -> None:
    """Raises BadSchedule for what no automation may have."""
    if len(text) > cron.MAX_EXPRESSION:
        raise BadSchedule(_("A schedule has at most %(most)d characters.") % {"most": cron.MAX_EXPRESSION})
    cron.check(text, time_zone, timedelta(seconds=conf.MINIMUM_INTERVAL_SECONDS))
