"""Sources: a tenant's configured connections to where its orders live."""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from sheetsync.errors import BadSource
from sheetsync.models.fields import Sealed
from sheetsync.models.tenant import Tenant
from sheetsync.pipeline.records import RowsPer, Tally
from sheetsync.sources import registry
from sheetsync.sources.base import Source as OpenSource


class Source(Sealed):
    """One connection. `config` is what the kind's typed configuration is made of; credentials are sealed apart."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="sources", verbose_name=_("tenant"))
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=40)
    config = models.JSONField(_("configuration"), default=dict, blank=True)
    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="one_source_per_name")]

    def __str__(self) -> str:
        return self.name

    def open(self, rows_per: RowsPer, tally: Tally) -> OpenSource:
        """The source itself, ready to stream. Raises BadSource naming the field, the value and the remedy."""
        if not isinstance(self.config, dict):
            raise BadSource(f"the configuration of source {self.name!r} is not an object: write {{...}}")
        return registry.open_source(self.kind, self.config, rows_per=rows_per, tally=tally)

    def clean(self) -> None:
        """Raises ValidationError where the configuration cannot be used."""
        try:
            self.open(RowsPer.ORDER, Tally())
        except BadSource as error:
            raise ValidationError({"config": str(error)}) from error
