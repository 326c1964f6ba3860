"""A walk through orders by their time of last change: each call begins where the orders met so far end.

Two numbers say where a walk is: every order that changed before the second `key` was met, and so were the first `at` of
those that changed since. While these fit into a page, each call asks for the first page, and what changes meanwhile
moves to the end, where the walk is going. Only where more orders share a second than a page holds, the next call skips
those it has. An order that changes then would make others move up unseen, so each page begins with one that was met: if
it does not, the walk steps back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from sheetsync.errors import BadRecord, BadReply, BadSource
from sheetsync.outbound.door import Query
from sheetsync.pipeline.records import Cursor, Tally
from sheetsync.sources.base import BAD_RECORD, Watermark
from sheetsync.sources.woocommerce.config import WooCommerceConfig
from sheetsync.sources.woocommerce.places import MOST_ID, Placed, in_order, place, seconds, written
from sheetsync.sources.woocommerce.shop import Page

OVERLAP = 5
"""Seconds of which a walk believes nothing to be over: a change gets its time a moment before others can see it."""

PATIENCE = 8
"""Pages without any new order that a walk bears, beyond those that stepping back explains."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a walk has come: see above. `anchor`: the id of the last order met, 0 where it may have changed once more

    in the same second. `ahead`: how far the site's time is ahead of UTC, at most; `turned`: the site's time when it was
    first seen to be less, as long as orders from before that may follow.
    """

    key: int = 0
    at: int = 0
    anchor: int = 0
    ahead: int | None = None
    turned: int = 0


class Walk:
    """The one way through a shop. `ask` gives the page of a question; `wait` sleeps."""

    def __init__(
        self, config: WooCommerceConfig, ask: Callable[[Query], Page], tally: Tally, wait: Callable[[float], None]
    ) -> None:
        self._ask, self._tally, self._wait = ask, tally, wait
        self._size, self._home = config.per_page, config.home

    def onward(self, mark: Mark) -> Iterator[tuple[Placed, Mark]]:
        """Each order behind `mark`, with the mark behind it. One that is changed meanwhile comes again.

        Raises BadReply where the shop does not sort as asked, or gives the same again and again.
        """
        met = {mark.anchor: (mark.key, True)}
        patience, steps, settled = self._patience(mark), 0, -1
        while True:
            start = max(mark.at - 1, 0)
            page = self._ask(self._question(mark.key, start))
            rows = self._placed(page, mark.key, start)
            patience -= 1
            if patience < 0:
                raise self._bad("gives the same orders again and again: does a cache answer for it?")
            if start and not _goes_on(rows, mark, met):
                mark = replace(mark, at=max(start + 1 - (self._size // 2 << steps), 0))
                steps += 1
                continue
            behind = mark
            for row, behind in self._marks(rows, mark, start, page.clock):
                second, is_over = met.get(row.id, (-1, False))
                if second != row.second:
                    patience, steps = self._patience(behind), 0
                if second != row.second or not is_over:
                    met[row.id] = (row.second, _is_over(row, page.clock))
                    yield row, behind
            if not self._goes_further(page, start):
                return
            mark = self._next(rows, mark, behind, start)
            met = {order_id: (second, is_over) for order_id, (second, is_over) in met.items() if second >= mark.key}
            if mark.at and settled != mark.key:
                settled = mark.key
                mark = self._settled(mark, rows[-1].second, page.clock)

    def _question(self, key: int, start: int) -> Query:
        asked = [("per_page", str(self._size)), ("orderby", "modified"), ("order", "asc"), ("dates_are_gmt", "true")]
        if key:
            # Strictly later, by whole seconds: without the second before, what shares the key's would be missed.
            asked.append(("modified_after", written(key - 1)))
        if start:
            asked.append(("offset", str(start)))
        return asked

    def _placed(self, page: Page, key: int, start: int) -> list[Placed]:
        """The page's orders, if they are what was asked for. What cannot be told from another one is counted."""
        if len(page.records) > self._size:
            raise self._bad(f"gave {len(page.records)} orders, asked for {self._size}")
        rows = []
        for record in page.records:
            try:
                rows.append(place(record))
            except BadRecord as error:
                self._tally.add(BAD_RECORD, str(error))
        if not in_order(rows) or any(row.second < key for row in rows):
            raise self._bad("does not give orders by their time of last change, as asked: does a cache answer for it?")
        if page.total is not None and (hidden := min(page.total - start, self._size) - len(page.records)) > 0:
            self._tally.add(BAD_RECORD, "the shop counts an order that it does not show: may the user see all?", hidden)
        return rows

    def _marks(self, rows: Sequence[Placed], mark: Mark, start: int, clock: int) -> Iterator[tuple[Placed, Mark]]:
        """The orders of a page, each with the mark behind it. No key comes close to the present."""
        key = mark.key
        for number, (row, season) in enumerate(zip(rows, _seasons(rows, mark), strict=True), 1):
            if season.ahead is not None:
                key = max(key, min(row.local - season.ahead, clock - OVERLAP))
            at = start + number if key == mark.key else 0
            if key != mark.key and number >= self._size:
                at = sum(each.second >= key for each in rows)
            anchor = row.id if _is_over(row, clock) else 0
            yield row, replace(season, key=key, at=at if at >= self._size else 0, anchor=anchor)

    def _goes_further(self, page: Page, start: int) -> bool:
        """Whether there are more orders. A page may be short in the middle: what the user may not see is left out."""
        if page.total is None:
            return len(page.records) >= self._size
        return page.total > start + self._size

    def _next(self, rows: Sequence[Placed], mark: Mark, behind: Mark, start: int) -> Mark:
        if not rows:
            raise self._bad("counts orders that it does not show: take keys of a user who may see all")
        return replace(behind, at=start + self._size) if behind.key == mark.key else behind

    def _settled(self, mark: Mark, last: int, clock: int) -> Mark:
        """The mark, or the beginning of its second where orders that change now may get a place before those met."""
        if last < clock - OVERLAP:
            return mark
        self._wait(OVERLAP)
        return replace(mark, at=0)

    def _patience(self, mark: Mark) -> int:
        return PATIENCE + 2 * mark.at // self._size

    def _bad(self, what: str) -> BadReply:
        return BadReply(f"{self._home} {what}")


