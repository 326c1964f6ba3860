"""The page where members of the staff are restricted to tenants."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync.admin.auditing import Audited
from sheetsync.models import StaffTenant


class NewRestriction(forms.ModelForm):  # type: ignore[type-arg]
    """By the name that somebody logs in with."""

    class Meta:
        model = StaffTenant
        fields = ["user_name", "tenant"]
        help_texts = {
            "user_name": gettext_lazy(
                "The name that they log in with. From their first tenant on they see nothing of any other."
            )
        }

    def clean_user_name(self) -> str:
        """Somebody whom a restriction would restrict."""
        users: Any = get_user_model()._default_manager
        name: str = self.cleaned_data["user_name"]
        try:
            user = users.get_by_natural_key(name)
        except get_user_model().DoesNotExist:
            raise ValidationError(_("Nobody logs in with this name.")) from None
        if user.is_superuser:
            raise ValidationError(_("A superuser sees everything: take that away from them first."))
        self.instance.user_key = str(user.pk)
        return name

    def clean(self) -> None:
        """Said here, as the form does not show the key that the database's constraint is about."""
        super().clean()
        twice = StaffTenant.objects.filter(user_key=self.instance.user_key, tenant=self.cleaned_data.get("tenant"))
        if self.instance.user_key and twice.exists():
            self.add_error("tenant", _("They are restricted to this tenant already."))


@admin.register(StaffTenant)
class StaffTenantAdmin(Audited):
    """A row for each tenant that somebody may see. Nobody who is restricted sees, adds or removes any."""

    form = NewRestriction
    list_display = ["user_name", "tenant"]
    list_display_links = ["user_name", "tenant"]
    list_select_related = ["tenant"]
    search_fields = ["user_name", "tenant__name"]
    ordering = ["user_name", "pk"]
    fields = ["user_name", "tenant"]
    autocomplete_fields = ["tenant"]

    def tenant_path(self) -> None:
        """Who may see what is a matter of the whole site."""
        return

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: they are added and removed."""
        return False
