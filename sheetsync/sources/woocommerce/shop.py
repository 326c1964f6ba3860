"""Calls of one shop: pages of orders, refunds, and what its refusals mean in words that help."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from sheetsync.errors import AddressRefused, BadReply, BadSource, RequestRefused, ShopDenied
from sheetsync.outbound import Door, Reply, Rules
from sheetsync.outbound.door import Query
from sheetsync.sources.calling import DENIED, Caller
from sheetsync.sources.woocommerce.config import WooCommerceConfig, WooCommerceKeys

MOST_REFUND_PAGES = 10

DAY = 86_400

_CODE = re.compile(r"[a-z0-9_]{1,100}")
_COUNT = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Page:
    """What one call gave. `total`: how many orders the question finds; `clock`: the shop's, in seconds since 1970."""

    records: list[Any]
    total: int | None
    clock: int


class Shop:
    """One shop, called through one door: a context that closes it. Raises BadSource for an address that is none."""

    def __init__(
        self, config: WooCommerceConfig, keys: WooCommerceKeys, rules: Rules | None, wait: Callable[[float], None]
    ) -> None:
        self._config = config
        home = config.home + "/"
        headers = {} if config.keys_in_query else keys.header
        self._secret: Query = keys.query if config.keys_in_query else ()
        try:
            self._door = Door(
                home if config.rest_route else home + "wp-json/wc/v3/", headers=headers, rules=rules, field="url"
            )
        except AddressRefused as refused:
            raise BadSource(str(refused)) from None
        self._caller = Caller(self._door, wait)
        self._place = self._door.url.shown()

    def __enter__(self) -> Shop:
        return self

    def __exit__(self, *_: object) -> None:
        self._door.close()

    def orders(self, params: Query) -> Page:
        """A page of orders. Raises what `Caller` raises, ShopDenied, BadSource and BadReply."""
        config = self._config
        status = ",".join(config.statuses) or "any"
        # Commas between the fields of one parameter: `_fields[]` is refused by hosts that dislike brackets.
        asked = [("status", status), ("_fields", ",".join(config.asked)), *params]
        return self._page("orders", asked)

    def webhooks(self) -> list[Any]:
        """The first hundred webhooks."""
        return self._page("webhooks", [("per_page", "100")]).records

    def refunds(self, order_id: int) -> list[Any] | None:
        """All refunds of an order, with their lines; None where the order is gone."""
        found: dict[Any, Any] = {}
        for number in range(1, MOST_REFUND_PAGES + 1):
            params = [("per_page", "100"), ("page", str(number)), ("orderby", "id"), ("order", "asc")]
            try:
                page = self._page(f"orders/{order_id}/refunds", params)
            except RequestRefused as refused:
                if refused.status == 404:
                    return None
                raise
            fresh = {each.get("id"): each for each in page.records if isinstance(each, Mapping)}
            if len(fresh) < len(page.records) or fresh.keys() & found.keys():
                raise BadReply(f"{self._place} gave refunds of order {order_id} that are none, or came before")
            found.update(fresh)
            if len(page.records) < 100:
                return list(found.values())
        raise BadReply(f"{self._place} gives more than {100 * MOST_REFUND_PAGES:,} refunds of order {order_id}")

    def _page(self, path: str, params: Query) -> Page:
        reply = self._get(path, params)
        try:
            records = reply.json()
        except BadReply as error:
            raise BadReply(f"{error}; a maintenance page, a cache or a security plugin may stand in between") from None
        if not isinstance(records, list):
            raise BadReply(f"{self._place} gave a {type(records).__name__} in place of the list {path}")
        return Page(records, _total(reply), _clock(reply))

    def _get(self, path: str, params: Query) -> Reply:
        route = [("rest_route", f"/wc/v3/{path}")] if self._config.rest_route else []
        link = "" if self._config.rest_route else path
        asked = [*route, *params, *self._secret]

        def call() -> Reply:
            reply = self._door.get(link, params=asked)
            self._explain(reply, [name for name, _ in params])
            return reply

        return self._caller.patiently(call)

    def _explain(self, reply: Reply, names: list[str]) -> None:
        """Raises where the shop's own word for a refusal says what to do. All other replies are left to `Caller`."""
        if reply.status in DENIED:
            raise ShopDenied(f"{self._place} answered {reply.status}: {self._remedy(reply)}")
        if reply.status == 400:
            code, odd = _refusal(reply)
            named = ", ".join(name for name in names if name in odd)
            what = f"does not take {named}: check the configuration of the source" if named else "refuses the question"
            raise BadSource(f"{self._place} answered 400 {code}".rstrip() + f": it {what}")
        if reply.status == 404 and _refusal(reply)[0] in ("", "rest_no_route"):
            remedy = "set rest_route to false" if self._config.rest_route else "turn permalinks on, or set rest_route"
            raise BadSource(
                f"url {self._place} answered 404: no API of WooCommerce is there: check the address; where it is a "
                f"WooCommerce shop, {remedy}"
            )

    def _remedy(self, reply: Reply) -> str:
        query = "" if self._config.keys_in_query else "; some hosts take the header away: then set keys_in_query"
        keys = f"make new keys, with the permission Read, of a user who may see orders{query}"
        if self._door.url.scheme == "http":
            return (
                "WooCommerce takes keys over https only: give the shop's https address; where a proxy ends TLS in "
                f"front of it, let that send X-Forwarded-Proto: https; where it does, {keys}"
            )
        if _refusal(reply)[0]:
            return keys
        return "something in front of WooCommerce refuses the call: let its firewall or security plugin pass it"


def _refusal(reply: Reply) -> tuple[str, Mapping[str, Any]]:
    """The code that WordPress gives with an error, and the parameters that it names; nothing where there is none."""
    try:
        body = reply.json()
    except BadReply:
        return "", {}
    body = body if isinstance(body, Mapping) else {}
    code, data = body.get("code"), body.get("data")
    odd = data.get("params") if isinstance(data, Mapping) else None
    known = isinstance(code, str) and _CODE.fullmatch(code)
    return str(code) if known else "", odd if isinstance(odd, Mapping) else {}


def _total(reply: Reply) -> int | None:
    found = reply.headers.get("X-WP-Total", "").strip()
    return int(found) if _COUNT.fullmatch(found) else None


def _clock(reply: Reply) -> int:
    """What the shop's clock shows; ours, where it tells none or is a day away: then it is no clock."""
    ours = int(time.time())
    try:
        theirs = int(parsedate_to_datetime(reply.headers.get("Date", "")).replace(tzinfo=UTC).timestamp())
    except (TypeError, ValueError, OverflowError):
        return ours
    return theirs if abs(theirs - ours) < DAY else ours
