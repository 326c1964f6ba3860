"""Pages of rows with secrets: nothing on them, and no question to them, tells what was sealed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters


class Sealing:
    """For the ModelAdmin of a `Sealed` model, whose form has one field that takes secrets."""

    pasted_into = ""

    @method_decorator(sensitive_post_parameters())
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whatever goes wrong, reports of errors show nothing of what was sent."""
        found: HttpResponse = super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]
        return found

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """A list filtered by what the secret begins with would tell it letter by letter."""
        return not lookup.startswith("sealed") and super().lookup_allowed(lookup, value, request)  # type: ignore[misc]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look has no field to paste into."""
        found = super().get_fieldsets(request, obj)  # type: ignore[misc]
        if obj is None or self.has_change_permission(request, obj):  # type: ignore[attr-defined]
            return found
        return [each for each in found if self.pasted_into not in each[1]["fields"]]
