"""Keys by one click: the shop asks its owner, and sends them to us by itself. Pure: who calls keeps nonces and serves.

authorize_url(...) -> the browser goes there, the owner agrees -> the shop posts the keys to `callback_url`
-> keys_from(body) -> the browser comes back to `return_url`
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from sheetsync.errors import BadReply, BadSource
from sheetsync.outbound import parse_json
from sheetsync.outbound.rules import Rules
from sheetsync.outbound.urls import check_url
from sheetsync.pipeline.records import RowsPer
from sheetsync.sources.woocommerce.config import WooCommerceConfig, WooCommerceKeys, bad

MOST_BYTES = 10_000
"""Of the body in which a shop sends keys: real ones have 200."""

_NONCE = re.compile(r"[A-Za-z0-9_-]{20,100}")
_KEYS = {"consumer_key": re.compile(r"ck_[0-9a-f]{40}"), "consumer_secret": re.compile(r"cs_[0-9a-f]{40}")}


def authorize_url(
    shop_url: str, app_name: str, user_id_nonce: str, return_url: str, callback_url: str, rules: Rules | None = None
) -> str:
    """Where the shop's owner agrees to give us keys that may read.

    `user_id_nonce`: good once, for it comes back with the keys and is all that says whose they are. Raises
    AddressRefused for an address that must not be called, BadSource for anything else that cannot work.
    """
    if not _NONCE.fullmatch(user_id_nonce):
        raise BadSource("user_id_nonce [hidden]: it can be guessed: take 20 to 100 random letters, digits, - and _")
    if not app_name.strip() or len(app_name) > 100 or not app_name.isprintable():
        raise bad("app_name", app_name, "write a name that the shop's owner knows, in up to 100 characters")
    home = WooCommerceConfig(url=shop_url, rows_per=RowsPer.ORDER).home
    for name, url in (("shop_url", home), ("return_url", return_url), ("callback_url", callback_url)):
        if check_url(url, rules=rules, field=name).scheme != "https":
            raise bad(name, url, "keys go along: give an https address")
    if "?" in home:
        raise BadSource("shop_url: it has a part after ?: give the address of the shop's front page alone")
    asked = {"app_name": app_name, "scope": "read", "user_id": user_id_nonce}
    return f"{home}/wc-auth/v1/authorize?" + urlencode(
        {**asked, "return_url": return_url, "callback_url": callback_url}
    )


def keys_from(body: bytes) -> tuple[str, WooCommerceKeys]:
    """The nonce and the keys that a shop sent. Anybody may send such a body: only the nonce makes it one of ours.

    Raises BadReply, which tells no value.
    """
    found = _object(body)
    nonce = found.get("user_id")
    if not isinstance(nonce, str) or not _NONCE.fullmatch(nonce):
        raise BadReply("user_id [hidden] is no nonce of ours: begin again with a new authorize address")
    if found.get("key_permissions") != "read":
        raise BadReply("key_permissions is not read: begin again, and agree to what is asked for")
    for name, shape in _KEYS.items():
        value = found.get(name)
        if not isinstance(value, str) or not shape.fullmatch(value):
            raise BadReply(f"{name} [hidden] is no key of WooCommerce: begin again, or make keys by hand")
    return nonce, WooCommerceKeys(consumer_key=found["consumer_key"], consumer_secret=found["consumer_secret"])


def _object(body: bytes) -> dict[str, Any]:
    if len(body) > MOST_BYTES:
        raise BadReply(f"the body has {len(body):,} bytes: keys come in at most {MOST_BYTES:,}")
    try:
        found = parse_json(body.decode())
    except ValueError:
        raise BadReply("the body is no JSON in UTF-8: a shop sends keys as an object") from None
    if not isinstance(found, dict):
        raise BadReply(f"the body is a {type(found).__name__}: a shop sends keys as an object")
    return found
