from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sheetsync.errors import BadColumn, BadRecord
from sheetsync.pipeline.cells import ColumnType
from sheetsync.pipeline.columns import columns_from
from sheetsync.pipeline.records import RowsPer, SourceRow, Tally, Value, fingerprint
from sheetsync.pipeline.text import MARK, MAX_UNITS, PLACEHOLDER
from sheetsync.pipeline.transform import Transform

BERLIN = "Europe/Berlin"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text() | st.datetimes(),
    lambda below: st.lists(below) | st.dictionaries(st.text(), below),
    max_leaves=10,
)


def cell(value: Any, type_: str = "text", zone: str = BERLIN) -> tuple[Value, set[str]]:
    """The cell that a value becomes in a column of a type, and the kinds of warnings it left."""
    return row_of({"header": "H", "path": "v", "type": type_}, {"v": value}, zone)


def row_of(column: dict[str, Any], order: dict[str, Any], zone: str = BERLIN) -> tuple[Value, set[str]]:
    tally = Tally()
    row = Transform(columns_from([column]), RowsPer.ORDER, zone, tally)(SourceRow(order_id="1", order=order))
    assert row is not None
    return row.cells[0], set(tally.counts)


@pytest.mark.parametrize("type_", list(ColumnType))
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_value_is_an_empty_cell_of_any_type(type_: str, value: Any) -> None:
    assert cell(value, type_) == (None, set())


