"""Attempts to connect a shop: begun here, decided on a page of the shop's, finished once."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sheetsync.conf import settings as conf
from sheetsync.models.fields import database_time, one_of
from sheetsync.models.one_answer import KEPT, LinkOutcome, OneAnswer, digest_of, take
from sheetsync.models.source import Source
from sheetsync.models.tenant import Tenant


class ShopKind(models.TextChoices):
    """The kinds of shops whose owner agrees on a page of the shop's."""

    SHOPIFY = "shopify", _("Shopify")
    WOOCOMMERCE = "woocommerce", _("WooCommerce")


class InstallQuerySet(models.QuerySet["InstallState"]):
    """Beginning an attempt, taking its answer, and forgetting it."""

    def begin(self, tenant: Tenant, *, kind: str, shop: str, name: str) -> tuple[InstallState, str]:
        """-> the attempt, and the state that travels with the browser; of that only a digest is kept."""
        state = secrets.token_urlsafe(32)
        expires_at = database_time(InstallState) + timedelta(minutes=conf.OAUTH_STATE_MINUTES)
        values = {"kind": kind, "shop": shop, "name": name}
        return self.create(tenant=tenant, digest=digest_of(state), expires_at=expires_at, **values), state

    def consume(self, kind: str, state: str) -> InstallState:
        """Take the attempt of that kind that this state belongs to. Of any number of callers one gets it.

        Raises StateUnknown, StateReplayed and StateExpired.
        """
        return take(self.select_related("tenant").filter(kind=kind), state, what="connect a shop")

    def of_state(self, kind: str, state: str) -> InstallState | None:
        """The attempt that this state belongs to, which is not taken by that."""
        return self.select_related("tenant").filter(kind=kind, digest=digest_of(state)).first()

    def expired(self) -> Self:
        """What nobody asks for any more. Served by the index `installs_by_age`."""
        return self.filter(expires_at__lt=Now() - KEPT)


class InstallState(OneAnswer):
    """One attempt. `shop`: its name at Shopify, or its address. `name`: what its source is called, or shall be.

    `source`: the one that was connected, when it is done.
    """

    Kind = ShopKind

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", verbose_name=_("tenant"))
    kind = models.CharField(_("kind"), max_length=20, choices=ShopKind.choices)
    shop = models.CharField(_("shop"), max_length=2_000)
    name = models.CharField(_("name of the source"), max_length=200)
    source = models.ForeignKey(
        Source, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("source")
    )

    objects = InstallQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt to connect a shop")
        verbose_name_plural = _("attempts to connect a shop")
        constraints = [
            one_of("kind", ShopKind.values, "install_is_of_a_known_kind"),
            one_of("outcome", LinkOutcome.values, "install_outcome_is_known"),
            models.CheckConstraint(
                condition=Q(outcome="pending") | Q(consumed_at__isnull=False), name="install_is_answered_before_it_ends"
            ),
        ]
        indexes = [
            # For InstallQuerySet.expired().
            models.Index(fields=["expires_at"], name="installs_by_age"),
        ]

    def __str__(self) -> str:
        return f"connecting {self.shop}"[:200]

    def end(self, outcome: str, reason: str = "", source: Source | None = None) -> None:
        """Say what became of it, once it was answered."""
        self.outcome, self.reason, self.source = outcome, reason[:500], source
        self.save(update_fields=["outcome", "reason", "source"])
