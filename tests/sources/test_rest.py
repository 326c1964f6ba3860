"""What only the `rest` source does; what all sources owe is in `tests/contracts/test_rest.py`."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from sheetsync.errors import AddressRefused, BadReply, BadSource
from sheetsync.pipeline.records import RowsPer
from sheetsync.sources.base import BAD_RECORD, Mode, OrderQuery
from sheetsync.sources.registry import config_from, credentials_from, open_source
from sheetsync.sources.rest.calls import with_id
from sheetsync.sources.rest.times import asked, moment
from tests.support.shops.rest import RestShop
from tests.support.shops.server import Answer, ShopServer, surroundings

FULL = OrderQuery()
BASIC = base64.b64encode("ü:p:w".encode()).decode()
RECORDINGS = Path("../shared/data/recordings")


@pytest.fixture
def shop(request):
    shop = RestShop(**getattr(request, "param", {}))
    yield shop
    shop.close()


def over(**shop):
    return pytest.mark.parametrize("shop", [shop], indirect=True)


def a_source(config, credentials=None):
    given = surroundings([])
    return open_source("rest", config, credentials, rows_per=RowsPer.ORDER, given=given)


def ids(rows):
    return [row.order_id for row in rows]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"paginator": "json"}, ["paginator 'json'", "did you mean json_link?"]),
        ({"paginator": "page_number"}, ["stable_by None", '{"sort": "id"}']),
        ({"paginator": "offset", "stable_by": {}}, ["limit_param None"]),
        ({"paginator": "header_cursor"}, ["cursor_header None"]),
        ({"limit": 1}, ["limit 1", "2 to 1,000"]),
        ({"overlap": 0}, ["overlap 0"]),
        ({"since_format": "epoch"}, ["since_format 'epoch'", "iso or unix"]),
        ({"items_path": "a..b"}, ["items_path", "position 3"]),
        ({"id_path": ""}, ["id_path ''"]),
        ({"order_url": "/orders/"}, ["order_url '/orders/'", "{id} once"]),
        ({"lines_url": "/orders/{id}"}, ["lines_path None"]),
        ({"lines_url": "/o/{id}", "lines_path": "a.b"}, ["lines_path 'a.b'", "plain name"]),
        ({"params": {"a": 1.5}}, ["params, a 1.5"]),
        ({"headers": {"Host": "elsewhere.example"}}, ["header Host"]),
    ],
)
def test_a_configuration_that_cannot_work_is_refused_before_any_call(config, words):
    with pytest.raises(BadSource) as caught:
        a_source({"url": "http://127.0.0.1:9/orders"} | config)
    assert [word for word in words if word not in str(caught.value)] == []


def test_a_row_per_line_needs_to_know_where_lines_are():
    with pytest.raises(BadSource, match="lines_path None"):
        open_source("rest", {"url": "https://shop.example/"}, rows_per=RowsPer.LINE, given=surroundings([]))


@pytest.mark.parametrize(
    "template", ["https://other.example/{id}", "//other.example/{id}", "https://shop.example{id}/"]
)
def test_an_order_is_never_looked_for_on_another_host(template):
    with pytest.raises(AddressRefused):
        a_source({"url": "https://shop.example/orders", "order_url": template})


@pytest.mark.parametrize(
    ("config", "credentials", "header"),
    [
        ({}, {"bearer": "s3cret"}, ("Authorization", "Bearer s3cret")),
        (
            {},
            {"username": "ü", "password": "p:w"},
            ("Authorization", f"Basic {base64.b64encode('ü:p:w'.encode()).decode()}"),
        ),
        ({"auth_header": "X-Key"}, {"header_value": "s3cret"}, ("X-Key", "s3cret")),
    ],
)
def test_credentials_go_along_as_headers(shop, config, credentials, header):
    list(shop.open(credentials=credentials, **config).stream(FULL, None))
    assert [asked.headers.get(header[0]) for asked in shop.asked] == [header[1]] * len(shop.asked) != []


@over(key="s3cret")
def test_a_key_in_the_query_goes_along_once_and_is_in_no_cursor(shop):
    for number in range(1, 8):
        shop.put(str(number))
    source = shop.open(credentials={"param_value": "s3cret"}, auth_param="key")
    rows = list(source.stream(FULL, None))
    assert len(set(ids(rows))) == 7 and "s3cret" not in "".join(row.cursor for row in rows)
    assert ids(source.stream(FULL, rows[4].cursor)) == ["6", "7"]


def test_credentials_are_in_no_repr_and_in_no_error():
    credentials = {"bearer": "s3cret\n"}
    with pytest.raises(BadSource) as caught:
        a_source({"url": "https://shop.example/"}, credentials)
    typed = credentials_from("rest", {"bearer": "s3cret", "password": "s3cret"})
    assert "s3cret" not in repr(typed) + str(caught.value)


@pytest.mark.parametrize(
    "credentials", [{"bearer": "a", "param_value": "b"}, {"username": "a"}, {"header_value": "a"}, {"param_value": "a"}]
)
def test_credentials_that_cannot_be_used_are_refused(credentials):
    with pytest.raises(BadSource):
        a_source({"url": "https://shop.example/"}, credentials)


@pytest.mark.parametrize(
    ("order_id", "address"),
    [
        ("1", "/o/1/"),
        ("a b", "/o/a%20b/"),
        ("2026/7", "/o/2026%2F7/"),
        ("ü?x=1&y#z", "/o/%C3%BC%3Fx%3D1%26y%23z/"),
        ("..", None),
        ("../1", None),
        ("1/..", None),
        ("1\\..\\2", None),
        ("/1", None),
        ("\0", None),
        ("\ud800", None),
        ("x" * 513, None),
    ],
)
def test_an_id_is_written_into_an_address_so_that_it_stays_one_step(order_id, address):
    assert with_id("/o/{id}/", order_id) == address


@pytest.mark.parametrize(
    ("told", "iso"),
    [
        ("2026-11-22T00:11:44.892443Z", "2026-11-22T00:11:14Z"),
        ("Sun, 22 Nov 2026 00:11:44 GMT", "2026-11-22T00:11:14Z"),
        ("2026-11-22T01:11:44+01:00", "2026-11-22T00:11:14Z"),
        (1_795_306_304, "2026-11-22T00:11:14Z"),
    ],
)
def test_times_are_read_in_the_ways_that_shops_tell_them(told, iso):
    assert asked(moment(told), 30, "iso") == iso


@pytest.mark.parametrize(
    "told", [None, "", "soon", {}, [], True, "9999-12-31T23:59:59-12:00", 10**30, "inf", "nan", b"1"]
)
def test_what_is_no_time_is_none(told):
    assert moment(told) is None


def test_what_changed_is_asked_for_in_unix_seconds_where_the_shop_wants_these(shop):
    source = shop.open(since_format="unix", since_params={"archived": True})
    since = OrderQuery(mode=Mode.INCREMENTAL, since="2026-03-01T12:00:30+00:00")
    shop.always = Answer({"data": {"items": [], "count": 0}, "links": {}})
    list(source.stream(since, None))
    assert (shop.asked[0].params["updated_since"], shop.asked[0].params["archived"]) == ("1772366370", "true")


def test_a_shop_without_a_clock_is_asked_by_the_last_change_it_shows(shop):
    for number in range(1, 8):
        shop.put(str(number))
    source = shop.open(clock_header="X-None", updated_path="updated")
    *_, last = source.stream(FULL, None)
    assert source.watermark(last.cursor) == "2026-03-01T15:00:00+00:00"


@over(paginator="json_link")
def test_a_list_that_is_cut_is_not_taken_for_whole(shop):
    for number in range(1, 8):
        shop.put(str(number))
    with pytest.raises(BadReply, match="paginator single_page"):
        list(shop.open(paginator="single_page").stream(FULL, None))


def test_a_path_that_leads_to_no_next_page_is_named(shop):
    for number in range(1, 8):
        shop.put(str(number))
    with pytest.raises(BadReply, match="next_path 'paging'"):
        list(shop.open(next_path="paging.next").stream(FULL, None))


def test_a_record_that_is_none_is_left_out_and_counted(shop):
    whole = [{"id": 1, "lines": []}, None, {"id": 1.5}, {"lines": []}, {"id": 2, "lines": [{"id": 1}, {"id": 1}]}]
    shop.always = Answer({"data": {"items": whole, "count": 5}, "links": {"next": None}})
    assert ids(shop.open().stream(FULL, None)) == ["1"]
    assert shop.tally.counts == {BAD_RECORD: 4}


def test_an_order_that_comes_twice_in_a_row_is_given_once(shop):
    whole = [{"id": 1, "lines": [{"id": 1}]}, {"id": 1, "lines": [{"id": 1}], "edited": True}]
    shop.always = Answer({"data": {"items": whole, "count": 2}, "links": {"next": None}})
    assert ids(shop.open().stream(FULL, None)) == ["1"]


def test_an_order_that_an_api_gives_in_place_of_another_proves_nothing(shop):
    shop.put("1")
    shop.always = Answer({"id": 2, "lines": []})
    assert list(shop.open().fetch(["1"])) == [] and shop.tally.counts == {BAD_RECORD: 1}


def test_an_order_is_found_in_a_list_of_what_a_search_found(shop):
    shop.always = Answer({"found": [{"id": 2, "lines": []}, {"id": 1, "lines": []}]})
    assert ids(shop.open(order_path="found").fetch(["1", "3"])) == ["1"]


@over(paginator="page_number")
def test_an_api_without_a_page_behind_the_last_may_say_so(shop):
    for number in range(1, 7):
        shop.put(str(number))
    shop.faults[4] = Answer(status=404)
    assert ids(shop.open().stream(FULL, None)) == list("123456")


@over(paginator="page_number")
def test_a_page_that_is_missing_is_not_the_end(shop):
    for number in range(1, 8):
        shop.put(str(number))
    shop.faults[2] = Answer(status=404)
    with pytest.raises(BadReply, match="has no page 2"):
        list(shop.open().stream(FULL, None))


@pytest.mark.parametrize("cursor", ["", "x", "[]", "{}", '{"walk": 1, "page": [], "met": 1, "clock": 0}'])
def test_a_cursor_of_something_else_begins_no_walk(shop, cursor):
    with pytest.raises(BadSource, match="delete the checkpoint"):
        list(shop.open().stream(FULL, cursor))


def test_a_page_that_the_api_does_not_know_any_more_is_told_apart_from_a_wrong_address(shop):
    for number in range(1, 8):
        shop.put(str(number))
    cursor = list(shop.open().stream(FULL, None))[5].cursor
    shop.always = Answer(status=410)
    with pytest.raises(BadSource, match="delete the checkpoint"):
        list(shop.open().stream(FULL, cursor))


class Recorded(ShopServer):
    """Answers with what was recorded, at this address instead of the one where it was."""

    def answer(self, asked):
        name, page = self.pages[asked.path], asked.params
        whole = json.loads((RECORDINGS / name).read_text().replace(self.recorded, self.url))
        return Answer(whole | {"next": None, "results": []} if page.get("page") or page.get("offset") else whole)


@pytest.fixture
def recorded():
    shop = Recorded()
    yield shop
    shop.close()


@pytest.mark.needs(RECORDINGS / "pretix_orders.json")
def test_recorded_orders_of_pretix_are_read(recorded):
    path = "/api/v1/organizers/demo/events/conf/orders/"
    recorded.pages, recorded.recorded = {path: "pretix_orders.json"}, "http://127.0.0.1:8102"
    config = {"url": recorded.url + path, "items_path": "results", "id_path": "code", "lines_path": "positions"}
    config |= {"line_id_path": "id", "paginator": "json_link"}
    source = open_source("rest", config, rows_per=RowsPer.LINE, given=surroundings([]))
    rows = list(source.stream(FULL, None))
    assert [(row.order_id, row.line_id, row.line["price"]) for row in rows[:2]] == [
        ("RTYKD", "1", "79.00"),
        ("RTYKD", "2", "120.50"),
    ]


@pytest.mark.needs(RECORDINGS / "oscarapi_orders.json")
def test_recorded_orders_of_django_oscar_are_read_with_their_lines(recorded):
    recorded.recorded = "http://127.0.0.1:8101"
    recorded.pages = {f"/api/orders/{number}/lines/": "oscarapi_lines.json" for number in range(5000, 5006)}
    recorded.pages |= {"/api/orders/": "oscarapi_orders.json"}
    config = {"url": f"{recorded.url}/api/orders/", "items_path": "results", "id_path": "number", "lines_path": "lines"}
    config |= {"lines_link_path": "lines", "line_id_path": "url", "paginator": "json_link", "total_path": "count"}
    source = open_source("rest", config, rows_per=RowsPer.LINE, given=surroundings([]))
    rows = list(source.stream(FULL, None))
    assert source.total() == 5005 and [row.line["quantity"] for row in rows[:2]] == [4, 2]
    assert rows[0].order_id == "5000-105005" and rows[0].line_id.endswith("/api/orderlines/11/")


def test_names_of_the_configuration_are_known_to_the_registry():
    assert config_from("rest", {"url": "https://shop.example/", "params": {"status": ["paid", "open"]}}).limit == 100


class OtherPlace(RestShop):
    """Its single orders are not where they are looked for."""

    def answer(self, asked):
        single = asked.path.rstrip("/").rpartition("/")[2].isdigit()
        return Answer(b"{}", 404) if single else super().answer(asked)


def test_a_wrong_address_of_single_orders_is_not_taken_for_orders_that_are_gone():
    shop = OtherPlace()
    try:
        shop.put(shop.new_id(1))
        with pytest.raises(BadSource, match=r"order_url .*are not there: correct it"):
            list(shop.open().fetch([shop.new_id(1), shop.new_id(2)]))
    finally:
        shop.close()


def test_a_right_one_is_tried_once(shop):
    for number in (1, 2):
        shop.put(shop.new_id(number))
    source = shop.open()
    assert ids(source.fetch([shop.new_id(number) for number in (7, 8, 1)])) == [shop.new_id(1)]
    assert len(shop.asked) == 3 + 2  # the three, and for the first a look at the list and at one of its orders


def test_a_shop_without_orders_has_none_to_try_it_with(shop):
    assert ids(shop.open().fetch([shop.new_id(7)])) == []
