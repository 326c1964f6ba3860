"""A made-up shop: the same orders each time, in a weekly rhythm, and the days it lives afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from django.db import transaction
from django.db.models import BigIntegerField, Max
from django.db.models.functions import Cast
from django.utils import timezone

from project.shop.articles import COUNTRIES, CUSTOMERS, GOODS, MAILBOXES, NOTES
from project.shop.models import Order, OrderLine

SEED = 20260401
CHUNK = 1_000
FIRST_NUMBER = 100_001
FIRST_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
ORDERS_ON = (150, 130, 130, 140, 160, 170, 120)
"""Orders on each day of a week: people buy on Friday and Saturday, and rest on Sunday."""

PAYMENTS_FROM = 900_000_000_000_000_000
"""Eighteen digits: as a number, a sheet would round the last ones."""

REFUND_EVERY = 37
MOVED = " (moved)"
TOUCHED = 90
"""Orders that a day changes: six of nine are edited, two lose a line, one is cancelled."""

SOLD_A_DAY = 25

Drawn = tuple[Order, list[OrderLine]]


def seed(count: int, *, seed: int = SEED) -> int:
    """Top the shop up to `count` orders, and return how many that took; those that exist are left alone.

    An order depends on its number and `seed` alone, so a shop that was topped up equals one that was seeded at once.
    """
    if count < 0:
        raise ValueError(f"count {count} is negative: write how many orders the shop shall have")
    start = _next_number()
    missing = max(0, count - Order.objects.count())
    numbers = range(start, start + missing)
    for first in range(0, missing, CHUNK):
        _insert([_order(number, seed) for number in numbers[first : first + CHUNK]])
    return missing


def live_a_day(*, seed: int = SEED, now: datetime | None = None) -> dict[str, int]:
    """Customers change their minds: edits, removed lines, cancelled and new orders. Returns how many of each.

    What happens depends on `seed` and on the orders there are. A cancelled order is deleted, with its lines.
    """
    random = Random(f"{seed} {_next_number()}")  # noqa: S311 - the same day each time
    pks = list(Order.objects.order_by("pk").values_list("pk", flat=True))
    chosen = random.sample(pks, min(TOUCHED, len(pks)))
    some, few = len(chosen) * 6 // 9, len(chosen) * 8 // 9
    moment = _after_all(now or timezone.now())
    with transaction.atomic():
        return {
            "edited": _edit(chosen[:some], moment),
            "lost a line": _shorten(chosen[some:few], moment),
            "cancelled": _cancel(chosen[few:]),
            "new": _sell(SOLD_A_DAY, seed, moment),
        }


def _edit(pks: list[int], moment: datetime) -> int:
    orders = list(Order.objects.filter(pk__in=pks))
    for order in orders:
        name = order.customer_name
        order.customer_name = name.removesuffix(MOVED) if name.endswith(MOVED) else name + MOVED
        order.updated_at = moment
    return Order.objects.bulk_update(orders, ["customer_name", "updated_at"])


def _shorten(pks: list[int], moment: datetime) -> int:
    shortened, removed = [], []
    for order in Order.objects.filter(pk__in=pks).prefetch_related("lines"):
        lines = list(order.lines.all())
        if len(lines) > 1:
            removed.append(lines.pop().pk)
            order.total, order.updated_at = _total(lines), moment
            shortened.append(order)
    OrderLine.objects.filter(pk__in=removed).delete()
    return Order.objects.bulk_update(shortened, ["total", "updated_at"])


def _cancel(pks: list[int]) -> int:
    _, deleted = Order.objects.filter(pk__in=pks).delete()
    return deleted.get(Order._meta.label, 0)


def _sell(count: int, seed: int, moment: datetime) -> int:
    start = _next_number()
    drawn = [_order(number, seed) for number in range(start, start + count)]
    for order, _ in drawn:
        order.placed_at = order.updated_at = moment
        order.status, order.paid, order.payment_id = Order.Status.PLACED, False, ""
    _insert(drawn)
    return count


def _order(number: int, seed: int) -> Drawn:
    random = Random(f"{seed} {number}")  # noqa: S311 - the same order each time
    country, currency, zip_code = random.choice(COUNTRIES)
    status = random.choices(Order.Status.values, weights=(10, 15, 70, 5))[0]
    paid = status in (Order.Status.PAID, Order.Status.SHIPPED)
    placed_at = _placed_at(number - FIRST_NUMBER, random)
    order = Order(
        number=str(number),
        placed_at=placed_at,
        updated_at=_changed_at(placed_at, status, random),
        customer_name=CUSTOMERS[number % len(CUSTOMERS)],
        customer_email=f"{random.choice(MAILBOXES)}.{number}@example.org",
        zip_code=zip_code,
        country=country,
        currency=currency,
        payment_id=str(PAYMENTS_FROM + number * 7_919) if paid else "",
        status=status,
        paid=paid,
        note=random.choice(NOTES) if random.random() < 0.2 else "",
    )
    lines = [_line(order, position, random) for position in range(1, random.randint(1, 5) + 1)]
    if number % REFUND_EVERY == 0:
        for line in lines:
            line.quantity = -line.quantity
    order.total = _total(lines)
    return order, lines


def _line(order: Order, position: int, random: Random) -> OrderLine:
    sku, title, price = random.choice(GOODS)
    quantity = random.choices((1, 2, 3, 6), weights=(70, 20, 7, 3))[0]
    return OrderLine(order=order, position=position, sku=sku, title=title, quantity=quantity, price=Decimal(price))


def _placed_at(place: int, random: Random) -> datetime:
    """The order's own stretch of its day, somewhere between seven and midnight."""
    week, place = divmod(place, sum(ORDERS_ON))
    day = 0
    while place >= ORDERS_ON[day]:
        place -= ORDERS_ON[day]
        day += 1
    share = (place + random.random()) / ORDERS_ON[day]
    return FIRST_MONDAY + timedelta(weeks=week, days=day, hours=7 + 17 * share)


def _changed_at(placed_at: datetime, status: str, random: Random) -> datetime:
    """Parcels leave at six in the evening of the next day: all of them change at once, as in real shops."""
    if status == Order.Status.SHIPPED:
        return placed_at.replace(hour=18, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return placed_at + timedelta(minutes=random.random() * 90)


def _after_all(now: datetime) -> datetime:
    latest = Order.objects.aggregate(latest=Max("updated_at"))["latest"]
    return now if latest is None else max(now, latest + timedelta(seconds=1))


def _next_number() -> int:
    """Numbers that people gave by hand, in the admin, may be anything."""
    numeric = Order.objects.filter(number__regex=r"^[1-9][0-9]{5,14}$")
    latest = numeric.aggregate(latest=Max(Cast("number", BigIntegerField())))["latest"]
    return max(latest or 0, FIRST_NUMBER - 1) + 1


def _total(lines: Iterable[OrderLine]) -> Decimal:
    return sum((line.quantity * line.price for line in lines), Decimal(0))


@transaction.atomic
def _insert(drawn: list[Drawn]) -> None:
    Order.objects.bulk_create([order for order, _ in drawn])
    OrderLine.objects.bulk_create([line for _, lines in drawn for line in lines])
