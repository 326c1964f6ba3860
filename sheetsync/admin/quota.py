"""What is looked at beside runs: quota buckets, orders that changed, signs of life."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from sheetsync.admin.display import link
from sheetsync.admin.history import BigTable, ReadOnly
from sheetsync.models import DirtyOrder, Pulse, QuotaBucket


@admin.register(QuotaBucket)
class QuotaBucketAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """How far the calls of accounts and projects have used up what Google allows."""

    list_display = ["name", "used_up_until"]
    search_fields = ["name"]
    ordering = ["-arrival"]
    fields = ["name", "used_up_until"]
    readonly_fields = ["used_up_until"]

    @admin.display(description=_("used up until"), ordering="arrival")
    def used_up_until(self, bucket: QuotaBucket) -> datetime:
        """A time in the past is an empty bucket: no call waits."""
        return datetime.fromtimestamp(bucket.arrival, UTC)


@admin.register(DirtyOrder)
class DirtyOrderAdmin(BigTable, ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Orders that changed and that no run has looked at since."""

    list_display = ["order_id", "automation", "seen_at"]
    list_select_related = ["automation"]
    search_fields = ["=order_id", "automation__name"]
    ordering = ["-pk"]
    fields = ["order_id", "automation_link", "seen_at"]
    readonly_fields = ["automation_link"]

    @admin.display(description=_("automation"))
    def automation_link(self, order: DirtyOrder) -> str:
        """Whose order it is."""
        return link(order.automation)


@admin.register(Pulse)
class PulseAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """When the scheduler and the workers last showed that they are alive."""

    list_display = ["name", "beaten_at"]
    ordering = ["name"]
    fields = ["name", "beaten_at"]
