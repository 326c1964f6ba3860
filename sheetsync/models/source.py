"""Sources: a tenant's configured connections to where its orders live."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import OperationalError, models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sheetsync.errors import BadSource, CallRefused, CannotDecrypt
from sheetsync.models import webhook_secrets
from sheetsync.models.audit import record
from sheetsync.models.fields import Sealed, atomic
from sheetsync.models.tenant import Tenant
from sheetsync.pipeline.records import RowsPer, Tally
from sheetsync.sources import registry
from sheetsync.sources.base import Renewal, Surroundings
from sheetsync.sources.base import Source as OpenSource

log = logging.getLogger(__name__)

Wait = Callable[[float], None]

RENEWAL = timedelta(seconds=90)
"""Longer than a call may take: whoever renews and has not come back by then, never will."""
LOOK_EVERY = 0.5

NOTE_EVERY = timedelta(minutes=1)
"""How exactly it is known when the last webhook came: that it came is worth a write now and then."""


def unnoted() -> Q:
    """Of a source whose last webhook was noted long enough ago."""
    return Q(last_delivery_at__isnull=True) | Q(last_delivery_at__lt=Now() - NOTE_EVERY)


class SourceQuerySet(models.QuerySet["Source"]):
    """The sources that a scheduler asks for."""

    def claim_idle(self, lease: timedelta) -> Source | None:
        """One whose credentials are to be renewed now; nobody else gets it for so long. None where there is none."""
        due = self.filter(renew_at__lte=Now())
        source = due.order_by("renew_at").first()
        return source if source and due.filter(pk=source.pk).update(renew_at=Now() + lease) else None


class Source(Sealed):
    """One connection. `config` is what the kind's typed configuration is made of; credentials are sealed apart,
    and so are the secrets of its webhooks, two of a platform at most.

    `renewing_until`: a process is having the credentials replaced, or died over it. `connected_at`: when somebody gave
    the credentials; renewals by the shop do not count. `renew_at`: when credentials are renewed that nobody uses.
    """

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="sources", verbose_name=_("tenant"))
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=40)
    config = models.JSONField(_("configuration"), default=dict, blank=True)
    renewing_until = models.DateTimeField(null=True, blank=True, editable=False)
    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    silenced = models.JSONField(_("webhooks that the shop switched off"), default=list, blank=True, editable=False)
    last_delivery_at = models.DateTimeField(_("last webhook"), null=True, blank=True, editable=False)
    renew_at = models.DateTimeField(null=True, blank=True, editable=False)
    connected_at = models.DateTimeField(_("connected"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = SourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="one_source_per_name")]
        indexes = [
            # For SourceQuerySet.claim_idle(): most credentials do not end by themselves.
            models.Index(fields=["renew_at"], condition=Q(renew_at__isnull=False), name="idle_credentials"),
        ]

    def __str__(self) -> str:
        return self.name

    def secrets(self) -> dict[str, Any]:
        """Its credentials. Raises CannotDecrypt, with the remedy."""
        opened = super().secrets()
        opened.pop(webhook_secrets.MEMBER, None)
        return opened

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """What follows from the credentials is saved with them."""
        if update_fields is not None and "sealed" in (update_fields := set(update_fields)):
            update_fields.add("renew_at")
        super().save(*args, update_fields=update_fields, **kwargs)

    def seal(self, secrets: Mapping[str, Any]) -> None:
        """Put these credentials in the place of the old ones; the secrets of webhooks stay.

        Those that end when nobody uses them are renewed when half of that time is over.
        """
        ends_at, now = registry.ends_at(self.kind, secrets), time.time()
        self.renew_at = None if ends_at is None else datetime.fromtimestamp(now + max(0, ends_at - now) / 2, UTC)
        try:
            hooks = webhook_secrets.of(super().secrets())
        except CannotDecrypt:
            hooks = {}  # nobody can read them any more: they have to be entered again, as these are being now
        self._seal_both(secrets, hooks)

    def webhook_secrets(self, platform: str) -> tuple[str, ...]:
        """Those that are accepted, the newest first; of hints their digests. Raises CannotDecrypt."""
        return tuple(webhook_secrets.of(super().secrets()).get(platform, ()))

    def rotate_webhook_secret(self, platform: str, secret: str | None = None) -> str:
        """Accept another secret beside the one that was accepted so far. -> it, to be shown once

        Left out, one is made. Raises BadSource where the one before the last is still accepted: whoever signs with
        that would be cut off.
        """
        fresh = webhook_secrets.new_secret(platform, secret)
        with atomic(Source):
            hooks = self._locked_hooks()
            found = hooks.setdefault(platform, [])
            if len(found) >= webhook_secrets.MOST:
                raise BadSource(f"source {self.name!r}: an old secret of {platform} is still accepted: retire it first")
            found.insert(0, webhook_secrets.kept(platform, fresh))
            self._keep_hooks(hooks, "source.webhook_secret_rotated", platform)
        return fresh

    def retire_webhook_secret(self, platform: str) -> bool:
        """No longer accept the older of two. -> whether there were two"""
        with atomic(Source):
            hooks = self._locked_hooks()
            if len(hooks.get(platform, ())) < webhook_secrets.MOST:
                return False
            del hooks[platform][1:]
            self._keep_hooks(hooks, "source.webhook_secret_retired", platform)
        return True

    def note_delivery(self) -> None:
        """Note that a webhook came: once a minute, and not at all rather than wait for somebody or fail."""
        if not getattr(self, "quiet", True):
            return
        try:
            with atomic(Source):
                free = Source.objects.filter(unnoted(), pk=self.pk).select_for_update(skip_locked=True, no_key=True)
                Source.objects.filter(pk__in=list(free.values_list("pk", flat=True))).update(last_delivery_at=Now())
        except OperationalError:
            extra = {"action": "delivery_not_noted"}
            log.warning("the database was too busy to note that a webhook of source %s came", self.pk, extra=extra)

    def look_at_webhooks(self, wait: Wait = time.sleep) -> None:
        """Note which of its webhooks the shop has switched off, where there are any and the shop tells.

        Raises what calling the shop raises.
        """
        if not any(webhook_secrets.of(super().secrets()).values()):
            return
        address = f"/webhooks/{self.public_id}/"
        given = Surroundings(wait=wait)
        found = registry.silenced(self.kind, self.config, self.secrets(), given=given, address=address)
        if found is not None and found != self.silenced:
            self.silenced = found
            self.save(update_fields=["silenced"])
            extra = {"action": "webhooks_silenced", "source": self.pk}
            log.warning("source %s: webhooks switched off by the shop: %s", self.pk, found or "none", extra=extra)

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

    def freshen(self, wait: Wait = time.sleep) -> None:
        """Have credentials renewed that nobody has used for long. Raises what opening and calling the shop raise."""
        given = Surroundings(wait=wait, renew=lambda renewal: self.renew(renewal, wait))
        registry.renew(self.kind, self.config, self.secrets(), given=given)

    def _put_in_place_of(self, stale: Mapping[str, Any], fresh: Mapping[str, Any]) -> None:
        """Unless somebody gave other credentials meanwhile. They may also have been sealed anew by another key."""
        with atomic(Source):
            row = Source.objects.select_for_update(no_key=True).get(pk=self.pk)
            if row.secrets() == stale:
                row.seal(fresh)
                row.save(update_fields=["sealed"])
                self.sealed = row.sealed

    def _locked_hooks(self) -> dict[str, list[str]]:
        """As they are now: somebody may have changed what is sealed since this row was read."""
        self.sealed = Source.objects.select_for_update(no_key=True).values_list("sealed", flat=True).get(pk=self.pk)
        return webhook_secrets.of(super().secrets())

    def _keep_hooks(self, hooks: Mapping[str, Any], act: str, platform: str) -> None:
        self._seal_both(self.secrets(), hooks)
        Source.objects.filter(pk=self.pk).update(sealed=self.sealed)
        record(act, self, also={"platform": (None, platform)})

    def _seal_both(self, credentials: Mapping[str, Any], hooks: Mapping[str, Any]) -> None:
        super().seal({**credentials, **({webhook_secrets.MEMBER: dict(hooks)} if hooks else {})})

    def clean(self) -> None:
        """Raises ValidationError where the configuration cannot be used."""
        try:
            self.open(RowsPer.ORDER, Tally())
        except (BadSource, CallRefused) as error:
            raise ValidationError({"config": str(error)}) from error
