"""Attempts that a person ends elsewhere, on a page of Google's or of a shop's: each takes one answer, once, in time."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sheetsync.conf import settings as conf
from sheetsync.errors import StateExpired, StateReplayed, StateUnknown

KEPT = timedelta(days=1)
"""How long what became of an attempt can be asked for."""

FINISHING = timedelta(minutes=2)
"""Longer than the exchange of a code takes: after it, whoever took the answer is gone."""


class LinkOutcome(models.TextChoices):
    """What became of an attempt."""

    PENDING = "pending", _("waiting for the person")
    LINKED = "linked", _("linked")
    DENIED = "denied", _("the person said no")
    UNTICKED = "unticked", _("not all that is needed was ticked")
    FAILED = "failed", _("failed")


def digest_of(state: str) -> str:
    """What is kept of a state: who reads the database cannot finish what others began."""
    return hashlib.sha256(state.encode(errors="replace")).hexdigest()


class OneAnswer(models.Model):
    """What such attempts share."""

    Outcome = LinkOutcome

    digest = models.CharField(max_length=64, unique=True, editable=False)
    outcome = models.CharField(_("outcome"), max_length=10, choices=LinkOutcome.choices, default=LinkOutcome.PENDING)
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")
    created_at = models.DateTimeField(_("created"), db_default=Now())
    expires_at = models.DateTimeField(_("expires"))
    consumed_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        abstract = True

    def standing(self, now: datetime | None = None) -> tuple[str, str]:
        """-> the outcome and the reason, as whoever asks for it should be told.

        An attempt that nobody answered in time, or whose answer was being dealt with when the process died, has failed.
        """
        now = now or timezone.now()
        if self.outcome != LinkOutcome.PENDING:
            return self.outcome, self.reason
        if self.consumed_at is not None and now > self.consumed_at + FINISHING:
            return LinkOutcome.FAILED.value, "It was interrupted: start again."
        if self.consumed_at is None and now > self.expires_at:
            return LinkOutcome.FAILED.value, "Nobody answered in time: start again."
        return LinkOutcome.PENDING.value, ""


M = TypeVar("M", bound=OneAnswer)


def take(rows: models.QuerySet[M], state: str, *, what: str, **emptied: Any) -> M:
    """Take the attempt that this state belongs to; what is `emptied` is in this object alone from then on.

    Of any number of callers with one state one gets it. Raises StateUnknown, StateReplayed and StateExpired, which say
    `what` was to be done.
    """
    found = rows.filter(digest=digest_of(state)).first()
    if found is None:
        raise StateUnknown(f"This answer belongs to no attempt to {what}: start again.")
    fresh = rows.model._default_manager.filter(pk=found.pk, consumed_at=None, expires_at__gt=Now())
    if not fresh.update(consumed_at=Now(), **emptied):
        found.refresh_from_db(fields=["consumed_at"])
        if found.consumed_at is not None:
            raise StateReplayed("This answer has been given before, and is good once: start again.")
        raise StateExpired(f"This answer came after more than {conf.OAUTH_STATE_MINUTES} minutes: start again.")
    return found
