"""What a source that calls its shop owes beyond `contract`: to bear whatever the shop, or the way to it, does.

Its `shop` has besides

    asked, given        all requests so far, and what each was answered
    before, faults, always
                        what is done before a request, and what goes back instead of the shop's answer: `ShopServer`
    next_link(answer, url)
                        a copy of the page `answer` whose link to the next page is `url` (only for `LinkContract`)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetsync.errors import AddressRefused, BadReply, RateLimited, Retryable, SheetsyncError, ShopDenied
from sheetsync.pipeline.records import row_key
from sheetsync.sources.calling import TRIES
from tests.contracts.contract import (
    FULL,
    FetchContract,
    IncrementalContract,
    SourceContract,
    filled,
    held,
    hostile_ids,
    orders_of,
    since,
    walked,
)
from tests.support.shops.server import Answer, ShopServer, exact_json

PASSING = [
    Answer(status=429, headers={"Retry-After": "3"}),
    Answer(status=429),
    Answer(status=500, body=b"<h1>Error</h1>"),
    Answer(status=502),
    Answer(status=503, headers={"Retry-After": "2"}),
    Answer(status=504),
    "hang up",
]
LASTING = [Answer(status=429), Answer(status=500), Answer(status=503), "hang up"]
DENIALS = [Answer(status=401), Answer(status=403)]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
bounded = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)


def named(answer):
    return answer if isinstance(answer, str) else f"{answer.status} {' '.join(answer.headers.values())}".strip()


class HttpSourceContract(SourceContract):
    """A source over HTTP. `calls_when_denied`: one, but for a shop whose access is renewed first."""

    calls_when_denied = 1

    def ways(self, shop):
        """The ways to ask such a source: {name: what gives all rows of a new one}."""
        ways = {"walk": lambda: walked(shop.open())}
        if isinstance(self, FetchContract):
            ways["fetch"] = lambda: list(shop.open().fetch([shop.new_id(number) for number in range(1, 8)]))
        if isinstance(self, IncrementalContract):
            ways["what changed"] = lambda: walked(shop.open(), since(None))
        return ways

    def requests(self, shop, way):
        """The rows that one way gives while nothing is wrong, and how many requests that took."""
        before = len(shop.asked)
        return way(), len(shop.asked) - before

    @pytest.mark.parametrize("fault", PASSING, ids=named)
    def test_a_fault_that_passes_changes_nothing(self, shop, fault):
        filled(shop)
        for way in self.ways(shop).values():
            rows, count = self.requests(shop, way)
            for number in range(1, count + 1):
                shop.faults[len(shop.asked) + number] = fault
                asked, waited = len(shop.asked), len(shop.waits)
                assert held(way()) == held(rows)
                assert len(shop.asked) - asked == count + 1 and len(shop.waits) > waited

    def test_a_shop_is_given_the_time_that_it_asks_for(self, shop):
        filled(shop)
        shop.faults[1] = Answer(status=429, headers={"Retry-After": "7"})
        walked(shop.open())
        assert max(shop.waits) == 7

    def test_a_shop_that_asks_for_a_long_time_is_left_alone(self, shop):
        filled(shop)
        shop.always = Answer(status=429, headers={"Retry-After": "3600"})
        for way in self.ways(shop).values():
            asked = len(shop.asked)
            with pytest.raises(RateLimited) as caught:
                way()
            assert (caught.value.retry_after, len(shop.asked) - asked, shop.waits) == (3600, 1, [])

    @pytest.mark.parametrize("fault", LASTING, ids=named)
    def test_a_fault_that_lasts_ends_the_walk_for_now(self, shop, fault):
        filled(shop)
        shop.always = fault
        for way in self.ways(shop).values():
            asked = len(shop.asked)
            with pytest.raises(Retryable):
                way()
            assert len(shop.asked) - asked <= TRIES
        assert sum(shop.waits) < 60

    @pytest.mark.parametrize("denial", DENIALS, ids=named)
    def test_credentials_that_are_not_taken_are_not_tried_again(self, shop, denial):
        filled(shop)
        for way in self.ways(shop).values():
            _, count = self.requests(shop, way)
            for number in range(1, count + 1):
                asked = len(shop.asked)
                shop.before[asked + number] = lambda: setattr(shop, "always", denial)
                with pytest.raises(ShopDenied):
                    way()
                shop.always = None
                assert len(shop.asked) - asked == number - 1 + self.calls_when_denied

    def test_edits_before_any_request_lose_no_order(self, shop):
        ids = filled(shop)
        _, count = self.requests(shop, self.ways(shop)["walk"])
        for number in range(1, count + 1):
            for edited in ids:
                shop.before[len(shop.asked) + number] = lambda edited=edited: shop.put(edited, lines=2)
                assert set(held(walked(shop.open()))) == set(ids)
                shop.before.clear()

    def test_new_orders_before_any_request_lose_no_other(self, shop):
        ids = filled(shop)
        _, count = self.requests(shop, self.ways(shop)["walk"])
        for number in range(1, count + 1):
            shop.before[len(shop.asked) + number] = lambda number=number: shop.put(shop.new_id(50 + number))
            assert set(ids) <= set(held(walked(shop.open())))

    def test_a_walk_is_resumed_where_the_shop_went_away(self, shop):
        filled(shop)
        rows, count = self.requests(shop, self.ways(shop)["walk"])
        for number in range(1, count + 1):
            shop.before[len(shop.asked) + number] = lambda: setattr(shop, "always", "hang up")
            met = _until_it_fails(shop.open())
            shop.always = None
            met += walked(shop.open(), cursor=met[-1].cursor if met else None)
            assert held(met) == held(rows)

    def test_a_page_that_comes_again_and_again_ends_the_walk(self, shop):
        filled(shop)
        rows, count = self.requests(shop, self.ways(shop)["walk"])
        if count > 1:
            shop.always = shop.given[0]
            with pytest.raises(BadReply):
                walked(shop.open())
            shop.always = None
            assert len(shop.asked) - count <= 3 * count
        assert held(walked(shop.open())) == held(rows)

    @given(data=st.data())
    @bounded
    def test_a_reply_with_something_odd_in_it_gives_a_typed_error_or_rows(self, shop, data):
        shop.put(shop.new_id(1), lines=2)
        shop.put(shop.new_id(2), lines=1)
        way = data.draw(st.sampled_from(list(self.ways(shop).values())))
        shop.asked.clear()
        shop.given.clear()
        _, count = self.requests(shop, way)
        number = data.draw(st.integers(0, count - 1))
        shop.faults[count + 1 + number] = data.draw(spoilt(shop.given[number]))
        try:
            rows = way()
        except SheetsyncError:
            return
        finally:
            shop.faults.clear()
        for row in rows:
            assert isinstance(row.order, Mapping) and isinstance(row.line, Mapping | None)
            assert row_key(row.order_id, row.line_id)
        assert all(len({row.cursor for row in group}) == 1 for _, group in orders_of(rows))


def _until_it_fails(source):
    rows = []
    try:
        for row in source.stream(FULL, None):
            rows.append(row)
    except Retryable:
        return rows
    raise AssertionError("the shop is away, and the walk came to an end")


class HttpFetchContract(FetchContract, HttpSourceContract):
    """One that has single orders by their ids."""

    def test_an_odd_id_leads_to_no_other_place(self, shop):
        ids = filled(shop)
        for way in self.ways(shop).values():
            way()
        places = {_place(asked) for asked in shop.asked}
        for each in hostile_ids(ids[0]):
            list(shop.open().fetch([each]))
        assert {_place(asked) for asked in shop.asked} <= places


class HttpIncrementalContract(IncrementalContract, HttpSourceContract):
    """One that walks what changed since another walk."""

    @pytest.mark.parametrize("first", [FULL, since(None)], ids=["full", "incremental"])
    def test_what_changes_before_any_request_is_met_by_this_walk_or_the_next(self, shop, first):
        ids = filled(shop)
        _, count = self.requests(shop, lambda: walked(shop.open(), first))
        for number in range(1, count + 1):

            def change(number=number):
                shop.put(ids[0], lines=number)
                shop.put(ids[-1], lines=number)
                shop.put(shop.new_id(50 + number))

            shop.before[len(shop.asked) + number] = change
            rows = walked(shop.open(), first)
            later = walked(shop.open(), since(self.watermark(shop, rows)))
            assert held(rows) | held(later) == held(walked(shop.open()))


class LinkContract(HttpSourceContract):
    """A source that goes where a reply says the next page is."""

    def test_a_link_to_another_place_is_not_followed(self, shop):
        filled(shop)
        walked(shop.open())
        stranger = ShopServer()
        try:
            for elsewhere in (f"{stranger.url}/orders", stranger.url.replace("http:", "https:"), "//example.org/x"):
                shop.faults[len(shop.asked) + 1] = shop.next_link(shop.given[0], elsewhere)
                with pytest.raises(AddressRefused):
                    walked(shop.open())
            assert stranger.asked == []
        finally:
            stranger.close()


def _place(asked):
    """Method, folder and the names in the query: what a single order's id must not change."""
    return asked.method, asked.path.rpartition("/")[0], tuple(sorted(asked.params))


