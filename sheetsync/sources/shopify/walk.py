"""A walk by the time of last change, each page begun anew: where it is, and what it asks for next.

1. A page is asked for from the second of the last order on. What was met on the page before is left out.
2. Where a page is full of one second, that second is walked by id instead, and then left behind.
3. It ends with a page behind which Shopify has no more.

Shopify sorts by an index that may lag behind the orders: an order that was edited this very moment stands where it
was, with a time that is far ahead. To go on behind *that* time would pass over all between. So a time is only gone by
once it is older than such a lag.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sheetsync.errors import BadRecord, BadReply, BadSource
from sheetsync.pipeline.records import Cursor
from sheetsync.sources.shopify import values

SETTLED = timedelta(seconds=60)
"""How old a time of change must be to be where the walk goes on."""
SECOND = timedelta(seconds=1)

Met = tuple[str, datetime]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk is: orders from the second `at` on; None is the beginning.

    `past`: within that second, by id, and behind this one; None where it goes by time.
    """

    at: datetime | None = None
    past: int | None = None

    @property
    def sort(self) -> str:
        return "UPDATED_AT" if self.past is None else "ID"

    def terms(self) -> str:
        """The search that finds what is left from here."""
        if self.at is None:
            return ""
        found = f"updated_at:>='{values.spelt(self.at)}'"
        if self.past is not None:
            found += f" updated_at:<'{values.spelt(self.at + SECOND)}' id:>={self.past + 1}"
        return found


@dataclass(frozen=True, slots=True)
class Seen:
    """An order of a page, of which only id and time are known to be right."""

    id: str
    time: datetime
    node: Mapping[str, Any]

    @property
    def key(self) -> Met:
        """This order as it is now; after an edit it is met again."""
        return self.id, self.time

    def cursor(self, behind: Place) -> Cursor:
        """The cursor to go on behind this order."""
        kept = {"at": behind.at and values.spelt(behind.at), "past": behind.past and str(behind.past)}
        return json.dumps(kept | {"met": [self.id, values.spelt(self.time)]})


@dataclass(slots=True)
class Walk:
    """One walk: `place` is where the next page begins, None where there is none. `met`: orders that it has again."""

    place: Place | None
    met: frozenset[Met] = frozenset()

    @classmethod
    def resumed(cls, cursor: Cursor) -> Walk:
        """The walk of a cursor. Raises BadSource for one that is none of ours."""
        try:
            kept = json.loads(cursor)
            at = None if kept["at"] is None else values.moment(kept["at"])
            past = None if kept["past"] is None or at is None else int(values.text(kept["past"])[:20])
            order_id, time = kept["met"]
            return cls(Place(at, past), frozenset({(values.text(order_id), values.moment(time))}))
        except (ValueError, TypeError, KeyError, BadRecord):
            raise BadSource(
                "the checkpoint is none of this source's: delete it and start over; orders that are in the tab already "
                "are recognised"
            ) from None

    def step(self, page: Sequence[Seen], now: datetime, *, last: bool) -> list[tuple[Seen, Cursor]]:
        """The new orders of a page, each with the cursor to go on behind it; then `place` is the next one.

        `now`: when the page was answered. `last`: Shopify has nothing behind it. Raises BadReply where a page brings
        the walk no further.
        """
        here = self.place
        if here is None:
            return []
        places = by_time(here, page, now - SETTLED, last=last) if here.past is None else _by_id(here, page)
        following = _following(here, places, last=last)
        if following is None and not (last and here.past is None):
            raise BadReply("a page of orders brings the walk no further: Shopify gave the same one again")
        fresh = [
            (seen, seen.cursor(place)) for seen, place in zip(page, places, strict=True) if seen.key not in self.met
        ]
        self._go(following, page)
        return list(_each_once(fresh))

    def _go(self, following: Place | None, page: Sequence[Seen]) -> None:
        since = following.at if following else None
        keys = {seen.key for seen in page} | self.met
        self.met = frozenset(key for key in keys if since is None or key[1] >= since)
        self.place = following


def _following(here: Place, places: Sequence[Place], *, last: bool) -> Place | None:
    """Where the next page begins; None where there is none, or where this page leads nowhere."""
    if here.past is not None and here.at is not None:
        if last:
            return Place(here.at + SECOND)
        return places[-1] if places and places[-1] != here else None
    if last or not places:
        return None
    # A page full of one second, which begins once more, by id.
    crowded = Place(here.at, 0) if here.at is not None else None
    return places[-1] if places[-1] != here else crowded


def by_time(start: Place, page: Sequence[Seen], settled: datetime, *, last: bool) -> list[Place]:
    """The place behind each order of a page that goes by time: never behind a time that is not yet settled.

    But behind the last order of all everything up to `settled` was met. And where no order is settled, that is all
    that is left, and it is gone through as it comes.
    """
    at, found = start.at, []
    for seen in page:
        if seen.time <= settled and (at is None or seen.time > at):
            at = seen.time
        found.append(Place(at))
    if not page:
        return found
    newest = max(seen.time for seen in page)
    if last and (at is None or at < min(newest, settled)):
        found[-1] = Place(min(newest, settled).replace(microsecond=0))
    elif not last and at == start.at and all(seen.time > settled for seen in page):
        found[-1] = Place(newest) if at is None or newest > at else Place(at)
    return found


def _by_id(start: Place, page: Sequence[Seen]) -> list[Place]:
    past, found = start.past or 0, []
    for seen in page:
        past = max(past, int(seen.id))
        found.append(Place(start.at, past))
    return found


def _each_once(page: Sequence[tuple[Seen, Cursor]]) -> Iterator[tuple[Seen, Cursor]]:
    met = set()
    for seen, cursor in page:
        if seen.id not in met:
            met.add(seen.id)
            yield seen, cursor
