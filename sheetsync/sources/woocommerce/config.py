"""What says which shop it is, which of its orders, and which of their fields."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from sheetsync.errors import BadSource
from sheetsync.pipeline.records import RowsPer

MOST_PER_PAGE = 100
"""What WooCommerce gives at most."""

MOST_NAMES = 100
"""Of statuses, and of fields: all of them travel in an address."""

USUAL = (
    "number parent_id created_via currency currency_symbol prices_include_tax date_created date_created_gmt date_paid "
    "date_paid_gmt date_completed date_completed_gmt discount_total discount_tax shipping_total shipping_tax cart_tax "
    "total total_tax customer_id customer_note billing shipping payment_method payment_method_title transaction_id "
    "line_items shipping_lines fee_lines coupon_lines tax_lines refunds meta_data"
)
"""The fields that columns may want. Left out: addresses with keys in them, browsers and IP addresses, links."""

NEEDED = ("id", "status", "date_modified", "date_modified_gmt")
"""What a walk goes by."""

NOT_LISTED = ("trash", "checkout-draft", "auto-draft")
"""Statuses of what is no order yet, or no longer: only where they are named."""

_API = re.compile(r"/wp-json(/wc(/v[0-9]+)?)?\Z")
_STATUS = re.compile(r"[a-z0-9_-]{1,40}")
_FIELD = re.compile(r"[A-Za-z0-9_-]{1,60}(\.[A-Za-z0-9_-]{1,60}){0,5}")
_KEY = re.compile(r"[!-9;-~]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WooCommerceConfig:
    """Which shop, and what of it.

    `url`: the shop's own address, as browsers have it. `rest_route`: for a shop without pretty permalinks.
    `status`: which orders, by their statuses; without it all but trash and unfinished checkouts.
    `fields`: the fields of an order that are asked for, such as `billing` or `billing.email`; without it those that
    columns usually want.
    `refund_lines`: ask for the lines of refunds too, with one more call for every order that has refunds.
    `per_page`: how many orders a call asks for; fewer where the shop is slow.
    `keys_in_query`: for hosts that take the header Authorization away.
    """

    url: str
    rows_per: RowsPer
    rest_route: bool = False
    status: tuple[str, ...] = ()
    fields: tuple[str, ...] | None = None
    refund_lines: bool = False
    per_page: int = MOST_PER_PAGE
    keys_in_query: bool = False

    @property
    def home(self) -> str:
        """The shop's address without the API's part of it, and without a slash at the end."""
        return _API.sub("", self.url.rstrip("/")).rstrip("/")

    @property
    def statuses(self) -> tuple[str, ...]:
        """The statuses that are named; none for all."""
        return () if self.status == ("any",) else tuple(sorted(set(self.status)))

    @property
    def asked(self) -> tuple[str, ...]:
        """The fields that are asked for."""
        named = list(USUAL.split() if self.fields is None else self.fields)
        if self.rows_per == RowsPer.LINE:
            named.append("line_items")
        if self.refund_lines:
            named.append("refunds")
        return tuple(dict.fromkeys([*NEEDED, *named]))


@dataclass(frozen=True, slots=True, kw_only=True)
class WooCommerceKeys:
    """The shop's keys for its API, with the permission to read."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)

    @property
    def header(self) -> dict[str, str]:
        """As the header of every call."""
        pair = f"{self.consumer_key}:{self.consumer_secret}"
        return {"Authorization": "Basic " + b64encode(pair.encode()).decode()}

    @property
    def query(self) -> list[tuple[str, str]]:
        """As parameters of every call."""
        return [("consumer_key", self.consumer_key), ("consumer_secret", self.consumer_secret)]


def check(config: WooCommerceConfig, keys: WooCommerceKeys) -> None:
    """Raises BadSource for what cannot work, naming the option, the value and the remedy; never a key."""
    if "?" in config.url:
        raise BadSource("url: it has a part after ?: give the address of the shop's front page alone")
    if not 2 <= config.per_page <= MOST_PER_PAGE:
        raise bad("per_page", config.per_page, f"ask for 2 to {MOST_PER_PAGE} orders at once")
    _check_status(config.status)
    if len(config.fields or ()) > MOST_NAMES:
        raise bad(
            "fields", f"{len(config.fields or ())} names", f"name at most {MOST_NAMES}, or none for the usual ones"
        )
    for name in config.fields or ():
        if not _FIELD.fullmatch(name):
            raise bad("fields", name, "write names such as billing or billing.email")
    for option, key in (("consumer_key", keys.consumer_key), ("consumer_secret", keys.consumer_secret)):
        if not _KEY.fullmatch(key):
            raise BadSource(f"{option} [hidden]: it cannot be a key: copy it anew, without blanks around it")


def _check_status(status: tuple[str, ...]) -> None:
    if len(status) > MOST_NAMES:
        raise bad("status", f"{len(status)} names", f"name at most {MOST_NAMES}, or none for all orders")
    for name in status:
        if name.startswith("wc-"):
            raise bad("status", name, f"write it without wc-: {name[3:][:40]}")
        if not _STATUS.fullmatch(name):
            raise bad("status", name, "write names such as processing or completed")
    if "any" in status and len(status) > 1:
        raise bad("status", list(status), "any takes all others in but those in the trash: name each that you want")


def bad(option: str, value: Any, remedy: str) -> BadSource:
    """The error that names an option of the configuration, its value and the remedy."""
    shown = repr(value)
    return BadSource(f"{option} {shown if len(shown) <= 100 else shown[:100] + '…'}: {remedy}")
