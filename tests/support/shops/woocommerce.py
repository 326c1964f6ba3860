"""A shop that answers as WooCommerce 11.0.1 was seen to answer at `/wp-json/wc/v3/`: its orders and their refunds."""

from __future__ import annotations

import re
from base64 import b64encode
from copy import deepcopy
from datetime import UTC, datetime, timedelta

from sheetsync.pipeline.records import RowsPer
from sheetsync.sources.woocommerce import WooCommerceConfig, WooCommerceKeys, WooCommerceSource
from tests.support.shops.server import Answer, ShopServer, surroundings

KEY, SECRET = "ck_2f6dfd92b6f25b1e1cb1", "cs_0aa63a5e3a6d2d43e0f7"
STATUSES = ["pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "checkout-draft"]
API = "/wp-json/wc/v3/"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HTML = Answer(b"<!DOCTYPE html><title>Page not found</title>", 404, {"Content-Type": "text/html; charset=UTF-8"})


def written(second):
    return (EPOCH + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")


def error(status, code, message, **data):
    return Answer({"code": code, "message": message, "data": {"status": status, **data}}, status)


def invalid(name):
    return error(400, "rest_invalid_param", f"Invalid parameter(s): {name}", params={name: f"{name} is not valid."})


class WooShop(ShopServer):
    """`zone`: seconds that the site's time is ahead of UTC at a second. `posts`: orders are kept among the posts, and

    sorted by the site's time. `plain`: reached over http, without a proxy that says otherwise. `permalinks`: pretty
    ones. `strips`: the host takes the header Authorization away. `hidden`: ids that the user may not see. `key` and
    `secret`: those it takes. `drafts`: whether its `any` has unfinished checkouts.
    """

    def __init__(self):
        super().__init__()
        self.orders, self.refunds, self.waits, self.hidden = {}, {}, [], set()
        self.now, self.tick = 1_704_067_200, 3_600
        self.zone, self.posts = lambda second: 3_600, False
        self.plain = self.strips = False
        self.permalinks = self.drafts = True
        self.key, self.secret = KEY, SECRET
        self.webhooks = []
        self._ids = iter(range(1, 10**9))
        self._line_ids = {}

    # What tests do with it.

    def new_id(self, number):
        return str(number)

    def put(self, order_id, lines=1, total="1.00", **fields):
        self.now += self.tick
        number = int(order_id)
        items = [self._line(number, each) for each in range(1, lines + 1)]
        before = self.orders.get(number, {"created": self.now, "status": "processing"})
        known = {key: before[key] for key in ("created", "status")}
        self.orders[number] = {**known, "modified": self.now, "total": total, "line_items": items, **fields}

    def drop(self, order_id):
        del self.orders[int(order_id)]

    def trash(self, order_id):
        self.put(order_id, status="trash")

    def refund(self, order_id, amount, lines=()):
        order = self.orders[int(order_id)]
        order["modified"] = self.now = self.now + self.tick
        made = {"id": next(self._ids) + 10**6, "reason": "", "amount": amount, "line_items": list(lines)}
        self.refunds.setdefault(int(order_id), []).append(made)

    def total_of(self, order):
        return order["total"]

    def open(self, rows_per=RowsPer.LINE, key=KEY, secret=SECRET, url=None, tally=None, **config):
        config = {"url": self.url if url is None else url, "rows_per": rows_per, "per_page": 3} | config
        given = {"credentials": WooCommerceKeys(consumer_key=key, consumer_secret=secret)}
        if tally is not None:
            given["tally"] = tally
        return WooCommerceSource(WooCommerceConfig(**config), surroundings(self.waits, **given))

    def _line(self, order, number):
        made = self._line_ids.setdefault((order, number), next(self._ids))
        return {
            "id": made,
            "name": "Café crème ☕ 250 g",
            "product_id": 10,
            "variation_id": 0,
            "quantity": 3,
            "tax_class": "",
            "subtotal": "23.70",
            "subtotal_tax": "4.50",
            "total": "23.70",
            "total_tax": "4.50",
            "taxes": [{"id": 1, "total": "4.50", "subtotal": "4.50"}],
            "meta_data": [{"id": 1, "key": "Grind", "value": "fein", "display_key": "Grind", "display_value": "fein"}],
            "sku": "CAF-250",
            "global_unique_id": "",
            "price": 7.8999999999999995,
            "image": {"id": "", "src": ""},
            "parent_name": None,
        }

    # What it answers.

    def answer(self, asked):
        path = asked.params.get("rest_route", "") if asked.path == "/" else asked.path.removeprefix(API.rstrip("/"))
        path = path.removeprefix("/wc/v3") if asked.path == "/" else path
        if asked.path != "/" and not (self.permalinks and asked.path.startswith(API)):
            return HTML
        if not self._knows(asked):
            return error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        if path == "/orders":
            return self._checked(asked.params) or self._listed(asked.params)
        if found := re.fullmatch(r"/orders/(\d+)/refunds", path):
            return self._refunds_of(int(found[1]), asked.params)
        if path == "/webhooks":
            return Answer(self.webhooks, 200, {"X-WP-Total": str(len(self.webhooks))})
        return error(404, "rest_no_route", "No route was found matching the URL and request method.")

    def _knows(self, asked):
        basic = "Basic " + b64encode(f"{self.key}:{self.secret}".encode()).decode()
        by_header = asked.headers.get("Authorization") == basic and not self.strips
        pair = (asked.params.get("consumer_key"), asked.params.get("consumer_secret"))
        return not self.plain and (by_header or pair == (self.key, self.secret))

    def _checked(self, params):
        numbers = {"per_page": (1, 100), "page": (1, 10**9), "offset": (0, 10**9)}
        for name, (least, most) in numbers.items():
            if name in params and not (params[name].isdecimal() and least <= int(params[name]) <= most):
                return invalid(name)
        words = {"orderby": ("date", "id", "include", "title", "slug", "modified"), "order": ("asc", "desc")}
        for name, known in words.items():
            if name in params and params[name] not in known:
                return invalid(name)
        if any(each not in ["any", "trash", *STATUSES] for each in params.get("status", "any").split(",")):
            return invalid("status")
        if not re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)?", params.get("modified_after", "")):
            return invalid("modified_after")
        return None if re.fullmatch(r"[\d,]*", params.get("include", "")) else invalid("include")

    def _listed(self, params):
        found = sorted(self._found(params), key=self._place(params), reverse=params.get("order", "desc") == "desc")
        size = int(params.get("per_page", 10))
        page = int(params.get("page", 1))
        start = int(params["offset"]) if params.get("offset") else (page - 1) * size
        shown = [self._shown(number) for number in found[start : start + size] if number not in self.hidden]
        if fields := params.get("_fields"):
            shown = [_only(order, fields.split(",")) for order in shown]
        pages = -(-len(found) // size)
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)}
        around = {"prev": page - 1, "next": page + 1}
        links = [
            f'<https://shop.example{API}orders?page={n}>; rel="{rel}"' for rel, n in around.items() if 0 < n <= pages
        ]
        headers |= {"Link": ", ".join(links)} if links else {}
        return Answer(shown, 200, {"Content-Type": "application/json; charset=UTF-8", **headers})

    def _found(self, params):
        statuses = params.get("status", "any").split(",")
        if "any" in statuses:
            statuses = [each for each in STATUSES if self.drafts or each != "checkout-draft"]
        include = {int(each) for each in params.get("include", "").split(",") if each}
        after = params.get("modified_after", "")
        for number, order in self.orders.items():
            second = order["modified"]
            if params.get("dates_are_gmt") != "true":
                second += self.zone(second)
            if order["status"] in statuses and (not include or number in include) and written(second) > after:
                yield number

    def _place(self, params):
        if params.get("orderby") == "modified":
            return lambda number: (self._sorted_by(self.orders[number]["modified"]), number)
        return lambda number: number

    def _sorted_by(self, second):
        return second + self.zone(second) if self.posts else second

    def _shown(self, number):
        order = self.orders[number]
        shown = TEMPLATE | {"id": number, "number": str(number)} | deepcopy(order)
        for name in ("created", "modified"):
            second = shown.pop(name)
            shown[f"date_{name}_gmt"] = written(second) if second else None
            shown[f"date_{name}"] = written(second + self.zone(second)) if second else None
        refunds = [{"id": each["id"], "reason": "", "total": f"-{each['amount']}"} for each in self._made(number)]
        return shown | {"refunds": refunds}

    def _made(self, number):
        return self.refunds.get(number, [])

    def _refunds_of(self, number, params):
        if number not in self.orders:
            return error(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        size, page = int(params.get("per_page", 10)), int(params.get("page", 1))
        return Answer(self._made(number)[(page - 1) * size : page * size], 200)


def _only(order, fields):
    shown = {}
    for field in fields:
        name, _, inner = field.partition(".")
        if name in order:
            shown[name] = {**shown.get(name, {}), inner: order[name].get(inner)} if inner else order[name]
    return shown


_PERSON = {
    "first_name": "=cmd()",
    "last_name": "+Formula",
    "company": "",
    "address_1": "Hauptstraße 1",
    "address_2": "",
    "city": "Dresden",
    "state": "",
    "postcode": "01067",
    "country": "DE",
    "phone": "+4915112345678",
}

TEMPLATE = {
    "parent_id": 0,
    "currency": "EUR",
    "version": "11.0.1",
    "prices_include_tax": False,
    "discount_total": "0.00",
    "discount_tax": "0.00",
    "shipping_total": "4.90",
    "shipping_tax": "0.93",
    "cart_tax": "9.10",
    "total_tax": "10.03",
    "customer_id": 0,
    "order_key": "wc_order_7s784GJhAjnIn",
    "billing": {**_PERSON, "email": "c3@example.org"},
    "shipping": _PERSON,
    "payment_method": "",
    "payment_method_title": "",
    "transaction_id": "",
    "customer_ip_address": "",
    "customer_user_agent": "",
    "created_via": "rest-api",
    "customer_note": "",
    "date_completed": None,
    "date_paid": None,
    "cart_hash": "",
    "meta_data": [{"id": 13, "key": "gift_message", "value": "Alles Gute 🎁"}],
    "tax_lines": [
        {
            "id": 16,
            "rate_code": "DE-MWST-1",
            "rate_id": 1,
            "label": "MwSt",
            "compound": False,
            "tax_total": "9.10",
            "shipping_tax_total": "0.93",
            "rate_percent": 19,
            "meta_data": [],
        }
    ],
    "shipping_lines": [
        {
            "id": 14,
            "method_title": "DHL",
            "method_id": "flat_rate",
            "instance_id": "",
            "total": "4.90",
            "total_tax": "0.93",
            "taxes": [{"id": 1, "total": "0.93", "subtotal": ""}],
            "tax_status": "taxable",
            "meta_data": [],
        }
    ],
    "fee_lines": [],
    "coupon_lines": [],
    "payment_url": "https://shop.example/checkout/order-pay/15/?pay_for_order=true&key=wc_order_7s784GJhAjnIn",
    "is_editable": False,
    "needs_payment": False,
    "needs_processing": True,
    "date_completed_gmt": None,
    "date_paid_gmt": None,
    "currency_symbol": "€",
    "_links": {"self": [{"href": f"https://shop.example{API}orders/15"}]},
}
