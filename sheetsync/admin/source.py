"""Sources: their configuration is shown, their credentials are taken and never shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from sheetsync.admin.auditing import Audited
from sheetsync.admin.display import list_link
from sheetsync.admin.fields import JsonField, SecretField
from sheetsync.admin.history import OfTenants
from sheetsync.admin.sealing import Sealing
from sheetsync.models import Automation, Source
from sheetsync.sources.registry import KINDS


class SourceForm(forms.ModelForm):  # type: ignore[type-arg]
    """The model's `clean` opens the source, and says what is wrong with its configuration."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[(kind, kind) for kind in KINDS])
    config = JsonField(
        dict, label=_("Configuration"), help_text=_('Such as {"path": "orders.jsonl"}. No secrets here.')
    )
    new_credentials = SecretField(
        label=_("New credentials"),
        help_text=_("A JSON object in the place of what is stored, which is never shown; {} takes that away."),
    )


@admin.register(Source)
class SourceAdmin(OfTenants, Sealing, Audited):
    """Where orders come from."""

    form = SourceForm
    pasted_into = "new_credentials"
    list_display = ["name", "tenant", "kind", "has_credentials", "created_at"]
    list_filter = ["kind"]
    list_select_related = ["tenant"]
    search_fields = ["name", "tenant__name"]
    ordering = ["name", "pk"]
    autocomplete_fields = ["tenant"]
    readonly_fields = ["has_credentials", "public_id", "created_at", "automations"]
    fieldsets = [
        (None, {"fields": ["tenant", "name", "kind", "config"]}),
        (_("Secrets"), {"fields": ["new_credentials"]}),
        (_("Use"), {"fields": ["has_credentials", "automations", "public_id", "created_at"]}),
    ]

    @admin.display(description=_("has credentials"), boolean=True)
    def has_credentials(self, source: Source) -> bool:
        """Whether anything is sealed in it."""
        return bool(source.sealed)

    @admin.display(description=_("used by"))
    def automations(self, source: Source) -> str:
        """The automations that read it."""
        return list_link(Automation, source__id__exact=source.pk)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Its secrets are sealed for its tenant, so it stays there."""
        return [*self.readonly_fields, "tenant"] if obj else list(self.readonly_fields)

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:
        """With new credentials where some were given."""
        if form.cleaned_data["new_credentials"] is not None:
            obj.seal(form.cleaned_data["new_credentials"])
        obj.save()
