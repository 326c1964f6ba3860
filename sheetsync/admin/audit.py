"""The audit history: who changed what. Read only, for everybody."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from sheetsync.admin.display import NOTHING, table
from sheetsync.admin.history import BigTable, OfTenants, ReadOnly
from sheetsync.models import (
    ApiToken,
    AuditEntry,
    Automation,
    GoogleAccount,
    InstallCode,
    PrivacyRequest,
    Source,
    SyncRun,
    Tenant,
)

KINDS = (Tenant, InstallCode, ApiToken, GoogleAccount, Source, Automation, SyncRun, PrivacyRequest)


class KindOfObject(admin.SimpleListFilter):
    """Known beforehand: to look for all that there are would read the whole history."""

    title = _("kind of object")
    parameter_name = "object_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """What acts are recorded of."""
        return [(str(model._meta.model_name), model._meta.verbose_name) for model in KINDS]

    def queryset(self, request: HttpRequest, rows: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Those of one kind."""
        return rows.filter(object_type=self.value()) if self.value() else rows


@admin.register(AuditEntry)
class AuditEntryAdmin(BigTable, OfTenants, ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Found by what was done, by whom, to what, and by the id of the request."""

    list_display = ["at", "who", "action", "object_label", "tenant", "fields_changed"]
    list_filter = ["actor_kind", "at", KindOfObject]
    list_select_related = ["tenant"]
    search_fields = ["action", "actor", "object_label", "=request_id"]
    ordering = ["-pk"]
    sortable_by = ()
    fields = [
        ("at", "action"),
        ("who", "address", "request_id"),
        ("object_type", "object_id", "object_label"),
        "tenant",
        "what_changed",
    ]
    readonly_fields = ["who", "what_changed"]

    @admin.display(description=_("who"), ordering="actor")
    def who(self, entry: AuditEntry) -> str:
        """By name, where there is one."""
        kind = str(entry.get_actor_kind_display())
        return f"{entry.actor} ({kind})" if entry.actor else kind

    @admin.display(description=_("changed"))
    def fields_changed(self, entry: AuditEntry) -> str:
        """The names of the fields."""
        return ", ".join(entry.changes) or NOTHING

    @admin.display(description=_("changes"))
    def what_changed(self, entry: AuditEntry) -> str:
        """Before and after; secrets were never in it."""
        rows = [(name, *map(_shown, pair)) for name, pair in entry.changes.items()]
        return table(rows, (_("field"), _("before"), _("after")))


def _shown(value: object) -> object:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return NOTHING if value is None or value == "" else value
