"""Forms of sources: a field for each option of the kind's typed configuration, and one for each of its credentials."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, get_type_hints

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sheetsync.admin.fields import SecretText
from sheetsync.admin.pairs import PairsField
from sheetsync.admin.placing import placed
from sheetsync.admin.rowed import spelt
from sheetsync.admin.source_options import credentials_of, default_of, field_of, options_of, secret_of, words_of
from sheetsync.admin.source_words import KIND_WORDS
from sheetsync.errors import BadSource, CannotDecrypt
from sheetsync.models import Source, webhook_secrets
from sheetsync.models.webhook_secrets import Platform
from sheetsync.sources.registry import KINDS

CONFIG, SECRET = "config_", "credential_"
_NAMED = re.compile(r"(?:source \w+, )?(?:credentials(?: of source \w+)?, )?(\w+)[ :,]")


class SourceForm(forms.ModelForm):  # type: ignore[type-arg]
    """The model's `clean` opens the source, and says what is wrong with its configuration."""

    source_kind = ""
    forget_credentials = forms.BooleanField(
        label=_("Take away the credentials that are stored"),
        required=False,
        help_text=_("All of them, before what is typed here is stored."),
    )
    webhook_platform = forms.ChoiceField(
        label=_("Signed by"),
        required=False,
        choices=[("", "-"), *((each.value, each.label) for each in Platform if each is not Platform.HINT)],
    )
    new_webhook_secret = SecretText(
        label=_("Webhook secret"),
        help_text=_(
            "Where the shop makes it, as Shopify does: paste it here. The last one is accepted as well, until you "
            "retire it. Where the shop asks for one, press a button above instead, which makes it."
        ),
    )

    class Meta:
        model = Source
        fields = ["tenant", "name"]
        help_texts = {"name": _("For people: it stands in lists and where a source is chosen.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.kind = self.instance.kind or self.source_kind
        config = self._stored_config()
        for option in options_of(self.source_kind):
            name = CONFIG + option.name
            self.initial[name] = config.get(option.name, default_of(option))
            field: Any = self.fields.get(name)
            if isinstance(field, forms.ChoiceField) and not field.valid_value(self.initial[name]):
                also = (self.initial[name], self.initial[name])
                field.choices = [*field.choices, also]  # type: ignore[misc]
        self._say_what_is_stored()

    def clean(self) -> None:
        """What is typed, put together as it is stored, so that the model can judge it."""
        super().clean()
        self.instance.config = self._config()
        if "tenant" in self.fields:
            tenant = self.cleaned_data.get("tenant")
            self.instance.tenant_id = tenant.pk if tenant else 0  # without one it is judged all the same
        if self.gives_credentials:
            self.instance.seal(self.credentials(opened(self.instance)))

    def clean_new_webhook_secret(self) -> str | None:
        """Raises ValidationError, which tells no secret."""
        given, platform = self.cleaned_data["new_webhook_secret"], self.cleaned_data.get("webhook_platform")
        if given is None:
            return None
        if not platform:
            raise ValidationError(_now("Choose by whom it is made: “Signed by”, above."))
        try:
            webhook_secrets.new_secret(platform, given)
        except BadSource as error:
            raise ValidationError(str(error)) from error
        return str(given)

    @property
    def gives_credentials(self) -> bool:
        """Whether what is stored is to be changed."""
        return bool(self.cleaned_data.get("forget_credentials")) or bool(self._typed())

    def credentials(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """What is to be stored in the place of `stored`."""
        known = credentials_of(self.source_kind)
        kept = {} if self.cleaned_data.get("forget_credentials") else stored
        return {**{name: value for name, value in kept.items() if name in known}, **self._typed()}

    def _typed(self) -> dict[str, Any]:
        found = {name: self.cleaned_data.get(SECRET + name) for name in credentials_of(self.source_kind)}
        return {name: value for name, value in found.items() if value is not None}

    def _stored_config(self) -> Mapping[str, Any]:
        return self.instance.config if isinstance(self.instance.config, Mapping) else {}

    def _config(self) -> dict[str, Any]:
        """What is not given, or is as it would be without, is left out; what nobody touched stays as it was."""
        stored, found = self._stored_config(), dict[str, Any]()
        for option in options_of(self.source_kind):
            name, default = CONFIG + option.name, default_of(option)
            if name not in self.changed_data and _can_show(self.fields[name], stored.get(option.name)):
                found |= {option.name: stored[option.name]} if option.name in stored else {}
                continue
            value = self.cleaned_data.get(name)
            same = option.name not in stored and value == (list(default) if isinstance(default, tuple) else default)
            if not same and value is not None and value not in ("", []):
                found[option.name] = value
        return found

    def _say_what_is_stored(self) -> None:
        try:
            stored = self.instance.secrets() if self.instance.pk else {}
        except CannotDecrypt as error:
            self.fields["forget_credentials"].help_text = str(error)
            return
        for name in credentials_of(self.source_kind):
            field = self.fields.get(SECRET + name)
            if field is not None and stored.get(name) is not None:
                field.help_text = _now("Stored, and never shown. Left empty, it stays.")

    def _update_errors(self, errors: ValidationError) -> None:
        """The words of what refuses a configuration begin with the option that they are about."""
        super()._update_errors(placed(errors, self.fields, self._place, self.errors))  # type: ignore[misc]

    def _place(self, text: str) -> tuple[str, str]:
        found = _NAMED.match(text)
        for prefix in (CONFIG, SECRET):
            if found and prefix + found[1] in self.fields:
                return prefix + found[1], text
        return "", text


@cache
def form_of(kind: str) -> type[SourceForm]:
    """The form of sources of that kind; of one that there is not any more, the form without options."""
    members: dict[str, Any] = {"source_kind": kind, "__module__": __name__}
    types = get_type_hints(KINDS[kind].config) if kind in KINDS else {}
    for option in options_of(kind):
        members[CONFIG + option.name] = field_of(option, types[option.name], words_of(kind, option.name))
    hints = get_type_hints(KINDS[kind].credentials) if credentials_of(kind) else {}
    for name in credentials_of(kind):
        members[SECRET + name] = secret_of(name, hints[name])
    return type(f"{kind.title()}SourceForm", (SourceForm,), members)


def opened(source: Source) -> dict[str, Any]:
    """What is stored, or nothing where nobody can read it any more: it is entered anew then."""
    try:
        return source.secrets()
    except CannotDecrypt:
        return {}


def kind_in(request: HttpRequest) -> str:
    """The kind that was chosen for a new source, by its address."""
    return request.GET.get("kind", "")


def spelt_out(value: Any) -> str:
    """A value of a configuration, for people who look."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {spelt_out(each)}" for name, each in value.items())
    return ", ".join(map(spelt_out, value)) if isinstance(value, list | tuple) else spelt(value)


def _can_show(field: forms.Field, value: Any) -> bool:
    """Whether rows show what is stored: what they do not is nothing that anybody could mend."""
    return not isinstance(field, PairsField) or value is None or isinstance(value, Mapping)


def keeps_credentials(source: Source | None) -> bool:
    """Whether there is something to take away, readable or not."""
    try:
        return bool(source and source.secrets())
    except CannotDecrypt:
        return True


def fieldsets_of(kind: str, source: Source | None) -> list[Any]:
    """Of the form, without webhooks and history."""
    options = [each.name for each in options_of(kind)]
    main = [CONFIG + name for name in options if words_of(kind, name).main]
    more = [CONFIG + name for name in options if not words_of(kind, name).main]
    secrets = [SECRET + name for name in credentials_of(kind)]
    found: list[Any] = [
        (None, {"fields": ["tenant", "name", "kind_words"]}),
        (_("Which orders, and where"), {"fields": main}),
    ]
    if more:
        found.append((_("More options"), {"fields": more, "classes": ["collapse"]}))
    if keeps_credentials(source):
        secrets.append("forget_credentials")
    if secrets:
        about = KIND_WORDS[kind].secrets if kind in KIND_WORDS else ""
        found.append((_("Credentials"), {"fields": secrets, "description": about}))
    return found
