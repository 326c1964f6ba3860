"""Where a tenant wants to be told of its alerts: one address, and the secrets that sign what is sent there."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from sheetsync.errors import AddressRefused
from sheetsync.models.fields import Sealed, database_time
from sheetsync.models.tenant import Tenant
from sheetsync.models.webhook_secrets import Platform, new_secret
from sheetsync.outbound import check_url

OVERLAP = timedelta(hours=24)
"""For which the last secret signs too, after another took its place."""


def shown(url: str) -> str:
    """An address without what in it may be a key."""
    try:
        return check_url(url).shown()
    except AddressRefused:
        return "…"


class AlertEndpoint(Sealed):
    """A tenant's endpoint for webhooks by Standard Webhooks. `sealed`: up to two secrets, the newest first.

    `problem`: what came of the last delivery, empty where it was taken. One that answers 410 Gone is switched off.
    """

    tenant = models.ForeignKey(
        Tenant, models.CASCADE, related_name="alert_endpoints", db_index=False, verbose_name=_("tenant")
    )
    url = models.CharField(_("address"), max_length=2_000)
    enabled = models.BooleanField(_("in use"), default=True)
    problem = models.TextField(_("problem"), blank=True, default="", editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    delivered_at = models.DateTimeField(_("delivered last"), null=True, blank=True, editable=False)
    rotated_at = models.DateTimeField(_("secret made"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("alert endpoint")
        verbose_name_plural = _("alert endpoints")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"],
                name="one_alert_endpoint_per_tenant",
                violation_error_message=_("This tenant has an endpoint already: change that one."),
            )
        ]

    def __str__(self) -> str:
        return shown(self.url)

    @property
    def host(self) -> str:
        """Whose it is, in short."""
        return shown(self.url).partition("://")[2].partition("/")[0]

    def clean(self) -> None:
        """Raises ValidationError with what is wrong with the address."""
        try:
            check_url(self.url)
        except AddressRefused as error:
            raise ValidationError({"url": str(error)}) from error

    def rotate(self) -> str:
        """A new secret, shown once; the last one signs along for a day. Saving is the caller's."""
        made = new_secret(Platform.STANDARD, None)
        self.seal({"signing": [made, *self._kept()[:1]]})
        self.rotated_at = database_time(type(self))
        return made

    def signing(self) -> list[str]:
        """The secrets that sign now, the newest first. Raises CannotDecrypt."""
        kept = self._kept()
        old = self.rotated_at is None or self.rotated_at < database_time(type(self)) - OVERLAP
        return kept[:1] if old else kept

    def works(self) -> None:
        """It took what was sent."""
        self._same().update(problem="", failing_since=None, delivered_at=Now())

    def fails(self, problem: str, *, gone: bool = False) -> bool:
        """It did not; `gone`: it asked for nothing to be sent again. -> whether it still has that address"""
        since = Coalesce("failing_since", Now())
        values = {"problem": problem[:1_000], "failing_since": since} | ({"enabled": False} if gone else {})
        return bool(self._same().update(**values))

    def _same(self) -> models.QuerySet[AlertEndpoint]:
        """This row, while its address is the one that was called."""
        return AlertEndpoint.objects.filter(pk=self.pk, url=self.url)

    def _kept(self) -> list[str]:
        return list(self.secrets().get("signing", []))
