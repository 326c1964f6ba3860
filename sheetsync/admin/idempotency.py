"""Requests that are known again when they are repeated: for whoever wonders why one was not carried out."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from sheetsync.admin.history import BigTable, OfTenants, ReadOnly
from sheetsync.models import IdempotencyKey


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(BigTable, OfTenants, ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """When it came first and how it was answered; the answer itself is the tenant's."""

    list_display = ["key", "tenant", "status", "body_kept", "created_at", "expires_at"]
    list_select_related = ["tenant"]
    search_fields = ["=key", "tenant__name"]
    ordering = ["-pk"]
    sortable_by = ()
    fields = [("key", "tenant"), ("status", "body_kept"), ("created_at", "expires_at")]
    readonly_fields = ["body_kept"]

    @admin.display(description=_("answer"))
    def body_kept(self, row: IdempotencyKey) -> str:
        """Whether it can be given again."""
        return str(row.get_withheld_display())

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Nobody finds out by filters what an answer said."""
        hidden = ("body", "headers", "fingerprint")
        return not lookup.startswith(hidden) and super().lookup_allowed(lookup, value, request)