@pytest.mark.parametrize("type_", sorted(set(ColumnType) - {ColumnType.TEXT}))
def test_blanks_are_an_empty_cell_of_any_type_but_text(type_: str) -> None:
    assert cell(" \t", type_) == (None, set())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('=IMPORTXML("http://x")', '=IMPORTXML("http://x")'),  # no formula
        ("+49 89 1234", "+49 89 1234"),  # no sum
        ("0012345", "0012345"),  # leading zeros stay
        (123456789012345678, "123456789012345678"),  # all eighteen digits
        ("  spaces  ", "  spaces  "),
        (Decimal("12.50"), "12.50"),  # as the shop wrote it
        (1.5, "1.5"),
        (True, "true"),
        ("a\r\nb\rc", "a\nb\nc"),  # one kind of line break
        ("a\tb", "a\tb"),
        (["a", 1, None, True], "a, 1, true"),
        ([{"a": 1}, [2]], '{"a":1}, [2]'),
        ({"a": [1, "ü"], "b": Decimal("1.50")}, '{"a":[1,"ü"],"b":1.5}'),
        (datetime(2024, 1, 5, 10, 22), "2024-01-05 10:22:00"),
        ([], None),
        ([None], None),
        (ColumnType.DATE, "date"),  # a text with a class of its own, as Django's choices are
    ],
)
def test_text_stays_the_text_it_is(value: Any, text: str) -> None:
    assert cell(value) == (text, set())


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_text_without_control_characters_survives_to_the_letter(text: str) -> None:
    assert cell(text) == (text or None, set())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\x00b", "a�b"),
        ("a\x1bb\x7f", "a�b�"),
        ("a\ud800b", "a�b"),  # half a surrogate pair, which JSON can spell and UTF-8 cannot
    ],
)
def test_characters_that_no_sheet_can_hold_are_replaced_with_a_warning(value: str, text: str) -> None:
    assert cell(value) == (text, {"characters_replaced"})


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("x" * MAX_UNITS, True),
        ("x" * (MAX_UNITS + 1), False),
        ("😀" * (MAX_UNITS // 2), True),  # two units each
        ("😀" * (MAX_UNITS // 2) + "x", False),
        ("x" + "😀" * (MAX_UNITS // 2), False),  # the cut would fall inside a pair
    ],
)
def test_a_text_is_cut_at_fifty_thousand_utf16_units_with_a_mark_and_a_warning(value: str, kept: bool) -> None:
    text, kinds = cell(value)
    assert isinstance(text, str)
    assert len(text.encode("utf-16-le")) <= 2 * MAX_UNITS
    assert (text == value) is kept
    assert kinds == (set() if kept else {"text_cut"})
    assert kept or (text.endswith(MARK) and value.startswith(text.removesuffix(MARK)))


def test_a_value_nested_beyond_all_measure_is_named_and_counted() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert cell({"a": deep}) == (PLACEHOLDER, {"unwritable"})


def test_objects_that_contain_themselves_or_cannot_be_printed_do_no_harm() -> None:
    ring: dict[str, Any] = {}
    ring["self"] = ring
    assert cell(ring)[1] == cell(10**5000)[1] == {"unwritable"}


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (12, 12),
        ("12", 12),
        (" 12.50 ", 12.5),
        (Decimal("12.50"), 12.5),
        (12.0, 12),
        ("1,234.50", 1234.5),
        ("1,234,567", 1234567),
        ("-0.5", -0.5),
        ("+5", 5),
        ("1e3", 1000),
        (".5", 0.5),
        ("123456789012345", 123456789012345),  # fifteen digits
        ("1234567890.12345", 1234567890.12345),
        (10**18, 1e18),  # one digit that counts
        ("100000000000000000000", 1e20),
        (-0.0, 0),
    ],
)
@pytest.mark.parametrize("type_", ["decimal", "currency"])
def test_a_number_is_a_number_however_it_is_written(value: Any, number: float, type_: str) -> None:
    found, kinds = cell(value, type_)
    assert (found, kinds) == (number, set())
    assert type(found) is type(number)


@pytest.mark.parametrize(
    ("value", "text", "kind"),
    [
        ("1.234,50", "1.234,50", "not_a_number"),  # continental: whose point is it?
        ("1,234", "1,234", "not_a_number"),  # a thousand, or one and a bit
        ("12,50", "12,50", "not_a_number"),
        ("1,23,456.0", "1,23,456.0", "not_a_number"),
        ("€12", "€12", "not_a_number"),
        ("=1+1", "=1+1", "not_a_number"),
        ("1_000", "1_000", "not_a_number"),  # a number to Python only
        ("١٢", "١٢", "not_a_number"),
        ("0x10", "0x10", "not_a_number"),
        ("nan", "nan", "not_a_number"),
        (float("nan"), "nan", "not_a_number"),
        (float("inf"), "inf", "not_a_number"),
        (Decimal("sNaN"), "sNaN", "not_a_number"),
        (True, "true", "not_a_number"),
        ([1], "1", "not_a_number"),
        ({"amount": 1}, '{"amount":1}', "not_a_number"),
        ("1234567890.123456", "1234567890.123456", "too_many_digits"),
        (123456789012345678, "123456789012345678", "too_many_digits"),
        (Decimal("1e999999"), "1E+999999", "number_out_of_range"),
        ("1e-400", "1e-400", "number_out_of_range"),
    ],
)
def test_what_is_no_number_or_would_be_rounded_stays_text_with_a_warning(value: Any, text: str, kind: str) -> None:
    assert cell(value, "decimal") == (text, {kind})


@pytest.mark.parametrize("value", ["12.5", 0.1, Decimal("1.01")])
def test_an_integer_column_does_not_round(value: Any) -> None:
    assert cell(value, "integer") == (str(value), {"not_an_integer"})


@pytest.mark.parametrize(
    ("value", "share"),
    [(0.19, 0.19), ("0.19", 0.19), ("19%", 0.19), ("19 %", 0.19), ("7.25%", 0.0725), ("100%", 1), (19, 19)],
)
def test_a_percentage_is_a_share_of_one(value: Any, share: float) -> None:
    assert cell(value, "percent") == (share, set())


def test_a_percentage_that_is_none_stays_text() -> None:
    assert cell("a%", "percent") == ("a%", {"not_a_number"})


@pytest.mark.parametrize(
    ("value", "serial"),
    [
        ("2024-01-05", 45296),
        ("1900-01-01", 2),
        ("9999-12-31", 2958465),
        ("2024-01-05T23:59:59", 45296),  # a naive time is the spreadsheet's own
        ("2024-01-05T23:30:00Z", 45297),  # half past midnight in Berlin
        ("2024-01-05T23:30:00+01:00", 45296),
        (date(2024, 1, 5), 45296),
        (datetime(2024, 1, 5, 23, 30, tzinfo=UTC), 45297),
        (1704497400, 45297),  # the same instant in seconds since 1970
        (1704497400000, 45297),  # and in milliseconds
    ],
)
def test_a_date_is_the_number_of_its_day_in_the_spreadsheets_zone(value: Any, serial: int) -> None:
    found, kinds = cell(value, "date")
    assert (found, kinds) == (serial, set())
    assert type(found) is int


@pytest.mark.parametrize(
    ("value", "clock"),
    [
        ("2024-01-05T10:22:33Z", "2024-01-05T11:22:33"),
        ("2024-07-05T10:22:33Z", "2024-07-05T12:22:33"),  # summer time
        ("2024-01-05T10:22:33.123456Z", "2024-01-05T11:22:33.123"),
        ("2024-01-05T10:22:33.1234567891Z", "2024-01-05T11:22:33.123"),
        ("2024-01-05 10:22:33 +0100", "2024-01-05T10:22:33"),  # as Shopify's CSV has it
        ("2024-01-05 10:22:33 UTC", "2024-01-05T11:22:33"),
        ("2024-01-05T10:22:33-05:00", "2024-01-05T16:22:33"),
        ("2024-01-05T10:22", "2024-01-05T10:22"),
        (
            "2024-03-31 02:30:00",
            "2024-03-31T02:30",
        ),  # a time that Berlin's clocks skipped, if somebody says so
        ("2024-01-05", "2024-01-05T00:00"),
        ("2024-01-05T22:59:59.9999Z", "2024-01-05T23:59:59.999"),  # never the next day
        (datetime(2024, 1, 5, 10, tzinfo=timezone(timedelta(hours=-3))), "2024-01-05T14:00"),
        (1704453753, "2024-01-05T12:22:33"),
        (1704453753123, "2024-01-05T12:22:33.123"),
    ],
)
def test_a_time_is_a_serial_number_on_the_spreadsheets_clock(value: Any, clock: str) -> None:
    found, kinds = cell(value, "datetime")
    assert kinds == set()
    assert isinstance(found, float)
    assert read_back(found) == datetime.fromisoformat(clock)


@given(st.datetimes(datetime(1900, 1, 1), datetime(9999, 12, 31)), st.sampled_from([0, 1, 250, 999]))
def test_every_time_reads_back_to_its_millisecond(moment: datetime, ms: int) -> None:
    moment = moment.replace(microsecond=ms * 1000)
    serial, _ = cell(moment, "datetime")
    assert isinstance(serial, float)
    assert read_back(serial) == moment


@given(st.datetimes(datetime(1900, 1, 1), datetime(2173, 1, 1)))
def test_a_reader_that_cuts_where_others_round_sees_the_same_second(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    serial, _ = cell(moment, "datetime")
    assert isinstance(serial, float)
    digits = repr(serial).replace(".", "")
    assert len(digits) <= 15
    seconds = (Decimal(repr(serial)) % 1) * 86400
    assert int(seconds) == moment.hour * 3600 + moment.minute * 60 + moment.second


def read_back(serial: float) -> datetime:
    return datetime(1899, 12, 30) + timedelta(milliseconds=round(serial * 86_400_000))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("yesterday", "not_a_date"),
        ("05.01.2024", "not_a_date"),
        ("01/05/2024", "not_a_date"),  # whose month is it?
        ("2024-02-30", "not_a_date"),
        ("20240105", "not_a_date"),  # could be any number
        (45296, "not_a_date"),
        (1704453753.5, "not_a_date"),
        (True, "not_a_date"),
        ("2024-01-05T25:00:00Z", "not_a_date"),
        ("1899-12-31", "date_out_of_range"),
        ("0001-01-01T00:00:00+14:00", "date_out_of_range"),  # before the first year by our clock
        ("9999-12-31T23:59:59-12:00", "date_out_of_range"),
    ],
)
@pytest.mark.parametrize("type_", ["date", "datetime"])
def test_what_is_no_date_stays_text_with_a_warning(value: Any, kind: str, type_: str) -> None:
    assert cell(value, type_) == (str(value).lower() if value is True else str(value), {kind})


@pytest.mark.parametrize("value", [True, "true", "TRUE", "yes", "on", "1", 1, 1.0, Decimal(1)])
def test_ways_to_say_yes(value: Any) -> None:
    found, kinds = cell(value, "boolean")
    assert found is True
    assert kinds == set()


@pytest.mark.parametrize("value", [False, "false", "No", "off", "0", 0, Decimal("0.0")])
def test_ways_to_say_no(value: Any) -> None:
    found, kinds = cell(value, "boolean")
    assert found is False
    assert kinds == set()


@pytest.mark.parametrize("value", ["maybe", "y", 2, -1, "ja"])
def test_anything_else_is_no_boolean(value: Any) -> None:
    assert cell(value, "boolean") == (str(value), {"not_a_boolean"})


@pytest.mark.parametrize(
    "value",
    [
        "https://shop.example/orders/1?x=1#a",
        "http://localhost:8000",
        "HTTPS://SHOP.EXAMPLE/",
        "https://köln.example/ü",
        "http://[::1]/",
        "mailto:a@b.example?subject=x",
    ],
)
def test_an_address_is_a_link(value: str) -> None:
    assert cell(value, "link") == (value, set())


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://a b.example",
        "https://bank.example@evil.example/",  # shows one site and opens another
        "mailto:nobody",
        "shop.example",
        "https://a.example/" + "x" * 2000,
    ],
)
def test_anything_else_is_no_link(value: str) -> None:
    assert cell(value, "link") == (value, {"not_a_link"})


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{first} {last}", "Ann Lee"),
        ("{first} {nothing} {last}", "Ann Lee"),  # the spaces on both sides become one
        ("{nothing} {last}", "Lee"),
        ("{first} {nothing}", "Ann"),
        ("{nothing}{none}", None),  # nothing at all
        ("Order {nothing}", None),
        ("{{{first}}}", "{Ann}"),  # doubled braces are braces
        ("{padded}{last}", "xLee"),
        ("{last}, {first}\n{n}", "Lee, Ann\n5"),
        ('{meta["a}b"]}', "ok"),  # a brace inside a quoted key
        ("{ first }", "Ann"),
        ("{zero}", "0"),  # zero is a value
    ],
)
def test_a_template_is_filled_and_its_gaps_closed(template: str, text: str | None) -> None:
    order = {
        "first": "Ann",
        "last": "Lee",
        "none": "",
        "padded": " x ",
        "n": 5,
        "meta": {"a}b": "ok"},
        "zero": 0,
    }
    assert row_of({"header": "H", "template": template}, order) == (text, set())


