"""Which tenants a member of the host's staff may see, where not all."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from sheetsync.models.tenant import Tenant


class StaffTenant(models.Model):
    """Whoever has such a row sees the tenants of their rows and no others; without any, all of them.

    The user is known by the text of their key, as the host's users may be in another database; `user_name` is for
    people. A tenant that somebody is restricted to is not deleted: with their last row they would see everything.
    """

    user_key = models.CharField(max_length=100, editable=False)
    user_name = models.CharField(_("user name"), max_length=254)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="staff", verbose_name=_("tenant"))

    class Meta:
        verbose_name = _("staff restriction")
        verbose_name_plural = _("staff restrictions")
        constraints = [
            # Its index is also for StaffTenant.tenants_of().
            models.UniqueConstraint(fields=["user_key", "tenant"], name="one_restriction_per_user_and_tenant"),
            models.CheckConstraint(condition=~models.Q(user_key=""), name="restriction_is_of_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.user_name} → {self.tenant}"

    @classmethod
    def tenants_of(cls, user: Any) -> frozenset[int] | None:
        """The ids of the tenants that a user is restricted to; None where to none."""
        return frozenset(cls.objects.filter(user_key=str(user.pk)).values_list("tenant", flat=True)) or None
