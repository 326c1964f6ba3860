"""Sources: their configuration is shown, their credentials are taken and never shown; secrets of webhooks, once."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sheetsync import trigger
from sheetsync.admin.asking import Asking
from sheetsync.admin.careful import CarefulAct, ShownOnce
from sheetsync.admin.display import list_link, table
from sheetsync.admin.history import OfTenants
from sheetsync.admin.links import RECONNECT_SHOP
from sheetsync.admin.sealing import Sealing
from sheetsync.admin.source_forms import fieldsets_of, form_of, kind_in, opened, spelt_out
from sheetsync.admin.source_options import words_of
from sheetsync.admin.source_words import KIND_WORDS
from sheetsync.admin.trying import TEST_SOURCE
from sheetsync.errors import BadSource, CannotDecrypt, ShopDenied
from sheetsync.models import Automation, Source, WebhookDelivery
from sheetsync.models.fields import atomic
from sheetsync.models.webhook_secrets import Platform
from sheetsync.sources.registry import KINDS


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
    TEST_SOURCE,
    RECONNECT_SHOP,
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
class SourceAdmin(OfTenants, Sealing, Asking):
    """Where orders come from."""

    acts = ACTS
    change_form_template = "admin/sheetsync/source/change_form.html"
    list_display = ["name", "tenant", "kind_words", "has_credentials", "last_delivery_at", "created_at"]
    list_filter = ["kind"]
    list_select_related = ["tenant"]
    search_fields = ["name", "tenant__name"]
    ordering = ["name", "pk"]
    autocomplete_fields = ["tenant"]
    readonly_fields = [
        "kind_words", "has_credentials", "public_id", "last_delivery_at", "silenced", "created_at", "automations",
        "webhooks", "deliveries", "settings",
    ]  # fmt: skip

    class Media:
        css = {"all": ["sheetsync/automation.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """By its kind. Who may only look sees the configuration as a table, and no field to paste into."""
        if obj is None:
            return fieldsets_of(kind_in(request), None)
        may = self.has_change_permission(request, obj)
        found = (
            fieldsets_of(obj.kind, obj) if may else [(None, {"fields": ["tenant", "name", "kind_words", "settings"]})]
        )
        pasted = ["webhook_platform", "new_webhook_secret"] if may else []
        return [
            *found,
            (_("Webhooks"), {"fields": ["webhooks", "last_delivery_at", "silenced", "deliveries", *pasted]}),
            (_("Use"), {"fields": ["has_credentials", "automations", "public_id", "created_at"]}),
        ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """By its kind, which stays: whoever needs another one adds another source."""
        kind = obj.kind if obj else kind_in(request)
        return super().get_form(request, obj, change, **{"form": form_of(kind), **kwargs})

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """First the kind is chosen: what else there is to fill in depends on it."""
        if kind_in(request) in KINDS or not self.has_add_permission(request):
            return super().add_view(request, form_url, extra_context)
        asked = request.GET.copy()
        asked.pop("kind", None)
        kinds = [(kind, KIND_WORDS.get(kind)) for kind in [*KIND_WORDS, *KINDS] if kind in KINDS]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Add a source: of which kind?"),
        }
        context |= {"kinds": dict(kinds), "query": asked.urlencode(), "is_popup": "_popup" in request.GET}
        return TemplateResponse(request, "admin/sheetsync/source/kinds.html", context)

    @admin.display(description=_("kind"), ordering="kind")
    def kind_words(self, source: Source) -> str:
        """In words."""
        return str(KIND_WORDS[source.kind].label) if source.kind in KIND_WORDS else source.kind

    @admin.display(description=_("configuration"))
    def settings(self, source: Source) -> str:
        """What differs from the usual."""
        config = source.config if isinstance(source.config, dict) else {}
        return table((words_of(source.kind, name).label, spelt_out(value)) for name, value in config.items())

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
        with atomic(Source):
            if change:
                row = Source.objects.select_for_update(no_key=True).get(pk=obj.pk)
                for name in ("sealed", "last_delivery_at", "renewing_until", "silenced"):
                    setattr(obj, name, getattr(row, name))
            if change and form.gives_credentials:
                obj.seal(form.credentials(opened(obj)))
            obj.save()
        if change and form.gives_credentials:
            trigger.put_back(obj.automations.all(), ShopDenied)
        if secret := form.cleaned_data["new_webhook_secret"]:
            try:
                obj.rotate_webhook_secret(form.cleaned_data["webhook_platform"], secret)
            except BadSource as error:
                self.message_user(request, str(error), messages.ERROR)

    def log_act(self, request: HttpRequest, obj: Any, act: str, message: str) -> None:
        """Of secrets the model writes its own audit, in the transaction of what it does; then Django's log alone."""
        if "secret" in act:
            admin.ModelAdmin.log_change(self, request, obj, message)
        else:
            super().log_act(request, obj, act, message)


def _address(source: Source, platform: Platform) -> str:
    """Without the part that is secret."""
    if platform is Platform.HINT:
        return reverse("sheetsync:webhook-hint", args=[source.public_id, "…"]).rpartition("/")[0] + "/…"
    return reverse(f"sheetsync:webhook-{platform}", args=[source.public_id])
