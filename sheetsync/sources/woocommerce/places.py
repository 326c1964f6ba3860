"""Where an order stands in a walk: its id, and the second of its last change."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sheetsync.errors import BadRecord

MOST_ID = 2**63 - 1
"""What PHP can count to: it takes a greater number for another one."""

FURTHEST = 26 * 3_600
"""Seconds between any local time and UTC, at most."""

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Placed:
    """A record whose place in the walk is known.

    `second`: of its last change, counted from 1970 in UTC, 0 where the shop has no time for it; `zone`: how far the
    site's own time was ahead of UTC then.
    """

    id: int
    second: int
    zone: int | None
    record: Mapping[str, Any]

    @property
    def local(self) -> int:
        """The second by the site's own time."""
        return self.second + (self.zone or 0)


def place(record: Any) -> Placed:
    """The place of a record. Raises BadRecord where it has none."""
    if not isinstance(record, Mapping):
        raise BadRecord(f"a {type(record).__name__} came in place of an order")
    order_id = record.get("id")
    if isinstance(order_id, bool) or not isinstance(order_id, int) or not 1 <= order_id <= MOST_ID:
        raise BadRecord(f"an order has the id {str(order_id)[:40]!r}, which is no positive whole number")
    local, utc = record.get("date_modified"), record.get("date_modified_gmt")
    if local is None and utc is None:
        return Placed(order_id, 0, None, record)
    second = seconds(utc)
    zone = (seconds(local) or 0) - (second or 0)
    if not second or abs(zone) > FURTHEST:
        raise BadRecord(f"order {order_id} has no time of last change that can be read: date_modified, …_gmt")
    return Placed(order_id, second, zone, record)


def in_order(rows: Sequence[Placed]) -> bool:
    """Whether these stand as they changed.

    Shops that keep orders among their posts sort by the site's own time, in which an hour comes twice in autumn.
    """
    by_utc = [row.second for row in rows]
    by_local = [row.local for row in rows]
    return by_utc == sorted(by_utc) or by_local == sorted(by_local)


def seconds(text: Any) -> int | None:
    """A time as WooCommerce writes it, in seconds since 1970; None where it is none."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None
    return int((found - _EPOCH).total_seconds())


def written(second: int) -> str:
    """Seconds since 1970 as WooCommerce writes a time."""
    return (_EPOCH + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")
