"""A Shopify shop: the Admin GraphQL API for orders, its bucket of points, and the endpoint for tokens."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import count
from urllib.parse import parse_qsl

from graphql import GraphQLError, execute_sync, parse, validate

from sheetsync.pipeline.records import RowsPer
from sheetsync.sources.shopify import ShopifyConfig, ShopifyCredentials, ShopifySource
from tests.support.shops import shopify_schema, shopify_search
from tests.support.shops.server import Answer, ShopServer, surroundings

SHOP = "little-shop.myshopify.com"
GRAPHQL = "/admin/api/2026-10/graphql.json"
TOKENS = "/admin/oauth/access_token"
CLIENT = {"client_id": "app-1", "client_secret": "hush-hush"}
BEGIN = datetime(2024, 1, 1, 8, tzinfo=UTC)
WINDOW = timedelta(days=60)


@dataclass
class Order:
    """`updated`: what it says itself; `indexed`: what search and sort go by, which may lag behind."""

    id: str
    created: datetime
    updated: datetime
    indexed: datetime
    node: dict
    lines: list = field(default_factory=list)


class ShopifyServer(ShopServer):
    """`tick`: seconds that pass before each edit. `lag`: edits do not reach the index. `denied`: fields kept back.

    `bucket`, `restore`: points. `read_all_orders`: without it what is older than 60 days is not there.
    """

    most_found = 25_000
    """Of what a search finds, no more is ever shown."""

    def __init__(self, *, bucket=20_000, restore=1_000):
        self.orders, self.waits, self.denied, self.warned = {}, [], set(), []
        self.clock, self.tick, self.lag, self.read_all_orders = BEGIN, 3_600, False, True
        self.bucket, self.restore, self._left, self._left_at = bucket, restore, float(bucket), 0.0
        self.tokens, self.refresh_token, self.codes = {"shpat_plain": None}, None, set()
        self.token_life, self._numbers, self._line_numbers = 3_600, count(1), count(9_007_199_254_740_993)
        super().__init__()
        self._server.RequestHandlerClass.disable_nagle_algorithm = True

    # What tests do with it

    def new_id(self, number):
        return str(number)

    def put(self, order_id, lines=1, total="1.00", created=None, at=None, **values):
        self.clock += timedelta(seconds=self.tick)
        known = self.orders.get(order_id)
        # Shopify keeps parts of a second and does not tell them.
        now = (at or self.clock) + timedelta(microseconds=int(order_id) * 137 % 999_983)
        created = created or (known.created if known else now)
        made = [_line(str(next(self._line_numbers)), number) for number in range(1, lines + 1)]
        node = _order(order_id, total, created, now) | values
        indexed = known.indexed if known and self.lag else now
        self.orders[order_id] = Order(order_id, created, now, indexed, node, made)

    def drop(self, order_id):
        del self.orders[order_id]

    def total_of(self, order):
        return order["total"]

    def open(self, rows_per=RowsPer.LINE, credentials=None, tally=None, renew=None, **config):
        config = {"shop": SHOP, "page_size": 3, "line_page_size": 3, "all_orders": True} | config
        given = {"credentials": ShopifyCredentials(**(credentials or {"access_token": "shpat_plain"})), "renew": renew}
        given |= {"tally": tally} if tally is not None else {}
        given = surroundings(self.waits, **given)
        return ShopifySource(ShopifyConfig(rows_per=rows_per, **config), given, self.url)

    def questions(self):
        """The names of the questions that were asked, in their order."""
        return [each.json()["query"].split("(")[0].removeprefix("query ") for each in self.asked if _is_question(each)]

    def grant(self, **more):
        """New tokens, which end the old ones."""
        number = next(self._numbers)
        self.tokens = {f"shpat_{number}": time.time() + self.token_life}
        self.refresh_token = f"shprt_{number}"
        granted = {"access_token": f"shpat_{number}", "expires_in": self.token_life, "scope": "read_orders"}
        return granted | more

    # What it answers

    def answer(self, asked):
        if asked.path == TOKENS and asked.method == "POST":
            return self._token(dict(parse_qsl(asked.body.decode())))
        if asked.path != GRAPHQL or asked.method != "POST":
            return Answer({"errors": "Not Found"}, status=404)
        expires = self.tokens.get(asked.headers.get("X-Shopify-Access-Token"), 0.0)
        if expires is not None and expires <= time.time():
            return Answer({"errors": "[API] Invalid API key or access token"}, status=401)
        return Answer(self._graphql(asked.json()))

    def _token(self, form):
        if {name: form.get(name) for name in CLIENT} != CLIENT:
            return Answer({"error": "invalid_client"}, status=401)
        rotating = {"refresh_token_expires_in": 90 * 86_400}
        match form.get("grant_type", "code"):
            case "client_credentials":
                return Answer(self.grant())
            case "refresh_token" if form.get("refresh_token") == self.refresh_token is not None:
                granted = self.grant(**rotating)
                return Answer(granted | {"refresh_token": self.refresh_token})
            case "code" if form.get("code") in self.codes and form.get("expiring") == "1":
                self.codes.discard(form["code"])
                granted = self.grant(**rotating)
                return Answer(granted | {"refresh_token": self.refresh_token})
        return Answer({"error": "invalid_request"}, status=400)

    def _graphql(self, body):
        document, problems = _checked(body["query"])
        variables = body.get("variables") or {}
        if problems:
            return {"errors": [{"message": each, "extensions": {"code": "undefinedField"}} for each in problems]}
        asked = shopify_schema.cost(document, variables)
        if asked > 1_000:
            return self._refused("MAX_COST_EXCEEDED", asked)
        self._refill()
        if asked > self._left:
            return self._refused("THROTTLED", asked)
        self._left -= asked
        self.warned = []
        done = execute_sync(shopify_schema.SCHEMA, document, root_value=self._root(), variable_values=variables)
        extensions = self._cost(asked) | ({"search": self.warned} if self.warned else {})
        errors = {"errors": [each.formatted for each in done.errors]} if done.errors else {}
        return {"data": done.data, **errors, "extensions": extensions}

    def _refill(self):
        now = time.monotonic() + sum(self.waits)
        self._left = min(self.bucket, self._left + (now - (self._left_at or now)) * self.restore)
        self._left_at = now

    def _cost(self, asked):
        status = {
            "maximumAvailable": float(self.bucket),
            "currentlyAvailable": self._left,
            "restoreRate": float(self.restore),
        }
        return {"cost": {"requestedQueryCost": asked, "actualQueryCost": asked, "throttleStatus": status}}

    def _refused(self, code, asked):
        return {"errors": [{"message": code, "extensions": {"code": code}}], "extensions": self._cost(asked)}

    # What is in it

    def _root(self):
        return {
            "orders": self._page,
            "nodes": lambda info, ids: [self._node(each) for each in ids],
            "order": lambda info, id: self._node(id),
            "ordersCount": self._count,
        }

    def _visible(self):
        oldest = datetime.now(UTC) - WINDOW
        return [each for each in self.orders.values() if self.read_all_orders or each.created >= oldest]

    def _found(self, query):
        matches, unknown = shopify_search.compiled(query)
        self.warned += [
            {"path": ["orders"], "warnings": [{"field": each, "message": "Invalid search field for this query."}]}
            for each in unknown
        ]
        return [each for each in self._visible() if matches(each)]

    def _page(self, info, first=None, query=None, sortKey="ID", **other):
        if not 1 <= (first or 0) <= 250:
            raise GraphQLError("first must be from 1 to 250", extensions={"code": "BAD_REQUEST"})
        if "orders" in self.denied:
            raise _denied("orders")
        # Ties by the digits from their end: nobody may rely on any order among them.
        keys = {"ID": lambda each: int(each.id), "UPDATED_AT": lambda each: (each.indexed, each.id[::-1])}
        found = sorted(self._found(query), key=keys[sortKey])[: self.most_found]
        page = {"hasNextPage": len(found) > first, "endCursor": None}
        return {"nodes": [self._shown(each) for each in found[:first]], "pageInfo": page}

    def _count(self, info, query=None, limit=10_000):
        found = len(self._found(query))
        return {"count": min(found, limit or found), "precision": "EXACT" if found <= (limit or found) else "AT_LEAST"}

    def _node(self, gid):
        kind, _, digits = gid.removeprefix("gid://shopify/").partition("/")
        if kind != "Order":
            return None
        found = next((each for each in self._visible() if each.id == digits), None)
        return found and self._shown(found)

    def _shown(self, order):
        kept_back = {name: _refuser(name) for name in self.denied if name in order.node}
        lines = {"lineItems": lambda info, first, after=None: _lines(order, first, after)}
        rare = {
            name: lambda info, first=None, name=name: order.node[name][:first] for name in ("refunds", "fulfillments")
        }
        return order.node | rare | lines | kept_back


def failure(code, data=None, path=None, **extensions):
    """An answer with status 200 that says what went wrong, as Shopify's do."""
    error = {"message": f"about {code}", "extensions": {"code": code, **extensions}} | ({"path": path} if path else {})
    return Answer({"data": data, "errors": [error]})


