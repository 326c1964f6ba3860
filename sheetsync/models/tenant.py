"""Tenants: one installation of one shop. Every other row belongs to exactly one."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sheetsync.models.fields import valid_time_zone


class Tenant(models.Model):
    """One installation of one shop.

    `last_served_at` is when a run of this tenant was claimed last: between runs of one priority, the tenant that has
    waited longest comes first.
    """

    name = models.CharField(_("name"), max_length=200)
    platform = models.CharField(_("platform"), max_length=40, blank=True, default="")
    external_id = models.CharField(  # noqa: DJ001 - of shops that no platform names there may be many
        _("external id"), max_length=200, null=True, blank=True, help_text=_("What the platform calls this shop.")
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[valid_time_zone])
    active = models.BooleanField(_("active"), default=True)
    max_concurrent_runs = models.PositiveSmallIntegerField(_("runs at the same time"), default=2)
    last_served_at = models.DateTimeField(_("last served"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("tenant")
        verbose_name_plural = _("tenants")
        constraints = [
            models.UniqueConstraint(fields=["platform", "external_id"], name="one_tenant_per_external_id"),
            models.CheckConstraint(condition=models.Q(max_concurrent_runs__gte=1), name="tenant_may_run_something"),
        ]

    def __str__(self) -> str:
        return self.name
