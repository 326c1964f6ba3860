"""What `manage.py check` says about the settings, each time with the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from sheetsync.conf import given_settings, settings


def check_settings(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """One error for each key of `SHEETSYNC` that is unknown or holds what cannot be used.

    E001: not a dict. E002: an unknown key. E003: a wrong type or value.
    """
    try:
        given = given_settings()
    except ImproperlyConfigured as error:
        return [Error(str(error), hint='Write SHEETSYNC = {"BURST": 6}, for example.', id="sheetsync.E001")]
    known = {setting.name: setting for setting in settings}
    found: list[CheckMessage] = []
    for key, value in given.items():
        if key not in known:
            found.append(_unknown(key, list(known)))
            continue
        try:
            known[key].rule(value)
        except ValueError as error:
            found.append(_unusable(key, error))
    return found


def _unknown(key: str, known: list[str]) -> Error:
    near = get_close_matches(str(key).upper(), known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"The known names are: {', '.join(sorted(known))}."
    return Error(f"SHEETSYNC has no setting {key!r}.", hint=hint, id="sheetsync.E002")


def _unusable(key: str, error: ValueError) -> Error:
    # The value is left out: it may be a secret, and this text ends in build logs.
    return Error(f"SHEETSYNC[{key!r}] cannot be used.", hint=str(error), id="sheetsync.E003")
