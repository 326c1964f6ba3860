"""The numbers as people read them: tiles, charts with their tables, rows of tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync import cron
from sheetsync.admin.dashboard import charts
from sheetsync.admin.dashboard.freshness import Fresh, Late, spread
from sheetsync.admin.dashboard.numbers import ENDS, Numbers, percentile
from sheetsync.admin.dashboard.period import Period
from sheetsync.admin.dashboard.quota import Usage
from sheetsync.admin.dashboard.scope import Scope
from sheetsync.admin.display import NOTHING, grouped, short
from sheetsync.admin.remedies import remedy_for
from sheetsync.errors import BadSchedule
from sheetsync.models import SyncRun

Status = SyncRun.Status

KINDS = {Status.COMPLETED: "good", Status.FAILED: "bad", Status.DEAD: "dead", Status.CANCELED: "off"}
MOST_ERRORS = 8

ROOM = 7
"""Labels below a chart that a narrow screen has room for."""

AGES = (
    gettext_lazy("15 minutes"),
    gettext_lazy("1 hour"),
    gettext_lazy("3 hours"),
    gettext_lazy("12 hours"),
    gettext_lazy("1 day"),
    gettext_lazy("3 days"),
    gettext_lazy("1 week"),
)


def tiles(scope: Scope, numbers: Numbers, now_active: dict[str, int], period: Period, now: datetime) -> list[Any]:
    """The big numbers, those first that tell whether all is well."""
    total, since = numbers.total, period.begin(now).isoformat()
    bad = total[Status.FAILED] + total[Status.DEAD]
    named = {"failed": grouped(total[Status.FAILED]), "dead": grouped(total[Status.DEAD])}
    failed = scope.url(SyncRun, "changelist", status__in="failed,dead", finished_at__gte=since)
    waiting, running = (scope.url(SyncRun, "changelist", status__exact=each) for each in SyncRun.ACTIVE)
    half, most = (percentile(total, share) for share in (0.5, 0.95))
    slow = _("95 of 100 within %(seconds)s") % {"seconds": duration(most)} if most else _("none completed")
    return [
        _tile(
            _("Success"), rate(numbers.success), _("of all but canceled runs"), "good" if numbers.success == 1 else ""
        ),
        _tile(_("Failed"), grouped(bad), _("%(failed)s failed, %(dead)s dead") % named, "bad" if bad else "", failed),
        _tile(_("Running now"), grouped(now_active[Status.RUNNING]), "", "", running),
        _tile(_("Waiting now"), grouped(now_active[Status.PENDING]), "", "", waiting),
        _tile(_("Runs"), grouped(numbers.ended), _("that ended")),
        _tile(_("Duration"), duration(half), slow),
        _tile(_("Attempts"), average(numbers.attempts), _("on average, of a run")),
        _tile(
            _("Rows written"), grouped(total["written"]), _("of %(rows)s looked at") % {"rows": grouped(total["rows"])}
        ),
        _tile(_("Calls to Google"), grouped(total["calls"]), _("%(reads)s read") % {"reads": grouped(total["reads"])}),
    ]


def _tile(label: str, value: str, text: str = "", kind: str = "", url: str = "") -> dict[str, str]:
    return {"label": label, "value": value, "text": text, "kind": kind, "url": url}


def ends(name: str, numbers: Numbers, period: Period) -> dict[str, Any]:
    """How runs ended, bar by bar."""
    rows = [(period.name(bar.begin), [bar.tally[status] for status in ENDS]) for bar in numbers.bars]
    words = [str(status.label) for status in ENDS]
    bars = [
        charts.Bar(
            f"{label}: {_listed(counts, words)}",
            [charts.Part(KINDS[status], n) for status, n in zip(ENDS, counts, strict=True)],
        )
        for label, counts in rows
    ]
    totals = [(KINDS[status], word, grouped(numbers.total[status])) for status, word in zip(ENDS, words, strict=True)]
    text = ", ".join(f"{n} {word}" for _kind, word, n in totals)
    return {
        "picture": charts.stacked(f"sheetsync-{name}", _("How runs ended"), text, bars),
        "top": grouped(charts.top_of(bars)),
        "legend": totals,
        "labels": _some([label for label, _counts in rows]),
        "head": words,
        "rows": [(label, [grouped(n) for n in counts]) for label, counts in rows],
    }


def _listed(counts: Sequence[int], words: Sequence[str]) -> str:
    """837 completed, 3 failed; what there is none of is left out."""
    found = [f"{grouped(n)} {word}" for n, word in zip(counts, words, strict=True) if n]
    return ", ".join(found) or _("none")


def durations(numbers: Numbers, period: Period) -> dict[str, Any] | None:
    """How long completed runs took, bar by bar: half of them, and nearly all. None where none completed."""
    if percentile(numbers.total, 0.5) is None:
        return None
    shares = [(period.name(bar.begin), percentile(bar.tally, 0.5), percentile(bar.tally, 0.95)) for bar in numbers.bars]
    bars = [
        charts.Bar(
            _("%(time)s: half within %(half)s, 95 of 100 within %(most)s")
            % {"time": label, "half": duration(half), "most": duration(most)},
            [charts.Part("half", half or 0), charts.Part("most", (most or 0) - (half or 0))],
        )
        for label, half, most in shares
    ]
    whole = [duration(percentile(numbers.total, share)) for share in (0.5, 0.95)]
    legend = list(zip(("half", "most"), (_("half of the runs within"), _("95 of 100 within")), whole, strict=True))
    text = ", ".join(f"{word} {value}" for _kind, word, value in legend)
    return {
        "picture": charts.stacked("sheetsync-durations", _("How long completed runs took"), text, bars),
        "top": duration(charts.top_of(bars) or None),
        "legend": legend,
        "labels": _some([label for label, _half, _most in shares]),
        "head": [word for _kind, word, _value in legend],
        "rows": [(label, [duration(half), duration(most)]) for label, half, most in shares],
    }


def errors(scope: Scope, numbers: Numbers, period: Period, now: datetime) -> list[dict[str, Any]]:
    """What runs failed of, with what mends it."""
    found, since = numbers.errors[:MOST_ERRORS], period.begin(now).isoformat()
    most = max((n for _name, n in found), default=1)
    return [
        {
            "name": name,
            "count": grouped(n),
            "bar": charts.level(n / most, "bad"),
            "do": remedy_for(name).do,
            "url": scope.url(SyncRun, "changelist", error_type__exact=name, finished_at__gte=since),
        }
        for name, n in found
    ]


def ages(fresh: Sequence[Fresh], now: datetime) -> list[dict[str, Any]]:
    """How many active automations last completed how long ago."""
    counts = spread(fresh, now)
    labels = [*(_("within %(span)s") % {"span": each} for each in AGES), _("longer ago"), _("never")]
    most = max(counts) or 1
    return [
        {"label": label, "count": grouped(n), "bar": charts.level(n / most, "busy")}
        for label, n in zip(labels, counts, strict=True)
    ]


def lates(scope: Scope, behind: Iterable[Late]) -> list[dict[str, Any]]:
    """Automations behind their schedule."""
    return [
        {
            "name": each.automation,
            "url": scope.page(each.automation),
            "tenant": each.automation.tenant,
            "at": each.at,
            "promised": each.promised,
            "schedule": _schedule(each.automation.cron),
            "buttons": scope.buttons(each.automation, "run_now"),
        }
        for each in behind
    ]


def usages(scope: Scope, found: Iterable[Usage]) -> list[dict[str, Any]]:
    """Quotas in use."""
    return [
        {
            "account": usage.account,
            "url": scope.page(usage.account) if usage.account else "",
            "kind": _("read") if usage.kind == "read" else _("write"),
            "used": rate(usage.used),
            "bar": charts.level(usage.used, "bad" if usage.free_at else "busy"),
            "share": rate(usage.share),
            "is_cut": usage.share < 1,
            "free_at": usage.free_at,
        }
        for usage in found
    ]


def duration(seconds: float | None) -> str:
    """1.4 s, 38 s, 2 min 05 s, 1 h 20 min."""
    if seconds is None:
        return NOTHING
    if seconds < 10:
        return _("%(number)s s") % {"number": number_format(round(seconds, 1))}
    whole = round(seconds)
    if whole < 60:
        return _("%(number)s s") % {"number": whole}
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return _("%(minutes)d min %(seconds)02d s") % {"minutes": minutes, "seconds": rest}
    return _("%(hours)d h %(minutes)02d min") % {"hours": minutes // 60, "minutes": minutes % 60}


def rate(share: float | None) -> str:
    """99.3 %. Never 100 % of what is not whole."""
    if share is None:
        return NOTHING
    percent = round(100 * share, 1)
    shown = min(99.9, percent) if share < 1 else percent
    return f"{number_format(shown, 0 if shown == int(shown) else 1)}\u00a0%"


def average(value: float | None) -> str:
    """1.04."""
    return NOTHING if value is None else number_format(round(value, 2))


def _schedule(text: str) -> str:
    try:
        return short(cron.describe(text), 60)
    except BadSchedule:
        return short(text, 60)


def _some(labels: Sequence[str]) -> list[str]:
    """One for each bar, but empty where a narrow screen has no room for it."""
    every = 1 if len(labels) <= ROOM else 4
    return [label if place % every == 0 else "" for place, label in enumerate(labels)]
