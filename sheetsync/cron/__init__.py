"""When a schedule comes: five strict cron fields in a time zone. Pure: no clock, no settings."""

from .expression import MAX_EXPRESSION, Expression, parse
from .interval import check, minimum_interval
from .spread import offset
from .ticks import next_after, upcoming, zone_of
from .words import describe

__all__ = [
    "MAX_EXPRESSION",
    "Expression",
    "check",
    "describe",
    "minimum_interval",
    "next_after",
    "offset",
    "parse",
    "upcoming",
    "zone_of",
]
