"""Sources: a tenant's configured connections to where its orders live."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sheetsync.errors import BadSource
from sheetsync.models.fields import Sealed, atomic
from sheetsync.models.tenant import Tenant
from sheetsync.pipeline.records import RowsPer, Tally
from sheetsync.sources import registry
from sheetsync.sources.base import Renewal, Surroundings
from sheetsync.sources.base import Source as OpenSource

Wait = Callable[[float], None]

RENEWAL = timedelta(seconds=90)
"""Longer than a call may take: whoever renews and has not come back by then, never will."""
LOOK_EVERY = 0.5


class Source(Sealed):
    """One connection. `config` is what the kind's typed configuration is made of; credentials are sealed apart.

    `renewing_until`: a process is having the credentials replaced, or died over it.
    """

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="sources", verbose_name=_("tenant"))
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=40)
    config = models.JSONField(_("configuration"), default=dict, blank=True)
    renewing_until = models.DateTimeField(null=True, blank=True, editable=False)
    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="one_source_per_name")]

    def __str__(self) -> str:
        return self.name

    def open(self, rows_per: RowsPer, tally: Tally, wait: Wait = time.sleep) -> OpenSource:
        """The source itself, ready to stream, which waits by `wait`.

        Raises BadSource naming the field, the value and the remedy, and CannotDecrypt.
        """
        if not isinstance(self.config, dict):
            raise BadSource(f"the configuration of source {self.name!r} is not an object: write {{...}}")
        given = Surroundings(tally=tally, wait=wait, renew=lambda renewal: self.renew(renewal, wait))
        return registry.open_source(self.kind, self.config, self.secrets(), rows_per=rows_per, given=given)

    def renew(self, renewal: Renewal, wait: Wait = time.sleep) -> Mapping[str, Any]:
        """Have credentials that ran out replaced by what a call of the shop gives. -> those in force then

        One process calls, the others wait for what it gets: a shop may take the old ones once only. Raises what
        `renewal` raises; the next one may try then.
        """
        stale = self.secrets()
        free = Q(renewing_until=None) | Q(renewing_until__lt=Now())
        while not Source.objects.filter(free, pk=self.pk).update(renewing_until=Now() + RENEWAL):
            wait(LOOK_EVERY)
        try:
            self.refresh_from_db(fields=["sealed"])
            if (current := self.secrets()) == stale:
                current = dict(renewal(stale))
                self._put_in_place_of(stale, current)
        finally:
            Source.objects.filter(pk=self.pk).update(renewing_until=None)
        return current

    def _put_in_place_of(self, stale: Mapping[str, Any], fresh: Mapping[str, Any]) -> None:
        """Unless somebody gave other credentials meanwhile. They may also have been sealed anew by another key."""
        with atomic(Source):
            row = Source.objects.select_for_update(no_key=True).get(pk=self.pk)
            if row.secrets() == stale:
                row.seal(fresh)
                row.save(update_fields=["sealed"])
                self.sealed = row.sealed

    def clean(self) -> None:
        """Raises ValidationError where the configuration cannot be used."""
        try:
            self.open(RowsPer.ORDER, Tally())
        except BadSource as error:
            raise ValidationError({"config": str(error)}) from error
