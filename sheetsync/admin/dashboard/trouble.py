"""What needs somebody, the worst first: accounts, automations, runs, sources. Each with what mends it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Window
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sheetsync.admin.dashboard.freshness import BROKEN, Behind, Fresh
from sheetsync.admin.dashboard.scope import Scope
from sheetsync.admin.display import badge, short, when
from sheetsync.admin.figures import status_of
from sheetsync.admin.remedies import remedy_for
from sheetsync.admin.times import MINUTE
from sheetsync.conf import settings as conf
from sheetsync.models import Automation, GoogleAccount, Source, SyncRun, Tenant

MOST = 6
"""Rows of one kind; the rest is behind a link."""

CANDIDATES = 50
"""Of how many automations that fail it is counted how often: the ones that failed last."""

LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing. `text`: what is wrong, and since when (`at`); `do`: what mends it, in words, beside the buttons."""

    badge: str
    name: object
    url: str
    tenant: Tenant
    text: str
    do: object = ""
    at: datetime | None = None
    buttons: Sequence[dict[str, Any]] = ()

    @property
    def lasting(self) -> str:
        """How long it has been so."""
        if self.at is None:
            return ""
        if timezone.now() - self.at < MINUTE:
            return _("since just now")
        return _("for %(span)s") % {"span": timesince(self.at)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Things of one kind: how many there are, the first of them, and where all are."""

    key: str
    title: str | Promise
    count: int
    items: Sequence[Item]
    url: str
    more: str | Promise

    @property
    def is_cut(self) -> bool:
        """Whether there are more than are shown."""
        return self.count > len(self.items)


def troubles(scope: Scope, fresh: Sequence[Fresh], behind: Behind) -> list[Group]:
    """Only what there is."""
    runs = (_failing(scope, fresh), _stuck(scope), _late(scope, behind))
    found = (_accounts(scope), _automations(scope), *runs, _silenced(scope))
    return [group for group in found if group.count]


def _first(rows: QuerySet[Any]) -> tuple[list[Any], int]:
    """The first few, and how many there are, in one question."""
    found = list(rows.annotate(in_all=Window(Count("*")))[:MOST])
    return found, found[0].in_all if found else 0


def _accounts(scope: Scope) -> Group:
    idle = GoogleAccount.objects.filter(status=GoogleAccount.Status.NEEDS_OWNER)
    rows, count = _first(scope.rows(idle).select_related("tenant").order_by("-is_default", "pk"))
    do = _("Its owner has to let us in again; no run of its automations begins before.")
    return Group(
        key="accounts",
        title=ngettext("Google account that needs its owner", "Google accounts that need their owners", count),
        count=count,
        items=[
            _item(scope, row, _badge(_("needs owner")), row.problem, do, "reconnect_link", "reconnect") for row in rows
        ],
        url=scope.url(GoogleAccount, "changelist", status__exact=GoogleAccount.Status.NEEDS_OWNER),
        more=_("All accounts that need their owners"),
    )


def _automations(scope: Scope) -> Group:
    ill = Automation.objects.exclude(problem="").exclude(status=Automation.Status.DRAFT)
    # Those that are active come first: somebody expects them to run.
    rows, count = _first(scope.rows(ill).select_related("tenant").order_by("status", "-pk"))
    do = _("Open it, change what is named there, then activate it or run it.")
    return Group(
        key="automations",
        title=ngettext("Automation that needs a change", "Automations that need a change", count),
        count=count,
        items=[_item(scope, row, _badge(_("needs a change")), row.problem, do, "activate", "run_now") for row in rows],
        url=scope.url(Automation, "changelist", problem__gt=""),
        more=_("All automations with a problem"),
    )


def _failing(scope: Scope, fresh: Sequence[Fresh]) -> Group:
    """An automation a line, however many of its runs failed. Not those that only wait for their account."""
    found = sorted(((each.failed_at, each) for each in fresh if each.fails and each.failed_at), reverse=True)
    newest = [each for _failed_at, each in found[:CANDIDATES]]
    return Group(
        key="failing",
        title=ngettext("Automation that fails", "Automations that fail", len(found)),
        count=len(found),
        items=list(_failures(scope, newest)) if newest else [],
        url=scope.url(SyncRun, "changelist", status__in=",".join(BROKEN)),
        more=_("All failed and dead runs"),
    )


def _failures(scope: Scope, failing: Sequence[Fresh]) -> Iterator[Item]:
    """Since they last completed: the most failures first."""
    each_since = Q()
    for each in failing:
        each_since |= Q(automation=each.pk) & (Q(finished_at__gt=each.at) if each.at else Q())
    failed = scope.rows(SyncRun.objects.filter(status__in=BROKEN)).order_by()
    counted = (
        failed.filter(each_since).values("automation").annotate(n=Count("*"), first=Min("finished_at"), last=Max("pk"))
    )
    worst = list(counted.order_by("-n", "-last")[:MOST])
    runs = failed.select_related("automation", "tenant").in_bulk([row["last"] for row in worst])
    for row in worst:
        if run := runs.get(row["last"]):
            yield _failure(scope, run, row["n"], row["first"])


def _failure(scope: Scope, run: SyncRun, failures: int, since: datetime) -> Item:
    often = ngettext("%(count)d run", "%(count)d runs in a row", failures) % {"count": failures}
    return Item(
        badge=status_of(run),
        name=run.automation,
        url=scope.page(run),
        tenant=run.tenant,
        text=f"{often}: {run.error_type}: {short(run.error, LONGEST)}" if run.error_type else often,
        do=remedy_for(run.error_type).do,
        at=since,
        buttons=scope.buttons(run, "retry" if run.status == SyncRun.Status.FAILED else "replay"),
    )


def _stuck(scope: Scope) -> Group:
    stuck = SyncRun.objects.stuck(timedelta(seconds=conf.STUCK_SECONDS)).select_related("automation", "tenant")
    rows, count = _first(scope.rows(stuck).order_by("started_at"))
    return Group(
        key="stuck",
        title=ngettext("Run that takes long", "Runs that take long", count),
        count=count,
        items=[_slow(scope, run) for run in rows],
        url=scope.url(SyncRun, "changelist", status__exact=SyncRun.Status.RUNNING),
        more=_("All runs that run"),
    )


def _slow(scope: Scope, run: SyncRun) -> Item:
    named = {"run": run.pk, "worker": short(run.lease_worker, 60)}
    return Item(
        badge=status_of(run),
        name=run.automation,
        url=scope.page(run),
        tenant=run.tenant,
        text=_("run %(run)s, now at worker %(worker)s") % named,
        do=_("See on its page whether it moves. Cancel it where it does not: it stops at its next batch."),
        at=run.started_at,
        buttons=scope.buttons(run, "cancel"),
    )


def _late(scope: Scope, behind: Behind) -> Group:
    """Nothing failed, and yet the tab is older than its schedule promised."""
    do = _("See what its last run waits for. If none was started: does the scheduler work?")
    return Group(
        key="late",
        title=ngettext("Automation behind its schedule", "Automations behind their schedules", behind.silent),
        count=behind.silent,
        items=[
            Item(
                badge=badge("▲", _("late"), "waiting"),
                name=each.automation,
                url=scope.page(each.automation),
                tenant=each.automation.tenant,
                text=_("was due at %(time)s, last completed at %(at)s")
                % {"time": when(each.promised), "at": when(each.at)},
                do=do,
                at=each.promised,
                buttons=scope.buttons(each.automation, "run_now"),
            )
            for each in behind.silently
        ],
        url=scope.url(Automation, "changelist", status__exact=Automation.Status.ACTIVE),
        more=_("All active automations"),
    )


def _silenced(scope: Scope) -> Group:
    rows, count = _first(
        scope.rows(Source.objects.exclude(silenced=[])).select_related("tenant").order_by("name", "pk")
    )
    do = _("Switch them on again in the shop. Until then only the schedule finds what changed.")
    return Group(
        key="silenced",
        title=ngettext("Source whose shop sends no webhooks", "Sources whose shops send no webhooks", count),
        count=count,
        items=[
            _item(scope, row, _badge(_("silent")), _("switched off: %(names)s") % {"names": _names(row)}, do)
            for row in rows
        ],
        url=scope.url(Source, "changelist"),
        more=_("All sources"),
    )


def _names(source: Source) -> str:
    return ", ".join(map(str, source.silenced)) if isinstance(source.silenced, list) else str(source.silenced)


def _badge(word: object) -> str:
    return badge("✖", word, "bad")


def _item(scope: Scope, row: Any, sign: str, text: str, do: object, *acts: str) -> Item:
    buttons = scope.buttons(row, *acts) if acts else ()
    return Item(
        badge=sign, name=row, url=scope.page(row), tenant=row.tenant, text=short(text, LONGEST), do=do, buttons=buttons
    )
