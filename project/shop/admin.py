"""The shop's own admin pages. Whatever is changed here moves its order's time of last change."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from project.shop.models import Order, OrderLine


class OrderLineInline(admin.TabularInline):  # type: ignore[type-arg]
    """An order's lines, below it."""

    model = OrderLine
    extra = 0


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Orders, newest first."""

    list_display = ["number", "placed_at", "customer_name", "country", "status", "paid", "total", "currency"]
    list_filter = ["status", "paid", "country"]
    search_fields = ["number", "customer_name", "customer_email"]
    date_hierarchy = "placed_at"
    ordering = ["-placed_at", "-pk"]
    readonly_fields = ["updated_at"]
    inlines = [OrderLineInline]

    def save_model(self, request: HttpRequest, obj: Order, form: Any, change: bool) -> None:
        """Django calls this even where only lines were edited."""
        obj.updated_at = timezone.now()
        super().save_model(request, obj, form, change)


@admin.register(OrderLine)
class OrderLineAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """All lines, to look for an article."""

    list_display = ["order", "position", "sku", "title", "quantity", "price"]
    list_select_related = ["order"]
    search_fields = ["sku", "title", "order__number"]
    autocomplete_fields = ["order"]

    def save_model(self, request: HttpRequest, obj: OrderLine, form: Any, change: bool) -> None:
        """A line that moves to another order changes both."""
        changed = {form.initial.get("order", obj.order_id), obj.order_id}
        super().save_model(request, obj, form, change)
        _touch(changed)

    def delete_model(self, request: HttpRequest, obj: OrderLine) -> None:
        """One line, from its own page."""
        super().delete_model(request, obj)
        _touch({obj.order_id})

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[OrderLine]) -> None:
        """Those ticked in the list."""
        changed = set(queryset.values_list("order_id", flat=True))
        super().delete_queryset(request, queryset)
        _touch(changed)


def _touch(order_ids: set[int]) -> None:
    Order.objects.filter(pk__in=order_ids).update(updated_at=timezone.now())
