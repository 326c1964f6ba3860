"""Orders from a Shopify shop, through the Admin GraphQL API.

A walk goes by the time of last change and begins every page anew behind the last order it met: no page cursor of the
shop's is ever used for orders, so edits during the walk and the shop's limit of 25,000 objects cannot cut it short. It
is read in this order: `config`, `source`, `walk` (which page comes next), `talking` (one question and its answer),
`replies` (what an answer means), `keys` (tokens that expire), `fields` (what columns can read). `install` is apart: the
pure part of connecting a shop by OAuth.
"""

from sheetsync.sources.shopify.config import ShopifyConfig, ShopifyCredentials
from sheetsync.sources.shopify.keys import renew_tokens, unused_until
from sheetsync.sources.shopify.source import ShopifySource

__all__ = ["ShopifyConfig", "ShopifyCredentials", "ShopifySource", "renew_tokens", "unused_until"]
