"""What operators do here is in the audit history too, in the words that the API uses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from sheetsync.admin.fields import SecretField
from sheetsync.admin.history import Restricted
from sheetsync.admin.staff import tenant_of
from sheetsync.models.audit import HIDDEN, Actor, ActorKind, record

NOUNS = {
    "googleaccount": "account",
    "syncrun": "run",
    "apitoken": "token",
    "installcode": "install_code",
    "stafftenant": "restriction",
    "alertendpoint": "alert_endpoint",
}
DONE = {
    "pause": "paused",
    "resume": "resumed",
    "activate": "activated",
    "run_now": "run_requested",
    "run_changes": "run_requested",
    "run_orders": "run_requested",
    "preview": "previewed",
    "release_tab": "tab_released",
    "retry": "retried",
    "replay": "replayed",
    "cancel": "canceled",
    "prioritize": "prioritized",
    "resolve": "resolved",
    "dismiss": "dismissed",
    "test": "tested",
    "link_google": "account_link_begun",
    "connect_shop": "shop_link_begun",
    "reconnect_link": "link_begun",
    "reconnect": "reconnected",
    "make_default": "made_default",
    "unlink": "unlink_requested",
}
"""The act -> how the history calls it."""
ACTS_THAT_SAY_SO = {"mint_code", "withdraw", "revoke", "rotate"}
"""They record it themselves, in the transaction of what they do."""


def operator(request: HttpRequest) -> Actor:
    """Whoever is logged in."""
    address = request.META.get("REMOTE_ADDR") or None
    return Actor(kind=ActorKind.OPERATOR, label=request.user.get_username(), address=address)


class Audited(Restricted, admin.ModelAdmin):  # type: ignore[type-arg]
    """Whatever Django writes into its own log of the admin, the audit history has as well."""

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Remember what differs: the log below is written with the row as it is then."""
        request.sheetsync_changes = {} if add else _differing(form)  # type: ignore[attr-defined]
        return super().construct_change_message(request, form, formsets, add)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Added by a form."""
        self._record(request, "created", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Changed by a form."""
        self._record(request, "changed", obj, getattr(request, "sheetsync_changes", {}))
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """About to be deleted."""
        for row in queryset:
            self._record(request, "removed", row)
        return super().log_deletions(request, queryset)

    def log_act(self, request: HttpRequest, obj: Any, act: str, message: str) -> None:
        """A button was pressed."""
        if act not in ACTS_THAT_SAY_SO:
            self._record(request, DONE.get(act, act), obj)
        super().log_change(request, obj, message)

    def _record(self, request: HttpRequest, done: str, row: models.Model, also: Any = None) -> None:
        name = str(row._meta.model_name)
        named = f"{NOUNS.get(name, name)}.{done}"
        record(named, row, tenant=tenant_of(row), also=also, actor=operator(request))


def _differing(form: Any) -> dict[str, tuple[Any, Any]]:
    """{field: (old, new)} of a form that was sent; of secrets only that they are new."""
    return {
        name: (None, HIDDEN) if isinstance(form.fields.get(name), SecretField) else _values(form, name)
        for name in form.changed_data
        if name in form.fields
    }


def _values(form: forms.BaseForm, name: str) -> tuple[Any, Any]:
    old, new = form.initial.get(name), form.cleaned_data.get(name)
    return old, new.pk if isinstance(new, models.Model) else new