def _goes_on(rows: Sequence[Placed], mark: Mark, met: Mapping[int, tuple[int, bool]]) -> bool:
    """Whether a page begins with an order that was met, so that none lies between."""
    if not rows:
        return False
    return rows[0].id == mark.anchor or met.get(rows[0].id, (-1, False))[0] == rows[0].second


def _seasons(rows: Sequence[Placed], mark: Mark) -> Iterator[Mark]:
    """For each order the mark with what its site's time is like.

    In the autumn's hour that comes twice, orders that changed an hour before one may still follow it, where they are
    sorted by the site's time. It is over when that time has gone on by an hour since it was turned back.
    """
    zones = [row.zone for row in rows if row.zone is not None]
    ahead, turned = mark.ahead, mark.turned
    if zones:
        ahead = max(zones) if ahead is None else max(ahead, *zones)
    for row in rows:
        if ahead is not None and row.zone is not None and row.zone != ahead:
            turned = turned or row.local
            if row.zone > ahead or row.local >= turned + ahead - row.zone:
                ahead, turned = row.zone, 0
        yield replace(mark, ahead=ahead, turned=turned)


def _is_over(row: Placed, clock: int) -> bool:
    """Whether the second of its last change was over when the shop gave it: in the same one it may change again."""
    return row.second < clock - 1


class Marks:
    """Marks as text: in cursors, and in watermarks."""

    def __init__(self, config: WooCommerceConfig) -> None:
        whole = json.dumps([config.home, config.statuses])
        self._walk = hashlib.blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

    def cursor(self, mark: Mark) -> Cursor:
        """The mark of this walk as text."""
        return json.dumps({"walk": self._walk, **asdict(mark)})

    def resumed(self, cursor: Cursor) -> Mark:
        """The mark of a cursor. Raises BadSource for one that was made by another walk."""
        try:
            kept = json.loads(cursor)
            if kept.pop("walk") != self._walk:
                raise ValueError
            mark = Mark(**kept)
        except (AttributeError, KeyError, TypeError, ValueError):
            mark = Mark(key=-1)
        numbers = (mark.key, mark.at, mark.anchor, mark.turned, 0 if mark.ahead is None else mark.ahead)
        if not all(type(number) is int and abs(number) <= MOST_ID for number in numbers) or min(numbers[:4]) < 0:
            raise BadSource(
                "url or status are not those that the checkpoint was made with: delete the checkpoint and start over; "
                "orders that are in the tab already are recognised"
            )
        return mark

    def watermark(self, cursor: Cursor) -> Watermark | None:
        """The second before which all was met; none where no order has a time."""
        key = self.resumed(cursor).key
        return written(key) if key else None

    def since(self, watermark: Watermark | None) -> Mark:
        """Where a walk of what changed since then begins. Raises BadSource for a watermark of another source."""
        if watermark is None:
            return Mark()
        if (second := seconds(watermark)) is None:
            raise BadSource(f"watermark {watermark[:60]!r} is none of this source's: run all orders once")
        return Mark(key=second)
