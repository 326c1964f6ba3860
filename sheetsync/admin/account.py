"""Google accounts: linked by a service account's key, which is taken and never shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync import linking
from sheetsync.admin.acts import Act, in_list
from sheetsync.admin.asking import Asking
from sheetsync.admin.careful import CarefulAct, carefully_in_list
from sheetsync.admin.display import short
from sheetsync.admin.fields import KeyFileField, SecretField
from sheetsync.admin.history import OfTenants
from sheetsync.admin.links import RECONNECT_GOOGLE
from sheetsync.admin.sealing import Sealing
from sheetsync.admin.trying import TEST_ACCOUNT
from sheetsync.errors import GrantRevoked
from sheetsync.models import GoogleAccount
from sheetsync.sheets.credentials import credentials_from

_NEEDED = {
    GoogleAccount.Kind.SERVICE_ACCOUNT: ("client_email", "private_key", "token_uri"),
    GoogleAccount.Kind.OAUTH: ("client_id", "client_secret", "refresh_token"),
}


def check_secrets(kind: str, secrets: Mapping[str, Any]) -> None:
    """Raises ValidationError for what google-auth could not use, without showing any of it."""
    if kind == GoogleAccount.Kind.SERVICE_ACCOUNT and secrets.get("type") != "service_account":
        raise ValidationError(_('"type" is not "service_account": paste the JSON key file of a service account.'))
    for name in _NEEDED[GoogleAccount.Kind(kind)]:
        if not isinstance(secrets.get(name), str) or not secrets[name]:
            raise ValidationError(_('"%(name)s" is missing or no text: paste the whole file.') % {"name": name})
    try:
        credentials_from(secrets)
    except (GrantRevoked, TypeError, AttributeError):  # the last two: encrypted keys, and fields of odd types
        raise ValidationError(_("google-auth cannot read it: paste the file as Google gave it.")) from None


def take_one(form: forms.BaseForm, pasted: str, chosen: str, *, required: bool = False) -> None:
    """Of the same thing given in two ways take the one that was given, under the name of the first."""
    cleaned = form.cleaned_data
    if form.errors.keys() & {pasted, chosen}:
        return
    if cleaned.get(pasted) is not None and cleaned.get(chosen) is not None:
        form.add_error(chosen, _("Choose a file or paste its content, one of the two."))
    elif cleaned.get(pasted) is None:
        cleaned[pasted] = cleaned.get(chosen)
        if required and cleaned[pasted] is None:
            form.add_error(chosen, _("This field is required: choose the file, or paste its content."))


class NewAccount(forms.ModelForm):  # type: ignore[type-arg]
    """Only service accounts are linked here: people link theirs by consenting."""

    key_file = KeyFileField(
        label=gettext_lazy("Key file"),
        help_text=gettext_lazy(
            "Of a service account: in the Google Cloud console, IAM and Admin, Service accounts, Keys, Add key, JSON. "
            "People link their own accounts by consenting: the tenant's page has a button for that."
        ),
    )
    key = SecretField(label=gettext_lazy("Or its content"), help_text=gettext_lazy("Pasted here; it is never shown."))

    class Meta:
        model = GoogleAccount
        fields = ["tenant"]

    def clean_key_file(self) -> dict[str, Any] | None:
        """As the content that is pasted."""
        return self._judged(self.cleaned_data["key_file"])

    def clean_key(self) -> dict[str, Any] | None:
        """A key that can be used, of an account with an e-mail address."""
        return self._judged(self.cleaned_data["key"])

    def clean(self) -> None:
        """One of the two ways."""
        super().clean()
        take_one(self, "key", "key_file", required=True)

    def _judged(self, key: dict[str, Any] | None) -> dict[str, Any] | None:
        if key is None:
            return None
        check_secrets(GoogleAccount.Kind.SERVICE_ACCOUNT, key)
        try:
            forms.EmailField(max_length=254).run_validators(key["client_email"])
        except ValidationError:
            raise ValidationError(_('"client_email" is no e-mail address of at most 254 characters.')) from None
        return key


class KnownAccount(forms.ModelForm):  # type: ignore[type-arg]
    """An account is what Google says it is; only its secrets can be replaced."""

    new_key = SecretField(
        label=gettext_lazy("New key"),
        help_text=gettext_lazy("JSON in the place of what is stored, which is never shown. It connects the account."),
    )

    new_key_file = KeyFileField(label=gettext_lazy("Or its file"))

    class Meta:
        model = GoogleAccount
        fields: tuple[str, ...] = ()

    def clean_new_key_file(self) -> dict[str, Any] | None:
        """As the content that is pasted."""
        return self._judged(self.cleaned_data["new_key_file"])

    def clean_new_key(self) -> dict[str, Any] | None:
        """A key that can be used, of this very account."""
        return self._judged(self.cleaned_data["new_key"])

    def clean(self) -> None:
        """One of the two ways."""
        super().clean()
        take_one(self, "new_key", "new_key_file")

    def _judged(self, key: dict[str, Any] | None) -> dict[str, Any] | None:
        if key is None:
            return None
        check_secrets(self.instance.kind, key)
        if key.get("client_email", self.instance.subject) != self.instance.subject:
            raise ValidationError(_("It is the key of another account: add that one, and leave this one as it is."))
        return key


def _reconnect(account: GoogleAccount) -> str:
    account.reconnect()
    linking.resume(account)
    return _("%(account)s is connected: its automations may run again") % {"account": account}


def _make_default(account: GoogleAccount) -> str:
    linking.choose_default(account)
    return _("%(account)s is the default of its tenant") % {"account": account}


def _unlink(account: GoogleAccount) -> str:
    if linking.unlink(account).settled:
        return _("%(account)s is unlinked") % {"account": account}
    return _("%(account)s is unlinked, but Google did not answer: unlink it again to end its grant there") % {
        "account": account
    }


UNLINK = CarefulAct(
    name="unlink",
    label=gettext_lazy("Unlink"),
    do=_unlink,
    fits=lambda account: account.status != GoogleAccount.Status.UNLINKED or bool(account.sealed),
    question=gettext_lazy(
        "Its grant at Google ends and its secrets are deleted. Automations that write with it stand still until "
        "another account is chosen."
    ),
)
ACTS = (
    Act(
        name="reconnect",
        label=gettext_lazy("Use it again"),
        do=_reconnect,
        fits=lambda account: account.status == GoogleAccount.Status.NEEDS_OWNER,
    ),
    Act(
        name="make_default",
        label=gettext_lazy("Make default"),
        do=_make_default,
        fits=lambda account: not account.is_default and account.status != GoogleAccount.Status.UNLINKED,
    ),
    TEST_ACCOUNT,
    RECONNECT_GOOGLE,
    UNLINK,
)


@admin.register(GoogleAccount)
class GoogleAccountAdmin(OfTenants, Sealing, Asking):
    """What is linked, what its owner has to mend, and the button for when that is done."""

    acts = ACTS
    actions = [*(in_list(act) for act in ACTS[:2]), carefully_in_list(UNLINK)]
    pasted_into = "new_key"
    form = KnownAccount
    list_display = ["email", "tenant", "kind", "status", "short_problem", "is_default", "connected_at"]
    list_filter = ["status", "kind", "is_default"]
    list_select_related = ["tenant"]
    search_fields = ["email", "tenant__name"]
    ordering = ["email", "pk"]
    autocomplete_fields = ["tenant"]
    fieldsets = [
        (None, {"fields": ["email", "tenant", "kind", "is_default"]}),
        (gettext_lazy("Connection"), {"fields": ["status", "problem", "connected_at", "created_at", "scopes"]}),
        (gettext_lazy("Secrets"), {"fields": ["new_key", "new_key_file"]}),
    ]
    known = ["email", "tenant", "kind", "is_default", "status", "problem", "connected_at", "created_at", "scopes"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: accounts are unlinked, or their grants would live on at Google, and a tenant have no default."""
        return False

    @admin.display(description=gettext_lazy("problem"))
    def short_problem(self, account: GoogleAccount) -> str:
        """Its beginning."""
        return short(account.problem)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """A new account is its key; the rest is in there."""
        return super().get_form(request, obj, change, **kwargs | ({} if obj else {"form": NewAccount}))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new account has two fields."""
        return super().get_fieldsets(request, obj) if obj else [(None, {"fields": ["tenant", "key_file", "key"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """All but the key."""
        return self.known if obj else []

    def save_model(self, request: HttpRequest, obj: GoogleAccount, form: Any, change: bool) -> None:
        """A known account's new key connects it; so does a new account that was known before."""
        if not change:
            obj.pk = GoogleAccount.link_service_account(obj.tenant, form.cleaned_data["key"]).pk
            obj.refresh_from_db()
            linking.resume(obj)
        elif form.cleaned_data["new_key"] is not None:
            obj.reconnect(form.cleaned_data["new_key"])
            linking.resume(obj)
