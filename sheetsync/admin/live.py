"""What the page of an automation shows of a form while it is typed: a preview, the destination, the schedule.

By POST, of the form as it stands and saved by nobody. A script puts the answers into the page; a browser without
scripts opens them as pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from sheetsync import cron, linking, sampling
from sheetsync.admin import schedule
from sheetsync.admin.tab import tab_address
from sheetsync.errors import BadSchedule, SheetsyncError
from sheetsync.export import Job
from sheetsync.models import Automation
from sheetsync.pipeline.columns import columns_from
from sheetsync.pipeline.filters import filters_from
from sheetsync.pipeline.records import RowsPer, Tally

ROWS = 5
FETCHED = "fetch"
"""What the script says it is."""


def complaints_of(form: Any, *names: str) -> list[str]:
    """What is wrong with these fields, each by its name as people see it."""
    return [
        _("%(field)s: %(text)s") % {"field": form.fields[name].label or name, "text": text}
        for name in names
        if name in form.fields
        for text in form.errors.get(name, ())
    ]


def preview(form: Any, columns: Any) -> dict[str, Any]:
    """The first rows as they would be written, and which paths there are."""
    complaints = complaints_of(form, "tenant", "source", "rows_per", "time_zone", "filters")
    if complaints:
        return {"complaints": complaints}
    automation: Automation = form.instance
    rows_per, tally = RowsPer(automation.rows_per), Tally()
    found = sampling.look(automation.source, rows_per, tally)
    shown: dict[str, Any] = {"paths": sampling.catalogue(found.first), "complaints": list(_of_columns(columns))}
    if found.first:
        named = sampling.templates(found.first[0])
        wanted = [rows_per.value, *(["accounting"] if rows_per is RowsPer.ORDER else [])]
        shown["usual"] = [(name, named[name]) for name in wanted if named.get(name)]
    if shown["complaints"]:
        return shown
    columns_now = columns_from(columns.definitions(), rows_per)
    job = Job(columns=columns_now, rows_per=rows_per, filters=filters_from(automation.filters))
    table = sampling.shown(job, found, ROWS, automation.zone, tally)
    headers = table["headers"]
    unknown = [each | {"header": headers[int(each["pointer"].split("/")[2])]} for each in table["unknown_paths"]]
    return shown | {"table": table, "unknown": unknown, "any_orders": bool(found.first)}


def destination(form: Any, columns: Any) -> dict[str, Any]:
    """What the spreadsheet and the tab hold, and whether the account may write there."""
    complaints = complaints_of(form, "tenant", "account", "spreadsheet_id")
    if complaints:
        return {"complaints": complaints}
    automation: Automation = form.instance
    account = automation.google_account()
    if account is None:
        return {"complaints": [_("No Google account is linked for this tenant: link one first.")]}
    gid = form.fields["spreadsheet_id"].gid
    title = "" if gid is not None else form.data.get("tab_title", "").strip()
    seen = linking.look(account, automation.spreadsheet_id, title=title, gid=gid)
    others = Automation.objects.filter(spreadsheet_id=automation.spreadsheet_id, sheet_id__isnull=False)
    taken = set(others.exclude(pk=automation.pk).values_list("sheet_id", flat=True))
    widths = max((len(row) for row in seen.rows), default=0)
    rows = [[*row, *[""] * (widths - len(row))] for row in seen.rows]
    tabs = [(each, each == seen.tab, each.id in taken) for each in seen.book.sheets] if seen.book else []
    where = {"seen": seen, "tabs": tabs, "rows": rows, "taken": bool(seen.tab and seen.tab.id in taken)}
    return where | {"account": account, "gid": gid, "wanted": title, "address": tab_address(automation)}


def times(form: Any, columns: Any) -> dict[str, Any]:
    """The schedule as a sentence, with its next times."""
    text, zone = form.data.get("cron", "").strip(), form.data.get("time_zone", "").strip()
    tenant = form.instance.tenant if form.instance.tenant_id else None
    zone = zone or (tenant.time_zone if tenant else "UTC")
    if not text:
        return {"empty": True}
    try:
        schedule.judged(text, zone)
        found = {"sentence": cron.describe(text, zone), "times": schedule.upcoming(text, zone)}
    except BadSchedule as error:
        return {"complaints": [str(error)]}
    return found | {"off": not form.data.get("schedule_enabled")}


LOOKS: dict[str, tuple[Any, Callable[[Any, Any], dict[str, Any]]]] = {
    "preview": ("admin/sheetsync/automation/preview.html", preview),
    "destination": ("admin/sheetsync/automation/destination.html", destination),
    "schedule": ("admin/sheetsync/automation/times.html", times),
}


class Live(admin.ModelAdmin):  # type: ignore[type-arg]
    """A page with such looks."""

    def get_urls(self) -> list[URLPattern]:
        """Two addresses for all looks, before the others: of a new row, and of one that is there."""
        view, name = self.admin_site.admin_view(self.live_view), f"{self.opts.app_label}_{self.opts.model_name}_live"
        own = [
            path("add/live/<slug:what>/", view, name=f"{name}_new"),
            path("<path:object_id>/live/<slug:what>/", view, name=name),
        ]
        return own + super().get_urls()

    # Not one transaction, whatever the host says: a shop may take its time.
    @transaction.non_atomic_requests
    def live_view(self, request: HttpRequest, what: str, object_id: str | None = None) -> HttpResponse:
        """Whoever may save the form may look."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if what not in LOOKS:
            raise Http404
        row = self.get_object(request, unquote(object_id)) if object_id is not None else None
        if object_id is not None and row is None:
            raise Http404
        if not (self.has_change_permission(request, row) if row else self.has_add_permission(request)):
            raise PermissionDenied
        template, look = LOOKS[what]
        return TemplateResponse(request, template, self._looked(request, row, look))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With the addresses, for whoever may save."""
        row = context["original"]
        if self.has_change_permission(request, row) if row else self.has_add_permission(request):
            context["live"] = {what: self._address(what, row) for what in LOOKS}
        return super().render_change_form(request, context, *args, **kwargs)

    def _looked(self, request: HttpRequest, row: Any, look: Callable[[Any, Any], dict[str, Any]]) -> dict[str, Any]:
        form = self.get_form(request, row, change=row is not None)(request.POST, instance=row)
        form.is_valid()
        shown: dict[str, Any] = {"opts": self.opts, "title": _("As it is typed, not saved")}
        try:
            shown |= look(form, self._columns(request, row, form))
        except SheetsyncError as error:
            shown |= {"complaints": [str(error)], "failed": True}
        if request.headers.get("X-Requested-With") == FETCHED:
            return shown | {"base": "admin/sheetsync/automation/fragment.html"}
        return {**self.admin_site.each_context(request), **shown, "base": "admin/base_site.html"}

    def _columns(self, request: HttpRequest, row: Any, form: Any) -> Any:
        """As the form that saves has them: typed, or only shown where they are too many."""
        (columns,), _inlines = self._create_formsets(  # type: ignore[attr-defined]
            request, form.instance, change=row is not None
        )
        return columns

    def _address(self, what: str, row: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_live"
        site = self.admin_site.name
        if row is None:
            return reverse(f"{name}_new", args=[what], current_app=site)
        return reverse(name, args=[quote(row.pk), what], current_app=site)


def _of_columns(columns: Any) -> Iterator[str]:
    """What is wrong with the columns, each by its number."""
    if columns.is_valid():
        return
    for number, form in enumerate(columns.forms, start=1):
        for name, texts in form.errors.items():
            label = form.fields[name].label if name in form.fields else ""
            for text in texts:
                yield _("Column %(number)d, %(field)s: %(text)s") % {"number": number, "field": label, "text": text}
    yield from columns.non_form_errors()
