"""Who looks: which rows they may see, and which buttons they may press."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.admin.sites import AdminSite, all_sites
from django.contrib.admin.utils import quote
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from sheetsync.admin.staff import seen_by, tenants_of

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Scope:
    """One request to one admin site."""

    request: HttpRequest
    site: AdminSite

    @classmethod
    def of(cls, request: HttpRequest) -> Scope:
        """The site that the request came to; a host may have several."""
        name = getattr(request, "current_app", None)
        found = (site for site in all_sites if site.name == name)
        return cls(request, next(found, admin.site))

    @property
    def tenants(self) -> Collection[int] | None:
        """Their ids; None for all."""
        theirs = tenants_of(self.request.user)
        return None if theirs is None else sorted(theirs)

    def sees(self, model: type[Model]) -> bool:
        """Whether they may look at such rows: else no number tells of them either."""
        meta = model._meta
        allowed = (f"{meta.app_label}.{act}_{meta.model_name}" for act in ("view", "change"))
        return self.site.is_registered(model) and any(map(self.request.user.has_perm, allowed))

    def adds(self, model: type[Model]) -> bool:
        """Whether they may make such a row."""
        registered = self.site.is_registered(model)
        return registered and self.site.get_model_admin(model).has_add_permission(self.request)

    def rows(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Those of them that they may see."""
        return seen_by(self.request.user, rows) if self.sees(rows.model) else rows.none()

    def url(self, model: type[Model], page: str, *args: Any, **filters: Any) -> str:
        """The address of a page of the admin."""
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
        address = reverse(name, args=[quote(each) for each in args], current_app=self.site.name)
        return f"{address}?{urlencode(filters)}" if filters else address

    def page(self, row: Model) -> str:
        """The address of a row's own page."""
        return self.url(type(row), "change", row.pk)

    def buttons(self, row: Model, *names: str) -> list[dict[str, Any]]:
        """Those of these acts that fit the row and that they may do: what the row's own page has, by the same POST."""
        page: Any = self.site.get_model_admin(type(row))
        if not page.has_operate_permission(self.request, row):
            return []
        acts = [act for act in page.acts if act.name in names and act.fits(row)]
        return [{"label": act.label, "url": self.url(type(row), act.name, row.pk)} for act in acts]
