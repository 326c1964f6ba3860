"""What the list of runs can be narrowed down by. No filter looks through all runs to know what it may offer."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from sheetsync.admin.display import short
from sheetsync.admin.history import SHOWN, FewOrAsked
from sheetsync.admin.remedies import REMEDIES
from sheetsync.admin.run.meanings import INCIDENTS
from sheetsync.models import SyncRun

DAY = timedelta(days=1)

_PERIODS: dict[str, tuple[Any, int, int]] = {
    "today": (_("Today"), 0, 1),
    "yesterday": (_("Yesterday"), -1, 0),
    "week": (_("Past 7 days"), -6, 1),
    "month": (_("Past 30 days"), -29, 1),
}
"""Its name, and from which day on until before which day, counted from today."""


class Period(admin.SimpleListFilter):
    """When a run was asked for: lately, or on one day. Served by the index `runs_by_age`."""

    title = _("date")
    parameter_name = "period"
    template = "admin/sheetsync/syncrun/period_filter.html"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        others = ((name, values) for name, values in request.GET.lists() if name not in (self.parameter_name, "p", "e"))
        self.kept = [(name, value) for name, values in others for value in values]
        self.day = "" if self.value() in _PERIODS else self.value() or ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Those with names."""
        return [(name, label) for name, (label, _from, _until) in _PERIODS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SyncRun]) -> QuerySet[SyncRun]:
        """By the reader's days."""
        value = self.value()
        if value is None:
            return queryset
        today = timezone.localdate()
        try:
            _label, since, until = _PERIODS.get(value, ("", 0, 1))
            day = today if value in _PERIODS else parse_date(value)
            if day is None:
                raise ValueError(value)
            between = _midnight(day + since * DAY), _midnight(day + until * DAY)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters from error
        return queryset.filter(created_at__gte=between[0], created_at__lt=between[1])


class ErrorType(admin.SimpleListFilter):
    """By what it failed of, and by who has to mend it. Served by the index `runs_by_error`."""

    title = _("error")
    parameter_name = "error_type"
    template = "admin/sheetsync/syncrun/folded_filter.html"

    ANY, OWNER, UNKNOWN = "any", "owner", "unknown"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Those that there are, whether or not a run has them."""
        several = [
            (self.ANY, _("Any error")),
            (self.OWNER, _("Owner has to act")),
            (self.UNKNOWN, _("Unknown to sheetsync")),
        ]
        return [*several, *((name, name) for name in sorted(REMEDIES))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SyncRun]) -> QuerySet[SyncRun]:
        """An error that is not offered can be asked for as well."""
        value = self.value()
        if value is None:
            return queryset
        owners = [name for name, remedy in REMEDIES.items() if remedy.owner]
        several = {
            self.ANY: Q(),
            self.OWNER: Q(error_type__in=owners, status=SyncRun.Status.FAILED),
            self.UNKNOWN: ~Q(error_type__in=[*REMEDIES]),
        }
        return queryset.filter(several.get(value, Q(error_type=value.replace("\0", ""))), ~Q(error_type=""))


class IncidentKind(admin.SimpleListFilter):
    """By what people or the network did: the kinds that there are, not those that somebody met."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """As logs name them."""
        return [(kind, kind) for kind in INCIDENTS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Any other can be asked for as well."""
        return queryset.filter(kind=self.value().replace("\0", "")) if self.value() else queryset  # type: ignore[union-attr]


class OfAutomation(FewOrAsked):
    """Automations of several tenants have the same names."""

    def ordered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """With their tenants."""
        return super().ordered(rows).select_related("tenant")

    def label(self, row: Any) -> str:
        """Whose it is, too."""
        return f"{super().label(row)} · {short(row.tenant.name, SHOWN)}"


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
