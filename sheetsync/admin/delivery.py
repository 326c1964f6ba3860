"""Deliveries of webhooks: for whoever wonders whether a shop reports at all, and what came of it."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from sheetsync.admin.history import BigTable, ReadOnly
from sheetsync.models import WebhookDelivery


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(BigTable, ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What was genuine. What was not is refused, and leaves no row."""

    list_display = ["__str__", "source", "tenant", "verdict", "run", "received_at"]
    list_filter = ["verdict", "received_at"]
    list_select_related = ["source__tenant", "run"]
    search_fields = ["=key", "=digest", "source__name", "source__tenant__name"]
    ordering = ["-pk"]
    sortable_by = ()
    fields = [
        ("source", "tenant"),
        ("topic", "verdict"),
        ("run", "runs"),
        "key",
        "digest",
        ("received_at", "expires_at"),
    ]
    readonly_fields = ["tenant"]

    @admin.display(description=_("tenant"))
    def tenant(self, delivery: WebhookDelivery) -> str:
        """Whose shop it is."""
        return str(delivery.source.tenant)
