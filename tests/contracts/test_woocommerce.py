"""A WooCommerce shop as a source, held to the contract of all sources that call their shop."""

from __future__ import annotations

import pytest

from tests.contracts.over_http import HttpFetchContract, HttpIncrementalContract
from tests.support.shops.woocommerce import WooShop


class TestWooCommerce(HttpFetchContract, HttpIncrementalContract):
    @pytest.fixture
    def shop(self):
        shop = WooShop()
        yield shop
        shop.close()
