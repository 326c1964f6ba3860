"""What the dashboard shows, ready for its templates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sheetsync.admin.dashboard import figures
from sheetsync.admin.dashboard.freshness import Behind, Fresh, behind, freshness_of
from sheetsync.admin.dashboard.numbers import active, numbers_of
from sheetsync.admin.dashboard.period import DAY_BY_HOURS, PERIODS, Period, period_of
from sheetsync.admin.dashboard.quota import busiest
from sheetsync.admin.dashboard.scope import Scope
from sheetsync.admin.dashboard.trouble import troubles
from sheetsync.models import Automation, GoogleAccount, SyncRun, Tenant

LATE = BUSY = 6
"""Rows of these tables."""


def dashboard(request: HttpRequest) -> dict[str, Any]:
    """The whole page."""
    scope, now = Scope.of(request), timezone.now()
    period = period_of(request.GET.get("period"))
    fresh = freshness_of(scope) if scope.sees(SyncRun) else []
    late = behind(scope, fresh, now, LATE)
    groups = troubles(scope, fresh, late)
    return {
        "groups": groups,
        "may_look": any(map(scope.sees, (SyncRun, Automation, GoogleAccount, Tenant))),
        "period": period,
        "periods": _choices(scope, period),
        "first": _first_step(scope) if not fresh else None,
        "quota": figures.usages(scope, busiest(scope, now, BUSY)),
        **(_of_runs(scope, period, fresh, late, now) if scope.sees(SyncRun) else {}),
    }


def summary(request: HttpRequest) -> dict[str, Any]:
    """The same in a few lines, for the first page of the host's admin."""
    scope = Scope.of(request)
    if not any(map(scope.sees, (SyncRun, Automation, GoogleAccount))):
        return {}
    now = timezone.now()
    fresh = freshness_of(scope) if scope.sees(SyncRun) else []
    late = behind(scope, fresh, now, LATE)
    groups = troubles(scope, fresh, late)
    name = apps.get_app_config(SyncRun._meta.app_label).verbose_name
    shown: dict[str, Any] = {"name": name, "groups": groups, "url": _home(scope)}
    if scope.sees(SyncRun):
        numbers = numbers_of(scope, DAY_BY_HOURS, now)
        shown |= {"numbers": numbers, "ends": figures.ends("brief", numbers, DAY_BY_HOURS)}
        shown["tiles"] = figures.tiles(scope, numbers, active(scope), DAY_BY_HOURS, now)[:4]
    return shown


def _of_runs(scope: Scope, period: Period, fresh: Sequence[Fresh], late: Behind, now: datetime) -> dict[str, Any]:
    numbers = numbers_of(scope, period, now)
    return {
        "numbers": numbers,
        "tiles": figures.tiles(scope, numbers, active(scope), period, now),
        "ends": figures.ends("ends", numbers, period),
        "durations": figures.durations(numbers, period),
        "errors": figures.errors(scope, numbers, period, now),
        "ages": figures.ages(fresh, now),
        "late": figures.lates(scope, late.shown),
        "late_count": late.count,
        "all_runs": scope.url(SyncRun, "changelist"),
        **({} if numbers.ended else _quiet(scope, period)),
    }


def _choices(scope: Scope, chosen: Period) -> list[dict[str, Any]]:
    home = _home(scope)
    return [{"label": each.label, "url": f"{home}?period={each.key}", "is_chosen": each is chosen} for each in PERIODS]


def _home(scope: Scope) -> str:
    return reverse("admin:app_list", args=[SyncRun._meta.app_label], current_app=scope.site.name)


def _first_step(scope: Scope) -> dict[str, Any] | None:
    """Where nothing is active yet: what to do next."""
    if not scope.rows(Tenant.objects.all()).exists() and scope.sees(Tenant):
        words = _("There is no shop yet. A tenant is one shop: everything else belongs to it.")
        return _step(scope, words, Tenant, _("Add a tenant"))
    if not scope.sees(Automation):
        return None
    automations = scope.rows(Automation.objects.all())
    if not automations.exists():
        words = _("There is no automation yet. It says which orders are exported to which tab, and when.")
        return _step(scope, words, Automation, _("Add an automation"))
    words = _("No automation is active. Open one, press Activate, and then Run now.")
    return {"words": words, "url": scope.url(Automation, "changelist"), "label": _("All automations")}


def _step(scope: Scope, words: str, model: type[Model], label: str) -> dict[str, Any]:
    return {"words": words, **({"url": scope.url(model, "add"), "label": label} if scope.adds(model) else {})}


def _quiet(scope: Scope, period: Period) -> dict[str, Any]:
    """Nothing ended: because nothing ever ran, and then there is nothing to show, or not in this time."""
    if not scope.rows(SyncRun.objects.all()).exists():
        words = _("Nothing has run yet. Open an automation and press Run now, or switch its schedule on.")
        never = {"words": words, "url": scope.url(Automation, "changelist"), "label": _("All automations")}
        return {"numbers": None, "never": never}
    words = _("No run ended in this time.")
    if period is DAY_BY_HOURS:
        return {"quiet": {"words": words, "url": f"{_home(scope)}?period=7d", "label": _("Look at 7 days")}}
    return {"quiet": {"words": words, "url": scope.url(SyncRun, "changelist"), "label": _("All runs")}}
