"""Attempts to link a Google account: begun here, decided on Google's page, finished once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sheetsync.conf import settings as conf
from sheetsync.models.account import GoogleAccount
from sheetsync.models.fields import Sealed, database_time, one_of
from sheetsync.models.one_answer import KEPT, LinkOutcome, OneAnswer, digest_of, take
from sheetsync.models.tenant import Tenant


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
        return take(self.select_related("tenant", "account"), state, what="link an account", sealed="")

    def expired(self) -> Self:
        """What nobody asks for any more. Served by the index `states_by_age`."""
        return self.filter(expires_at__lt=Now() - KEPT)


class OAuthState(Sealed, OneAnswer):
    """One attempt. `account`: the one that is to be connected again, and, when it is done, the one that was linked."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", verbose_name=_("tenant"))
    scopes = models.TextField(_("scopes"))
    redirect_uri = models.CharField(_("redirect URI"), max_length=1_000)
    account = models.ForeignKey(
        GoogleAccount, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("Google account")
    )

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
