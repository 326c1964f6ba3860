"""Attempts to link a Google account or to connect a shop: who began, and what became of it. Read only."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from sheetsync.admin.display import short
from sheetsync.admin.history import BigTable, OfTenants, ReadOnly
from sheetsync.models import InstallState, OAuthState


@admin.register(OAuthState)
class OAuthStateAdmin(BigTable, OfTenants, ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What to look at when a tenant says that linking does not work."""

    list_display = ["__str__", "tenant", "created_at", "standing", "why", "account"]
    list_filter = ["outcome", "created_at"]
    list_select_related = ["tenant", "account"]
    search_fields = ["tenant__name"]
    ordering = ["-pk"]
    fields = [
        ("tenant", "account"),
        ("created_at", "expires_at", "consumed_at"),
        ("standing", "reason"),
        "scopes",
        "redirect_uri",
    ]
    readonly_fields = ["standing"]

    @admin.display(description=_("outcome"), ordering="outcome")
    def standing(self, link: OAuthState) -> str:
        """As the tenant is told."""
        return str(OAuthState.Outcome(link.standing()[0]).label)

    @admin.display(description=_("reason"))
    def why(self, link: OAuthState) -> str:
        """Its beginning."""
        return short(link.standing()[1])


@admin.register(InstallState)
class InstallStateAdmin(BigTable, OfTenants, ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What to look at when a tenant says that a shop cannot be connected."""

    list_display = ["__str__", "tenant", "kind", "created_at", "standing", "why", "source"]
    list_filter = ["kind", "outcome", "created_at"]
    list_select_related = ["tenant", "source"]
    search_fields = ["tenant__name", "shop"]
    ordering = ["-pk"]
    fields = [
        ("tenant", "source"),
        ("kind", "shop", "name"),
        ("created_at", "expires_at", "consumed_at"),
        ("standing", "reason"),
    ]
    readonly_fields = ["standing"]

    @admin.display(description=_("outcome"), ordering="outcome")
    def standing(self, attempt: InstallState) -> str:
        """As the tenant is told."""
        return str(InstallState.Outcome(attempt.standing()[0]).label)

    @admin.display(description=_("reason"))
    def why(self, attempt: InstallState) -> str:
        """Its beginning."""
        return short(attempt.standing()[1])