ANY = st.integers(0, 10**6)
"""Which of so many, by what is left of it: a reply that is longer now must not change what is drawn."""


@st.composite
def spoilt(draw, answer):
    """A reply, cut short or replaced, or with any one part of its JSON another value."""
    text = answer.encoded()
    kind = draw(st.sampled_from(["part", "part", "part", "part", "cut", "html", "any", "headers"]))
    if kind == "cut":
        return replace(answer, body=text[: draw(ANY) % len(text)])
    if kind == "html":
        return replace(answer, body=b"<html><body>Maintenance</body></html>", headers={"Content-Type": "text/html"})
    if kind == "any":
        return replace(answer, body=draw(JSON.map(exact_json) | st.binary(max_size=30)))
    if kind == "headers":
        odd = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
        return replace(answer, headers={name: draw(odd) for name in answer.headers})
    body = json.loads(text)
    return replace(answer, body=_changed(draw, body))


def _changed(draw, body):
    places = list(_places(body))
    path = places[draw(ANY) % len(places)]
    value = draw(st.sampled_from([None, [], {}, "", 0, -1, True, "x", 2**70, [None], [[]], {"a": None}, 1.5]) | JSON)
    if not path:
        return value
    changed = inner = deepcopy(body)
    for step in path[:-1]:
        inner = inner[step]
    if draw(st.booleans()) or isinstance(inner, list):
        inner[path[-1]] = value
    else:
        del inner[path[-1]]
    return changed


def _places(value, path=()):
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, below in inner:
        yield from _places(below, (*path, step))
