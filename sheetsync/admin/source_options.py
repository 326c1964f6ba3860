"""From a kind's typed configuration and credentials, which are dataclasses, to fields of a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sheetsync.admin.fields import LinesField, SecretText
from sheetsync.admin.pairs import PairsField
from sheetsync.admin.source_words import CREDENTIALS, KIND_WORDS, NONE_NEEDED, Words
from sheetsync.sources.registry import KINDS

GIVEN = "rows_per"
LONGEST = 2_000


def options_of(kind: str) -> list[Field[Any]]:
    """What can be configured, the main things first."""
    known = {each.name: each for each in fields(KINDS[kind].config) if each.name != GIVEN} if kind in KINDS else {}
    named = KIND_WORDS[kind].options if kind in KIND_WORDS else {}
    return [known[name] for name in [*(name for name in named if name in known), *(known.keys() - named.keys())]]


def words_of(kind: str, name: str) -> Words:
    """What an option is called; a host's own kinds have their names."""
    found = KIND_WORDS[kind].options.get(name) if kind in KIND_WORDS else None
    return found or Words(name.replace("_", " ").capitalize(), main=True)


def credentials_of(kind: str) -> list[str]:
    """The names of what opens the shop."""
    type_ = KINDS[kind].credentials if kind in KINDS else None
    return [each.name for each in fields(type_)] if type_ else []


def default_of(option: Field[Any]) -> Any:
    """What is in force where nothing is given; None where something has to be."""
    if option.default is not MISSING:
        return option.default
    return option.default_factory() if option.default_factory is not MISSING else None


def field_of(option: Field[Any], type_: Any, words: Words) -> forms.Field:
    """The field of an option of this type."""
    required = option.default is MISSING and option.default_factory is MISSING
    named: dict[str, Any] = {"label": words.label, "help_text": words.help, "required": required}
    plain = _plain(type_)
    if words.choices is not None:
        return forms.ChoiceField(choices=list(words.choices.items()), **named)
    if plain is bool:
        return forms.BooleanField(**named | {"required": False})
    if plain is int:
        return forms.IntegerField(min_value=-(2**31), max_value=2**31, **named)
    if plain == tuple[str, ...]:
        return LinesField(most=1_000, **named)
    if plain == Mapping[str, Any]:
        return PairsField(none_label=NONE_NEEDED if type_ != plain else None, **named)
    wide = {"size": 60, "autocomplete": "off", "spellcheck": "false"}
    return forms.CharField(max_length=LONGEST, widget=forms.TextInput(wide), **named)


def secret_of(name: str, type_: Any) -> forms.Field:
    """The field of a credential, which is never shown."""
    label = CREDENTIALS.get(name, name.replace("_", " ").capitalize())
    if _plain(type_) is int:
        told = _("Only for what runs out. Left empty, it does not, or nobody knows.")
        return forms.IntegerField(label=label, required=False, min_value=0, max_value=2**40, help_text=told)
    return SecretText(label=label)


def _plain(type_: Any) -> Any:
    """Of `X | None`, X."""
    inner = [each for each in getattr(type_, "__args__", ()) if each is not type(None)]
    return inner[0] if type(None) in getattr(type_, "__args__", ()) else type_
