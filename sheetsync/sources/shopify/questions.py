"""The questions that are asked, as GraphQL. Nothing is ever put into their text: all values travel as variables."""

from __future__ import annotations

from dataclasses import dataclass

from sheetsync.sources.shopify.fields import LINE, MANY, PLAIN, RARE, RARE_LISTS, asked


@dataclass(frozen=True, slots=True)
class Question:
    """`root`: the field of the answer that is asked for.

    `record`: how many steps of a path lead to one record, of which a part may be kept back without the rest.
    """

    text: str
    root: str
    record: int


_LINES = f"{{ nodes {{ {asked(LINE)} }} pageInfo {{ hasNextPage endCursor }} }}"


def _rare(first: int) -> str:
    return " ".join(f"{name}(first: {first}) {{ {inner} }}" for name, inner in RARE_LISTS.items())


_ORDER = f"{asked(PLAIN)} {_rare(RARE)} lineItems(first: $lines) {_LINES}"

PAGE = Question(
    "query Page($first: Int!, $lines: Int!, $query: String, $sort: OrderSortKeys!) "
    "{ orders(first: $first, query: $query, sortKey: $sort) "
    f"{{ nodes {{ {_ORDER} }} pageInfo {{ hasNextPage }} }} }}",
    root="orders",
    record=3,
)
"""A page of orders, without any place to begin but what `query` says."""

NAMED = Question(
    f"query Named($ids: [ID!]!, $lines: Int!) {{ nodes(ids: $ids) {{ ... on Order {{ {_ORDER} }} }} }}",
    root="nodes",
    record=2,
)
"""Orders by their ids; null for one that is not there."""

LINES = Question(
    f"query Lines($id: ID!, $lines: Int!, $after: String!) "
    f"{{ order(id: $id) {{ lineItems(first: $lines, after: $after) {_LINES} }} }}",
    root="order",
    record=1,
)
"""More lines of one order."""

REST = Question(f"query Rest($id: ID!) {{ order(id: $id) {{ {_rare(MANY)} }} }}", root="order", record=1)
"""All refunds and fulfillments of one order."""

IDS = Question(
    "query Ids($first: Int!, $query: String) { orders(first: $first, query: $query, sortKey: ID) { nodes { id } } }",
    root="orders",
    record=3,
)
"""Which orders match, the oldest first."""

COUNT = Question(
    "query Count($query: String) { ordersCount(query: $query, limit: null) { count precision } }",
    root="ordersCount",
    record=1,
)
"""How many orders match."""

ALL = (PAGE, NAMED, LINES, REST, IDS, COUNT)
