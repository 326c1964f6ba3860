"""The shop's times: as it tells them, and as it wants to be asked by them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

_FIRST_YEAR, _LAST_YEAR = 1971, 9998
"""Beyond these, looking back or another time zone may lead out of what can be written."""


def moment(told: Any) -> datetime | None:
    """A time as ISO text, as HTTP writes dates, or as a number of unix seconds; None where it is none of these."""
    for read in (datetime.fromisoformat, parsedate_to_datetime) if isinstance(told, str) else (_from_unix,):
        try:
            found = read(told)
        except (ValueError, TypeError, IndexError, OverflowError, OSError):
            continue
        if _FIRST_YEAR <= found.year <= _LAST_YEAR:
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _from_unix(told: Any) -> datetime:
    if isinstance(told, bool) or not isinstance(told, (int, Decimal)):
        raise TypeError
    return datetime.fromtimestamp(float(told), UTC)


def asked(since: datetime, overlap: int, format_: str) -> str:
    """The time so many seconds earlier, as the API wants it; whole seconds, rounded down."""
    earlier = (since - timedelta(seconds=overlap)).astimezone(UTC)
    return str(int(earlier.timestamp())) if format_ == "unix" else earlier.strftime("%Y-%m-%dT%H:%M:%SZ")
