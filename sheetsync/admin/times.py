"""Times as people say them: three minutes ago, in forty seconds. The exact time is there for whoever points at it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from sheetsync.admin.display import NOTHING, span, when

MINUTE = timedelta(minutes=1)
CLOCK = "%H:%M:%S"


def ago(time: datetime | None) -> str:
    """`3 minutes ago`."""
    return marked(time, _since(time)) if time else NOTHING


def exactly(time: datetime | None) -> str:
    """The time itself, and how long ago it was."""
    if time is None:
        return NOTHING
    if time > timezone.now():
        return marked(time, when(time))
    return marked(time, _("%(time)s (%(ago)s)") % {"time": when(time), "ago": _since(time)})


def at(time: datetime) -> str:
    """To the second."""
    local = timezone.localtime(time)
    return marked(time, f"{date_format(local)} {local.strftime(CLOCK)}")


def stretch(start: datetime, end: datetime | None) -> str:
    """From then to then, to the second; the day once, where it is one."""
    start, end = timezone.localtime(start), timezone.localtime(end) if end else None
    if end is None:
        return at(start)
    later = end.strftime(CLOCK) if end.date() == start.date() else f"{date_format(end)} {end.strftime(CLOCK)}"
    return format_html("{} \N{EN DASH} {}", at(start), marked(end, later))


def ahead(time: datetime) -> str:
    """How long it is until then; empty when the time has come."""
    seconds = (time - timezone.now()).total_seconds()
    return span(seconds) if seconds >= 1 else ""


def _since(time: datetime) -> str:
    if timezone.now() - time < MINUTE:
        return _("just now")
    return _("%(span)s ago") % {"span": timesince(time, depth=1)}


def marked(time: datetime, text: str) -> str:
    """A text that stands for a time."""
    return format_html('<time datetime="{}" title="{}">{}</time>', time.isoformat(), when(time), text)
