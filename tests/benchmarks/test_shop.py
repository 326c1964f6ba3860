"""The shop that benchmarks and accidents are measured with."""

from __future__ import annotations

from benchmarks.shop import Shop


def test_the_shop_is_the_same_each_time():
    assert Shop.opened(20).orders == Shop.opened(20).orders


def test_the_shop_sells_what_breaks_naive_exports():
    text = str(Shop.opened(300).orders)
    odd = ["=IMPORTXML", "01067", "0012345", "山田", "'quantity': -", "900000000000007919"]
    assert all(each in text for each in odd)
