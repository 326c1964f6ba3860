"""A schedule as operators read it: a sentence, and the next times it comes."""

from __future__ import annotations

from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from sheetsync import cron
from sheetsync.admin.display import NOTHING
from sheetsync.errors import BadSchedule
from sheetsync.models import Automation


def in_words(automation: Automation) -> str:
    """Its cron as a sentence, with the zone it is meant in; the cron as it stands where it cannot be read."""
    try:
        return cron.describe(automation.cron, automation.zone) if automation.cron else NOTHING
    except BadSchedule:
        return automation.cron


def next_times(automation: Automation) -> str:
    """The next five times, in the zone of the schedule, and by how much its runs come later."""
    if not (automation.schedule_enabled and automation.cron):
        return NOTHING
    try:
        times = cron.upcoming(automation.cron, automation.zone, timezone.now())
        late = int(automation.lateness.total_seconds())
    except BadSchedule as error:
        return str(error)
    zone = cron.zone_of(automation.zone)
    lines = [f"{each.astimezone(zone):%a %d %b %Y, %H:%M}" for each in times]
    if late:
        lines.append(_("each %(seconds)d seconds later, so that not all start at once") % {"seconds": late})
    return format_html_join(mark_safe("<br>"), "{}", ([line] for line in lines))
