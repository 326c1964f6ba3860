"""Rows that the machine writes and people only read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from sheetsync.models import Tenant

FEW_TENANTS = 20


class ReadOnly:
    """Nothing is added, changed or deleted by hand. For pages and inlines."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: so tenants and automations that have a history cannot be deleted by hand either."""
        return False


class ReadOnlyInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """A table of history on another row's page."""

    extra = 0
    can_delete = False


class BigTable:
    """A list that may have a million rows: they are counted only as filtered."""

    show_full_result_count = False
    list_per_page = 50


class OfTenants:
    """A list of rows that belong to tenants. Of many tenants a filter would be a page by itself: search for one."""

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """With the tenants, while they are few."""
        found = list(super().get_list_filter(request))  # type: ignore[misc]
        few = len(Tenant.objects.values_list("pk")[: FEW_TENANTS + 1]) <= FEW_TENANTS
        return [*found, "tenant"] if few else found
