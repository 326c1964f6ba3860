"""Orders from any Django model of the host site: its own tables, read through its own ORM.

A walk is a chain of short queries, each for the orders behind the last one (never OFFSET, never one long cursor), and
one more for the lines of these orders. Nothing is open between two queries, so the host may write meanwhile, even into
a SQLite file. Only the fields that the configuration lists are ever read: the people who write columns cannot reach
any other, such as a password one relation away.
"""

from sheetsync.sources.queryset.config import QuerysetConfig
from sheetsync.sources.queryset.ids import unique_names
from sheetsync.sources.queryset.opening import id_attribute
from sheetsync.sources.queryset.source import QuerysetSource

__all__ = ["QuerysetConfig", "QuerysetSource", "id_attribute", "unique_names"]
