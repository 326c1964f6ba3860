"""The demo shop: the same orders each time, with everything in them that breaks naive exports."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.db.models import F, Sum
from django.test import Client

from project.shop.articles import COUNTRIES, CUSTOMERS, GOODS, NOTES
from project.shop.models import Order, OrderLine
from project.shop.seeding import ORDERS_ON, live_a_day, seed

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


def tables() -> list[Any]:
    """Everything the shop holds, without the keys that the database gave."""
    fields = [field.name for field in Order._meta.fields if field.name != "id"]
    lines = OrderLine.objects.order_by("order__number", "position")
    return [
        list(Order.objects.order_by("number").values_list(*fields)),
        list(lines.values_list("order__number", "position", "sku", "title", "quantity", "price")),
    ]


def test_the_same_shop_comes_of_the_same_seed() -> None:
    assert seed(120) == 120
    first = tables()
    Order.objects.all().delete()
    seed(120)
    assert tables() == first
    Order.objects.all().delete()
    seed(120, seed=7)
    assert tables() != first


def test_a_shop_that_is_topped_up_equals_one_seeded_at_once() -> None:
    assert (seed(40), seed(100), seed(100), seed(60)) == (40, 60, 0, 0)
    topped_up = tables()
    Order.objects.all().delete()
    seed(100)
    assert tables() == topped_up


def test_topping_up_gives_no_number_a_second_time_and_heeds_odd_ones() -> None:
    seed(10)
    Order.objects.filter(number="100004").delete()
    Order.objects.create(number="N1")
    Order.objects.create(number="7")
    assert seed(14) == 3
    assert set(Order.objects.values_list("number", flat=True)) >= {"100011", "100012", "100013", "N1", "7"}


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="count -1"):
        seed(-1)


def test_every_special_value_is_in_a_shop_of_modest_size() -> None:
    seed(300)
    assert set(Order.objects.values_list("customer_name", flat=True)) == set(CUSTOMERS)
    assert set(Order.objects.values_list("note", flat=True)) == {"", *NOTES}
    assert set(OrderLine.objects.values_list("sku", flat=True)) == {sku for sku, _, _ in GOODS}
    assert set(Order.objects.values_list("zip_code", flat=True)) == {zip_code for _, _, zip_code in COUNTRIES}
    assert OrderLine.objects.filter(quantity__lt=0, order__total__lt=0).exists()
    assert set(map(len, Order.objects.filter(paid=True).values_list("payment_id", flat=True))) == {18}


def test_a_week_has_its_rhythm_and_orders_come_one_after_the_other() -> None:
    seed(sum(ORDERS_ON))
    placed = list(Order.objects.order_by("number").values_list("placed_at", flat=True))
    assert placed == sorted(placed) and {when.hour for when in placed} <= set(range(7, 24))
    assert Counter(when.weekday() for when in placed) == dict(enumerate(ORDERS_ON))


def test_parcels_of_a_day_change_at_one_moment() -> None:
    seed(200)
    changes = Counter(Order.objects.filter(status="shipped").values_list("updated_at", flat=True))
    assert max(changes.values()) > 50


def test_totals_are_the_sums_of_the_lines() -> None:
    seed(50)
    live_a_day(now=NOW)
    for order in Order.objects.all():
        expected = order.lines.aggregate(total=Sum(F("quantity") * F("price")))["total"]
        assert order.total == Decimal(expected).quantize(Decimal("0.01"))


def test_a_day_does_what_it_says() -> None:
    seed(200)
    before = {order.number: order for order in Order.objects.prefetch_related("lines")}
    lines = {number: order.lines.count() for number, order in before.items()}
    done = live_a_day(now=NOW)
    after = {order.number: order for order in Order.objects.all()}
    kept = after.keys() & before.keys()
    edited = {number for number in kept if after[number].customer_name != before[number].customer_name}
    shortened = {number for number in kept if after[number].lines.count() == lines[number] - 1}
    assert done == {"edited": 60, "lost a line": len(shortened), "cancelled": 10, "new": 25}
    assert (len(edited), len(before.keys() - after.keys()), len(after.keys() - before.keys())) == (60, 10, 25)
    assert 5 < len(shortened) <= 20 and not edited & shortened
    moved = {number for number in kept if after[number].updated_at > before[number].updated_at}
    assert moved == edited | shortened


def test_the_same_day_comes_of_the_same_seed() -> None:
    days = []
    for _ in range(2):
        Order.objects.all().delete()
        seed(100)
        live_a_day(now=NOW)
        live_a_day(now=NOW)
        days.append(tables())
    assert days[0] == days[1]


def test_changes_of_a_day_are_later_than_all_before_whatever_the_clock_says() -> None:
    seed(100)
    latest = max(Order.objects.values_list("updated_at", flat=True))
    live_a_day(now=latest - timedelta(days=30))
    assert Order.objects.filter(updated_at__gt=latest).count() > 60


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_small_shop_lives_too(count: int) -> None:
    seed(count)
    done = live_a_day(now=NOW)
    assert Order.objects.count() == count - done["cancelled"] + 25


def test_the_command_says_what_it_added(capsys: Any) -> None:
    call_command("seed_shop", orders=30)
    call_command("seed_shop", orders=20)
    assert capsys.readouterr().out == "30 orders added; the shop has 30\n0 orders added; the shop has 30\n"


def test_the_command_refuses_a_negative_number() -> None:
    with pytest.raises(CommandError, match="--orders -5"):
        call_command("seed_shop", orders=-5)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"number": "100001"}, "number"),
        ({"number": "x", "status": "lost"}, "order_status_is_known"),
    ],
)
def test_the_database_refuses_an_order_that_cannot_be(values: dict[str, Any], name: str) -> None:
    seed(1)
    with pytest.raises(IntegrityError, match=name):
        Order.objects.create(**values)


@pytest.mark.parametrize(("position", "quantity", "name"), [(1, 1, "position"), (99, 0, "line_quantity_is_not_zero")])
def test_the_database_refuses_a_line_that_cannot_be(position: int, quantity: int, name: str) -> None:
    seed(1)
    line = OrderLine(order=Order.objects.get(), position=position, quantity=quantity, price=1)
    with pytest.raises(IntegrityError, match=name):
        line.save()


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("operator"))
    return client


def test_the_admin_lists_orders_and_lines(operator: Client) -> None:
    seed(30)
    assert "100030" in operator.get("/admin/shop/order/?q=100030").content.decode()
    assert "2e5" in operator.get("/admin/shop/orderline/?q=2e5").content.decode()


def test_an_order_saved_in_the_admin_moves_its_time_of_last_change(operator: Client) -> None:
    seed(1)
    order = Order.objects.get()
    address = f"/admin/shop/order/{order.pk}/change/"
    page = operator.get(address)
    form = page.context["adminform"].form.initial | {"customer_name": "Ada", "lines-TOTAL_FORMS": 0}
    form |= {"placed_at_0": "2026-05-01", "placed_at_1": "09:00:00", "lines-INITIAL_FORMS": 0}
    assert operator.post(address, form).status_code == 302
    saved = Order.objects.get()
    assert saved.customer_name == "Ada" and saved.updated_at > order.updated_at


def test_a_line_deleted_in_the_admin_moves_its_orders_time_of_last_change(operator: Client) -> None:
    seed(2)
    before = {order.pk: order.updated_at for order in Order.objects.all()}
    single, ticked = (order.lines.all()[0] for order in Order.objects.order_by("pk"))
    operator.post(f"/admin/shop/orderline/{single.pk}/delete/", {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [ticked.pk], "post": "yes"}
    operator.post("/admin/shop/orderline/", chosen)
    assert not OrderLine.objects.filter(pk__in=[single.pk, ticked.pk]).exists()
    assert all(order.updated_at > before[order.pk] for order in Order.objects.all())


def test_a_line_that_moves_to_another_order_changes_both(operator: Client) -> None:
    seed(2)
    before = {order.pk: order.updated_at for order in Order.objects.all()}
    first, second = Order.objects.order_by("pk")
    line = first.lines.all()[0]
    form = {"order": second.pk, "position": 50, "sku": line.sku, "title": line.title, "quantity": 1, "price": "1.00"}
    assert operator.post(f"/admin/shop/orderline/{line.pk}/change/", form).status_code == 302
    assert all(order.updated_at > before[order.pk] for order in Order.objects.all())
