"""Attempts to link a Google account: who began one, and what became of it. Read only, and without states."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from sheetsync.admin.display import short
from sheetsync.admin.history import BigTable, OfTenants, ReadOnly
from sheetsync.models import OAuthState


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
