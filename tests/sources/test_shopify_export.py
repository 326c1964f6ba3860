"""A Shopify shop all the way into a tab, and what stays there when orders grow older than the app may see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sheetsync.export import Job, Report, export
from sheetsync.pipeline.columns import columns_from
from sheetsync.pipeline.records import RowsPer, Tally
from sheetsync.sources.base import Mode, OrderQuery
from tests.support.shops.shopify import ShopifyServer
from tests.support.wiring import a_client, a_tab, live_rows

COLUMNS = columns_from(
    [
        {"header": "Order", "path": "name"},
        {"header": "Total", "path": "total", "type": "currency"},
        {"header": "Customer", "path": "customer.id"},
        {"header": "SKUs", "path": "line_items[*].sku"},
    ]
)
CUSTOMER = "9007199254740993"


@pytest.fixture
def shop():
    shop = ShopifyServer()
    yield shop
    shop.close()


def run(shop, emulator, book, query=None, **config):
    tally = Tally()
    source = shop.open(rows_per=RowsPer.ORDER, tally=tally, **config)
    tab = a_tab(a_client(emulator), book, columns=COLUMNS).open()
    job = Job(columns=COLUMNS, query=query or OrderQuery())
    export(job, source, tab, lambda report: None, Report(warnings=tally))
    return live_rows(emulator, book, width=len(COLUMNS) + 2)


def test_the_tab_holds_what_the_shop_has_before_and_after_a_day(shop, emulator, book):
    for number in range(1, 30):
        shop.put(str(number), lines=2, total=f"{number}.50")
    rows = run(shop, emulator, book)
    assert rows == {str(number): [f"#{number}", number + 0.5, CUSTOMER, "S1, S2"] for number in range(1, 30)}
    shop.put("3", lines=3, total="7.25")
    shop.drop("4")
    changed = {key: cells for key, cells in rows.items() if key != "4"} | {"3": ["#3", 7.25, CUSTOMER, "S1, S2, S3"]}
    assert run(shop, emulator, book) == changed


def test_an_order_that_is_edited_while_its_page_is_read_is_one_row_with_its_last_version(shop, emulator, book):
    for number in range(1, 8):
        shop.put(str(number), lines=2)
    shop.before[2] = lambda: shop.put("3", lines=2, total="9.00")
    assert run(shop, emulator, book)["3"] == ["#3", 9.0, CUSTOMER, "S1, S2"]


def grow_old(shop):
    """Order 1 was in the tab, and is older than 60 days now; order 6 is deleted."""
    now = datetime.now(UTC).replace(microsecond=0)
    for number in range(1, 8):
        created = now - timedelta(days=61 if number == 1 else 10)
        shop.put(str(number), created=created, at=created + timedelta(seconds=number))
    shop.read_all_orders = True


@pytest.mark.parametrize("query", [OrderQuery(), OrderQuery(mode=Mode.ORDERS, order_ids=("1", "5"))])
def test_the_row_of_an_order_that_grew_too_old_stays(shop, emulator, book, query):
    grow_old(shop)
    before = run(shop, emulator, book)
    shop.read_all_orders = False
    assert run(shop, emulator, book, query, all_orders=False) == before


def test_the_row_of_a_young_order_that_was_deleted_goes_when_a_webhook_says_so(shop, emulator, book):
    grow_old(shop)
    before = run(shop, emulator, book)
    shop.read_all_orders = False
    shop.drop("6")
    named = OrderQuery(mode=Mode.ORDERS, order_ids=("6",))
    assert set(run(shop, emulator, book, named, all_orders=False)) == set(before) - {"6"}


def test_the_row_of_a_young_order_that_was_deleted_goes_in_a_full_run_and_old_ones_are_not_even_asked_for(
    shop, emulator, book
):
    grow_old(shop)
    before = run(shop, emulator, book)
    shop.read_all_orders = False
    shop.drop("6")
    assert set(run(shop, emulator, book, all_orders=False)) == set(before) - {"6"}
    assert not [asked for asked in shop.asked if b'gid://shopify/Order/1"' in asked.body]
