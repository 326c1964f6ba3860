"""Which shop, which of its orders, and with which keys."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sheetsync.errors import BadSource
from sheetsync.pipeline.records import RowsPer

SHOP = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-_]*\.myshopify\.com")
LONGEST_SHOP = 100
API_VERSION = "2026-10"
LARGEST_PAGE = 250
LONGEST_FILTER = 1_000
LONGEST_OVERLAP = 86_400

_VERSION = re.compile(r"20[0-9]{2}-(01|04|07|10)")
_TOKEN = re.compile(r"[\x21-\x7e]{1,1000}")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\\.", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopifyConfig:
    """Written by a tenant.

    `shop`: its permanent name, `your-shop.myshopify.com`. `filter`: a search as in the admin's list of orders, such as
    `financial_status:paid -tag:wholesale`; only these orders are exported.
    `all_orders`: the app has the scope `read_all_orders`. Without it Shopify shows the last 60 days only, and an older
    order is never taken for deleted.
    `page_size`: most orders to ask for at once. `line_page_size`: lines that come along with each of them, before the
    others are asked for. Where that costs more than Shopify answers, it is fewer.
    `overlap`: how many seconds a walk of changes looks back: as long as Shopify's search may lag behind its orders.
    """

    shop: str
    rows_per: RowsPer
    api_version: str = API_VERSION
    filter: str = ""
    all_orders: bool = False
    page_size: int = 50
    line_page_size: int = 20
    overlap: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopifyCredentials:
    """Either `access_token` alone, or what gets one: `client_id` and `client_secret` with or without `refresh_token`.

    `expires_at`, `refresh_expires_at`: in seconds since 1970, None for what does not expire or is not known to.
    """

    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    expires_at: int | None = None
    refresh_token: str | None = field(default=None, repr=False)
    refresh_expires_at: int | None = None

    @property
    def renewable(self) -> bool:
        """Whether a new access token can be had without a person."""
        return bool(self.client_id and self.client_secret)


def check_config(config: ShopifyConfig) -> None:
    """Raises BadSource naming the field, the value and the remedy."""
    check_shop(config.shop)
    if not _VERSION.fullmatch(config.api_version):
        raise bad("api_version", config.api_version, f"write a quarterly version such as {API_VERSION}")
    for name in ("page_size", "line_page_size"):
        if not 1 <= getattr(config, name) <= LARGEST_PAGE:
            raise bad(name, getattr(config, name), f"Shopify gives 1 to {LARGEST_PAGE} at once")
    if not 1 <= config.overlap <= LONGEST_OVERLAP:
        raise bad("overlap", config.overlap, f"write 1 to {LONGEST_OVERLAP} seconds")
    _check_filter(config.filter)


def check_shop(shop: str) -> str:
    """The shop's name in lower case. Raises BadSource: whatever else it is, our keys must not be sent there."""
    if len(shop) > LONGEST_SHOP or not SHOP.fullmatch(shop):
        raise bad("shop", shop, "write the shop's permanent name, such as your-shop.myshopify.com, without https://")
    return shop.lower()


def check_credentials(credentials: ShopifyCredentials | None) -> ShopifyCredentials:
    """Raises BadSource, which tells no value."""
    given = credentials or ShopifyCredentials()
    for name in ("client_id", "client_secret", "access_token", "refresh_token"):
        value = getattr(given, name)
        if value is not None and not _TOKEN.fullmatch(value):
            raise BadSource(f"credentials, {name} [hidden]: write it in plain characters, with no blank in it")
    if not given.renewable and (given.refresh_token or not given.access_token):
        raise BadSource(
            "credentials: give client_id and client_secret of the app, or an access_token; a refresh_token needs "
            "client_id and client_secret too"
        )
    return given


def _check_filter(text: str) -> None:
    """It is put in parentheses: what closes them would let other orders in."""
    if len(text) > LONGEST_FILTER or not text.isprintable():
        raise bad("filter", text, f"write one line of at most {LONGEST_FILTER:,} characters")
    plain = _QUOTED.sub("", text)
    depth = 0
    for letter in plain:
        depth += (letter == "(") - (letter == ")")
        if depth < 0 or letter in "'\"\\":
            break
    if depth or "'" in plain or '"' in plain or plain.endswith("\\"):
        raise bad("filter", text, "a quote or a parenthesis in it has no partner")


def bad(option: str, value: Any, remedy: str) -> BadSource:
    """The error that names an option of the configuration, its value and the remedy."""
    shown = repr(value)
    return BadSource(f"{option} {shown if len(shown) <= 100 else shown[:100] + '…'}: {remedy}")
