"""Shopify as a source, held to the contract of all sources."""

from __future__ import annotations

import pytest

from tests.contracts.over_http import HttpFetchContract, HttpIncrementalContract
from tests.support.shops.shopify import ShopifyServer


class TestShopify(HttpFetchContract, HttpIncrementalContract):
    @pytest.fixture
    def shop(self):
        shop = ShopifyServer(bucket=10**9)  # hundreds of walks in a second are not what is tested here
        yield shop
        shop.close()
