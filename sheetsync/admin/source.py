"""Sources: their configuration is shown, their credentials are taken and never shown; secrets of webhooks, once."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sheetsync.admin.careful import Careful, CarefulAct, ShownOnce
from sheetsync.admin.display import list_link, table
from sheetsync.admin.fields import JsonField, SecretField
from sheetsync.admin.history import OfTenants
from sheetsync.admin.sealing import Sealing
from sheetsync.errors import BadSource, CannotDecrypt
from sheetsync.models import Automation, Source, WebhookDelivery, webhook_secrets
from sheetsync.models.fields import atomic
from sheetsync.models.webhook_secrets import Platform
from sheetsync.sources.registry import KINDS

GIVEN = {"platform", "secret"}
SECRET_OF_A_SHOP = _(
    'Where the shop makes it, as Shopify does: {"platform": "shopify", "secret": "…"}. The last one is accepted '
    "as well, until you retire it."
)


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
    new_webhook_secret = SecretField(label=_("New webhook secret"), help_text=SECRET_OF_A_SHOP)

    def clean_new_webhook_secret(self) -> Any:
        """Raises ValidationError, which tells no secret."""
        given = self.cleaned_data["new_webhook_secret"]
        if given is None:
            return None
        if set(given) != GIVEN or not all(isinstance(each, str) for each in given.values()):
            raise ValidationError(_now('Write {"platform": "…", "secret": "…"}, both as texts.'))
        if given["platform"] not in Platform.values:
            raise ValidationError(_now("Platforms are %(names)s.") % {"names": ", ".join(Platform.values)})
        try:
            webhook_secrets.new_secret(given["platform"], given["secret"])
        except BadSource as error:
            raise ValidationError(str(error)) from error
        return given


def _made(platform: Platform, source: Source) -> ShownOnce:
    secret = source.rotate_webhook_secret(platform)
    done = _now("%(source)s: a new webhook secret of %(platform)s is accepted, and the last one as well")
    names = {"source": source, "platform": platform.label}
    if platform is Platform.HINT:
        secret = reverse("sheetsync:webhook-hint", args=[source.public_id, secret])
    return ShownOnce.of(done % names, secret)


def _retired(source: Source) -> str:
    retired = [platform.label for platform in Platform if source.retire_webhook_secret(platform)]
    if not retired:
        return _now("%(source)s: no old webhook secret was accepted anyway") % {"source": source}
    names = {"source": source, "platforms": ", ".join(str(each) for each in retired)}
    return _now("%(source)s: only the newest webhook secret is accepted now: %(platforms)s") % names


def _act(platform: Platform, label: Any, hint: Any) -> CarefulAct:
    what = _("Webhook secret") if platform is not Platform.HINT else _("Address for hints")
    return CarefulAct(name=f"new_{platform}_secret", label=label, do=partial(_made, platform), what=what, hint=hint)


PASTE = _("Paste it into the shop's settings. When the shop signs with it, retire the old one.")
ACTS = (
    _act(Platform.WOOCOMMERCE, _("New WooCommerce webhook secret"), PASTE),
    _act(Platform.STANDARD, _("New Standard Webhooks secret"), PASTE),
    _act(
        Platform.HINT,
        _("New address for unsigned hints"),
        _("Put your site's address in front of it. Whoever knows it can make sheetsync look at orders, and no more."),
    ),
    CarefulAct(
        name="retire_webhook_secrets",
        label=_("Retire old webhook secrets"),
        do=_retired,
        question=_("What is signed with the older of two secrets is refused from then on."),
    ),
)


@admin.register(Source)
class SourceAdmin(OfTenants, Sealing, Careful):
    """Where orders come from."""

    form = SourceForm
    pasted_into = "new_credentials"
    acts = ACTS
    list_display = ["name", "tenant", "kind", "has_credentials", "last_delivery_at", "created_at"]
    list_filter = ["kind"]
    list_select_related = ["tenant"]
    search_fields = ["name", "tenant__name"]
    ordering = ["name", "pk"]
    autocomplete_fields = ["tenant"]
    readonly_fields = [
        "has_credentials", "public_id", "last_delivery_at", "silenced", "created_at", "automations", "webhooks",
        "deliveries",
    ]  # fmt: skip
    fieldsets = [
        (None, {"fields": ["tenant", "name", "kind", "config"]}),
        (_("Secrets"), {"fields": ["new_credentials", "new_webhook_secret"]}),
        (_("Webhooks"), {"fields": ["webhooks", "last_delivery_at", "silenced", "deliveries"]}),
        (_("Use"), {"fields": ["has_credentials", "automations", "public_id", "created_at"]}),
    ]

    @admin.display(description=_("has credentials"), boolean=True)
    def has_credentials(self, source: Source) -> bool | None:
        """Whether any are sealed in it; None where nobody can tell."""
        try:
            return bool(source.secrets())
        except CannotDecrypt:
            return None

    @admin.display(description=_("used by"))
    def automations(self, source: Source) -> str:
        """The automations that read it."""
        return list_link(Automation, source__id__exact=source.pk)

    @admin.display(description=_("deliveries"))
    def deliveries(self, source: Source) -> str:
        """What its shop reported."""
        return list_link(WebhookDelivery, source__id__exact=source.pk)

    @admin.display(description=_("addresses"))
    def webhooks(self, source: Source) -> str:
        """Where the shop has to send them, and how many secrets are accepted."""
        if source.pk is None:
            return table([])
        try:
            accepted = {platform: len(source.webhook_secrets(platform)) for platform in Platform}
        except CannotDecrypt as error:
            return str(error)
        rows = [(platform.label, _address(source, platform), number) for platform, number in accepted.items()]
        return table(rows, [_("platform"), _("address"), _("secrets")])

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Its secrets are sealed for its tenant, so it stays there."""
        return [*self.readonly_fields, "tenant"] if obj else list(self.readonly_fields)

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:
        """With new credentials and a new secret of webhooks where some were given.

        What is sealed is taken as it is now: it may have been renewed since the page was made.
        """
        credentials, hook = form.cleaned_data["new_credentials"], form.cleaned_data["new_webhook_secret"]
        with atomic(Source):
            if change:
                row = Source.objects.select_for_update(no_key=True).get(pk=obj.pk)
                for name in ("sealed", "last_delivery_at", "renewing_until", "silenced"):
                    setattr(obj, name, getattr(row, name))
            if credentials is not None:
                obj.seal(credentials)
            obj.save()
        if hook:
            try:
                obj.rotate_webhook_secret(hook["platform"], hook["secret"])
            except BadSource as error:
                self.message_user(request, str(error), messages.ERROR)

    def log_act(self, request: HttpRequest, obj: Any, act: str, message: str) -> None:
        """The model writes its own audit, in the transaction of what it does; this is Django's log alone."""
        admin.ModelAdmin.log_change(self, request, obj, message)


def _address(source: Source, platform: Platform) -> str:
    """Without the part that is secret."""
    if platform is Platform.HINT:
        return reverse("sheetsync:webhook-hint", args=[source.public_id, "…"]).rpartition("/")[0] + "/…"
    return reverse(f"sheetsync:webhook-{platform}", args=[source.public_id])
