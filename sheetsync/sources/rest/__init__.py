"""Orders from any API that speaks JSON over HTTP, described by a configuration instead of by code.

A list of orders is walked page by page, in one of the ways that APIs have of going on (the names are those of dlt); the
lines of an order are inside it, or a list of their own. It is read in this order: `config`, `opening` (what is refused
before any call), `calls`, `styles` (how each kind of API goes on), `listing` (one list, page by page), `orders`
(records become orders), `source`.
"""

from sheetsync.sources.rest.config import RestConfig, RestCredentials
from sheetsync.sources.rest.source import RestSource

__all__ = ["RestConfig", "RestCredentials", "RestSource"]
