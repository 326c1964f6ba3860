"""A shop with an API of its own making, in all the ways that APIs have of cutting a list into pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import unquote, urlencode

from sheetsync.pipeline.records import RowsPer, Tally
from sheetsync.sources.registry import open_source
from tests.support.shops.server import Answer, ShopServer, surroundings

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LOOK_BACK = 60


class RestShop(ShopServer):
    """`paginator`: how it cuts its lists; `lines`: whether they are inside the order, behind a link or at an address.

    `bounds`: the most items that a page has, whatever is asked for. `key`: what has to come with each request.
    """

    def __init__(self, paginator="json_link", lines="inside", bounds=1_000, key=None):
        self.paginator, self.lines, self.bounds, self.key = paginator, lines, bounds, key
        self.orders, self.clock, self.tick, self.waits = {}, START, 3_600, []
        self.tally = Tally()
        super().__init__()

    def new_id(self, number):
        return str(number)

    def put(self, order_id, lines=1, total="1.00"):
        self.clock += timedelta(seconds=self.tick)
        own = [{"id": int(order_id) * 10_000 + number, "sku": f"S{number}"} for number in range(1, lines + 1)]
        changed = self.clock.isoformat()
        self.orders[int(order_id)] = {"id": int(order_id), "total": Decimal(total), "updated": changed, "lines": own}

    def drop(self, order_id):
        del self.orders[int(order_id)]

    def total_of(self, order):
        return order["total"]

    def open(self, rows_per=RowsPer.LINE, credentials=None, **config):
        given = surroundings(self.waits, tally=self.tally)
        return open_source("rest", self.config() | config, credentials, rows_per=rows_per, given=given)

    def config(self):
        """What a tenant would write for this shop."""
        config = {"url": f"{self.url}/orders", "items_path": "data.items", "paginator": self.paginator}
        config |= {"lines_path": "lines", "line_id_path": "id", "order_url": f"{self.url}/orders/{{id}}"}
        config |= {"limit_param": "size", "limit": 3, "total_path": "data.count"}
        config |= {"since_param": "updated_since", "clock_header": "X-Clock", "overlap": LOOK_BACK}
        ways = {"link": {"lines_link_path": "lines"}, "url": {"lines_url": "/orders/{id}/lines"}}
        return config | self.styles()[self.paginator] | ways.get(self.lines, {})

    def styles(self):
        return {
            "single_page": {"limit_param": None},
            "header_link": {},
            "json_link": {"next_path": "links.next"},
            "cursor": {"cursor_path": "links.cursor", "cursor_param": "after"},
            "header_cursor": {"cursor_header": "X-Next", "cursor_param": "after"},
            "page_number": {"stable_by": {"sort": "id"}},
            "offset": {"stable_by": {"sort": "id"}},
        }

    def next_link(self, answer, url):
        """The page with another address of the next one."""
        if self.paginator == "header_link":
            return Answer(answer.body, headers=answer.headers | {"Link": f'<{url}>; rel="next"'})
        return Answer(answer.body | {"links": {"next": url}}, headers=answer.headers)

    def answer(self, asked):
        if self.key and asked.params.get("key") != self.key:
            return Answer({"error": "key"}, status=401)
        steps = [unquote(step) for step in asked.path.split("/")[1:]]
        if steps == ["orders"]:
            return self.page(asked, [self.shown(order) for order in self.changed(asked)])
        order = next((each for each in self.orders.values() if str(each["id"]) == steps[1]), None)
        if steps[0] != "orders" or order is None or steps[2:] not in ([], ["lines"]):
            return Answer({"error": "not found"}, status=404)
        if steps[2:]:
            return self.page(asked, order["lines"])
        return Answer(self.shown(order))

    def changed(self, asked):
        since = asked.params.get("updated_since", "")
        orders = [self.orders[number] for number in sorted(self.orders)]
        return [order for order in orders if not since or order["updated"] >= since.replace("Z", "+00:00")]

    def shown(self, order):
        if self.lines == "inside":
            return order
        return order | {"lines": f"{self.url}/orders/{order['id']}/lines"}

    def page(self, asked, items):
        size = min(int(asked.params.get("size", self.bounds)), self.bounds)
        if self.paginator in ("page_number", "offset"):
            start = int(asked.params.get("offset", (int(asked.params.get("page", 1)) - 1) * size))
            rest = items[start:]
        else:
            after = int(asked.params.get("after", 0))
            rest = [item for item in items if item["id"] > after]
        shown = rest[:size]
        data = {"items": shown, "count": len(items)}
        more = str(shown[-1]["id"]) if len(rest) > size else None
        return self.led_on(asked, Answer({"data": data}, headers={"X-Clock": self.clock.isoformat()}), more)

    def led_on(self, asked, answer, more):
        """With what leads on to the next page, if there is one."""
        link = more and f"{self.url}{asked.path}?{urlencode(asked.params | {'after': more})}"
        if self.paginator == "json_link":
            answer.body["links"] = {"next": link}
        elif self.paginator == "cursor":
            answer.body["links"] = {"cursor": more}
        elif self.paginator == "header_cursor" and more:
            answer.headers["X-Next"] = more
        elif self.paginator == "header_link" and more:
            answer.headers["Link"] = f'<{self.url}/other>; rel="prev", <{link}>; rel="next"'
        return answer
