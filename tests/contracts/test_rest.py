"""Any API as a source, held to the contract of all sources, whichever way it cuts its lists into pages."""

from __future__ import annotations

import pytest

from tests.contracts.over_http import HttpFetchContract, HttpIncrementalContract, LinkContract
from tests.support.shops.rest import RestShop


@pytest.fixture
def shop(request):
    shop = RestShop(**request.param)
    yield shop
    shop.close()


def over(*shops):
    return pytest.mark.parametrize("shop", shops, indirect=True, ids=lambda each: "-".join(map(str, each.values())))


@over({"paginator": "single_page"}, {"paginator": "cursor"}, {"paginator": "header_cursor"})
class TestPagesThatLeadOn(HttpFetchContract, HttpIncrementalContract):
    """An API that says with each page what the next one is called."""


@over({"paginator": "header_link"}, {"paginator": "json_link"})
class TestLinks(LinkContract, HttpFetchContract, HttpIncrementalContract):
    """An API that says where the next page is."""


@over({"paginator": "page_number"}, {"paginator": "offset"}, {"paginator": "page_number", "bounds": 2})
class TestNumbers(HttpFetchContract, HttpIncrementalContract):
    """An API that is asked for pages by numbers, and has them sorted by id."""


@over(
    {"paginator": "json_link", "lines": "link"},
    {"paginator": "offset", "lines": "url"},
    {"paginator": "page_number", "lines": "link"},
)
class TestLinesElsewhere(HttpFetchContract, HttpIncrementalContract):
    """An API whose orders have their lines in lists of their own."""
