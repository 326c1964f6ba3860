"""What people have a right to: demands of a shop to forget somebody, to tell what is held, to forget the shop itself.

Of the person only the ids of their orders are kept, and the id that the shop knows them by. The demands to forget a
customer are also the list of what must never come back into a tab.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sheetsync.models.audit import record
from sheetsync.models.fields import one_of
from sheetsync.models.source import Source

DUE = timedelta(days=30)
"""How long the law, and Shopify, give."""
LONGEST_ID = 40
LONGEST_OUTCOME = 2_000


class PrivacyKind(models.TextChoices):
    """What is demanded."""

    FORGET_CUSTOMER = "forget_customer", _("forget a customer")
    TELL_CUSTOMER = "tell_customer", _("tell what is held of a customer")
    UNINSTALLED = "uninstalled", _("the app was uninstalled")
    FORGET_SHOP = "forget_shop", _("forget the shop")


class PrivacyStatus(models.TextChoices):
    """How far it is."""

    OPEN = "open", _("open")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


WHOLE_SHOP = (PrivacyKind.UNINSTALLED, PrivacyKind.FORGET_SHOP)
BY_ITSELF = (PrivacyKind.FORGET_CUSTOMER, PrivacyKind.FORGET_SHOP)
"""What is seen to without a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a shop asks for. `reference`: its own number for it."""

    kind: PrivacyKind
    order_ids: tuple[str, ...] = ()
    customer_id: str = ""
    reference: str = ""

    @property
    def digest(self) -> str:
        """The same for the same demand."""
        parts = [self.kind.value, self.customer_id, self.reference, sorted(self.order_ids)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class PrivacyQuerySet(models.QuerySet["PrivacyRequest"]):
    """What is still to be done, and what is forgotten."""

    def open(self) -> Self:
        """Not done yet. Served by the index `open_privacy_requests`."""
        return self.filter(status=PrivacyStatus.OPEN)

    def once(self, source: Source, demand: Demand) -> tuple[PrivacyRequest, bool]:
        """The row of this demand. -> it, and whether it is new: one that is asked twice while it is open is one."""
        values = {"order_ids": list(demand.order_ids), "customer_id": demand.customer_id, "kind": demand.kind}
        return self.open().get_or_create(
            source=source,
            about=demand.digest,
            status=PrivacyStatus.OPEN,
            defaults=values | {"reference": demand.reference, "due_at": Now() + DUE},
        )

    def forgotten(self, source_id: int, among: Collection[str] | None = None) -> set[str]:
        """The ids of this source's orders that must not be in a tab, as of now; or those `among` some."""
        asked = self.filter(source=source_id, kind=PrivacyKind.FORGET_CUSTOMER)
        found = {order_id for order_ids in asked.values_list("order_ids", flat=True) for order_id in order_ids}
        return found if among is None else found.intersection(among)


class PrivacyRequest(models.Model):
    """One demand. `about`: a digest of it. `outcome`: what was done, or what it waits for."""

    Kind = PrivacyKind
    Status = PrivacyStatus

    source = models.ForeignKey(Source, models.CASCADE, related_name="privacy_requests", verbose_name=_("source"))
    kind = models.CharField(_("demand"), max_length=20, choices=PrivacyKind.choices)
    about = models.CharField(max_length=64, editable=False)
    order_ids = models.JSONField(_("order ids"), default=list, blank=True)
    customer_id = models.CharField(_("customer's id"), max_length=LONGEST_ID, blank=True, default="")
    reference = models.CharField(_("the shop's number"), max_length=LONGEST_ID, blank=True, default="")
    status = models.CharField(
        _("status"), max_length=10, choices=PrivacyStatus.choices, default=PrivacyStatus.OPEN.value
    )
    outcome = models.TextField(_("outcome"), blank=True, default="")
    received_at = models.DateTimeField(_("received"), db_default=Now())
    due_at = models.DateTimeField(_("due"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = PrivacyQuerySet.as_manager()

    class Meta:
        verbose_name = _("privacy request")
        verbose_name_plural = _("privacy requests")
        constraints = [
            one_of("kind", PrivacyKind.values, "privacy_kind_is_known"),
            one_of("status", PrivacyStatus.values, "privacy_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="open", finished_at__isnull=True)
                | (~Q(status="open") & Q(finished_at__isnull=False)),
                name="privacy_request_finished_exactly_when_not_open",
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("received_at")), name="privacy_request_due_after_it_came"),
            models.UniqueConstraint(
                fields=["source", "about"], condition=Q(status="open"), name="one_open_privacy_request_of_a_kind"
            ),
        ]
        indexes = [
            # For privacy.settle(): almost all are done.
            models.Index(fields=["id"], condition=Q(status="open"), name="open_privacy_requests"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.customer_id or self.reference}".rstrip()

    @property
    def tenant_id(self) -> int:
        """Whose it is, for the audit history."""
        return self.source.tenant_id

    def finish(self, status: str, outcome: str) -> None:
        """Say how it ended, once, in the transaction of the deed."""
        before = type(self)(status=self.status)
        self.status, self.outcome, self.finished_at = status, outcome[:LONGEST_OUTCOME], Now()
        self.save(update_fields=["status", "outcome", "finished_at"])
        record(f"privacy.{status}", self, before=before, after=self, fields=["status"])

    def note(self, outcome: str) -> None:
        """Say what it waits for."""
        if outcome[:LONGEST_OUTCOME] != self.outcome:
            self.outcome = outcome[:LONGEST_OUTCOME]
            self.save(update_fields=["outcome"])
