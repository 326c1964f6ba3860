"""Connect shops: begin -> a page of the shop's, where its owner agrees -> finish. One file a platform.

`storing.py` has what both share: what became of an attempt, and the source that comes of it.
"""

from sheetsync.installing.shopify import begin_shopify, finish_shopify
from sheetsync.installing.storing import Begun, Connected, ShopRefused, WrongShop
from sheetsync.installing.woocommerce import begin_woocommerce, deny_woocommerce, take_woocommerce_keys

__all__ = [
    "Begun",
    "Connected",
    "ShopRefused",
    "WrongShop",
    "begin_shopify",
    "begin_woocommerce",
    "deny_woocommerce",
    "finish_shopify",
    "take_woocommerce_keys",
]
