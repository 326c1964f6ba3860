"""Orders from a WooCommerce shop, by its REST API v3 and keys that may only read.

A walk goes by the time of last change, which has whole seconds: each call asks for what changed after the last order
met, one second back, and leaves out what it met already. Page numbers are never used over what may move. It is read in
this order: `config`, `shop` (calls and refusals), `walk` (in which order), `orders` (from a record to rows), `source`.
"""

from sheetsync.sources.woocommerce.config import WooCommerceConfig, WooCommerceKeys
from sheetsync.sources.woocommerce.source import WooCommerceSource
from sheetsync.sources.woocommerce.webhooks import silenced as silenced_webhooks

__all__ = ["WooCommerceConfig", "WooCommerceKeys", "WooCommerceSource", "silenced_webhooks"]
