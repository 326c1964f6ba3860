"""An API's orders as a source: walks that resume, and single orders by their ids."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from sheetsync.errors import BadRecord, BadReply, BadSource, RequestRefused
from sheetsync.outbound import Reply
from sheetsync.outbound.door import Query
from sheetsync.pipeline.records import Cursor, SourceRow
from sheetsync.sources.base import BAD_RECORD, Capabilities, Mode, OrderQuery, Surroundings, Watermark
from sheetsync.sources.calling import Caller
from sheetsync.sources.rest import times
from sheetsync.sources.rest.calls import Api, with_id
from sheetsync.sources.rest.config import RestConfig, RestCredentials, bad
from sheetsync.sources.rest.listing import Listing, Page
from sheetsync.sources.rest.opening import checked, getter, opened, query_of, secret_params
from sheetsync.sources.rest.orders import GONE, Orders
from sheetsync.sources.rest.recent import Recent
from sheetsync.sources.rest.styles import Token
from sheetsync.sources.rest.walking import pages

MET_AGAIN = "met_again"
"""The tally's kind for an order that came again on a later page: the list moved during the walk."""

ODD_ID = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.REQUEST_URI_TOO_LONG)
"""What an API answers to an id that it does not take for one, and to a call that it does not understand at all."""

TRIED = 3
"""How many orders of the list are asked for by `order_url`, until one is there."""

LOST = (HTTPStatus.BAD_REQUEST, *GONE, HTTPStatus.UNPROCESSABLE_ENTITY)
"""What it answers to a link or cursor that it gave too long ago."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a walk: on the page of this token, behind the last of the orders `met`.

    `walk`: which walk it is of. `clock`: what the shop's clock showed when that began.
    """

    walk: str
    page: Token
    met: tuple[str, ...] = ()
    clock: str | None = None


