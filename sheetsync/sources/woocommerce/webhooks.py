"""Which of this site's webhooks a shop has switched off: it does so without a word, after some failures in a row."""

from __future__ import annotations

from collections.abc import Mapping

from sheetsync.errors import ShopDenied
from sheetsync.sources.base import Surroundings
from sheetsync.sources.woocommerce.config import WooCommerceConfig, WooCommerceKeys, check
from sheetsync.sources.woocommerce.shop import Shop

LONGEST_TOPIC = 100


def silenced(config: WooCommerceConfig, given: Surroundings, address: str) -> list[str] | None:
    """The topics of webhooks that lead to this part of an address and are not active, each once.

    None where the keys may not see webhooks. Raises what calls raise.
    """
    keys: WooCommerceKeys = given.credentials
    check(config, keys)
    try:
        with Shop(config, keys, given.rules, given.wait) as shop:
            found = shop.webhooks()
    except ShopDenied:
        return None
    ours = [each for each in found if isinstance(each, Mapping) and address in str(each.get("delivery_url"))]
    return sorted({str(each.get("topic"))[:LONGEST_TOPIC] for each in ours if each.get("status") != "active"})
