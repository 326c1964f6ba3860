"""One list of an API, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sheetsync.errors import BadReply
from sheetsync.outbound import Reply
from sheetsync.outbound.door import Query
from sheetsync.sources.rest.calls import Api
from sheetsync.sources.rest.config import RestConfig
from sheetsync.sources.rest.opening import ABSENT, getter
from sheetsync.sources.rest.styles import STYLES, Token
from sheetsync.sources.rest.times import moment


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it came. `ids`: what tells its items apart. `next`: what asks for the page after it, where it says so.

    `moment`: what the shop's clock showed.
    """

    token: Token
    items: list[Any]
    ids: list[str]
    next: Token | None
    total: int | None
    moment: datetime | None


class Listing:
    """A list, at `link` or, where that is empty, at the API's own address. `identify` tells items apart.

    `params` go along with each call that does not follow a link.
    """

    def __init__(
        self,
        config: RestConfig,
        api: Api,
        items_path: str,
        identify: Callable[[Any], str],
        *,
        link: str = "",
        params: Query = (),
    ) -> None:
        self.config = config
        self._api, self._link = api, link
        self._identify = identify
        self._path, self._items = items_path, getter("items_path", items_path)
        self._total = getter("total_path", config.total_path) if config.total_path else None
        self._style = STYLES[config.paginator](config)
        self._params = [*params, *([(config.limit_param, str(config.limit))] if config.limit_param else [])]
        self.first = self._style.first
        self.shown = api.shown

    def read(self, token: Token) -> Page:
        """One page. Raises BadReply where it is none."""
        link, asked = self._style.call(token, self._params)
        reply = self._api.get(link or self._link, asked)
        body = reply.json()
        items = self._listed(reply, body)
        onward = self._style.next(reply, body)
        onward = self._api.bare(onward) if isinstance(onward, str) else onward
        total = self._told_total(reply, body)
        if onward is None and token == "" and total is not None and total > len(items):
            raise BadReply(
                f"{reply.url.shown()} says that there are {total:,}, and gives {len(items):,} and no next page: "
                f"paginator {self.config.paginator}, or where it looks for the next page, is not right"
            )
        clock = moment(reply.headers.get(self.config.clock_header))
        return Page(token, items, [self._identify(item) for item in items], onward, total, clock)

    def _listed(self, reply: Reply, body: Any) -> list[Any]:
        items = self._items(body)
        if isinstance(items, list):
            return items
        what = "nothing" if items is ABSENT else f"a {type(items).__name__}"
        where = f"items_path {self._path!r} leads to" if self._path else "items_path is empty, and the reply is"
        raise BadReply(f"{reply.url.shown()}: {where} {what}, not a list: write where a page has its orders")

    def _told_total(self, reply: Reply, body: Any) -> int | None:
        found = self._total(body) if self._total else None
        if isinstance(found, str) and found.isascii() and found.isdecimal() and len(found) < 20:
            return int(found)
        if found is None or (isinstance(found, int) and not isinstance(found, bool) and found >= 0):
            return found
        raise BadReply(f"{reply.url.shown()}: total_path {self.config.total_path!r} leads to no number: correct it")