class RestSource:
    """The orders of one API. Raises BadSource and AddressRefused for what cannot work, before any call."""

    def __init__(self, config: RestConfig, given: Surroundings) -> None:
        checked(config)
        credentials = given.credentials or RestCredentials()
        door = opened(config, credentials, given.rules)
        self._config = config
        self._tally = given.tally
        self._api = Api(Caller(door, given.wait), secret_params(config, credentials))
        self._orders = Orders(config, self._api)
        self._single = getter("order_path", config.order_path)
        self._updated = getter("updated_path", config.updated_path) if config.updated_path else None
        self._params = [*query_of("params", config.params), *query_of("stable_by", config.stable_by or {})]
        self._found_by_id = False
        self._since_params = query_of("since_params", config.since_params)
        self.capabilities = Capabilities(
            incremental=config.since_param is not None, fetch_by_id=config.order_url is not None, fetch_at_once=20
        )

    def stream(self, query: OrderQuery, cursor: Cursor | None) -> Iterator[SourceRow]:
        """All orders, or those behind `cursor`; in the mode `orders` those asked for.

        Raises BadSource for a cursor of another configuration, or one that the API does not know any more.
        """
        if query.mode == Mode.ORDERS:
            yield from self.fetch(query.order_ids)
            return
        listing = self._listing(query)
        walk = self._digest(query)
        mark = Mark(walk, listing.first) if cursor is None else _resumed(cursor, walk)
        recent = Recent(mark.met)
        clock, first, resumed, before = mark.clock, True, cursor is not None, ""
        for page in self._pages(listing, mark, recent):
            clock = self._clock(page) if first and not resumed else clock
            for position, (order_id, record) in self._fresh(page, recent, resumed=first and resumed):
                if order_id == before:
                    continue  # given twice in a row, its rows would be one order's; the next walk finds what changed
                here = Mark(walk, self._token(page, position), recent.last(), clock)
                for row in self._rows(order_id, record, _spelt(here)):
                    before = order_id
                    yield row
            first = False

    def fetch(self, order_ids: Sequence[str]) -> Iterator[SourceRow]:
        """The orders with these ids as they are now, by a call for each."""
        if self._config.order_url is None:
            raise bad("order_url", None, "single orders are asked for: write the address of one, with {id}")
        for order_id in dict.fromkeys(order_ids):
            link = with_id(self._config.order_url, order_id)
            reply = None if link is None else self._asked(order_id, link)
            record = None if reply is None else self._found(order_id, reply)
            if record is not None:
                yield from self._rows(order_id, record, None)

    def gone(self, order_ids: Sequence[str]) -> Sequence[str]:
        """All of them: nothing is hidden from it."""
        return order_ids

    def total(self) -> int | None:
        """What the API says, where the configuration says how; it costs a call."""
        if self._config.total_path is None:
            return None
        listing = self._listing(OrderQuery())
        return listing.read(listing.first).total

    def watermark(self, cursor: Cursor) -> Watermark | None:
        """What the shop's clock showed when the walk began; None where it does not tell."""
        clock = json.loads(cursor).get("clock") if self.capabilities.incremental else None
        return clock if isinstance(clock, str) else None

    def _listing(self, query: OrderQuery) -> Listing:
        params = [*self._params, *self._since(query)]
        return Listing(self._config, self._api, self._config.items_path, self._orders.identity, params=params)

    def _since(self, query: OrderQuery) -> Query:
        if query.mode != Mode.INCREMENTAL or query.since is None or self._config.since_param is None:
            return []
        since = times.moment(query.since)
        if since is None:
            raise BadSource(f"watermark {query.since[:60]!r} is none of this source's: run all orders once")
        asked = times.asked(since, self._config.overlap, self._config.since_format)
        return [(self._config.since_param, asked), *self._since_params]

    def _pages(self, listing: Listing, mark: Mark, recent: Recent) -> Iterator[Page]:
        read = False
        try:
            for page in pages(listing, mark.page, recent):
                read = True
                yield page
        except RequestRefused as refused:
            if read or not mark.met or refused.status not in LOST:
                raise
            raise _changed() from None

    def _fresh(self, page: Page, recent: Recent, *, resumed: bool) -> Iterator[tuple[int, tuple[str, Any]]]:
        """The orders of the page that were not met before as they are, each with its position on the page."""
        known = [position for position, each in enumerate(page.ids) if each in recent]
        start = known[-1] + 1 if resumed and known else 0
        for position in range(start, len(page.items)):
            record, identity = page.items[position], page.ids[position]
            again = identity in recent
            if not recent.add(identity, record):
                continue
            if again:
                self._tally.add(MET_AGAIN, f"order {identity[:40]!r} came on a later page once more")
            try:
                yield position, (self._orders.id_of(record), record)
            except BadRecord as error:
                self._tally.add(BAD_RECORD, str(error))

    def _rows(self, order_id: str, record: Any, cursor: Cursor | None) -> Iterator[SourceRow]:
        try:
            rows = list(self._orders.rows(order_id, record, cursor))
        except BadRecord as error:
            self._tally.add(BAD_RECORD, str(error))
            return
        yield from rows

    def _token(self, page: Page, position: int) -> Token:
        """What asks for a page that has this order on it."""
        counted = self._config.paginator == "offset" and isinstance(page.token, int)
        return page.token + position if counted else page.token  # type: ignore[operator]

    def _clock(self, page: Page) -> str | None:
        """When the walk began, by the shop's clock, or the last change before that as far as it is known."""
        changes = map(times.moment, map(self._updated, page.items)) if self._updated else iter(())
        begun: datetime | None = max(filter(None, changes), default=page.moment)
        return None if begun is None else begun.isoformat()

    def _asked(self, order_id: str, link: str) -> Reply | None:
        """The reply for one order; None where it is gone, or could not be asked for."""
        try:
            reply = self._api.get(link)
        except RequestRefused as refused:
            if refused.status in ODD_ID:
                self._tally.add(BAD_RECORD, f"order {order_id[:40]!r} could not be asked for: {refused}")
            elif refused.status not in GONE:
                raise
            else:
                self._prove_order_url()
            return None
        self._found_by_id = True
        return reply

    def _prove_order_url(self) -> None:
        """Before the first order is taken for gone: is one there that the list shows now? Raises BadSource."""
        if self._found_by_id:
            return
        listing = self._listing(OrderQuery())
        shown = listing.read(listing.first).items[:TRIED]  # one may be removed in this very moment, not all
        links = [with_id(str(self._config.order_url), self._orders.identity(record)) for record in shown]
        self._found_by_id = not shown or any(self._is_there(link) for link in links if link is not None)
        if not self._found_by_id:
            remedy = (
                "orders that the list shows are not there: correct it, or no order could be told from a removed one"
            )
            raise bad("order_url", self._config.order_url, remedy)

    def _is_there(self, link: str) -> bool:
        try:
            self._api.get(link)
        except RequestRefused:
            return False
        return True

    def _found(self, order_id: str, reply: Reply) -> Any:
        """The order in the reply; None where there is none."""
        found = self._single(reply.json())
        if isinstance(found, list):
            return next((each for each in found if self._orders.identity(each) == order_id), None)
        if not isinstance(found, dict):
            path = self._config.order_path
            raise BadReply(f"{reply.url.shown()}: order_path {path!r} leads to no order and no list: correct it")
        if self._orders.identity(found) == order_id:
            return found
        self._tally.add(BAD_RECORD, f"order {order_id[:40]!r} was asked for, and another one came: check order_url")
        return None

    def _digest(self, query: OrderQuery) -> str:
        config = asdict(self._config)
        whole = json.dumps([config, query.mode, query.since], sort_keys=True, default=str)
        return hashlib.blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _spelt(mark: Mark) -> Cursor:
    return json.dumps(asdict(mark))


def _resumed(cursor: Cursor, walk: str) -> Mark:
    try:
        kept = json.loads(cursor)
        mark = Mark(kept["walk"], kept["page"], tuple(kept["met"]), kept["clock"])
    except (KeyError, TypeError, ValueError):
        raise _changed() from None
    if mark.walk != walk:
        raise _changed()
    return mark


def _changed() -> BadSource:
    return BadSource(
        "the checkpoint was made with another configuration, or the API does not know it any more: delete the "
        "checkpoint and start over; orders that are in the tab already are recognised"
    )
