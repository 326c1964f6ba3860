"""Which tenants a staff user may see, and which rows are theirs: the questions that every page asks."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from sheetsync.models import StaffTenant, Tenant

Row = TypeVar("Row", bound=Model)

_KEPT = "_sheetsync_tenants"
_WAYS = ("source", "automation", "run")
"""To the tenant of a row that does not name it itself."""


def tenants_of(user: Any) -> frozenset[int] | None:
    """The ids of the tenants that a user is restricted to; None where they may see all. Asked once per request.

    Superusers are never restricted. Who is not logged in sees none.
    """
    if not user.is_active or not user.is_authenticated:
        return frozenset()
    if user.is_superuser:
        return None
    if not hasattr(user, _KEPT):
        setattr(user, _KEPT, StaffTenant.tenants_of(user))
    kept: frozenset[int] | None = getattr(user, _KEPT)
    return kept


def seen_by(user: Any, rows: QuerySet[Row]) -> QuerySet[Row]:
    """Those of the rows that the user may see. Rows of the whole site are for people without a restriction."""
    theirs = tenants_of(user)
    if theirs is None:
        return rows
    path = path_to_tenant(rows.model)
    return rows.filter(**{f"{path}__in": sorted(theirs)}) if path else rows.none()


def tenant_of(row: Any) -> Tenant | None:
    """Whose a row is; None where that is nobody."""
    path = path_to_tenant(type(row))
    if path == "pk":
        return row if row.pk else None
    for name in path.split("__") if path else ():
        row = getattr(row, name)
    return row if path else None


def path_to_tenant(model: type[Model]) -> str | None:
    """How a query comes from a row to its tenant; None where rows belong to the whole site."""
    if model is Tenant:
        return "pk"
    relations = {field.name: field.related_model for field in model._meta.concrete_fields if field.many_to_one}
    if relations.get("tenant") is Tenant:
        return "tenant"
    for name in _WAYS:
        further = relations.get(name)
        if isinstance(further, type) and (rest := path_to_tenant(further)):
            return f"{name}__{rest}"
    return None


def may_see(user: Any, model: type[Model]) -> bool:
    """Whether pages may tell of rows of this model. Attempts and the like have permissions of their own."""
    name = f"{model._meta.app_label}.{{}}_{model._meta.model_name}".format
    return bool(user.has_perm(name("view")) or user.has_perm(name("change")))
