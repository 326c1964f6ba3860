"""The lists of the console by what people come for, on the app's own page: by the alphabet, all stand between all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sheetsync import models


@dataclass(frozen=True, slots=True)
class Part:
    """`lists`: as Django's admin site describes them, with `name`, `admin_url`, `add_url` and `view_only`."""

    title: str | Promise
    lists: Sequence[Mapping[str, Any]]


_PARTS: tuple[tuple[str | Promise, tuple[type, ...]], ...] = (
    (
        _("Shops and what is exported"),
        (models.Tenant, models.Source, models.GoogleAccount, models.Automation, models.AlertEndpoint),
    ),
    (
        _("What happened"),
        (
            models.SyncRun, models.SyncAttempt, models.Incident, models.WebhookDelivery, models.Alert,
            models.AlertMessage, models.AuditEntry,
        ),
    ),
    (
        _("Who may come in, and privacy"),
        (
            models.ApiToken, models.InstallCode, models.OAuthState, models.InstallState, models.StaffTenant,
            models.PrivacyRequest,
        ),
    ),
    (
        _("How it works inside"),
        (
            models.Pulse, models.QuotaBucket, models.DirtyOrder, models.Column, models.IdempotencyKey, models.Hour,
            models.Totals,
        ),
    ),
)  # fmt: skip


def parts(lists: Iterable[Mapping[str, Any]]) -> list[Part]:
    """Those lists that somebody may see, each in its part; what belongs to none of them stands in the last."""
    left = {each["object_name"]: each for each in lists}
    found = [(title, [left.pop(m.__name__) for m in members if m.__name__ in left]) for title, members in _PARTS]
    found[-1][1].extend(left.values())
    return [Part(title, members) for title, members in found if members]
