"""Walks through a host's orders, and orders asked for by id, on whatever database the tests run."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from project.shop.models import Order, OrderLine
from sheetsync.errors import BadRecord, BadSource, Unavailable
from sheetsync.pipeline.records import RowsPer, SourceRow, Tally
from sheetsync.sources.base import Mode, OrderQuery, Source
from sheetsync.sources.queryset import QuerysetConfig, QuerysetSource
from tests.support import odd_models

pytestmark = pytest.mark.django_db

FULL = OrderQuery()
BY_CHANGE = OrderQuery(mode=Mode.INCREMENTAL)
NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
ODD = "tests.support.odd_models."


def source(tally: Tally | None = None, **config: Any) -> QuerysetSource:
    config = {"model": "shop.Order", "id_field": "number", "rows_per": RowsPer.ORDER} | config
    return QuerysetSource(QuerysetConfig(**config), tally or Tally())


def per_line(**config: Any) -> QuerysetSource:
    return source(rows_per=RowsPer.LINE, lines="lines", **config)


def walk(found: QuerysetSource, cursor: str | None = None, query: OrderQuery = FULL) -> list[SourceRow]:
    return list(found.stream(query, cursor))


def ids(rows: Any) -> list[str]:
    return [row.order_id for row in rows]


def keys(rows: Any) -> list[tuple[str, str | None]]:
    return [(row.order_id, row.line_id) for row in rows]


def an_order(number: Any, minute: int = 0, lines: int = 0, **values: Any) -> Order:
    when = NOON + timedelta(minutes=minute)
    order = Order.objects.create(**{"number": str(number), "placed_at": when, "updated_at": when} | values)
    for position in range(1, lines + 1):
        OrderLine.objects.create(order=order, position=position, sku=f"S{position}", quantity=position, price="1.50")
    return order


def some_orders(count: int, **values: Any) -> list[Order]:
    return [an_order(number, number, **values) for number in range(1, count + 1)]


def test_it_is_a_source() -> None:
    found: Source = source()
    capabilities = found.capabilities
    assert (capabilities.incremental, capabilities.fetch_by_id, capabilities.each_order_once) == (False, True, True)


def test_orders_come_in_the_order_of_their_primary_keys() -> None:
    for number in ("b", "a", "c"):
        an_order(number)
    assert ids(walk(source())) == ["b", "a", "c"]


@pytest.mark.parametrize("ordering", ["placed_at", "-placed_at"])
def test_orders_come_by_the_field_that_was_chosen(ordering: str) -> None:
    for number, minute in (("late", 9), ("early", 1), ("mid", 5)):
        an_order(number, minute)
    expected = ["early", "mid", "late"]
    found = ids(walk(source(ordering=ordering, chunk=1)))
    assert found == (expected if ordering == "placed_at" else expected[::-1])


def test_a_row_holds_the_fields_that_are_listed_and_nothing_else() -> None:
    an_order("1", customer_name="Ada")
    [row] = walk(source(fields=("customer_name",), ordering="placed_at", updated="updated_at"))
    assert row.order == {"customer_name": "Ada"}


def test_without_a_list_the_plain_fields_of_the_model_are_shown() -> None:
    order = an_order("1", total=Decimal("9.90"))
    [row] = walk(source())
    assert set(row.order) == {field.name for field in Order._meta.concrete_fields}
    assert (row.order["id"], row.order["total"], row.order["placed_at"]) == (order.pk, Decimal("9.90"), NOON)


def test_fields_of_related_rows_are_nested_as_their_paths_say(odd_tables: None) -> None:
    boss = odd_models.Account.objects.create(name="Bo", password="x")
    owner = odd_models.Account.objects.create(name="Ada", password="x", boss=boss)
    odd_models.Odd.objects.create(owner=owner)
    fields = ("owner.name", "owner.boss.name", "helper.name", "owner_id", "owner.pk")
    [row] = walk(source(model=ODD + "odds", id_field="pk", fields=fields))
    expected = {"name": "Ada", "boss": {"name": "Bo"}, "pk": owner.pk}
    assert row.order == {"owner": expected, "helper": {"name": None}, "owner_id": owner.pk}


def test_values_that_a_host_annotated_can_be_shown(odd_tables: None) -> None:
    odd = odd_models.Odd.objects.create(owner=odd_models.Account.objects.create())
    odd_models.Part.objects.create(odd=odd)
    odd_models.Part.objects.create(odd=odd)
    found = source(model=ODD + "counted_odds", id_field="pk", fields=("parts",), ordering="token")
    assert ([row.order for row in walk(found)], found.total()) == ([{"parts": 2}], 1)


def test_a_tab_of_orders_sees_all_lines_of_an_order() -> None:
    an_order("1", lines=2)
    [row] = walk(source(lines="lines", line_fields=("sku", "order.number"), lines_key="items"))
    assert row.order["items"] == [{"sku": f"S{n}", "order": {"number": "1"}} for n in (1, 2)]
    assert (row.line_id, row.line) == (None, None)


def test_a_tab_of_lines_has_a_row_per_line_in_the_order_of_their_keys() -> None:
    order = an_order("1", lines=3)
    rows = walk(per_line())
    assert keys(rows) == [("1", str(line.pk)) for line in order.lines.order_by("pk")]
    assert [row.line["sku"] for row in rows if row.line] == ["S1", "S2", "S3"]
    assert "order" not in (rows[0].line or {})


def test_a_line_is_known_by_the_field_that_was_chosen() -> None:
    an_order("1", lines=2)
    assert keys(walk(per_line(line_id_field="position"))) == [("1", "1"), ("1", "2")]


def test_an_order_without_lines_is_one_row_without_a_line() -> None:
    an_order("1", lines=1)
    an_order("2")
    rows = walk(per_line(line_id_field="position"))
    assert keys(rows) == [("1", "1"), ("2", None)]
    assert (rows[1].line, rows[1].order["lines"]) == (None, [])


def test_all_rows_of_an_order_carry_its_cursor() -> None:
    an_order("1", lines=3)
    an_order("2", lines=2)
    rows = walk(per_line())
    assert len({row.cursor for row in rows[:3]}) == len({row.cursor for row in rows[3:]}) == 1
    assert ids(walk(per_line(), rows[0].cursor)) == ["2", "2"]


def test_lines_may_refer_to_another_unique_field_than_the_key(odd_tables: None) -> None:
    odd = odd_models.Odd.objects.create(owner=odd_models.Account.objects.create())
    odd_models.Part.objects.create(odd=odd, label="bolt")
    config: dict[str, Any] = {
        "model": ODD + "odds",
        "id_field": "token",
        "lines": "part_set",
        "line_fields": ("label",),
    }
    [row] = walk(source(rows_per=RowsPer.LINE, **config))
    assert (row.order_id, row.line) == (str(odd.token), {"label": "bolt"})


@pytest.mark.parametrize("ordering", ["pk", "placed_at"])
def test_a_chunk_costs_two_queries(ordering: str, django_assert_num_queries: Any) -> None:
    some_orders(10, lines=2)
    found = per_line(chunk=4, ordering=ordering)
    with django_assert_num_queries(6):
        assert len(walk(found)) == 20
    with django_assert_num_queries(3):
        walk(source(chunk=4, ordering=ordering))


@pytest.mark.parametrize(
    ("vendor", "sign"),
    [
        pytest.param("sqlite", "SEARCH", marks=pytest.mark.only_on("sqlite")),
        pytest.param("postgresql", "Index Cond", marks=pytest.mark.only_on("postgresql")),
    ],
)
@pytest.mark.parametrize("ordering", ["placed_at", "-placed_at", "pk"])
def test_every_chunk_enters_an_index_at_its_place(vendor: str, sign: str, ordering: str) -> None:
    Order.objects.bulk_create([Order(number=n, placed_at=NOON + timedelta(hours=n)) for n in range(3_000)])
    with connection.cursor() as database:
        database.execute("ANALYZE")
    found = source(ordering=ordering, chunk=10)
    rows = found.stream(FULL, None)
    mark = found._walk.resumed(next(row.cursor for at, row in enumerate(rows) if at == 100) or "")
    assert sign in found._walk.onward(Order.objects.all(), mark)[:10].explain()


def test_equal_values_over_the_border_of_a_chunk_lose_nothing() -> None:
    for number in "abcdefg":
        an_order(number, minute=0 if number < "f" else 1)
    assert ids(walk(source(ordering="placed_at", chunk=2))) == list("abcdefg")
    assert ids(walk(source(ordering="-placed_at", chunk=2))) == list("gfedcba")


ORDERINGS = ["pk", "placed_at", "-placed_at", "updated_at", "number", "status", "paid", "note"]
PLACES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=12)


@given(
    places=PLACES,
    ordering=st.sampled_from(ORDERINGS),
    mode=st.sampled_from([FULL, BY_CHANGE]),
    chunks=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    data=st.data(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
def test_a_walk_cut_anywhere_and_resumed_meets_each_order_once_and_in_order(
    places: Any, ordering: str, mode: OrderQuery, chunks: Any, data: Any
) -> None:
    Order.objects.all().delete()
    for number, (first, second) in enumerate(places):
        values = {"status": ["paid", "placed", "shipped"][second], "note": "é=" * first}
        an_order(number, first, updated_at=NOON + timedelta(microseconds=second), paid=first > 1, **values)
    config = {"ordering": ordering, "updated": "updated_at"}
    whole = walk(per_line(chunk=chunks[0], **config), query=mode)
    cut = data.draw(st.integers(0, len(whole)))
    cursor = whole[cut - 1].cursor if cut else None
    resumed = walk(per_line(chunk=chunks[1], **config), cursor, mode)
    by = ordering if mode is FULL else "updated_at"
    expected = Order.objects.order_by(by, "-pk" if by.startswith("-") else "pk").values_list("number", flat=True)
    assert ids(whole) == ids(whole[:cut] + resumed) == list(expected)


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("ordering", ["total", "-total"])
def test_decimals_come_back_from_a_cursor_to_the_last_digit(ordering: str) -> None:
    for number in range(9):
        an_order(number, total=Decimal(number % 3) / 3)
    rows = walk(source(ordering=ordering, chunk=2))
    expected = Order.objects.order_by(ordering, "-pk" if ordering.startswith("-") else "pk")
    assert ids(rows) == [order.number for order in expected]
    assert ids(walk(source(ordering=ordering), rows[4].cursor)) == ids(rows[5:])


@pytest.mark.only_on("sqlite")
def test_decimals_that_are_kept_with_more_digits_than_are_shown_lead_no_walk() -> None:
    with pytest.raises(BadSource, match=r"total.*SQLite compares decimals by digits that it does not show"):
        source(ordering="total")


@pytest.mark.only_on("sqlite")
def test_a_walk_that_goes_round_ends_with_an_error() -> None:
    some_orders(3)
    with connection.cursor() as database:  # another program writes times as it likes
        database.execute("UPDATE shop_order SET placed_at = '2026-03-01T12:00:00Z'")
    with pytest.raises(BadSource, match=r"placed_at.*goes round"):
        walk(source(ordering="placed_at", chunk=2))


@pytest.mark.parametrize("values", [["ä", "Z", "a b", "a", "=1", "007", "7"]])
def test_text_keys_are_walked_in_the_order_of_the_database(odd_tables: None, values: list[str]) -> None:
    for value in values:
        odd_models.Named.objects.create(name=value)
    rows = walk(source(model=ODD + "named", id_field="pk", chunk=2))
    assert sorted(ids(rows)) == sorted(values)
    assert ids(walk(source(model=ODD + "named", id_field="pk", chunk=3), rows[2].cursor)) == ids(rows[3:])


def test_uuid_keys_and_floats_come_back_from_a_cursor(odd_tables: None) -> None:
    for number in range(9):
        odd_models.Unnamed.objects.create(rank=number % 3 / 7)
    config: dict[str, Any] = {"model": ODD + "unnamed", "id_field": "pk", "ordering": "-rank"}
    rows = walk(source(chunk=4, **config))
    expected = odd_models.Unnamed.objects.order_by("-rank", "-pk").values_list("pk", flat=True)
    assert ids(rows) == [str(pk) for pk in expected]
    assert ids(walk(source(**config), rows[4].cursor)) == ids(rows[5:])


def test_models_that_inherit_tables_are_walked_by_their_parents_key(odd_tables: None) -> None:
    owner = odd_models.Account.objects.create()
    for extra in "abc":
        odd_models.Special.objects.create(owner=owner, extra=extra)
    found = source(model=ODD + "specials", id_field="pk", fields=("extra",), chunk=1)
    rows = walk(found)
    assert [row.order["extra"] for row in rows] == list("abc")
    assert ids(found.fetch([rows[1].order_id, "x"])) == [rows[1].order_id]


def test_only_orders_that_satisfy_the_filters_are_walked_counted_and_fetched() -> None:
    an_order("1", status="paid")
    an_order("2", status="placed")
    found = source(filters={"status__in": ["paid", "shipped"]})
    assert (ids(walk(found)), found.total(), ids(found.fetch(["1", "2"]))) == (["1"], 1, ["1"])


def test_a_filter_on_lines_gives_each_order_once_with_all_its_lines() -> None:
    some_orders(4, lines=3)
    found = per_line(filters={"lines__quantity__gt": 1}, chunk=2, line_id_field="position")
    expected = [(str(order), str(line)) for order in range(1, 5) for line in range(1, 4)]
    tally = Tally()
    assert (keys(walk(found)), found.total(), keys(found.fetch(list("1234")))) == (expected, 4, expected)
    walk(source(tally, filters={"lines__quantity__gt": 1}, ordering="placed_at"))
    assert tally.counts == {}


def test_a_cursor_of_another_configuration_is_refused() -> None:
    some_orders(2)
    cursor = walk(source(ordering="placed_at"))[0].cursor
    others: list[dict[str, Any]] = [
        {"ordering": "-placed_at"},
        {"ordering": "placed_at", "filters": {"paid": True}},
        {"ordering": "pk"},
    ]
    for other in [*others, {"ordering": "placed_at", "model": "project.shop.models.Order"}]:
        with pytest.raises(BadSource, match="delete the checkpoint and start over"):
            walk(source(**other), cursor)


@pytest.mark.parametrize("change", [lambda text: text[:-1], lambda text: "7", lambda text: text.replace("pk", "kp")])
def test_a_damaged_cursor_is_refused(change: Any) -> None:
    some_orders(2)
    with pytest.raises(BadSource, match="delete the checkpoint and start over"):
        walk(source(), change(walk(source())[0].cursor))


def test_orders_that_vanish_between_two_chunks_break_nothing() -> None:
    orders = some_orders(6)
    rows = source(chunk=2, ordering="placed_at").stream(FULL, None)
    seen = [next(rows).order_id, next(rows).order_id]
    for order in (orders[1], orders[2]):
        order.delete()
    assert seen + ids(rows) == ["1", "2", "4", "5", "6"]


def test_orders_that_appear_between_two_chunks_are_met_where_they_are_ahead() -> None:
    some_orders(4)
    rows = source(chunk=2, ordering="placed_at").stream(FULL, None)
    seen = [next(rows).order_id, next(rows).order_id]
    an_order("behind", 0)
    an_order("tie", 2)
    an_order("ahead", 9)
    assert seen + ids(rows) == ["1", "2", "tie", "3", "4", "ahead"]


def test_an_order_that_moves_ahead_during_a_walk_is_not_given_twice() -> None:
    some_orders(4)
    tally = Tally()
    rows = source(tally, chunk=2, ordering="placed_at").stream(FULL, None)
    seen = [next(rows).order_id]
    Order.objects.filter(number="1").update(placed_at=NOON + timedelta(days=1))
    assert seen + ids(rows) == ["1", "2", "3", "4"]
    assert tally.counts == {"met_again": 1}


def test_lines_that_change_between_two_chunks_come_as_they_are_then() -> None:
    some_orders(3, lines=2)
    rows = per_line(chunk=1, line_id_field="position").stream(FULL, None)
    seen = [next(rows)]
    OrderLine.objects.filter(order__number="2", position=1).delete()
    OrderLine.objects.filter(order__number="3").delete()
    assert keys([*seen, *rows]) == [("1", "1"), ("1", "2"), ("2", "2"), ("3", None)]


def test_an_incremental_walk_goes_by_the_time_of_last_change() -> None:
    for number, minute in (("new", 9), ("old", 1), ("mid", 5)):
        an_order(number, 0, updated_at=NOON + timedelta(minutes=minute))
    found = source(updated="updated_at", chunk=1)
    assert found.capabilities.incremental
    assert (ids(walk(found, query=BY_CHANGE)), ids(walk(found))) == (["old", "mid", "new"], ["new", "old", "mid"])


def test_an_incremental_walk_leaves_changes_made_during_it_to_the_next() -> None:
    some_orders(4)
    found = source(updated="updated_at", chunk=2)
    rows = found.stream(BY_CHANGE, None)
    first = next(rows)
    Order.objects.filter(number__in=["1", "3"]).update(updated_at=NOON + timedelta(days=1))
    assert ids([first, *rows]) == ["1", "2", "4"]
    assert ids(walk(found, first.cursor, BY_CHANGE)) == ["2", "4"]
    assert ids(walk(found, None, BY_CHANGE)) == ["2", "4", "1", "3"]


def test_the_time_of_last_change_may_be_annotated() -> None:
    for number in (1, 2, 3):
        an_order(number, number, lines=number, updated_at=NOON + timedelta(hours=9 - number))
    found = source(model=ODD + "with_a_time_of_change", updated="changed", overlap=0)
    assert ids(walk(found, query=BY_CHANGE)) == ["3", "2", "1"]
    mark = found.watermark(walk(found)[-1].cursor or "")
    an_order(4, 60 * 24)
    assert ids(walk(found, query=OrderQuery(mode=Mode.INCREMENTAL, since=mark))) == ["1", "4"]


@pytest.mark.parametrize(("updated", "words"), [("perhaps", "wrap it in Coalesce"), ("count", "holds no time")])
def test_an_annotation_that_would_lose_orders_is_refused(updated: str, words: str) -> None:
    an_order(1)
    with pytest.raises(BadSource, match=words):
        walk(source(model=ODD + "with_a_time_of_change", updated=updated), query=BY_CHANGE)


def test_an_incremental_walk_begins_at_the_watermark_and_a_little_before() -> None:
    some_orders(9)
    found = source(updated="updated_at", overlap=120)
    since = (NOON + timedelta(minutes=7)).isoformat()
    assert ids(walk(found, query=OrderQuery(mode=Mode.INCREMENTAL, since=since))) == ["5", "6", "7", "8", "9"]
    with pytest.raises(BadSource, match="watermark 'noon'"):
        walk(found, query=OrderQuery(mode=Mode.INCREMENTAL, since="noon"))


def test_without_a_time_of_last_change_an_incremental_walk_is_a_full_one() -> None:
    some_orders(3)
    assert ids(walk(source(), query=BY_CHANGE)) == ["1", "2", "3"]


def test_a_walk_through_nothing_is_empty() -> None:
    found = per_line(updated="updated_at")
    assert walk(found) == walk(found, query=BY_CHANGE) == list(found.fetch(["1"])) == []


def test_a_run_of_named_orders_fetches_them() -> None:
    some_orders(3)
    query = OrderQuery(mode=Mode.ORDERS, order_ids=("3", "1", "3", "gone"))
    rows = walk(source(), query=query)
    assert sorted(ids(rows)) == ["1", "3"] and {row.cursor for row in rows} == {None}


def test_fetched_orders_are_as_they_are_now_with_their_lines() -> None:
    some_orders(2, lines=2)
    OrderLine.objects.filter(order__number="1", position=1).delete()
    found = per_line(line_id_field="position")
    assert sorted(keys(found.fetch(["1", "2"]))) == [("1", "2"), ("2", "1"), ("2", "2")]


def test_many_orders_are_fetched_five_hundred_at_a_time(django_assert_num_queries: Any) -> None:
    Order.objects.bulk_create([Order(number=str(number)) for number in range(1_200)])
    found = source(lines="lines")
    with django_assert_num_queries(6):
        assert len(list(found.fetch([str(number) for number in range(1_200)]))) == 1_200


@pytest.mark.parametrize(
    "text",
    [
        "abc", "", " ", "{pk}.0", "0{pk}", "+{pk}", " {pk}", "{pk} ", "{pk}\x00", "-{pk}", "{pk}_0", "1e3", "\ud800",
        "9223372036854775807", "9223372036854775808", "-9223372036854775809", "9" * 400, "9" * 5_000, "NaN",
    ],
)  # fmt: skip
def test_an_id_that_is_not_written_like_a_key_finds_no_order(text: str) -> None:
    pk = an_order("1").pk
    found = source(id_field="pk")
    assert ids(found.fetch([text.format(pk=pk)])) == []
    assert ids(found.fetch([text.format(pk=pk), str(pk)])) == [str(pk)]


def test_the_digits_of_one_key_in_another_script_find_no_order() -> None:
    pk = str(an_order("1").pk)
    assert ids(source(id_field="pk").fetch([pk.translate({ord(d): ord(d) + 0x660 - 0x30 for d in "0123456789"})])) == []


@pytest.mark.parametrize("text", ["7", "0007", "A1", "a1 ", "x\x00y", "\ud800", "1" * 3_000, "%", "'"])
def test_a_text_that_is_no_order_number_to_the_letter_finds_no_order(text: str) -> None:
    an_order("007")
    an_order("a1")
    assert ids(source().fetch([text])) == []
    assert ids(source().fetch([text, "007"])) == ["007"]


def test_a_uuid_is_found_only_as_it_is_written(odd_tables: None) -> None:
    pk = odd_models.Unnamed.objects.create().pk
    found = source(model=ODD + "unnamed", id_field="pk")
    assert ids(found.fetch([pk.hex, str(pk).upper(), f"{{{pk}}}", "x", f"urn:uuid:{pk}"])) == []
    assert ids(found.fetch([str(pk)])) == [str(pk)]


@pytest.mark.parametrize("code", [None, ""])
def test_an_order_without_an_id_is_named_with_a_remedy(odd_tables: None, code: str | None) -> None:
    odd = odd_models.Odd.objects.create(code=code, owner=odd_models.Account.objects.create())
    found = source(model=ODD + "odds", id_field="code")
    with pytest.raises(BadRecord, match=rf"Odd {odd.pk}: code is empty.*fill it in"):
        walk(found)
    assert walk(source(model=ODD + "odds", id_field="code", filters={"code__gt": ""})) == []


def test_a_column_that_vanished_from_the_database_is_named() -> None:
    an_order("1")
    found = source(fields=("note",))
    with connection.cursor() as database:
        database.execute("ALTER TABLE shop_order DROP COLUMN note")
    with pytest.raises(BadSource, match=r"note.*: run manage.py migrate"):
        walk(found)


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_after_a_lost_connection_the_next_walk_has_a_new_one() -> None:
    some_orders(2)
    with connection.cursor() as database, suppress(OperationalError):
        database.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(Unavailable):
        walk(source())
    assert ids(walk(source())) == ["1", "2"]


@pytest.mark.parametrize("filters", [{"paid__isnull": "no"}, {"number__regex": "("}])
def test_a_filter_that_only_the_database_refuses_is_named(filters: dict[str, Any]) -> None:
    an_order("1")
    with pytest.raises(BadSource, match=r"refuses the query .*correct fields and filters"):
        walk(source(filters=filters))


def test_a_walk_holds_one_chunk_and_leaves_nothing_open_in_the_database() -> None:
    some_orders(6, lines=1)
    rows = per_line(chunk=2).stream(FULL, None)
    next(rows)
    connection.check_constraints()
    # A query that is read only in part would keep the table from being changed.
    with connection.cursor() as database:
        database.execute("ALTER TABLE shop_orderline ADD COLUMN remark integer NULL")
    assert ids(rows) == ["2", "3", "4", "5", "6"]
