"""Orders and their lines, as a shop of its own would keep them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Order(models.Model):
    """What somebody bought. Whoever changes an order or its lines moves `updated_at`."""

    class Status(models.TextChoices):
        """How far an order is."""

        PLACED = "placed"
        PAID = "paid"
        SHIPPED = "shipped"
        CANCELLED = "cancelled"

    number = models.CharField(max_length=20)
    placed_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    customer_name = models.CharField(max_length=200)
    customer_email = models.CharField(max_length=254)
    zip_code = models.CharField(max_length=12)
    country = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    payment_id = models.CharField(max_length=32, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PLACED)
    paid = models.BooleanField(default=False)
    total = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["placed_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="one_order_per_number"),
            models.CheckConstraint(
                condition=models.Q(status__in=["placed", "paid", "shipped", "cancelled"]),
                name="order_status_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["placed_at", "id"], name="orders_as_they_came"),  # the admin, and full walks
            models.Index(fields=["updated_at", "id"], name="orders_by_last_change"),  # incremental walks
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """One article of an order. What came back has a negative quantity."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    sku = models.CharField("SKU", max_length=40)
    title = models.CharField(max_length=200)
    quantity = models.IntegerField()
    price = models.DecimalField(max_digits=10, decimal_places=2)

    class Meta:
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="one_line_per_position"),
            models.CheckConstraint(condition=~models.Q(quantity=0), name="line_quantity_is_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.title}"