def test_a_filled_template_is_converted_like_any_value() -> None:
    link = {"header": "H", "template": "https://shop.example/orders/{id}", "type": "link"}
    assert row_of(link, {"id": 5}) == ("https://shop.example/orders/5", set())
    number = {"header": "H", "template": "{whole}.{cents}", "type": "currency"}
    assert row_of(number, {"whole": 12, "cents": "50"}) == (12.5, set())


@pytest.mark.parametrize("template", ["{", "}", "{a", "a}", "{a}}", "{}", "{a..b}", '{a["}', "x", "{a}" * 33])
def test_a_template_that_cannot_be_read_is_refused(template: str) -> None:
    with pytest.raises(BadColumn):
        columns_from([{"header": "H", "template": template}])


@given(JSON, st.sampled_from(list(ColumnType)))
@example(10**400, ColumnType.DECIMAL)
@example(Decimal("1e999999999999"), ColumnType.PERCENT)
@example("9" * 5000 + "%", ColumnType.PERCENT)
def test_no_value_breaks_a_column_of_any_type(value: Any, type_: ColumnType) -> None:
    found, _ = row_of({"header": "H", "path": "v", "type": type_.value}, {"v": value})
    assert found is None or isinstance(found, (str, int, float))
    if isinstance(found, str):
        assert found.encode()
    found, _ = row_of({"header": "H", "template": "{v} {v[*]}", "type": type_.value}, {"v": value})
    assert found is None or isinstance(found, (str, int, float))


