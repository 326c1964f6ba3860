"""Install codes: an operator hands one to a new tenant, whose program exchanges it for its first API token."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from sheetsync.errors import AccessRefused, Mistyped, TokenRefused
from sheetsync.models import shown_once
from sheetsync.models.fields import atomic, database_time
from sheetsync.models.tenant import Tenant
from sheetsync.models.token import ApiToken, clean_name

log = logging.getLogger(__name__)

CODE_LIVES, LONGEST_LIFE = timedelta(days=7), timedelta(days=90)

MISTYPED = "This is no install code: a character is wrong or missing. Copy it once more, from ssi_ to its end."
REFUSED = (
    "This install code is not valid: it is unknown, was used already, or has expired. "
    "Ask who gave it to you for a new one."
)


class CodeQuerySet(models.QuerySet["InstallCode"]):
    """Making codes, and taking them in."""

    def unused(self) -> Self:
        """Those that can still be exchanged, unless their tenant is paused."""
        return self.filter(used_at=None, expires_at__gt=Now())

    @sensitive_variables("text")
    def mint(self, tenant: Tenant, ttl: timedelta = CODE_LIVES, by: str = "") -> tuple[InstallCode, str]:
        """A new code, and its text, which nobody can see again. Raises TokenRefused for a tenant that is paused."""
        if not timedelta() < ttl <= LONGEST_LIFE:
            raise TokenRefused(f"a code lives for at least a moment and at most {LONGEST_LIFE.days} days.", field="ttl")
        if not tenant.active:
            raise TokenRefused(f"tenant {tenant.name!r} is paused: resume it first.", field="tenant")
        text, now = shown_once.new_text(shown_once.CODE), database_time(InstallCode)
        digest = shown_once.digest_of(text)
        code = self.create(tenant=tenant, digest=digest, created_at=now, expires_at=now + ttl, created_by=by[:200])
        return code, text

    @sensitive_variables("text", "digest")
    def exchange(self, text: str, *, name: str) -> tuple[ApiToken, str]:
        """Trade a code for a token of all scopes, and its text. Of all who try at once, one succeeds.

        Raises Mistyped for what is no code at all, and else AccessRefused: in the same words and after the same
        queries, be the code unknown, used, expired or of a paused tenant. The log has the reason.
        """
        text, name = text.strip().lower(), clean_name(name)
        if not shown_once.is_whole(shown_once.CODE, text):
            raise Mistyped(MISTYPED)
        digest = shown_once.digest_of(text)
        with atomic(InstallCode):
            # No join: each condition on the row is judged again by whoever had to wait for it.
            mine = self.unused().filter(digest=digest, tenant__in=Tenant.objects.filter(active=True))
            taken = mine.update(used_at=Now())
            code = self.filter(digest=digest).select_related("tenant").first()
            if taken and code:
                token, shown = ApiToken.objects.first_of(code.tenant, name)
                self.filter(pk=code.pk).update(token=token)
                return token, shown
        reason = code.wrong() if code else "unknown"
        log.warning("install code %s refused: %s", code.pk if code else "", reason, extra={"action": "code_refused"})
        raise AccessRefused(REFUSED)


class InstallCode(models.Model):
    """What an operator hands to a new tenant: good for one exchange, for a few days."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="install_codes", verbose_name=_("tenant"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    created_by = models.CharField(_("created by"), max_length=200, blank=True, default="")
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True, editable=False)
    token = models.OneToOneField(
        ApiToken, models.SET_NULL, null=True, editable=False, related_name="code", verbose_name=_("exchanged for")
    )

    objects = CodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("install code")
        verbose_name_plural = _("install codes")
        constraints = [
            models.CheckConstraint(
                condition=Q(token__isnull=True) | Q(used_at__isnull=False), name="code_has_token_only_when_used"
            ),
        ]
        indexes = [
            # For retention.prune(): the oldest first.
            models.Index(fields=["expires_at"], name="codes_by_end"),
        ]

    def __str__(self) -> str:
        return f"install code {self.pk}"

    def withdraw(self) -> bool:
        """It can be exchanged no more. -> whether it could until now"""
        withdrawn = InstallCode.objects.unused().filter(pk=self.pk).update(expires_at=Now())
        self.refresh_from_db()
        return bool(withdrawn)

    def wrong(self) -> str:
        """Why it was refused, for the log."""
        if self.used_at:
            return f"used at {self.used_at:%Y-%m-%d %H:%M} UTC"
        return f"tenant {self.tenant_id} is paused" if not self.tenant.active else "expired"