@lru_cache
def _checked(text):
    """The document of a question, and what is wrong with it."""
    document = parse(text)
    return document, [error.message for error in validate(shopify_schema.SCHEMA, document)]


def _is_question(asked):
    return asked.path == GRAPHQL


def _denied(name):
    return GraphQLError(f"Access denied for {name} field.", extensions={"code": "ACCESS_DENIED"})


def _refuser(name):
    def refuse(info):
        raise _denied(name)

    return refuse


def _lines(order, first, after):
    start = int(after or 0)
    page = order.lines[start : start + first]
    more = start + first < len(order.lines)
    return {"nodes": page, "pageInfo": {"hasNextPage": more, "endCursor": str(start + len(page)) if page else None}}


def money(amount):
    return {"shopMoney": {"amount": amount, "currencyCode": "EUR"}, "presentmentMoney": {"amount": "0"}}


def spelt(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def refund(number, amount="1.00"):
    return {
        "id": f"gid://shopify/Refund/{number}",
        "createdAt": "2026-03-01T00:00:00Z",
        "note": None,
        "totalRefundedSet": money(amount),
    }


def _order(order_id, total, created, updated):
    return {
        "__typename": "Order",
        "id": f"gid://shopify/Order/{order_id}",
        "name": f"#{order_id}",
        "number": int(order_id) % 2**31,
        "createdAt": spelt(created),
        "processedAt": spelt(created),
        "updatedAt": spelt(updated),
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "PARTIALLY_FULFILLED",
        "returnStatus": "NO_RETURN",
        "test": False,
        "currencyCode": "EUR",
        "taxesIncluded": True,
        "totalShippingPriceSet": money("4.90"),
        "totalPriceSet": money(total),
        "currentTotalPriceSet": money(total),
        "totalReceivedSet": money(total),
        "totalRefundedSet": money("0.0"),
        "netPaymentSet": money(total),
        "totalOutstandingSet": money("0.0"),
        "paymentGatewayNames": ["manual"],
        "discountCodes": [],
        "tags": [],
        "email": "ada@example.com",
        "customer": {
            "id": "gid://shopify/Customer/9007199254740993",
            "displayName": "Ada Lovelace",
            "firstName": "Ada",
            "numberOfOrders": "12",
            "defaultEmailAddress": {"emailAddress": "ada@example.com"},
        },
        "shippingAddress": {"id": "gid://shopify/MailingAddress/1", "city": "Köln", "zip": "01067"},
        "customAttributes": [{"key": "gift", "value": "yes"}],
        "refunds": [],
        "fulfillments": [],
    }


def _line(line_id, position):
    return {
        "id": f"gid://shopify/LineItem/{line_id}",
        "name": f"Shirt {position}",
        "title": "Shirt",
        "sku": f"S{position}",
        "quantity": position,
        "currentQuantity": position,
        "unfulfilledQuantity": 0,
        "originalUnitPriceSet": money("9.99"),
        "originalTotalSet": money("9.99"),
        "discountedUnitPriceAfterAllDiscountsSet": money("8.99"),
        "discountedTotalSet": money("8.99"),
        "taxLines": [{"title": "VAT", "priceSet": money("1.20")}, {"title": "City", "priceSet": money("0.3")}],
        "taxable": True,
        "requiresShipping": True,
        "isGiftCard": False,
        "customAttributes": [],
    }
