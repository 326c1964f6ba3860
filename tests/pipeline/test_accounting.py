"""Columns for the books, found in orders of different shops."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sheetsync.pipeline.accounting import accounting_columns
from sheetsync.pipeline.records import SourceRow

WOO = {
    "id": 7, "number": "0007", "status": "processing", "currency": "EUR", "date_created_gmt": "2026-11-01T10:00:00",
    "date_paid_gmt": "2026-11-01T10:01:00", "discount_total": "0.00", "shipping_total": "4.90", "total_tax": "3.10",
    "total": "24.90", "payment_method": "paypal", "billing": {"country": "DE", "email": "a@b.example"},
}  # fmt: skip
SHOPIFY = {
    "id": "1", "name": "#1001", "created_at": "2026-11-01T10:00:00Z", "financial_status": "paid", "currency": "USD",
    "subtotal": Decimal("20.00"), "total_tax": Decimal("1.50"), "total": Decimal("21.50"),
    "total_refunded": Decimal("5.00"), "shipping_address": {"country_code": "US", "city": "Reno"}, "note": "thanks",
}  # fmt: skip


def found(order):
    return {column.header: (column.path, column.type.value) for column in accounting_columns(row(order))}


def row(order):
    return SourceRow(order_id=str(order.get("id", "1")), order=order)


def test_a_woocommerce_order_gives_the_columns_of_a_book_keeper():
    columns = found(WOO)
    assert columns["Number"] == ("number", "text") and columns["Date"] == ("date_created_gmt", "datetime")
    assert columns["Paid on"][0] == "date_paid_gmt" and columns["Tax"] == ("total_tax", "currency")
    assert columns["Total"] == ("total", "currency") and columns["Country"] == ("billing.country", "text")
    assert "email" not in str(columns)


def test_a_shopify_order_too():
    columns = found(SHOPIFY)
    assert columns["Number"][0] == "name" and columns["Status"][0] == "financial_status"
    assert columns["Total"] == ("total", "currency") and columns["Refunded"] == ("total_refunded", "currency")
    assert "note" not in str(columns)


def test_no_field_stands_in_two_columns():
    paths = [path for path, _ in found(WOO).values()]
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize("order", [{}, {"id": "1"}, {"x": {"y": [1, 2]}}, {"total": None}, {"total": "a lot"}])
def test_an_order_that_has_nothing_of_it_gives_its_id_alone(order):
    assert list(found(order)) == ["Order"]
