"""Attempts to link a Google account: begun here, decided on Google's page, finished once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sheetsync.conf import settings as conf
from sheetsync.errors import StateExpired, StateReplayed, StateUnknown
from sheetsync.models.account import GoogleAccount
from sheetsync.models.fields import Sealed, database_time, one_of
from sheetsync.models.tenant import Tenant

KEPT = timedelta(days=1)
"""How long what became of an attempt can be asked for."""

FINISHING = timedelta(minutes=2)
"""Longer than the exchange of a code takes: after it, whoever took the answer is gone."""


class LinkOutcome(models.TextChoices):
    """What became of an attempt to link an account."""

    PENDING = "pending", _("waiting for the person")
    LINKED = "linked", _("linked")
    DENIED = "denied", _("the person said no")
    UNTICKED = "unticked", _("not all that is needed was ticked")
    FAILED = "failed", _("failed")


def digest_of(state: str) -> str:
    """What is kept of a state: who reads the database cannot finish what others began."""
    return hashlib.sha256(state.encode()).hexdigest()


class StateQuerySet(models.QuerySet["OAuthState"]):
    """Beginning an attempt, taking its answer, and forgetting it."""

    def begin(
        self, tenant: Tenant, *, verifier: str, scopes: Iterable[str], redirect_uri: str, account: GoogleAccount | None
    ) -> tuple[OAuthState, str]:
        """-> the attempt, and the state that travels with the browser; of that only a digest is kept."""
        state = secrets.token_urlsafe(32)
        expires_at = database_time(OAuthState) + timedelta(minutes=conf.OAUTH_STATE_MINUTES)
        row = OAuthState(
            tenant=tenant,
            digest=digest_of(state),
            scopes=" ".join(scopes),
            redirect_uri=redirect_uri,
            account=account,
            expires_at=expires_at,
        )
        row.seal({"verifier": verifier})
        row.save()
        return row, state

    def consume(self, state: str) -> OAuthState:
        """Take the attempt that this state belongs to; its secrets are in this object alone from then on.

        Of any number of callers with one state one gets it. Raises StateUnknown, StateReplayed and StateExpired.
        """
        found = self.select_related("tenant", "account").filter(digest=digest_of(state)).first()
        if found is None:
            raise StateUnknown("This answer belongs to no attempt to link an account: start again.")
        fresh = self.filter(pk=found.pk, consumed_at=None, expires_at__gt=Now())
        if not fresh.update(consumed_at=Now(), sealed=""):
            found.refresh_from_db(fields=["consumed_at"])
            if found.consumed_at is not None:
                raise StateReplayed("This answer has been given before, and is good once: start again.")
            raise StateExpired(f"This answer came after more than {conf.OAUTH_STATE_MINUTES} minutes: start again.")
        return found

    def expired(self) -> Self:
        """What nobody asks for any more. Served by the index `states_by_age`."""
        return self.filter(expires_at__lt=Now() - KEPT)


class OAuthState(Sealed):
    """One attempt. `account`: the one that is to be connected again, and, when it is done, the one that was linked."""

    Outcome = LinkOutcome

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", verbose_name=_("tenant"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.TextField(_("scopes"))
    redirect_uri = models.CharField(_("redirect URI"), max_length=1_000)
    account = models.ForeignKey(
        GoogleAccount, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("Google account")
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=LinkOutcome.choices, default=LinkOutcome.PENDING)
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")
    created_at = models.DateTimeField(_("created"), db_default=Now())
    expires_at = models.DateTimeField(_("expires"))
    consumed_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = StateQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt to link an account")
        verbose_name_plural = _("attempts to link an account")
        constraints = [
            one_of("outcome", LinkOutcome.values, "link_outcome_is_known"),
            models.CheckConstraint(
                condition=Q(outcome="pending") | Q(consumed_at__isnull=False), name="link_is_answered_before_it_ends"
            ),
            models.CheckConstraint(
                condition=Q(consumed_at__isnull=True) | Q(sealed=""), name="answered_link_has_no_secrets"
            ),
        ]
        indexes = [
            # For StateQuerySet.expired().
            models.Index(fields=["expires_at"], name="states_by_age"),
        ]

    def __str__(self) -> str:
        return f"link {self.pk}"

    def end(self, outcome: str, reason: str = "", account: GoogleAccount | None = None) -> None:
        """Say what became of it, once it was answered."""
        self.outcome, self.reason = outcome, reason[:500]
        linked = {"account": account} if account else {}
        OAuthState.objects.filter(pk=self.pk).update(outcome=self.outcome, reason=self.reason, **linked)

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
