"""What pages have in common: rows that people only read, long lists, and tenants that not everybody may see."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Field, ForeignKey, QuerySet
from django.http import HttpRequest

from sheetsync.admin.display import short
from sheetsync.admin.ids import row_id
from sheetsync.admin.paging import BigTable
from sheetsync.admin.staff import path_to_tenant, seen_by, tenants_of
from sheetsync.models import Automation, SyncRun, Tenant

__all__ = ["BigTable", "FewOrAsked", "OfTenants", "OwnRelated", "ReadOnly", "ReadOnlyInline", "Restricted"]

FEW = 20
"""Choices of a filter."""
SHOWN = 40
"""Characters of a name."""

Deleted = tuple[list[Any], dict[str, int], set[Any], list[Any]]
"""What a page that asks before something is deleted shows of it."""


class OwnRelated(admin.RelatedFieldListFilter):
    """A filter that names only what somebody may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """To choose from."""
        ordering = self.field_admin_ordering(field, request, model_admin)
        mine = {"pk__in": seen_by(request.user, field.related_model._base_manager.all()).values("pk")}
        limited: dict[str, Any] = {} if tenants_of(request.user) is None else mine
        return list(field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=limited))


class FewOrAsked(OwnRelated):
    """All rows while they are few. Of many, those that a link from elsewhere asks for: a filter of all of them would
    be a page by itself.
    """

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """None of a tenant that the person may not see."""
        seen = seen_by(request.user, self.ordered(field.related_model._base_manager.all()))
        few = list(seen[: FEW + 1])
        if len(few) > FEW:
            asked_for = [number for each in self.lookup_val or () if (number := row_id(each)) is not None]
            few = list(seen.filter(pk__in=asked_for))
        return [(each.pk, self.label(each)) for each in few]

    def ordered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """As they are offered, with what their labels need."""
        return rows.order_by("name", "pk")

    def label(self, row: Any) -> str:
        """What is offered."""
        return short(row.name, SHOWN)

    def has_output(self) -> bool:
        """Also with one, and whenever somebody asks for one: a filter without output is passed over."""
        return bool(self.lookup_choices) or self.lookup_val is not None


class Restricted:
    """For whoever is restricted to tenants, rows of others are not there: as for an unknown id, the answer is 404.

    For pages and inlines. Every page has it: by `ReadOnly` where people only look, by `Acting` where they act.
    """

    def tenant_path(self) -> str | None:
        """How a query comes from a row to its tenant; None closes the page to whoever is restricted."""
        return path_to_tenant(self.model)  # type: ignore[attr-defined]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What everything starts from: lists, rows, their acts and their history, and what autocompletion offers."""
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows.none() if self._is_closed_to(request) else seen_by(request.user, rows)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not of what belongs to the whole site."""
        return not self._is_closed_to(request) and super().has_view_permission(request, obj)  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not of what belongs to the whole site."""
        return not self._is_closed_to(request) and super().has_change_permission(request, obj)  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not of what belongs to the whole site."""
        return not self._is_closed_to(request) and super().has_delete_permission(request, obj)  # type: ignore[misc]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Whoever is restricted to tenants adds none: they would not see it."""
        new_tenant = self.tenant_path() == "pk" and tenants_of(request.user) is not None
        closed = new_tenant or self._is_closed_to(request)
        return not closed and super().has_add_permission(request, *args)  # type: ignore[misc]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Deleted:
        """Nobody deletes runs by hand: what has any is refused before all that belongs to it is listed."""
        way = {Tenant: "tenant__in", Automation: "automation__in"}.get(self.model)  # type: ignore[attr-defined]
        if way and SyncRun.objects.filter(**{way: [row.pk for row in objs]}).exists():
            return [], {}, {SyncRun._meta.verbose_name}, []
        found: Deleted = super().get_deleted_objects(objs, request)  # type: ignore[misc]
        return found

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """With nothing to choose but what somebody may see, whatever they post."""
        if tenants_of(request.user) is not None:
            rows = kwargs.get("queryset", db_field.related_model._default_manager.all())
            kwargs["queryset"] = seen_by(request.user, rows)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Filters by what a row belongs to, with nothing to choose but what somebody may see."""
        return [self._own(each) for each in super().get_list_filter(request)]  # type: ignore[misc]

    def _own(self, each: Any) -> Any:
        fields: dict[Any, Field[Any, Any]] = {field.name: field for field in self.model._meta.fields}  # type: ignore[attr-defined]
        return (each, OwnRelated) if each in fields and fields[each].is_relation else each

    def _is_closed_to(self, request: HttpRequest) -> bool:
        return self.tenant_path() is None and tenants_of(request.user) is not None


class ReadOnly(Restricted):
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


class OfTenants:
    """A list of rows that belong to tenants."""

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """With the tenants."""
        return [*super().get_list_filter(request), ("tenant", FewOrAsked)]  # type: ignore[misc]
