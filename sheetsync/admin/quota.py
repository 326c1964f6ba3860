"""What is looked at beside runs: quota buckets, orders that changed, signs of life, totals, hours."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from sheetsync.admin.display import NOTHING, grouped, link, table, when
from sheetsync.admin.history import BigTable, ReadOnly
from sheetsync.models import DirtyOrder, Hour, Pulse, QuotaBucket, SyncRun, Totals


@admin.register(QuotaBucket)
class QuotaBucketAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """How far the calls of accounts and projects have used up what Google allows, and what its refusals taught."""

    list_display = ["name", "subject", "used_up_until", "waits_until", "rate", "cut"]
    search_fields = ["name", "subject"]
    ordering = ["-arrival"]
    fields = ["name", "subject", "used_up_until", "waits_until", "rate", "cut"]
    readonly_fields = ["used_up_until", "waits_until", "rate", "cut"]

    @admin.display(description=_("used up until"), ordering="arrival")
    def used_up_until(self, bucket: QuotaBucket) -> str:
        """A time in the past is an empty bucket: no call waits."""
        return _moment(bucket.arrival)

    @admin.display(description=_("calls wait until"), ordering="free_at")
    def waits_until(self, bucket: QuotaBucket) -> str:
        """Runs of its account are left where they are until then; nothing where none has to wait."""
        return _moment(bucket.free_at) if bucket.free_at > time.time() else NOTHING

    @admin.display(description=_("rate in use"))
    def rate(self, bucket: QuotaBucket) -> str:
        """Of the rate in the settings. It is cut when Google refuses calls in spite of it, and grows back."""
        return f"{bucket.level.share_at(time.time()):.0%}"

    @admin.display(description=_("last cut"), ordering="cut_at")
    def cut(self, bucket: QuotaBucket) -> str:
        """When Google refused."""
        return _moment(bucket.cut_at) if bucket.cut_at > 0 else NOTHING


def _moment(seconds: float) -> str:
    return when(datetime.fromtimestamp(seconds, UTC))


@admin.register(DirtyOrder)
class DirtyOrderAdmin(BigTable, ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Orders that changed and that no run has looked at since."""

    list_display = ["order_id", "automation", "seen_at"]
    list_select_related = ["automation"]
    search_fields = ["=order_id", "automation__name"]
    ordering = ["-pk"]
    sortable_by = ()
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


@admin.register(Totals)
class TotalsAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What `/metrics` has counted since it was first asked."""

    list_display = ["__str__", "until"]
    fields = ["until", "numbers"]
    readonly_fields = ["numbers"]

    @admin.display(description=_("counted"))
    def numbers(self, totals: Totals) -> str:
        """A row for each, by name."""
        return table((name, grouped(number)) for name, number in sorted(totals.counted.items()))


@admin.register(Hour)
class HourAdmin(BigTable, ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What ended in each hour, of each tenant and of all together: what the dashboard reads."""

    list_display = ["__str__", "tenant", "ended"]
    list_select_related = ["tenant"]
    search_fields = ["tenant__name"]
    ordering = ["-hour", "-pk"]
    sortable_by = ()
    fields = ["hour", "tenant", "numbers"]
    readonly_fields = ["numbers"]

    @admin.display(description=_("runs that ended"))
    def ended(self, hour: Hour) -> str:
        """However they did."""
        return grouped(sum(hour.counted.get(status, 0) for status in SyncRun.FINISHED))

    @admin.display(description=_("counted"))
    def numbers(self, hour: Hour) -> str:
        """A row for each, by name."""
        return table((name, grouped(number)) for name, number in sorted(hour.counted.items()))