def test_warnings_are_counted_with_the_first_as_the_example() -> None:
    tally = Tally()
    columns = columns_from([{"header": "Total", "path": "total", "type": "currency"}])
    transform = Transform(columns, RowsPer.ORDER, "UTC", tally)
    for number in (1, 2):
        transform(SourceRow(order_id=str(number), order={"total": "free" + "!" * 100}))
    assert tally.counts == {"not_a_number": 2}
    assert tally.examples["not_a_number"].startswith("column 'Total', row 1: 'free!!")
    assert len(tally.examples["not_a_number"]) < 120


def test_a_row_has_the_key_and_the_fingerprint_of_its_line() -> None:
    columns = columns_from([{"header": "SKU", "path": "line.sku"}, {"header": "Total", "path": "total"}])
    row = SourceRow(order_id="1:2", order={"total": "5"}, line_id="7", line={"sku": "A"})
    found = Transform(columns, RowsPer.LINE, "UTC", Tally())(row)
    assert found is not None
    assert (found.key, found.cells) == ("1%3A2:7", ("A", "5"))
    assert found.fingerprint == fingerprint("1%3A2:7", ["line.sku", "total"], ["A", "5"])


def test_an_order_without_lines_has_no_row_in_a_tab_of_lines() -> None:
    columns = columns_from([{"header": "Order", "path": "@order_id"}])
    row = SourceRow(order_id="1", order={})
    assert Transform(columns, RowsPer.LINE, "UTC", Tally())(row) is None
    assert Transform(columns, RowsPer.ORDER, "UTC", Tally())(row) is not None


def test_a_line_without_an_id_is_refused_lest_it_take_its_orders_key() -> None:
    columns = columns_from([{"header": "Order", "path": "@order_id"}])
    with pytest.raises(BadRecord, match="line id is empty"):
        Transform(columns, RowsPer.LINE, "UTC", Tally())(SourceRow(order_id="1", order={}, line={}))


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "Europe", "\x00"])
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    with pytest.raises(BadColumn, match="time zone"):
        Transform([], RowsPer.ORDER, name, Tally())


def test_the_same_instant_gives_each_spreadsheet_its_own_clock() -> None:
    instant = datetime(2024, 1, 5, 23, 30, tzinfo=UTC)
    for zone in ("America/New_York", "Asia/Tokyo"):
        serial, _ = cell(instant, "datetime", zone)
        assert isinstance(serial, float)
        assert read_back(serial) == instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
